/** What a panel is, and the head that all have: a name, and how saving stands. */

import { words } from "./words";

export interface Shown {
  /** The address of the server. */
  readonly server: string;
  readonly project: string;
}

/** Shows a project in its place. */
export type Panel = (place: HTMLElement, shown: Shown) => void;

/** `page`: offline, and what was done waits in this page alone. */
export type PanelState = "opening" | "saved" | "saving" | "device" | "offline" | "page";

export class PanelHead {
  readonly #state = document.createElement("output");

  constructor(place: HTMLElement, name: string) {
    const head = document.createElement("header");
    const title = document.createElement("h2");
    title.textContent = name;
    head.append(title, this.#state);
    place.dataset.panel = name;
    place.append(head);
  }

  show(state: PanelState): void {
    this.#state.dataset.state = state;
    this.#state.textContent = words[state];
  }

  /** Why there is no board, or why something was not done. */
  showProblem(problem: string): void {
    this.#state.dataset.state = "problem";
    this.#state.textContent = problem;
  }
}
