/** A store of another team's own, over a document that has no schema: who goes to lunch. */

import {
  type LiveDocument,
  openClient,
  shared,
  type View,
  whenReady,
  whenSaved,
  type Write,
} from "moim-client";
import { createStore } from "zustand/vanilla";

declare const process: { readonly argv: readonly string[] };

interface Lunch {
  readonly ready: boolean;
  readonly guests: readonly string[];
  join(name: string): void;
}

const VIEW: View<Lunch> = {
  content: (doc) => ({ guests: [...doc.getMap("guests").keys()].sort() }),
  status: ({ ready }) => ({ ready }),
};

function actions(write: Write): Pick<Lunch, "join"> {
  return { join: (name) => write((doc) => doc.getMap("guests").set(name, true)) };
}

function lunchStore(document: LiveDocument) {
  return createStore<Lunch>()(shared(document, VIEW, actions));
}

const [, , url = "", ...names] = process.argv;
const signal = AbortSignal.timeout(10_000);
const client = openClient({ url });
const held = client.document("open/lunch", true);
const lunch = lunchStore(held.document);
await whenReady(lunch, { signal });
for (const name of names) lunch.getState().join(name);
await whenSaved(client, { signal });
console.log(lunch.getState().guests.join(" "));
held.release();
client.close();
