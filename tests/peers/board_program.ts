/** A program of another team: adds a card at the end of a project's first column, and waits for the disk. */

import { type Card, InvalidValue, openClient, whenReady, whenSaved } from "moim-client";

declare const process: { readonly argv: readonly string[] };

const [, , url = "", project = "", title = ""] = process.argv;
const signal = AbortSignal.timeout(10_000);
const client = openClient({ url, name: "Ada" });
const board = client.project(project);
try {
  const { columns, addCard, setCard } = await whenReady(board.store, { signal });
  const id = addCard({ column: columns[0]?.id ?? "", before: null }, title);
  setCard(id, { due: "2026-12-24", estimate: 2.5 });
  await whenSaved(client, { signal });
  const card: Card | undefined = board.store.getState().cards[id];
  console.log(JSON.stringify(card));
} catch (error) {
  console.log(error instanceof InvalidValue ? "not allowed" : String(error));
} finally {
  board.release();
  client.close();
}
