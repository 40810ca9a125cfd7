// One Y.Text of Yjs, edited line by line: ["edit", start, stop, text] in code points and
// ["apply", base64] in; {"text", "update"} out, `update` being what the edit made.
import { createInterface } from "node:readline";
import * as Y from "yjs";

const doc = new Y.Doc();
const text = doc.getText("notes");
let made = "";
doc.on("update", (update, origin) => {
  if (origin !== "python") made = Buffer.from(update).toString("base64");
});

function units(points, count) {
  return points.slice(0, count).join("").length;
}

const deeds = {
  edit(start, stop, inserted) {
    const points = [...text.toString()];
    const from = units(points, start);
    doc.transact(() => {
      text.delete(from, units(points, stop) - from);
      text.insert(from, inserted);
    });
  },
  apply(update) {
    Y.applyUpdate(doc, Buffer.from(update, "base64"), "python");
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const [deed, ...details] = JSON.parse(line);
  made = "";
  deeds[deed](...details);
  console.log(JSON.stringify({ text: text.toString(), update: made }));
}
