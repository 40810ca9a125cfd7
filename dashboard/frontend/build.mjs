// Builds the bundle and the shell into ../moim/static, under names that carry their content's hash,
// and lists them in manifest.json, so that a server may call them immutable. What only some views
// need (FullCalendar) is a chunk of its own, which the bundle imports by its name beside it.
// The service worker is built last, because it holds the names of all the others.
// `--watch` rebuilds on change, unminified and with source maps.

import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { context } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, "..", "moim", "static");
const watch = process.argv.includes("--watch");

/**
 * The logical name (`moim.js`, `calendar_view.js`) of each built file, and the name on disk
 * (`moim-<hash>.js`). Code that several of them share has no name but that on disk.
 */
function manifestOf(metafile) {
  const entries = Object.entries(metafile.outputs)
    .filter(([path]) => !path.endsWith(".map"))
    .map(([path, { entryPoint }]) => [logicalName(path, entryPoint), nameOf(path)]);
  return Object.fromEntries(entries.sort());
}

function nameOf(path) {
  return relative(target, join(here, path));
}

function logicalName(path, entryPoint) {
  if (entryPoint === undefined) return nameOf(path);
  if (entryPoint === "main.ts") return "moim.js";
  return basename(entryPoint).replace(/\.tsx?$/, ".js");
}

/** What the bundle imports before it runs; the page asks for all of it at once. */
function importsOf(metafile) {
  const main = Object.values(metafile.outputs).find(({ entryPoint }) => entryPoint === "main.ts");
  return main.imports.filter(({ kind }) => kind === "import-statement").map(({ path }) => path);
}

async function writeShell(manifest, metafile) {
  const template = await readFile(join(here, "shell.html"), "utf8");
  const preloads = importsOf(metafile)
    .map((path) => `\n    <link rel="modulepreload" href="/static/${nameOf(path)}">`)
    .join("");
  const page = template
    .replaceAll(/\{\{(moim\.js|shell\.css)\}\}/g, (_, name) => manifest[name])
    .replace("{{preloads}}", preloads);
  const build = buildOf(manifest, page);
  await writeFile(join(target, "shell.html"), page.replace("{{build}}", build));
  return build;
}

/** Names the page with all its files: another name when anything differs. */
function buildOf(manifest, page) {
  const all = JSON.stringify([Object.values(manifest).sort(), page]);
  return createHash("sha256").update(all).digest("hex").slice(0, 16);
}

const WORKER = "service-worker.js";

async function writeWorker(bundler, manifest, build) {
  const files = Object.values(manifest).map((name) => `/static/${name}`);
  await bundler.build({
    absWorkingDir: here,
    entryPoints: ["service_worker/service_worker.ts"],
    outfile: join(target, WORKER),
    bundle: true,
    format: "iife",
    target: "es2022",
    minify: !watch,
    logLevel: "warning",
    define: { MOIM_BUILD: JSON.stringify(build), MOIM_FILES: JSON.stringify(files) },
  });
}

/** Takes out what earlier builds left, once the new files are all there. */
async function removeStale(manifest) {
  const named = ["manifest.json", "shell.html", WORKER, ".gitkeep"];
  const kept = new Set([...Object.values(manifest), ...named]);
  for (const name of await readdir(target))
    if (!kept.has(name) && !kept.has(name.replace(/\.map$/, ""))) await rm(join(target, name));
}

const publish = {
  name: "publish",
  setup(build) {
    build.onEnd(async (result) => {
      if (result.errors.length > 0) return;
      const manifest = manifestOf(result.metafile);
      const name = await writeShell(manifest, result.metafile);
      await writeWorker(build.esbuild, manifest, name);
      await writeFile(join(target, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
      await removeStale(manifest);
      for (const [path, output] of Object.entries(result.metafile.outputs))
        if (!path.endsWith(".map")) console.log(`${path} ${Math.round(output.bytes / 1024)} kB`);
    });
  },
};

// `import css from "./x.css?text"`: style sheets for shadow roots come as strings.
const cssText = {
  name: "css-text",
  setup(build) {
    build.onResolve({ filter: /\.css\?text$/ }, (args) => ({
      path: join(args.resolveDir, args.path.slice(0, -"?text".length)),
      namespace: "css-text",
    }));
    build.onLoad({ filter: /.*/, namespace: "css-text" }, async (args) => {
      const { outputFiles } = await build.esbuild.build({
        entryPoints: [args.path],
        bundle: true,
        write: false,
        minify: !watch,
      });
      return { contents: outputFiles[0].text, loader: "text", watchFiles: [args.path] };
    });
  },
};

await mkdir(target, { recursive: true });
const bundler = await context({
  absWorkingDir: here,
  entryPoints: [
    { in: "main.ts", out: "moim" },
    { in: "shell.css", out: "shell" },
  ],
  outdir: target,
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  splitting: true,
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: !watch,
  sourcemap: watch,
  metafile: true,
  logLevel: "warning",
  legalComments: "eof",
  define: { "process.env.NODE_ENV": JSON.stringify(watch ? "development" : "production") },
  plugins: [cssText, publish],
});
if (watch) await bundler.watch();
else {
  try {
    await bundler.rebuild();
  } finally {
    await bundler.dispose();
  }
}
