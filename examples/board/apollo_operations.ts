/** What the Apollo panel asks of `/graphql`, with the types of the answers. */

import { gql, type TypedDocumentNode } from "@apollo/client";
import type { Priority } from "./board_view";

export interface ShownCard {
  readonly __typename: "Card";
  readonly id: string;
  readonly title: string;
  /** `<column>|<key>`: cards of a column are sorted by it. */
  readonly place: string;
  readonly priority: Uppercase<Priority> | null;
  readonly due: string | null;
}

export interface ShownColumn {
  readonly __typename: "Column";
  readonly id: string;
  readonly name: string;
  readonly place: string;
}

export interface ShownProject {
  readonly version: number;
  readonly columns: readonly ShownColumn[];
  readonly cards: readonly ShownCard[];
}

export interface Change extends ShownProject {
  readonly deleted: readonly { readonly type: string; readonly id: string }[];
}

/** What came of a mutation. */
export interface Done {
  readonly __typename: "CardPayload";
  readonly card: ShownCard | null;
  readonly version: number | null;
  readonly failure: { readonly code: string; readonly message: string } | null;
}

export type Edit<Input> = TypedDocumentNode<{ readonly done: Done }, { readonly input: Input }>;

const SHOWN = gql`
  fragment ShownCard on Card { id title place priority due }
  fragment ShownColumn on Column { id name place }
`;

export const BOARD: TypedDocumentNode<
  { readonly project: ShownProject | null },
  { readonly id: string }
> = gql`
  query Board($id: ID!) {
    project(id: $id) { id version columns { ...ShownColumn } cards { ...ShownCard } }
  }
  ${SHOWN}
`;

export const CHANGES: TypedDocumentNode<
  { readonly projectChanged: Change },
  { readonly id: string; readonly since: number }
> = gql`
  subscription Changes($id: ID!, $since: Int) {
    projectChanged(id: $id, since: $since) {
      version columns { ...ShownColumn } cards { ...ShownCard } deleted { type id }
    }
  }
  ${SHOWN}
`;

const DONE = gql`
  fragment Done on CardPayload { card { id title place priority due } version failure { code message } }
`;

export const CREATE: Edit<{
  readonly project: string;
  readonly id: string;
  readonly column: string;
  readonly title: string;
}> = gql`
  mutation Create($input: CreateCardInput!) { done: createCard(input: $input) { ...Done } }
  ${DONE}
`;

export const UPDATE: Edit<
  Pick<ShownCard, "id"> & Partial<Pick<ShownCard, "title" | "priority" | "due">>
> = gql`
  mutation Update($input: UpdateCardInput!) { done: updateCard(input: $input) { ...Done } }
  ${DONE}
`;

export const MOVE: Edit<{ readonly id: string; readonly column: string }> = gql`
  mutation Move($input: MoveCardInput!) { done: moveCard(input: $input) { ...Done } }
  ${DONE}
`;

export const DELETE: Edit<{ readonly id: string }> = gql`
  mutation Delete($input: DeleteInput!) { done: deleteCard(input: $input) { ...Done } }
  ${DONE}
`;
