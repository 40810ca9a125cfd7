// Expands series as the browser does: the front end's own source, bundled in memory. Reads a JSON list
// of cases from stdin, writes the list of their expansions.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const frontend = fileURLToPath(new URL("../../dashboard/frontend/", import.meta.url));
const { build } = createRequire(frontend)("esbuild");
const { outputFiles } = await build({
  entryPoints: [`${frontend}core/recurrence.ts`],
  bundle: true,
  format: "esm",
  write: false,
});
const source = Buffer.from(outputFiles[0].contents).toString("base64");
const { expansionBetween, parseRule, ruleOf } = await import(`data:text/javascript;base64,${source}`);

const expanded = JSON.parse(readFileSync(0, "utf8")).map(({ event, exceptions, from, to, zone }) => {
  const parts = event.rule && parseRule(event.rule);
  return {
    ...expansionBetween(event, exceptions, from, to, zone),
    rule: parts && ruleOf(parts),
  };
});
process.stdout.write(JSON.stringify(expanded));
