/** Promises for what stores say anyway, for programs that go from one step to the next. */

import type { StoreApi } from "zustand/vanilla";
import type { Missing } from "../core/document_types";
import { MoimError } from "../core/moim_error";
import type { ConnectionState, OutboxItem, RefusedEdit } from "../store/types";

/** A document that did not come, because there is none or it may not be opened. */
export class NotReady extends MoimError {
  override readonly name = "NotReady";

  constructor(readonly reason: Missing) {
    super(`expected a document that can be opened, got ${reason}`);
  }
}

/** Edits that will not be saved by waiting. */
export class NotSaved extends MoimError {
  override readonly name = "NotSaved";

  /** `refused`: those that the server did not accept; none when it has ended the connection for good. */
  constructor(
    message: string,
    readonly refused: readonly RefusedEdit[],
  ) {
    super(message);
  }
}

export interface Waiting {
  /** Ends the waiting with the signal's reason: `AbortSignal.timeout(5_000)`. */
  readonly signal?: AbortSignal;
}

interface Opening {
  readonly ready: boolean;
  readonly missing?: Missing | null;
}

/** Gives the state of a document's store when its content is there; rejects with NotReady. */
export function whenReady<State extends Opening>(
  store: StoreApi<State>,
  waiting: Waiting = {},
): Promise<State> {
  return until(store, waiting, (state) => {
    if (state.ready) return state;
    if (state.missing) throw new NotReady(state.missing);
    return undefined;
  });
}

/** Resolves when all edits made so far are on the server's disk; rejects with NotSaved. */
export async function whenSaved(
  client: { readonly connection: StoreApi<ConnectionState> },
  waiting: Waiting = {},
): Promise<void> {
  const mine = new Set(client.connection.getState().outbox);
  await until(client.connection, waiting, ({ outbox, refused, stopped }) => {
    const lost = refused.filter((edit) => isAmong(mine, edit));
    if (lost.length > 0) throw new NotSaved(lost.map(said).join("; "), lost);
    if (!outbox.some((item) => mine.has(item))) return true;
    if (stopped === null) return undefined;
    throw new NotSaved(`the server ended the connection: ${stopped.code} ${stopped.reason}`, []);
  });
}

/** Typing is refused in one piece, under the time of its first letter. */
function isAmong(mine: ReadonlySet<OutboxItem>, { document, atMs }: RefusedEdit): boolean {
  return [...mine].some((item) => item.document === document && item.atMs === atMs);
}

function said({ code, message, paths }: RefusedEdit): string {
  return [code, message, ...paths.map(({ path, expected }) => `${path}: ${expected}`)].join(" ");
}

/** Resolves with the first answer that is not undefined; what `look` throws ends the waiting. */
function until<State, T>(
  store: StoreApi<State>,
  { signal }: Waiting,
  look: (state: State) => T | undefined,
): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const settle = (state: State) => {
    try {
      const found = look(state);
      if (found !== undefined) resolve(found);
    } catch (error) {
      reject(error);
    }
  };
  const give = () => reject(signal?.reason);
  const unsubscribe = store.subscribe(settle);
  signal?.addEventListener("abort", give);
  if (signal?.aborted) give();
  settle(store.getState());
  return promise.finally(() => {
    unsubscribe();
    signal?.removeEventListener("abort", give);
  });
}
