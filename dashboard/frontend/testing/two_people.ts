/** Two people with one card open; what both do before `meet` happens at the same time. */

import type { ProjectState } from "../store/types";
import { begun, project } from "./board_tab";
import { type Tab, World } from "./world";

export interface TwoPeople {
  readonly world: World;
  readonly card: string;
  readonly minji: () => ProjectState;
  readonly joon: () => ProjectState;
  /** Both get what the other did. */
  readonly meet: () => Promise<void>;
}

export async function twoPeople(): Promise<TwoPeople> {
  const world = new World();
  const { tab, id, card } = await begun(world, world.browser());
  const other: Tab = await world.browser().tab("joon");
  await world.pass();
  project(other, id);
  await world.pass();
  return {
    world,
    card,
    minji: () => project(tab, id),
    joon: () => project(other, id),
    meet: () => world.pass(200),
  };
}
