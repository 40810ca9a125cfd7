/**
 * Native widgets and charts: a Panel session embedded into regions of a page that stands without it.
 *
 * The session lives in a page worker and dies with it, or with its socket. Then the regions are
 * locked with a word, and a new session is embedded with a fresh token as soon as the hub has a
 * worker again. Bokeh's own reconnect is off (the worker switches it off in the document): it fails
 * after a restart.
 */

/** Where the roots of the session's document go, in their order: `[data-native="filters"]`, ... */
export const NATIVE_REGIONS = ["filters", "insight", "settings"] as const;

/** `absent`: this server has no page workers, so there is nothing to wait for. */
export type NativeState = "loading" | "live" | "waiting" | "absent";

export interface PanelSessionOptions {
  readonly project: string;
  readonly theme: "light" | "dark";
  readonly language: "en" | "ko";
  /** Told of every change, and of the first state. */
  readonly onState?: (state: NativeState) => void;
}

export interface PanelSession {
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
 * Embeds a Panel session into the regions inside `el` once the page is idle; regions that are not
 * there are made. `data-native-state` on `el` says how it stands.
 */
export function embedPanelSession(el: HTMLElement, options: PanelSessionOptions): PanelSession {
  const embedding = new Embedding(el, options);
  const cancel = whenIdle(() => void embedding.run());
  return {
    close() {
      cancel();
      embedding.close();
    },
  };
}

class Embedding {
  private readonly regions: readonly HTMLElement[];
  private readonly bridge: HTMLElement;
  private closed = false;
  private failures = 0;
  private session: BokehSession | null = null;

  constructor(
    private readonly el: HTMLElement,
    private readonly options: PanelSessionOptions,
  ) {
    this.regions = NATIVE_REGIONS.map((name) => regionOf(el, name));
    this.bridge = regionOf(el, "bridge");
    this.bridge.hidden = true;
    this.say("loading");
  }

  /** Keeps one session embedded until closed. */
  async run(): Promise<void> {
    while (!this.closed) {
      try {
        const ticket = await ticketFor(this.options);
        await loadScripts(ticket.scripts);
        const { lost } = await this.embed(ticket);
        this.failures = 0;
        this.say("live");
        await lost;
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
    this.empty();
  }

  /** Once is a worker that ended in the middle of it, and no news for anybody. */
  private failed(error: unknown): void {
    this.failures += 1;
    if (this.failures === FAILURES_BEFORE_RELOAD) console.warn("moim: native widgets:", error);
  }

  /** Gives a promise of the session's end. */
  private async embed({ token, path }: Ticket): Promise<{ readonly lost: Promise<void> }> {
    const bokeh = window.Bokeh;
    if (!bokeh) throw new Error("expected window.Bokeh after its script had loaded, found none");
    bokeh.logger.set_level("off"); // servers come and go here, and that is no error
    this.empty();
    // Not `embed_items`: its sessions cannot be closed, and each project opened would leave one.
    const { pull_session } = bokeh.loader["@bokehjs/client/connection"];
    const session = await pull_session(socketUrl(path), token, "");
    this.session = session;
    const lost = new Promise<void>((resolve) =>
      session.document.on_event("connection_lost", resolve),
    );
    if (this.closed) this.empty();
    else
      await bokeh.embed.add_document_standalone(session.document, this.bridge, [
        ...this.regions,
        this.bridge,
      ]);
    return { lost };
  }

  private empty(): void {
    const { session } = this;
    this.session = null;
    if (session) {
      session.close();
      session.document.clear();
      const all = window.Bokeh?.documents ?? [];
      const at = all.indexOf(session.document);
      if (at >= 0) all.splice(at, 1);
    }
    for (const region of [...this.regions, this.bridge]) region.replaceChildren();
  }

  private say(state: NativeState): void {
    this.el.dataset.nativeState = state;
    for (const region of this.regions) region.inert = state === "waiting";
    this.options.onState?.(state);
  }
}

/** The server is not there, or has no worker ready: worth waiting for, no matter how long. */
class HubAway extends Error {}

class NoWorkers extends Error {}

async function ticketFor(options: PanelSessionOptions): Promise<Ticket> {
  const { project, theme, language } = options;
  const query = new URLSearchParams({ project, theme, language });
  const answer = await fetch(`/panel/project/token?${query}`, { cache: "no-store" }).catch(() => {
    throw new HubAway();
  });
  if (answer.status === 502 || answer.status === 503) throw new HubAway();
  if (!answer.ok) throw new Error(`expected a session token, got ${answer.status}`);
  return decodeTicket(await answer.json());
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

function regionOf(el: HTMLElement, name: string): HTMLElement {
  const found = el.querySelector<HTMLElement>(`[data-native="${name}"]`);
  if (found) return found;
  const made = document.createElement("div");
  made.dataset.native = name;
  el.append(made);
  return made;
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
