/**
 * One project of a moim server in somebody else's page, once for each way to hold it. `?server=` is the
 * server's address, `?project=` the project's id.
 *
 * A panel is a way: it gets its place and shows the project there, over a connection and in a cache of its
 * own. What is drawn is the same for all (`board_view.ts`).
 */

import { apolloPanel } from "./apollo_panel";
import type { Panel } from "./panel";
import { zustandPanel } from "./zustand_panel";

const PANELS: readonly Panel[] = [zustandPanel, apolloPanel];

const asked = new URLSearchParams(location.search);
const shown = {
  server: asked.get("server") ?? "http://127.0.0.1:5006",
  project: asked.get("project") ?? "launch",
};
const place = document.getElementById("panels");
for (const panel of PANELS) {
  const section = document.createElement("section");
  place?.append(section);
  panel(section, shown);
}
