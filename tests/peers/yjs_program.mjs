// Yjs documents that do what they are told line by line: [doc, deed, ...details] in, and out
// {"content": {map, list, text}, "update": base64 of what the deed made, "state": base64}.
import { createInterface } from "node:readline";
import * as Y from "yjs";

const ids = process.argv.slice(2).map(Number);
const docs = ids.map((id) => {
  const doc = new Y.Doc();
  doc.clientID = id;
  return doc;
});

function units(text, count) {
  return [...text].slice(0, count).join("").length;
}

const deeds = {
  set(doc, key, value) {
    doc.getMap("map").set(key, value);
  },
  nest(doc, key, inner, value) {
    const map = new Y.Map();
    map.set(inner, value);
    doc.getMap("map").set(key, map);
  },
  inside(doc, key, inner, value) {
    const map = doc.getMap("map").get(key);
    if (map instanceof Y.Map) map.set(inner, value);
  },
  unset(doc, key) {
    const map = doc.getMap("map");
    if (map.has(key)) map.delete(key);
  },
  insert(doc, at, values) {
    doc.getArray("list").insert(at, values);
  },
  remove(doc, at) {
    doc.getArray("list").delete(at, 1);
  },
  write(doc, start, stop, letters) {
    const text = doc.getText("text");
    const before = text.toString();
    const from = units(before, start);
    if (stop > start) text.delete(from, units(before, stop) - from);
    if (letters) text.insert(from, letters);
  },
  apply(doc, update) {
    Y.applyUpdate(doc, Buffer.from(update, "base64"), "python");
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const [which, deed, ...details] = JSON.parse(line);
  const doc = docs[which];
  let made = "";
  const note = (update, origin) => {
    if (origin !== "python") made = Buffer.from(update).toString("base64");
  };
  doc.on("update", note);
  doc.transact(() => deeds[deed](doc, ...details), deed === "apply" ? "python" : null);
  doc.off("update", note);
  const content = {
    map: doc.getMap("map").toJSON(),
    list: doc.getArray("list").toJSON(),
    text: doc.getText("text").toString(),
  };
  const state = Buffer.from(Y.encodeStateAsUpdate(doc)).toString("base64");
  console.log(JSON.stringify({ content, update: made, state }));
}
