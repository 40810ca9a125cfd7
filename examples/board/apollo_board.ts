/**
 * A project in the cache of Apollo Client: read once, then kept by the subscription `projectChanged`.
 *
 *   load -> follow (from its version) -> [cut] -> follow (from the last version told)
 *
 * Edits are shown at once (optimistic answers) and wait in this page while the server is away.
 */

import {
  type ApolloCache,
  ApolloClient,
  ApolloLink,
  InMemoryCache,
  type Reference,
} from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { type Client, createClient } from "graphql-ws";
import { BehaviorSubject, type Subscription } from "rxjs";
import { inTurn, onceTold } from "./apollo_links";
import {
  BOARD,
  CHANGES,
  type Change,
  type Edit,
  type ShownCard,
  type ShownProject,
} from "./apollo_operations";
import type { PanelState, Shown } from "./panel";
import { words } from "./words";

/** A close that says that this sign-in, or page, may not be here. */
const FORBIDDEN = 4403;
const MOST_PATIENCE_MS = 5_000;
const SILENT_MS = 8_000;

export class ApolloBoard {
  project: ShownProject | null = null;
  /** Why there is no board, or why the last edit was not made. */
  problem: string | null = null;
  readonly #client: ApolloClient;
  readonly #versions = new BehaviorSubject(0);
  #following: Subscription | null = null;
  #isConnected = false;
  /** Of each edit without an answer, its card. */
  #waiting: readonly string[] = [];

  constructor(
    private readonly shown: Shown,
    private readonly onChange: () => void,
  ) {
    const socket = new GraphQLWsLink(this.#socket());
    this.#client = new ApolloClient({
      link: ApolloLink.from([onceTold(this.#versions), inTurn(), socket]),
      cache: new InMemoryCache({
        typePolicies: {
          Project: { fields: { cards: { merge: false }, columns: { merge: false } } },
        },
      }),
    });
    this.#client
      .watchQuery({ query: BOARD, variables: { id: shown.project }, fetchPolicy: "cache-only" })
      .subscribe(({ data, dataState }) => {
        if (dataState === "complete") this.#change({ project: data.project });
      });
    void this.#load();
  }

  get state(): PanelState {
    if (!this.#isConnected) return "page";
    if (this.project === null) return "opening";
    return this.#waiting.length > 0 ? "saving" : "saved";
  }

  /** The ids of cards that the server has not on its disk as they are shown. */
  get unsent(): ReadonlySet<string> {
    return new Set(this.#waiting);
  }

  /** Makes an edit; `guess` is what the card will be, `gone` says that it will not be shown. */
  async edit<Input>(
    mutation: Edit<Input>,
    input: Input,
    guess: ShownCard,
    gone = false,
  ): Promise<void> {
    this.#waiting = [...this.#waiting, guess.id];
    this.problem = null;
    const { data, error } = await this.#client.mutate({
      mutation,
      variables: { input },
      errorPolicy: "all",
      optimisticResponse: {
        done: { __typename: "CardPayload", card: guess, version: null, failure: null },
      },
      // called for the guess, and again for the answer, which comes without a card
      update: (cache, { data }) => {
        if (data?.done.card) this.#arrange(cache, gone ? [] : [guess], gone ? [guess] : []);
      },
    });
    const at = this.#waiting.indexOf(guess.id);
    this.#waiting = this.#waiting.toSpliced(at, 1);
    const failure = data?.done.failure ?? error;
    if (failure) this.problem = failure.message;
    this.onChange();
  }

  #change(changed: Partial<Pick<this, "project" | "problem">>): void {
    Object.assign(this, changed);
    this.onChange();
  }

  /** Queries and mutations go over it as well, in the order in which they were made. */
  #socket(): Client {
    let silence: ReturnType<typeof setTimeout> | undefined;
    const client = createClient({
      url: `${this.shown.server.replace(/^http/, "ws")}/graphql`,
      lazy: false,
      retryAttempts: Number.POSITIVE_INFINITY,
      shouldRetry: (why) => !isRefusal(why),
      retryWait: (tries) => pause(Math.min(250 * 2 ** tries, MOST_PATIENCE_MS)),
      onNonLazyError: (why) =>
        this.#change({ problem: isRefusal(why) ? words.refused : String(why) }),
      keepAlive: SILENT_MS,
      on: {
        connected: () => this.#connected(true),
        closed: () => {
          clearTimeout(silence);
          this.#connected(false);
        },
        // a line that is open and carries nothing is given up
        ping: (isTheirs) => {
          if (!isTheirs) silence = setTimeout(() => client.terminate(), SILENT_MS);
        },
        pong: () => clearTimeout(silence),
      },
    });
    return client;
  }

  #connected(isConnected: boolean): void {
    this.#isConnected = isConnected;
    this.#following?.unsubscribe();
    if (isConnected && this.project !== null) this.#follow();
    this.onChange();
  }

  async #load(): Promise<void> {
    const { shown } = this;
    const asked = { query: BOARD, variables: { id: shown.project } };
    const { data, error } = await this.#client.query({
      ...asked,
      fetchPolicy: "network-only",
      errorPolicy: "all",
    });
    if (!data?.project) return this.#change({ problem: error?.message ?? words.missing });
    this.#versions.next(data.project.version);
    return this.#follow();
  }

  #follow(): void {
    this.#following?.unsubscribe();
    const variables = { id: this.shown.project, since: this.#versions.value };
    this.#following = this.#client
      .subscribe({ query: CHANGES, variables })
      .subscribe(({ data, error }) => {
        if (data) this.#take(data.projectChanged);
        // more has changed than one message holds, or it may not be read any more: the answer says which
        else if (error) void this.#load();
      });
  }

  /** The cards themselves are in the cache by now; what comes and goes has to get into the lists. */
  #take({ version, columns, cards, deleted }: Change): void {
    const gone = deleted.map(({ type, id }) => ({ __typename: type, id }));
    this.#arrange(this.#client.cache, [...columns, ...cards], gone);
    this.#versions.next(version);
  }

  #arrange(cache: ApolloCache, there: readonly Thing[], gone: readonly Thing[]): void {
    const listed = (type: string) => (known: readonly Reference[]) => {
      const lost = new Set(gone.map(refOf));
      const kept = known.filter(({ __ref }) => !lost.has(__ref));
      const has = new Set(kept.map(({ __ref }) => __ref));
      const found = there.filter((one) => one.__typename === type && !has.has(refOf(one)));
      if (found.length === 0 && kept.length === known.length) return known;
      return [...kept, ...found.map((one) => ({ __ref: refOf(one) }))];
    };
    cache.modify({
      id: refOf({ __typename: "Project", id: this.shown.project }),
      fields: { cards: listed("Card"), columns: listed("Column") },
    });
  }
}

interface Thing {
  readonly __typename: string;
  readonly id: string;
}

/** Ids are unique with their type: the cache needs no settings for them. */
function refOf({ __typename, id }: Thing): string {
  return `${__typename}:${id}`;
}

function isRefusal(why: unknown): boolean {
  return why instanceof CloseEvent && why.code === FORBIDDEN;
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
