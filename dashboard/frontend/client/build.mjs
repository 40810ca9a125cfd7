// Builds the package `moim-client` into a folder, ready for `npm pack`: one ES module per source, so that
// bundlers leave out what a program does not use, and the declarations that the entry leads to.
// `node client/build.mjs [folder]`; without a folder, into dist/moim-client at the top.

import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, posix, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";

const frontend = join(dirname(fileURLToPath(import.meta.url)), "..");
const top = join(frontend, "..", "..");
const target = resolve(process.argv[2] ?? join(top, "dist", "moim-client"));
const ENTRY = "client/index.ts";

// Values of these go in and out of the package, so a program must not have them twice.
const SHARED = new Set(["yjs", "zustand"]);

const settings = {
  absWorkingDir: frontend,
  bundle: true,
  format: "esm",
  target: "es2022",
  metafile: true,
  logLevel: "warning",
};

/** Every source that the entry leads to, and the packages that they import. */
async function reached() {
  const { metafile } = await build({
    ...settings,
    entryPoints: [ENTRY],
    outdir: target,
    packages: "external",
    splitting: true,
    write: false,
  });
  const imports = Object.values(metafile.inputs).flatMap((input) => input.imports);
  const packages = imports.filter(({ external }) => external).map(({ path }) => packageOf(path));
  const sources = Object.keys(metafile.inputs).filter((path) => path.endsWith(".ts"));
  return { sources, packages: [...new Set(packages)].sort() };
}

function packageOf(path) {
  return path.split("/", path.startsWith("@") ? 2 : 1).join("/");
}

/** Sources stay apart, and import each other under the names that Node and browsers ask for. */
const apart = {
  name: "apart",
  setup({ onResolve }) {
    onResolve({ filter: /^\.\.?\// }, ({ path, kind }) =>
      kind === "entry-point" || path.endsWith(".json") ? null : named(path),
    );
  },
};

function named(path) {
  return { path: `${path}.js`, external: true };
}

async function writeModules(sources) {
  await build({
    ...settings,
    entryPoints: sources,
    outdir: target,
    outbase: frontend,
    packages: "external",
    plugins: [apart],
  });
}

async function writeDeclarations() {
  const folder = await mkdtemp(join(tmpdir(), "moim-client-"));
  try {
    await promisify(execFile)(process.execPath, tscArguments(folder), { cwd: frontend });
    const root = join(folder, relative(top, frontend));
    await copyDeclarations(root, ENTRY.replace(/\.ts$/, ".d.ts"), new Set());
  } catch (error) {
    throw new Error(`the declarations could not be made: ${error.stdout || error.message}`);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The schemas lie outside of the front end, hence the `rootDir`. */
function tscArguments(folder) {
  const tsc = join(frontend, "node_modules", "typescript", "bin", "tsc");
  const places = ["--rootDir", top, "--outDir", folder];
  return [tsc, "-p", "client", "--declaration", "--emitDeclarationOnly", ...places];
}

/** A file of declarations, and those that it leads to. */
async function copyDeclarations(root, path, done) {
  if (done.has(path)) return;
  done.add(path);
  const text = await readFile(join(root, path), "utf8");
  const out = join(target, path);
  await mkdir(dirname(out), { recursive: true });
  await writeFile(out, text.replaceAll(RELATIVE, '$1$2.js"'));
  for (const [, , specifier] of text.matchAll(RELATIVE))
    await copyDeclarations(root, `${posix.join(posix.dirname(path), specifier)}.d.ts`, done);
}

const RELATIVE = /(from "|import\("|^import "|^declare module ")(\.\.?\/[^"]+)"/gm;

async function writeManifest(packages) {
  const { version, dependencies } = JSON.parse(await readFile(join(frontend, "package.json")));
  const needed = packages.map((name) => [name, `^${dependencies[name]}`]);
  const manifest = {
    name: "moim-client",
    version,
    description:
      "Projects and calendars of a moim server as zustand stores, also without a network",
    license: "MIT",
    type: "module",
    sideEffects: false,
    exports: { ".": { types: "./client/index.d.ts", default: "./client/index.js" } },
    dependencies: Object.fromEntries(needed.filter(([name]) => !SHARED.has(name))),
    peerDependencies: Object.fromEntries(needed.filter(([name]) => SHARED.has(name))),
  };
  await writeFile(join(target, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
}

await rm(target, { recursive: true, force: true });
const { sources, packages } = await reached();
await Promise.all([writeModules(sources), writeDeclarations()]);
await writeManifest(packages);
await copyFile(join(frontend, "client", "README.md"), join(target, "README.md"));
await copyFile(join(top, "LICENSE"), join(target, "LICENSE"));
console.log(`${relative(process.cwd(), target)}: ${sources.length} modules`);
