/** How mutations of the Apollo panel travel: one after the other, and back when the cache is ready for them. */

import { ApolloLink } from "@apollo/client";
import { concatMap, filter, firstValueFrom, from, type Observable, race, timer } from "rxjs";
import type { Done } from "./apollo_operations";

/** Nobody is told of a version that changed nothing. */
const TOLD_MS = 2_000;

/** Sends a mutation once the one before it has been answered: the server is free to run them side by side. */
export function inTurn(): ApolloLink {
  let before: Promise<unknown> = Promise.resolve();
  return mutationLink((operation, forward) => {
    const answer = before.then(() => firstValueFrom(forward(operation)));
    before = answer.catch(() => undefined);
    return from(answer);
  });
}

/**
 * Gives an answer when the subscription has told its version, and without its card: the subscription
 * has brought that one, or a newer one, which the answer must not write over. So an optimistic answer
 * goes just when the real values are there.
 */
export function onceTold(versions: Observable<number>): ApolloLink {
  const told = (version: number) =>
    firstValueFrom(race(versions.pipe(filter((one) => one >= version)), timer(TOLD_MS)));
  return mutationLink((operation, forward) =>
    forward(operation).pipe(
      concatMap(async (result) => {
        const done: Done | undefined = result.data?.done;
        if (!done) return result;
        if (done.version !== null) await told(done.version);
        // a line that was cut leaves open whether a card was made; then it is asked for once more
        const isMade =
          done.failure?.code === "INVALID" && operation.operationName === "Create" && done.card;
        const failure = isMade ? null : done.failure;
        return { ...result, data: { ...result.data, done: { ...done, card: null, failure } } };
      }),
    ),
  );
}

function mutationLink(handle: ApolloLink.RequestHandler): ApolloLink {
  return new ApolloLink((operation, forward) =>
    operation.operationType === "mutation" ? handle(operation, forward) : forward(operation),
  );
}
