import { expect, it } from "vitest";
import { MemoryLocks } from "../testing/memory_locks";
import { settle } from "../testing/test_clock";
import { Leader } from "./leader";

const NAME = "moim-leader project/launch";

function tabs(count: number) {
  const locks = new MemoryLocks();
  return Array.from({ length: count }, () => {
    const tab = locks.tab();
    const told: boolean[] = [];
    const leader: Leader = new Leader(tab.locks, NAME, () => told.push(leader.leads));
    return { ...tab, leader, told };
  });
}

type Tabs = ReturnType<typeof tabs>;

async function begun(count: number): Promise<Tabs> {
  const all = tabs(count);
  for (const { leader } of all) await leader.begin();
  return all;
}

function leading(all: Tabs): number[] {
  return all.flatMap(({ leader }, at) => (leader.leads ? [at] : []));
}

it("is one tab of several, known when it has begun", async () => {
  expect(leading(await begun(3))).toEqual([0]);
});

it("is the next in line when the leader dies, and when it closes", async () => {
  const all = await begun(3);
  all[0]?.die();
  await settle();
  // The dead tab does not know.
  expect(leading(all.slice(1))).toEqual([0]);
  all[1]?.leader.close();
  await settle();
  expect(leading(all.slice(1))).toEqual([1]);
  expect(all[2]?.told).toEqual([true]);
});

it("is whoever takes the lock away; who had it stands in line again", async () => {
  const all = await begun(3);
  all[2]?.leader.steal();
  await settle();
  expect(leading(all)).toEqual([2]);
  expect(all[0]?.told).toEqual([true, false]);
  all[2]?.leader.close();
  all[1]?.leader.close();
  await settle();
  expect(leading(all)).toEqual([0]);
});

it("is one tab after several have taken the lock away, back and forth", async () => {
  const all = await begun(3);
  for (const at of [1, 2, 0, 0, 1]) {
    all[at]?.leader.steal();
    await settle();
    expect(leading(all)).toEqual([at]);
  }
  all[0]?.leader.steal();
  all[2]?.leader.steal();
  await settle();
  expect(leading(all).length).toBe(1);
  for (let closed = 0; closed < 3; closed += 1) {
    const [at = -1] = leading(all);
    all[at]?.leader.close();
    await settle();
    expect(leading(all).length).toBe(closed < 2 ? 1 : 0);
  }
});

it("does not come to lead after it closed while it waited", async () => {
  const all = await begun(2);
  all[1]?.leader.close();
  all[0]?.die();
  await settle();
  expect(all[1]?.leader.leads).toBe(false);
  expect(all[1]?.told).toEqual([]);
});

it("is every tab where there are no locks, and where the page may not have them", async () => {
  const alone = new Leader(null, NAME, () => {});
  await alone.begin();
  const forbidden = {
    request: () => Promise.reject(new DOMException("not here", "SecurityError")),
  } as unknown as LockManager;
  const refused = new Leader(forbidden, NAME, () => {});
  await refused.begin();
  expect([alone.leads, refused.leads]).toEqual([true, true]);
});
