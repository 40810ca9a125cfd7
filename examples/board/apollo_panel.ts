/** The project in Apollo Client's cache, over GraphQL: no CRDT in the page. */

import { ApolloBoard } from "./apollo_board";
import {
  CREATE,
  DELETE,
  MOVE,
  type ShownCard,
  type ShownProject,
  UPDATE,
} from "./apollo_operations";
import {
  type BoardColumn,
  type BoardDeeds,
  BoardView,
  PRIORITIES,
  type Priority,
} from "./board_view";
import { PanelHead, type Shown } from "./panel";

export function apolloPanel(place: HTMLElement, shown: Shown): void {
  const head = new PanelHead(place, "Apollo");
  const board: ApolloBoard = new ApolloBoard(shown, () => show());
  const view = new BoardView(place, deedsOf(board, shown.project));
  const show = () => {
    head.show(board.state);
    if (board.problem !== null) head.showProblem(board.problem);
    if (board.project !== null) view.show(columnsOf(board.project, board.unsent));
  };
  show();
}

function columnsOf({ columns, cards }: ShownProject, unsent: ReadonlySet<string>): BoardColumn[] {
  const inOrder = cards.toSorted((a, b) => compare(a.place, b.place) || compare(a.id, b.id));
  return columns
    .toSorted((a, b) => compare(a.place, b.place) || compare(a.id, b.id))
    .map(({ id, name }) => ({
      id: keyOf(id),
      name,
      cards: inOrder
        .filter(({ place }) => columnOf(place) === keyOf(id))
        .map((card) => ({
          id: keyOf(card.id),
          title: card.title,
          priority: PRIORITIES.find((one) => one === card.priority?.toLowerCase()) ?? null,
          due: card.due,
          unsent: unsent.has(card.id),
        })),
    }));
}

function deedsOf(board: ApolloBoard, project: string): BoardDeeds {
  const idOf = (key: string) => `${project}/${key}`;
  const cards = () => board.project?.cards ?? [];
  const withCard = (key: string, deed: (card: ShownCard) => void) => {
    const card = cards().find(({ id }) => id === idOf(key));
    if (card) deed(card);
  };
  const update = (key: string, fields: Partial<Pick<ShownCard, "title" | "priority" | "due">>) =>
    withCard(key, (card) => board.edit(UPDATE, { id: card.id, ...fields }, { ...card, ...fields }));
  return {
    add: (column, title) => {
      const id = idOf(crypto.randomUUID());
      const place = endOf(column, cards());
      const guess = { __typename: "Card", id, title, place, priority: null, due: null } as const;
      void board.edit(CREATE, { project, id, column: idOf(column), title }, guess);
    },
    rename: (key, title) => update(key, { title }),
    move: (key, column) =>
      withCard(key, (card) => {
        const guess = { ...card, place: endOf(column, cards()) };
        void board.edit(MOVE, { id: card.id, column: idOf(column) }, guess);
      }),
    setPriority: (key, priority) => update(key, { priority: upper(priority) }),
    setDue: (key, due) => update(key, { due }),
    remove: (key) => withCard(key, (card) => board.edit(DELETE, { id: card.id }, card, true)),
  };
}

/** A place after all cards of a column, until the server has said which. */
function endOf(column: string, cards: readonly ShownCard[]): string {
  const places = cards.map(({ place }) => place).filter((place) => columnOf(place) === column);
  return `${places.toSorted(compare).at(-1) ?? `${column}|`}~`;
}

function upper(priority: Priority | null): ShownCard["priority"] {
  return priority === null ? null : (priority.toUpperCase() as Uppercase<Priority>);
}

function columnOf(place: string): string {
  return place.slice(0, place.indexOf("|"));
}

/** The door's ids begin with the project. */
function keyOf(id: string): string {
  return id.slice(id.indexOf("/") + 1);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
