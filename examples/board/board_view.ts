/**
 * Columns and cards in plain DOM. It knows no cache: it is told what to show, and says what somebody does.
 * Elements stay where they are as long as they may, so that nobody loses the field they type in.
 */

import { words } from "./words";

export const PRIORITIES = ["low", "medium", "high", "urgent"] as const;
export type Priority = (typeof PRIORITIES)[number];

export interface BoardCard {
  readonly id: string;
  readonly title: string;
  readonly priority: Priority | null;
  /** A day, `2026-11-27`. */
  readonly due: string | null;
  /** Not on the server's disk yet. */
  readonly unsent: boolean;
}

export interface BoardColumn {
  readonly id: string;
  readonly name: string;
  readonly cards: readonly BoardCard[];
}

/** What can be done with a board. */
export interface BoardDeeds {
  add(column: string, title: string): void;
  rename(card: string, title: string): void;
  /** To the end of a column. */
  move(card: string, column: string): void;
  setPriority(card: string, priority: Priority | null): void;
  setDue(card: string, due: string | null): void;
  remove(card: string): void;
}

export class BoardView {
  readonly #board = document.createElement("div");
  readonly #columns = new Map<string, ColumnView>();
  readonly #cards = new Map<string, CardView>();

  constructor(
    place: HTMLElement,
    private readonly deeds: BoardDeeds,
  ) {
    this.#board.className = "board";
    place.append(this.#board);
  }

  show(columns: readonly BoardColumn[]): void {
    const ids = new Set(columns.flatMap(({ cards }) => cards.map(({ id }) => id)));
    for (const id of this.#cards.keys()) if (!ids.has(id)) this.#cards.delete(id);
    const elements = columns.map((column) => {
      const view = viewOf(this.#columns, column.id, () => new ColumnView(column.id, this.deeds));
      view.show(column, this.#cardsOf(column, columns));
      return view.element;
    });
    arrange(this.#board, elements);
  }

  #cardsOf(column: BoardColumn, columns: readonly BoardColumn[]): HTMLElement[] {
    return column.cards.map((card) => {
      const view = viewOf(this.#cards, card.id, () => new CardView(card.id, this.deeds));
      view.show(card, column.id, columns);
      return view.element;
    });
  }
}

class ColumnView {
  readonly element = document.createElement("article");
  readonly #name = document.createElement("h3");
  readonly #list = document.createElement("ul");

  constructor(id: string, deeds: BoardDeeds) {
    this.element.className = "column";
    this.element.dataset.id = id;
    this.#list.tabIndex = 0; // a list that scrolls has to be reached by keys
    const form = document.createElement("form");
    const title = field(words.add);
    title.placeholder = words.add;
    form.append(title);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (title.value.trim() !== "") deeds.add(id, title.value.trim());
      title.value = "";
    });
    this.element.append(this.#name, this.#list, form);
  }

  show({ name }: BoardColumn, cards: readonly HTMLElement[]): void {
    this.#name.textContent = name;
    arrange(this.#list, cards);
  }
}

class CardView {
  readonly element = document.createElement("li");
  readonly #title = field(words.title);
  readonly #column = choice(words.column);
  readonly #priority = choice(words.priority);
  readonly #due = field(words.due);
  #offered = "";

  constructor(id: string, deeds: BoardDeeds) {
    this.element.className = "card";
    this.element.dataset.id = id;
    this.#title.addEventListener("change", () => deeds.rename(id, this.#title.value));
    this.#column.addEventListener("change", () => deeds.move(id, this.#column.value));
    this.#priority.append(
      new Option("–", ""),
      ...PRIORITIES.map((one) => new Option(words[one], one)),
    );
    this.#priority.addEventListener("change", () =>
      deeds.setPriority(id, PRIORITIES.find((one) => one === this.#priority.value) ?? null),
    );
    this.#due.type = "date";
    this.#due.max = "9999-12-31";
    this.#due.addEventListener("change", () => deeds.setDue(id, this.#due.value || null));
    const remove = document.createElement("button");
    remove.type = "button";
    remove.textContent = "×";
    remove.ariaLabel = words.remove;
    remove.addEventListener("click", () => deeds.remove(id));
    this.element.append(this.#title, remove, this.#column, this.#priority, this.#due);
  }

  show(card: BoardCard, column: string, columns: readonly BoardColumn[]): void {
    this.element.classList.toggle("unsent", card.unsent);
    this.element.dataset.priority = card.priority ?? "";
    put(this.#title, card.title);
    put(this.#due, card.due ?? "");
    put(this.#priority, card.priority ?? "");
    this.#offer(columns);
    put(this.#column, column);
  }

  #offer(columns: readonly BoardColumn[]): void {
    const key = JSON.stringify(columns.map(({ id, name }) => [id, name]));
    if (key === this.#offered) return;
    this.#offered = key;
    this.#column.replaceChildren(...columns.map(({ id, name }) => new Option(name, id)));
  }
}

/** Shows a value, but not in the field that somebody types in. */
function put(field: HTMLInputElement | HTMLSelectElement, value: string): void {
  const isTyped = document.activeElement === field && field instanceof HTMLInputElement;
  if (!isTyped && field.value !== value) field.value = value;
}

function field(label: string): HTMLInputElement {
  const input = document.createElement("input");
  input.ariaLabel = label;
  return input;
}

function choice(label: string): HTMLSelectElement {
  const select = document.createElement("select");
  select.ariaLabel = label;
  return select;
}

function viewOf<View>(views: Map<string, View>, id: string, make: () => View): View {
  const view = views.get(id) ?? make();
  views.set(id, view);
  return view;
}

/** Makes these the children, in this order, and moves only what stands elsewhere. */
function arrange(parent: HTMLElement, children: readonly HTMLElement[]): void {
  const wanted = new Set<Element>(children);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  for (const [at, child] of children.entries())
    if (parent.children[at] !== child) parent.insertBefore(child, parent.children[at] ?? null);
}
