/** What must not compile in a program of another team; never run. */

import { type CardPatch, openClient, type ProjectState } from "moim-client";

export function wrongUses(project: ProjectState): unknown[] {
  // @ts-expect-error an estimate is a number
  const patch: CardPatch = { estimate: "2.5" };
  // @ts-expect-error a card is moved to a slot, not to a column
  project.moveCard("card", "column");
  // @ts-expect-error what a store holds is not written to
  project.cards.x = undefined;
  // @ts-expect-error a client has a server
  return [patch, openClient({})];
}
