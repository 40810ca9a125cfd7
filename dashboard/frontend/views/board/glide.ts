/** Cards that changed their place glide there; first-last-invert-play over the cards in the page. */

const GLIDE_MS = 200;
const EASE = "cubic-bezier(.2, .7, .2, 1)";
/** Further than this sideways is another column, whose scroller would cut the card off. */
const SIDEWAYS_PX = 40;

type Box = Pick<DOMRect, "left" | "top">;

function cardsIn(root: ParentNode): HTMLElement[] {
  return [...root.querySelectorAll<HTMLElement>('.card-row:not(.held) > [data-moim="card"]')];
}

function wantsStillness(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

export class Glide {
  readonly #first = new Map<string, Box>();

  /** Remember where the cards are, right before the page shows a new order. */
  remember(root: ParentNode): void {
    if (wantsStillness()) return;
    for (const card of cardsIn(root))
      this.from(card.dataset.id ?? "", card.getBoundingClientRect());
  }

  /** One card starts elsewhere: where the pointer let it go. */
  from(card: string, box: Box): void {
    if (!wantsStillness()) this.#first.set(card, { left: box.left, top: box.top });
  }

  /** Move every card from where it was to where it is. */
  play(root: ParentNode): void {
    if (this.#first.size === 0) return;
    for (const card of cardsIn(root)) {
      const first = this.#first.get(card.dataset.id ?? "");
      if (first) glideFrom(card, first);
    }
    this.#first.clear();
  }
}

function glideFrom(card: HTMLElement, first: Box): void {
  const last = card.getBoundingClientRect();
  const x = first.left - last.left;
  const y = first.top - last.top;
  if (Math.abs(x) < 1 && Math.abs(y) < 1) return;
  if (Math.abs(x) > SIDEWAYS_PX) flyOver(card, last, x, y);
  else run(card, x, y);
}

function run(element: HTMLElement, x: number, y: number): Animation {
  return element.animate([{ transform: `translate(${x}px, ${y}px)` }, { transform: "none" }], {
    duration: GLIDE_MS,
    easing: EASE,
  });
}

/** Across columns a copy flies over the board while the card itself waits unseen. */
function flyOver(card: HTMLElement, last: DOMRect, x: number, y: number): void {
  const copy = card.cloneNode(true) as HTMLElement;
  copy.removeAttribute("data-moim");
  copy.removeAttribute("tabindex");
  copy.setAttribute("aria-hidden", "true");
  Object.assign(copy.style, {
    position: "fixed",
    left: `${last.left}px`,
    top: `${last.top}px`,
    width: `${last.width}px`,
    zIndex: "80",
    pointerEvents: "none",
  });
  const board = card.closest(".moim-board");
  if (!board) return;
  board.append(copy);
  card.style.opacity = "0";
  const settle = () => {
    copy.remove();
    card.style.opacity = "";
  };
  const flight = run(copy, x, y);
  flight.onfinish = settle;
  flight.oncancel = settle;
}
