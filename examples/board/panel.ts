/** What a panel is, and the head that all have: a name, and how saving stands. */

import { words } from "./words";

export interface Shown {
  /** The address of the server. */
  readonly server: string;
  readonly project: string;
}

/** Shows a project in its place. */
export type Panel = (place: HTMLElement, shown: Shown) => void;

export type PanelState = "saved" | "saving" | "device" | "offline";

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

  /** Why there is no board. */
  showProblem(problem: string): void {
    this.#state.textContent = problem;
  }
}
