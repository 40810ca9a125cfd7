// Two people in JavaScript on the notes of the card `c1`: one has the document in Yjs, the other only
// a text, of which it says what it does in operations. Line by line: [deed, ...details] in, JSON out.
import { createInterface } from "node:readline";
import * as Y from "yjs";

const doc = new Y.Doc();
const notes = () => doc.getMap("cards").get("c1").get("notes");
let made = "";
doc.on("update", (update, origin) => {
  if (origin !== "python") made = Buffer.from(update).toString("base64");
});

// the place in UTF-16 units of a place in characters
const unit = (text, place) => [...text].slice(0, place).join("").length;

const deeds = {
  text: () => notes().toString(),
  state: () => Buffer.from(Y.encodeStateVector(doc)).toString("base64"),
  hear: (update) => Y.applyUpdate(doc, Buffer.from(update, "base64"), "python"),
  type: (start, stop, word) => {
    const before = notes().toString();
    const from = unit(before, start);
    doc.transact(() => {
      notes().delete(from, unit(before, stop) - from);
      notes().insert(from, word);
    });
    return made;
  },
  operations: (text, cuts) => {
    let end = 0;
    return cuts.flatMap(([first, last, word]) => {
      const [start, stop] = [unit(text, first), unit(text, last)];
      const steps = [{ retain: start - end }, { insert: word }, { delete: stop - start }];
      end = stop;
      return steps;
    });
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const [deed, ...details] = JSON.parse(line);
  console.log(JSON.stringify(deeds[deed](...details) ?? null));
}
