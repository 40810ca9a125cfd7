// Prints what a built `moim-client` lets others rely on: each exported name with its declaration.
// `node client/surface.mjs FOLDER`; the report of the last deliberate change is `surface.txt`.

import { readFile } from "node:fs/promises";
import { join, posix } from "node:path";

const COMMENT = /\/\*[\s\S]*?\*\/\s*/g;
const EXPORTS = /^export (?:type )?\{([^}]*)\} from "(.+)\.js";$/gm;
const DECLARED =
  /^(?:export )?(?:declare )?(?:abstract )?(?:class|const|function|interface|type) (\w+)/;

async function declarations(folder, path) {
  return (await readFile(join(folder, `${path}.d.ts`), "utf8")).replaceAll(COMMENT, "");
}

/** Exported names, each with the file that declares it. */
function exported(entry, text) {
  return [...text.matchAll(EXPORTS)].flatMap(([, names, from]) =>
    names
      .split(",")
      .map((name) => name.trim().replace(/^type /, ""))
      .filter((name) => name !== "")
      .map((name) => ({ name, path: posix.join(posix.dirname(entry), from) })),
  );
}

/** The declaration of a name: from its line to the next that is not indented. */
function declarationOf(name, text) {
  const found = text.split(/\n(?=[^\s})])/).filter((part) => DECLARED.exec(part)?.[1] === name);
  if (found.length === 0) throw new Error(`${name} is not declared in the file that exports it`);
  return found.map((part) => part.trimEnd()).join("\n");
}

const [folder] = process.argv.slice(2);
const entry = "client/index";
const names = exported(entry, await declarations(folder, entry));
names.sort((a, b) => (a.name < b.name ? -1 : 1));
for (const { name, path } of names)
  console.log(declarationOf(name, await declarations(folder, path)));
