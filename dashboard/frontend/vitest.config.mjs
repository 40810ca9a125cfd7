import { readFile } from "node:fs/promises";
import { defineConfig } from "vitest/config";

// The build gives `*.css?text` as a string (build.mjs); tests read the file as it is.
const cssText = {
  name: "css-text",
  enforce: "pre",
  async load(id) {
    if (!id.endsWith(".css?text")) return null;
    return `export default ${JSON.stringify(await readFile(id.slice(0, -"?text".length), "utf8"))}`;
  },
};

export default defineConfig({
  plugins: [cssText],
  test: {
    include: [
      "client/**/*.test.ts",
      "core/**/*.test.ts",
      "service_worker/**/*.test.ts",
      "store/**/*.test.ts",
      "views/**/*.test.{ts,tsx}",
    ],
    environment: "node",
    testTimeout: 10_000,
  },
});
