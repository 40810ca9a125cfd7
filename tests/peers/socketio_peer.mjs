// A front end on the real socket.io-client, as its developer would write it: handlers by the event's
// name, a store of things by id, and the version to go on from. It does what it is told on stdin, one
// JSON array a line, and answers each with one JSON line on stdout.
//   node socketio_peer.mjs http://host '{"transports": ["websocket"], "auth": {"token": "..."}}'

import { createInterface } from "node:readline";
import { io } from "socket.io-client";

const [address, options] = process.argv.slice(2);
const socket = io(address, {
  reconnection: true,
  reconnectionDelay: 1000,
  reconnectionDelayMax: 5000,
  reconnectionAttempts: Number.POSITIVE_INFINITY,
  ...JSON.parse(options ?? "{}"),
});

const things = {}; // "card/abc": its fields
const versions = {}; // "project launch": the version that the store has as a whole
const seen = {}; // "project launch card/abc 17": how often that was told
const heard = []; // everything else, in order
const states = [];

for (const kind of ["project", "calendar"]) {
  socket.on(`${kind}:update`, (message) => {
    const { id, entity, entityId, changes, version, gone, more } = message;
    const key = `${entity}/${entityId}`;
    const told = `${kind} ${id} ${key} ${version}`;
    seen[told] = (seen[told] ?? 0) + 1;
    if (gone) delete things[key];
    else things[key] = { ...things[key], ...changes };
    if (!more) versions[`${kind} ${id}`] = version;
    heard.push([`${kind}:update`, message]);
  });
}
for (const name of [
  "presence:update",
  "conflict:detected",
  "conflict:resolved",
  "subscription:ended",
  "session:ended",
  "error",
])
  socket.on(name, (message) => heard.push([name, message]));

const followed = new Set();
socket.on("connect", () => {
  states.push("connect");
  for (const key of followed) {
    const [kind, id] = key.split(" ");
    socket.emit("subscribe", { [kind]: id, since: versions[key] }, (answer) => {
      heard.push(["subscribed again", answer]);
    });
  }
});
socket.on("disconnect", (reason) => states.push(`disconnect: ${reason}`));
socket.on("connect_error", (error) => states.push({ error: error.message, data: error.data }));

const deeds = {
  connected: () =>
    new Promise((resolve) => {
      if (socket.connected) resolve(socket.io.engine.transport.name);
      else socket.once("connect", () => resolve(socket.io.engine.transport.name));
    }),
  ask: (name, payload) => socket.timeout(15000).emitWithAck(name, payload),
  follow: async (kind, id, since) => {
    const answer = await socket.timeout(15000).emitWithAck("subscribe", { [kind]: id, since });
    if (answer.ok) {
      followed.add(`${kind} ${id}`);
      versions[`${kind} ${id}`] = answer.version;
    }
    return answer;
  },
  heard: (name) => heard.filter(([what]) => what === name).map(([, message]) => message),
  thing: (key, field) => things[key]?.[field] ?? null,
  titles: (entity) =>
    Object.fromEntries(
      Object.entries(things)
        .filter(([key]) => key.startsWith(`${entity}/`))
        .map(([key, thing]) => [key.slice(entity.length + 1), thing.title]),
    ),
  refused: () => states.find((state) => state.data)?.data ?? null,
  twice: () => Object.keys(seen).filter((key) => seen[key] > 1),
  states: () => states,
  transport: () => socket.io.engine.transport.name,
  cut: () => socket.io.engine.close() && true, // as if the line broke; the client comes back
};

for await (const line of createInterface({ input: process.stdin })) {
  const [deed, ...details] = JSON.parse(line);
  let answer;
  try {
    answer = await deeds[deed](...details);
  } catch (error) {
    answer = { failed: String(error) };
  }
  process.stdout.write(`${JSON.stringify(answer ?? null)}\n`);
}
