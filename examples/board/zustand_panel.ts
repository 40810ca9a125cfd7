/** The project in zustand, by `moim-client`: an edit is shown at once, and kept until the server has it. */

import { openClient, type ProjectState } from "moim-client";
import type { StoreApi } from "zustand/vanilla";
import { type BoardColumn, type BoardDeeds, BoardView } from "./board_view";
import { PanelHead, type Shown } from "./panel";
import { words } from "./words";

export function zustandPanel(place: HTMLElement, { server, project }: Shown): void {
  const head = new PanelHead(place, "zustand");
  const client = openClient({ url: server });
  const { store } = client.project(project);
  const view = new BoardView(place, deedsOf(store));
  const show = () => {
    head.show(client.connection.getState().state);
    if (store.getState().missing !== null) head.showProblem(words.missing);
    view.show(columnsOf(store.getState()));
  };
  client.connection.subscribe(show);
  store.subscribe(show);
  show();
}

function columnsOf({ columns, order, cards, unsent }: ProjectState): BoardColumn[] {
  return columns.map(({ id, name }) => ({
    id,
    name,
    cards: (order[id] ?? []).map((card) => ({
      id: card,
      title: cards[card]?.title ?? "",
      priority: cards[card]?.priority ?? null,
      due: cards[card]?.due ?? null,
      unsent: unsent.has(card),
    })),
  }));
}

function deedsOf(store: StoreApi<ProjectState>): BoardDeeds {
  const board = () => store.getState();
  return {
    add: (column, title) => board().addCard({ column, before: null }, title),
    rename: (card, title) => board().setCard(card, { title }),
    move: (card, column) => board().moveCard(card, { column, before: null }),
    setPriority: (card, priority) => board().setCard(card, { priority }),
    setDue: (card, due) => board().setCard(card, { due }),
    remove: (card) => board().deleteCard(card),
  };
}
