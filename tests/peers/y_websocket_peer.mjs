// A plain y-websocket client that does what it is told on stdin, one JSON array a line, and answers
// each with one JSON line on stdout. It knows nothing of moim.
//   node y_websocket_peer.mjs ws://host/yjs open/notes

import { createInterface } from "node:readline";
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";

const [address, room] = process.argv.slice(2);
const doc = new Y.Doc();
const provider = new WebsocketProvider(address, room, doc, { disableBc: true });

const deeds = {
  synced: () =>
    new Promise((resolve) => {
      if (provider.synced) resolve(true);
      else provider.once("sync", resolve);
    }),
  set: (root, key, value) => doc.getMap(root).set(key, value) && true,
  entity: (root, key, fields) => {
    doc.getMap(root).set(key, new Y.Map(Object.entries(fields)));
    return true;
  },
  field: (root, key, name, value) => doc.getMap(root).get(key).set(name, value) && true,
  read: (root) => doc.getMap(root).toJSON(),
  insert: (root, at, text) => {
    doc.getText(root).insert(at, text);
    return true;
  },
  text: (root) => doc.getText(root).toString(),
  present: (name) => {
    provider.awareness.setLocalStateField("user", { name });
    return true;
  },
  names: () =>
    [...provider.awareness.getStates().values()].map((state) => state.user?.name ?? "").sort(),
  connected: () => provider.wsconnected,
};

for await (const line of createInterface({ input: process.stdin })) {
  const [deed, ...details] = JSON.parse(line);
  const answer = await deeds[deed](...details);
  process.stdout.write(`${JSON.stringify(answer ?? null)}\n`);
}
provider.destroy();
