import { describe, expect, it } from "vitest";
import { seeded } from "../testing/seeded";
import { type Browser, type Tab, World } from "../testing/world";
import type { ProjectState } from "./types";

interface Writer {
  readonly browser: Browser;
  tab: Tab;
}

const STEPS = 120;
const WORDS = ["로그인", "🌱 seed", "Plan", "a", ""];

function pick<T>(items: readonly T[], random: () => number): T | undefined {
  return items[Math.floor(random() * items.length)];
}

/** One thing that a person might do; wherever their board leads them. */
function act(state: ProjectState, random: () => number, made: Set<string>): void {
  const card = pick(Object.keys(state.cards), random) ?? "";
  const column = pick(state.columns, random)?.id ?? "";
  const before = random() < 0.5 ? null : (pick(state.order[column] ?? [], random) ?? null);
  const acts: (() => unknown)[] = [
    () => made.add(state.addCard({ column, before }, `${pick(WORDS, random)} ${random()}`)),
    () => state.moveCard(card, { column, before }),
    () => state.moveCard(card, { column, before }),
    () => state.setCard(card, { title: `${pick(WORDS, random)} ${random()}` }),
    () => state.setCard(card, { estimate: random() < 0.5 ? null : Math.floor(random() * 9) }),
    () => state.toggleLabel(card, `l${Math.floor(random() * 3)}`),
    () => state.toggleMember(card, `p${Math.floor(random() * 3)}`),
    () => (random() < 0.3 ? state.deleteCard(card) : state.restoreCard(card)),
    () => state.moveColumn(column, pick(state.columns, random)?.id ?? null),
    () => {
      if (random() < 0.2) state.addColumn("More", "review");
    },
    () => {
      if (random() < 0.1) state.deleteColumn(column);
    },
  ];
  pick(acts, random)?.();
}

/** What happens to connections, acks and tabs meanwhile. */
async function disturb(world: World, writers: readonly Writer[], random: () => number) {
  const { hub } = world;
  const chance = random();
  if (chance < 0.06) hub.cut();
  else if (chance < 0.1) hub.losesAcks = !hub.losesAcks;
  else if (chance < 0.14) hub.ignoresPushes = !hub.ignoresPushes;
  else if (chance < 0.18) hub.down = !hub.down;
  else if (chance < 0.22) {
    const writer = pick(writers, random);
    await writer?.tab.die();
    if (writer) writer.tab = await writer.browser.tab();
  }
}

async function healed(world: World): Promise<void> {
  world.hub.losesAcks = false;
  world.hub.ignoresPushes = false;
  world.hub.down = false;
  world.hub.cut();
  await world.pass(6_000);
}

function content({ columns, cards, order }: ProjectState) {
  return { columns, cards, order };
}

describe("several people who edit at random over a bad network", () => {
  it.each([1, 2, 3, 4, 5, 6])(
    "have one board in the end, with everything saved (seed %i)",
    async (seed) => {
      const world = new World(seed);
      const random = seeded(seed * 101);
      const browsers = [world.browser(), world.browser(), world.browser({ locks: false })];
      const writers: Writer[] = [];
      const made = new Set<string>();
      for (const browser of browsers) writers.push({ browser, tab: await browser.tab() });
      await world.pass();
      const id = writers[0]?.tab.client.workspace.getState().addProject("Board", "teal") ?? "";
      await world.pass();
      for (let step = 0; step < STEPS; step += 1) {
        const state = pick(writers, random)?.tab.client.project(id).store.getState();
        if (state?.ready) act(state, random, made);
        await disturb(world, writers, random);
        await world.pass(Math.floor(random() * 40));
      }
      await healed(world);
      const states = writers.map(({ tab }) => tab.client.project(id).store.getState());
      await world.pass(1_000);
      const [first, ...others] = states.map((_, at) =>
        content(writers[at]?.tab.client.project(id).store.getState() as ProjectState),
      );
      for (const other of others) expect(other).toEqual(first);
      const waiting = writers.map(({ tab }) => tab.client.connection.getState().waiting);
      expect(waiting).toEqual([0, 0, 0]);
      const stored = world.hub.room(`project/${id}`).doc.getMap("cards").toJSON();
      expect(Object.keys(stored).sort()).toEqual(Object.keys(first?.cards ?? {}).sort());
      expect(Object.keys(stored).sort()).toEqual([...made].sort());
      expect(made.size).toBeGreaterThan(3);
    },
    60_000,
  );

  it.each([11, 12, 13, 14, 15, 16])(
    "have one board in the end, and every card saved or given back, with a server that refuses (seed %i)",
    async (seed) => {
      const world = new World(seed);
      const random = seeded(seed * 101);
      const luck = seeded(seed * 7);
      let verdicts = 0;
      const browsers = [world.browser(), world.browser(), world.browser({ locks: false })];
      const writers: Writer[] = [];
      const made = new Set<string>();
      for (const browser of browsers) writers.push({ browser, tab: await browser.tab() });
      await world.pass();
      const id = writers[0]?.tab.client.workspace.getState().addProject("Board", "teal") ?? "";
      await world.pass();
      world.hub.judge = ({ touched }) => {
        const isBad = touched.some((path) => path.startsWith("cards/")) && luck() < 0.08;
        if (isBad) verdicts += 1;
        return isBad ? { hard: luck() < 0.3, code: "schema" } : null;
      };
      for (let step = 0; step < STEPS; step += 1) {
        const state = pick(writers, random)?.tab.client.project(id).store.getState();
        if (state?.ready) act(state, random, made);
        await disturb(world, writers, random);
        await world.pass(Math.floor(random() * 40));
      }
      world.hub.judge = () => null;
      await healed(world);
      await world.pass(15_000);
      const boards = writers.map(({ tab }) => tab.client.project(id).store);
      await world.pass(1_000);
      const [first, ...others] = boards.map((store) => content(store.getState()));
      for (const other of others) expect(other).toEqual(first);
      const connections = writers.map(({ tab }) => tab.client.connection.getState());
      expect(connections.map(({ waiting }) => waiting)).toEqual([0, 0, 0]);
      const stored = Object.keys(world.hub.room(`project/${id}`).doc.getMap("cards").toJSON());
      expect(stored.sort()).toEqual(Object.keys(first?.cards ?? {}).sort());
      const paths = connections.flatMap(({ refused }) =>
        refused.flatMap(({ changes }) => changes.map(({ path }) => path)),
      );
      const lost = [...made].filter(
        (card) => !stored.includes(card) && !paths.includes(`cards/${card}`),
      );
      expect(lost).toEqual([]);
      expect(verdicts === 0 || paths.length > 0).toBe(true);
    },
    60_000,
  );
});
