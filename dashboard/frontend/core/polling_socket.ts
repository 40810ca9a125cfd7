/**
 * Long polling with the face of a WebSocket (PROTOCOL.md T1, T2). Engine.IO's client is loaded with the
 * first of them: hardly anybody ever needs it.
 */

import type { Socket as Engine } from "engine.io-client";
import type { Socket } from "./socket";

/** What waits leaves as one message of about this size. */
const BATCH_BYTES = 262_144;
const ABNORMAL = { code: 1006, reason: "" };
/** A WebSocket hears this from the server; a poll gets it as the status of an answer. */
const NOT_SIGNED_IN = { status: 401, ended: { code: 4401, reason: "sign in first" } };

export class PollingSocket implements Socket {
  binaryType = "arraybuffer";
  onopen: Socket["onopen"] = null;
  onmessage: Socket["onmessage"] = null;
  onclose: Socket["onclose"] = null;
  onerror: Socket["onerror"] = null;
  #engine: Engine | null = null;
  #waiting: Uint8Array[] = [];
  #isSending = false;
  #isClosed = false;
  #ended = ABNORMAL;

  constructor(url: string) {
    void this.#begin(new URL(url));
  }

  send(bytes: Uint8Array): void {
    this.#waiting.push(bytes);
    this.#flush();
  }

  close(): void {
    this.#isClosed = true;
    this.#engine?.close();
  }

  async #begin({ protocol, host, pathname }: URL): Promise<void> {
    try {
      const { Socket: EngineSocket } = await import("engine.io-client");
      if (this.#isClosed) return;
      this.#engine = new EngineSocket(`${protocol.replace("ws", "http")}//${host}`, {
        path: `${pathname}/poll`,
        addTrailingSlash: false,
        transports: ["polling"],
        upgrade: false,
      });
    } catch {
      // its code is not there, and neither is the server
      return this.#over();
    }
    this.#listen(this.#engine);
  }

  #listen(engine: Engine): void {
    engine.binaryType = "arraybuffer";
    engine.on("open", () => this.onopen?.());
    engine.on("message", (data: unknown) => this.#hear(data));
    engine.on("drain", () => {
      this.#isSending = false;
      this.#flush();
    });
    engine.on("error", (error) => {
      if (statusOf(error) === NOT_SIGNED_IN.status) this.#ended = NOT_SIGNED_IN.ended;
    });
    engine.on("close", () => this.#over());
  }

  /** Text says why the connection is about to end. */
  #hear(data: unknown): void {
    if (typeof data === "string") this.#ended = endOf(data);
    else this.onmessage?.({ data });
  }

  #flush(): void {
    if (this.#isSending || this.#waiting.length === 0 || this.#engine?.readyState !== "open")
      return;
    this.#isSending = true;
    this.#engine.send(this.#take());
  }

  #take(): Uint8Array<ArrayBuffer> {
    let [count, size] = [0, 0];
    for (const { byteLength } of this.#waiting) {
      if (count > 0 && size + byteLength > BATCH_BYTES) break;
      [count, size] = [count + 1, size + byteLength];
    }
    const batch = new Uint8Array(size);
    let at = 0;
    for (const bytes of this.#waiting.splice(0, count)) {
      batch.set(bytes, at);
      at += bytes.byteLength;
    }
    return batch;
  }

  #over(): void {
    this.#isClosed = true;
    this.onclose?.(this.#ended);
  }
}

/** Engine.IO's client puts the status of an answer that is no success into its error. */
function statusOf(error: unknown): unknown {
  return error instanceof Error && "description" in error ? error.description : null;
}

/** A server of another version may say more, or a proxy something else. */
function endOf(text: string): { code: number; reason: string } {
  try {
    const { code, reason } = JSON.parse(text) as Record<string, unknown>;
    return typeof code === "number" ? { code, reason: String(reason) } : ABNORMAL;
  } catch {
    return ABNORMAL;
  }
}
