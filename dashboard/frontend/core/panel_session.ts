/**
 * Native widgets and charts: a Panel session embedded into regions of a page that stands without it.
 *
 * The session lives in a page worker and dies with it, or with its socket. Then the regions are
 * locked with a word, and a new session is embedded with a fresh token as soon as the hub has a
 * worker again. Bokeh's own reconnect is off (the worker switches it off in the document): it fails
 * after a restart.
 */

/** Where the roots of a project's session go, in their order: `[data-native="filters"]`, ... */
export const NATIVE_REGIONS = ["filters", "insight", "settings"] as const;
const BRIDGE_REGION = "bridge";

/** A chart in a cell of a page; its region is `[data-native="chart:<cell>"]`. */
export interface ChartInCell {
  readonly cell: string;
  readonly project: string;
  readonly chart: string;
}

/** What a session shows: the native parts of a project, or the charts of a page. */
export type NativeContent =
  | { readonly page: "project"; readonly project: string }
  | { readonly page: "page"; readonly charts: readonly ChartInCell[] };

/** `absent`: this server has no page workers, so there is nothing to wait for. */
export type NativeState = "loading" | "live" | "waiting" | "absent";

/** What a session is asked for. */
export interface NativeWish {
  readonly content: NativeContent;
  readonly theme: "light" | "dark";
  readonly language: "en" | "ko";
}

export interface PanelSession {
  /** Embeds a session of another content; what is shown stays until that one's views stand. */
  show(wish: NativeWish): void;
  /** Ends the session and empties its regions. */
  close(): void;
}

/** The few things of BokehJS that are used. */
interface BokehDocument {
  clear(): void;
  on_event(name: string, callback: () => void): void;
}

interface BokehSession {
  readonly document: BokehDocument;
  close(): void;
}

interface BokehGlobal {
  readonly documents: BokehDocument[];
  readonly logger: { set_level(level: "off"): void };
  readonly embed: {
    add_document_standalone(
      document: BokehDocument,
      element: HTMLElement,
      roots: readonly HTMLElement[],
    ): Promise<unknown>;
  };
  readonly loader: {
    readonly "@bokehjs/client/connection": {
      pull_session(url: string, token: string, query: string): Promise<BokehSession>;
    };
  };
}

interface ModuleImport {
  (url: string): Promise<unknown>;
  addImportMap(map: unknown): void;
}

declare global {
  interface Window {
    Bokeh?: BokehGlobal;
    importShim?: ModuleImport;
  }
}

interface Ticket {
  readonly token: string;
  readonly path: string;
  readonly scripts: readonly string[];
}

const FIRST_RETRY_MS = 300;
const LAST_RETRY_MS = 3_000;
const FAILURES_BEFORE_RELOAD = 6;
const RELOAD_EVERY_MS = 10 * 60_000;
const IDLE_MS = 20_000;
const RELOADED_KEY = "moim.native.reloaded";

/**
 * Embeds a Panel session into the regions inside `el` once the page is idle. `data-native-state` on
 * `el` says how it stands; `onState` is told of the first state and of every change.
 */
export function embedPanelSession(
  el: HTMLElement,
  wish: NativeWish,
  onState?: (state: NativeState) => void,
): PanelSession {
  const embedding = new Embedding(el, wish, onState);
  const cancel = whenIdle(() => void embedding.run());
  return {
    show: (next) => embedding.show(next),
    close() {
      cancel();
      embedding.close();
    },
  };
}

/** A session in the page: its socket and models, and the elements that its roots stand in. */
interface Embedded {
  readonly session: BokehSession;
  readonly slots: readonly HTMLElement[];
  readonly lost: Promise<"lost">;
}

class Embedding {
  private closed = false;
  private failures = 0;
  private embedded: Embedded | null = null;
  private changed = turn();

  constructor(
    private readonly el: HTMLElement,
    private wish: NativeWish,
    private readonly onState?: (state: NativeState) => void,
  ) {
    this.say("loading");
  }

  show(wish: NativeWish): void {
    this.wish = wish;
    this.changed.take();
  }

  /** Keeps one session of what is wished for embedded until closed. */
  async run(): Promise<void> {
    while (!this.closed) {
      this.changed = turn();
      try {
        const { lost } = await this.renew();
        if ((await Promise.race([this.changed.taken, lost])) === "changed") continue;
      } catch (error) {
        if (error instanceof NoWorkers) return this.say("absent");
        if (!(error instanceof HubAway)) this.failed(error);
      }
      if (this.closed) return;
      this.say("waiting");
      if (this.failures >= FAILURES_BEFORE_RELOAD) reloadWhenIdle();
      await pause(retryMs(this.failures));
    }
  }

  close(): void {
    this.closed = true;
    this.changed.take();
    this.replace(null);
  }

  /** Puts a new session where the old one was; nothing where nothing is wished for. */
  private async renew(): Promise<{ readonly lost: Promise<"lost"> }> {
    const { wish } = this;
    const regions = regionsOf(wish.content);
    if (regions.length === 0) {
      this.replace(null);
      return { lost: new Promise(() => undefined) };
    }
    const ticket = await ticketFor(wish);
    await loadScripts(ticket.scripts);
    const made = await this.embed(ticket, regions);
    this.replace(made);
    this.failures = 0;
    this.say("live");
    return made;
  }

  /** Makes the views of a session, hidden in front of those that stand. */
  private async embed({ token, path }: Ticket, regions: readonly string[]): Promise<Embedded> {
    const bokeh = window.Bokeh;
    if (!bokeh) throw new Error("expected window.Bokeh after its script had loaded, found none");
    bokeh.logger.set_level("off"); // servers come and go here, and that is no error
    // Not `embed_items`: its sessions cannot be closed, and each project opened would leave one.
    const { pull_session } = bokeh.loader["@bokehjs/client/connection"];
    const session = await pull_session(socketUrl(path), token, "");
    const slots = regions.map((name) => slotIn(this.el, name));
    const lost = new Promise<"lost">((resolve) =>
      session.document.on_event("connection_lost", () => resolve("lost")),
    );
    const made = { session, slots, lost };
    try {
      const [first = this.el] = slots;
      await bokeh.embed.add_document_standalone(session.document, first, slots);
    } catch (error) {
      discard(made);
      throw error;
    }
    return made;
  }

  /** The old session goes in the same moment as the new one is shown. */
  private replace(made: Embedded | null): void {
    if (this.embedded) discard(this.embedded);
    this.embedded = this.closed ? null : made;
    if (this.closed && made) discard(made);
    else for (const slot of made?.slots ?? []) slot.className = "";
  }

  /** Once is a worker that ended in the middle of it, and no news for anybody. */
  private failed(error: unknown): void {
    this.failures += 1;
    if (this.failures === FAILURES_BEFORE_RELOAD) console.warn("moim: native widgets:", error);
  }

  private say(state: NativeState): void {
    this.el.dataset.nativeState = state;
    for (const slot of this.embedded?.slots ?? []) slot.inert = state === "waiting";
    this.onState?.(state);
  }
}

function regionsOf(content: NativeContent): readonly string[] {
  if (content.page === "page") return content.charts.map(({ cell }) => `chart:${cell}`);
  return [...NATIVE_REGIONS, BRIDGE_REGION];
}

/** An element for one root; a region that has just left the page gets one that nobody sees. */
function slotIn(el: HTMLElement, name: string): HTMLElement {
  const slot = document.createElement("div");
  slot.className = "native-to-come";
  el.querySelector(`[data-native="${name}"]`)?.append(slot);
  return slot;
}

function discard({ session, slots }: Embedded): void {
  session.close();
  session.document.clear();
  const all = window.Bokeh?.documents ?? [];
  const at = all.indexOf(session.document);
  if (at >= 0) all.splice(at, 1);
  for (const slot of slots) slot.remove();
}

interface Turn {
  readonly taken: Promise<"changed">;
  take(): void;
}

function turn(): Turn {
  let take: () => void = () => undefined;
  const taken = new Promise<"changed">((resolve) => {
    take = () => resolve("changed");
  });
  return { taken, take: () => take() };
}

/** The server is not there, or has no worker ready: worth waiting for, no matter how long. */
class HubAway extends Error {}

class NoWorkers extends Error {}

async function ticketFor({ content, theme, language }: NativeWish): Promise<Ticket> {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const query = new URLSearchParams({ theme, language, zone });
  for (const [name, value] of questionOf(content)) query.append(name, value);
  const address = `/panel/${content.page}/token?${query}`;
  const answer = await fetch(address, { cache: "no-store" }).catch(() => {
    throw new HubAway();
  });
  if (answer.status === 502 || answer.status === 503) throw new HubAway();
  if (!answer.ok) throw new Error(`expected a session token, got ${answer.status}`);
  return decodeTicket(await answer.json());
}

function questionOf(content: NativeContent): readonly (readonly [string, string])[] {
  if (content.page === "project") return [["project", content.project]];
  return content.charts.map(({ project, chart }) => ["chart", `${chart},${project}`] as const);
}

function decodeTicket(value: unknown): Ticket {
  const { token, path, scripts, workers } = value as Record<string, unknown>;
  if (workers === 0) throw new NoWorkers();
  if (workers !== undefined) throw new HubAway();
  if (typeof token !== "string" || typeof path !== "string" || !Array.isArray(scripts))
    throw new Error("expected {token, path, scripts} as the session token");
  return { token, path, scripts: scripts.map(String) };
}

function socketUrl(path: string): string {
  const { protocol, host } = window.location;
  return `${protocol === "https:" ? "wss:" : "ws:"}//${host}${path}/ws`;
}

/** In order, each once per page; one that fails is tried again next time. */
async function loadScripts(addresses: readonly string[]): Promise<void> {
  // Panel imports a component's module through es-module-shims. Browsers import by themselves, and
  // then it is the very module that the page runs already: one React, one Yjs.
  window.importShim ??= Object.assign((url: string) => import(url), { addImportMap() {} });
  for (const address of addresses) await loadScript(address);
}

const loaded = new Map<string, Promise<void>>();

function loadScript(address: string): Promise<void> {
  const known = loaded.get(address);
  if (known) return known;
  const loading = new Promise<void>((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = () => resolve();
    script.onerror = () => {
      loaded.delete(address);
      script.remove();
      reject(new HubAway());
    };
    document.head.append(script);
  });
  loaded.set(address, loading);
  return loading;
}

function retryMs(failures: number): number {
  const ceiling = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures);
  return ceiling / 2 + (Math.random() * ceiling) / 2;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function whenIdle(run: () => void): () => void {
  if (!("requestIdleCallback" in window)) {
    const timer = setTimeout(run, 200);
    return () => clearTimeout(timer);
  }
  const handle = requestIdleCallback(run, { timeout: 2_000 });
  return () => cancelIdleCallback(handle);
}

/** The last resort when sessions are there and will not embed: once in a while, and never in the way. */
function reloadWhenIdle(): void {
  const last = Number(sessionStorage.getItem(RELOADED_KEY) ?? 0);
  if (Date.now() - last < RELOAD_EVERY_MS) return;
  let timer = setTimeout(reload, IDLE_MS);
  function reload(): void {
    sessionStorage.setItem(RELOADED_KEY, String(Date.now()));
    window.location.reload();
  }
  for (const event of ["pointerdown", "keydown", "wheel"])
    window.addEventListener(event, () => {
      clearTimeout(timer);
      timer = setTimeout(reload, IDLE_MS);
    });
}
