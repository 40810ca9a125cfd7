import { describe, expect, it } from "vitest";
import type { Push } from "../core/messages";
import { begun, connection, project } from "../testing/board_tab";
import { World } from "../testing/world";
import { NotReady, NotSaved, whenReady, whenSaved } from "./waiting";

/** What has become of a promise by now. */
function watched(promise: Promise<unknown>): { state: unknown } {
  const seen: { state: unknown } = { state: "waiting" };
  promise.then(
    () => {
      seen.state = "done";
    },
    (error: unknown) => {
      seen.state = error;
    },
  );
  return seen;
}

describe("waiting until edits are saved", () => {
  it("ends when they are on the server's disk, and not when they are shown", async () => {
    const world = new World();
    const { tab, id, card } = await begun(world, world.browser());
    world.goOffline();
    project(tab, id).setCard(card, { title: "again" });
    const seen = watched(whenSaved(tab.client));
    await world.pass(60_000);
    expect(seen.state).toBe("waiting");
    await world.goOnline();
    await world.pass(20_000);
    expect(seen.state).toBe("done");
    expect(world.hub.room(`project/${id}`).doc.getMap("cards").toJSON()[card].title).toBe("again");
  });

  it("ends at once when nothing waits, and is not held up by what is edited later", async () => {
    const world = new World();
    const { tab, id, card } = await begun(world, world.browser());
    await whenSaved(tab.client);
    project(tab, id).setCard(card, { title: "first half" });
    const seen = watched(whenSaved(tab.client));
    const edit = () => project(tab, id).setCard(card, { title: `${world.clock.now()}` });
    for (let turn = 0; turn < 20; turn += 1) {
      edit();
      await world.pass(1);
    }
    expect(connection(tab).waiting).toBeGreaterThan(0);
    expect(seen.state).toBe("done");
  });

  it("fails with the edits that the server takes back, and not with somebody else's", async () => {
    const world = new World();
    const { tab, id, card } = await begun(world, world.browser());
    const isBad = ({ update }: Push) => new TextDecoder().decode(update).includes("bad");
    world.hub.judge = (push) =>
      isBad(push) ? { hard: false, code: "schema", message: "not so", paths: [] } : null;
    project(tab, id).setCard(card, { title: "bad" });
    const seen = watched(whenSaved(tab.client));
    await world.pass();
    expect(seen.state).toBeInstanceOf(NotSaved);
    expect(seen.state).toMatchObject({ message: "schema not so", refused: [{ code: "schema" }] });
    project(tab, id).setCard(card, { title: "good" });
    const later = watched(whenSaved(tab.client));
    await world.pass();
    expect(later.state).toBe("done");
  });

  it("ends with the reason of a signal", async () => {
    const world = new World();
    const { tab, id, card } = await begun(world, world.browser());
    world.goOffline();
    project(tab, id).setCard(card, { title: "never" });
    const end = new AbortController();
    const seen = watched(whenSaved(tab.client, { signal: end.signal }));
    end.abort("enough");
    await world.pass();
    expect(seen.state).toBe("enough");
    await expect(whenSaved(tab.client, { signal: end.signal })).rejects.toBe("enough");
  });
});

describe("waiting for a document", () => {
  it("gives its state when the content is there", async () => {
    const world = new World();
    const { id } = await begun(world, world.browser());
    const other = await world.browser().tab();
    const opening = whenReady(other.client.project(id).store);
    await world.pass();
    expect(Object.keys((await opening).cards)).toHaveLength(1);
  });

  it("fails for one that nobody made", async () => {
    const world = new World();
    const tab = await world.browser().tab();
    const seen = watched(whenReady(tab.client.project("nobody-made-this").store));
    await world.pass();
    expect(seen.state).toBeInstanceOf(NotReady);
    expect(seen.state).toMatchObject({ reason: "unknown" });
  });
});
