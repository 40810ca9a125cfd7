/** Which transport the next attempt takes (PROTOCOL.md T1). */

export type TransportName = "websocket" | "polling";

/** Attempts at a WebSocket that end before WELCOME until polling is tried. */
const FAILURES = 2;

export class Dialer {
  #failures = 0;
  #isNobodyThere = false;

  constructor(private readonly canPoll: boolean) {}

  /** True when every way to the server was tried in vain since the last WELCOME. */
  get isNobodyThere(): boolean {
    return this.#isNobodyThere;
  }

  next(): TransportName {
    return this.canPoll && this.#failures >= FAILURES ? "polling" : "websocket";
  }

  /** What works is taken again after the next loss. */
  welcomed(transport: TransportName): void {
    this.#failures = transport === "polling" ? FAILURES : 0;
    this.#isNobodyThere = false;
  }

  /** The attempt ended before WELCOME. Where polling fails, too, they take turns: nobody is there. */
  failed(transport: TransportName): void {
    this.#failures = transport === "polling" ? FAILURES - 1 : this.#failures + 1;
    this.#isNobodyThere ||= transport === "polling" || !this.canPoll;
  }

  /** A WebSocket hung instead of failing: something between keeps it from opening. */
  hung(): void {
    this.#failures = FAILURES;
  }
}
