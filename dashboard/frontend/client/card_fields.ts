/** Fields of cards that a view declares for itself, for programs that have no views. */

declare module "../store/types" {
  interface Card {
    readonly estimate: number | null;
  }
}

export {};
