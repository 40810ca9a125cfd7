// A front end of somebody else that uses Apollo Client, told what to do line by line: each line is
// `[deed, ...details]` in JSON, each answer a line of JSON.
//
//   node apollo_program.mjs http://127.0.0.1:5006 [token]
import { ApolloClient, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { ApolloLink } from "@apollo/client/link";
import { getMainDefinition } from "@apollo/client/utilities";
import { createClient } from "graphql-ws";
import { createInterface } from "node:readline";

const [url, token] = process.argv.slice(2);
let sent = 0;

const http = new HttpLink({
  uri: `${url}/graphql`,
  headers: token ? { authorization: `Bearer ${token}` } : {},
  fetch: (...request) => {
    sent += 1;
    return fetch(...request);
  },
});
const socket = createClient({
  url: `${url.replace("http", "ws")}/graphql`,
  connectionParams: token ? { token } : {},
  retryAttempts: 50,
  retryWait: () => new Promise((done) => setTimeout(done, 100)),
  shouldRetry: () => true,
});
const isSubscription = ({ query }) => getMainDefinition(query).operation === "subscription";
const client = new ApolloClient({
  link: ApolloLink.split(isSubscription, new GraphQLWsLink(socket), http),
  cache: new InMemoryCache({
    typePolicies: {
      Project: { fields: { cards: { merge: false }, columns: { merge: false } } },
      Calendar: { fields: { events: { merge: false } } },
    },
  }),
});

const watched = new Map();
const followed = new Map();
const pending = new Map();

const deeds = {
  query: async (text, variables) => {
    const { data, error } = await client.query({
      query: gql(text),
      variables,
      fetchPolicy: "network-only",
      errorPolicy: "all",
    });
    return { data, error: error?.message ?? null };
  },
  watch: async (name, text, variables, fetchPolicy = "cache-first") => {
    const seen = { data: null, renders: 0 };
    watched.set(name, seen);
    client.watchQuery({ query: gql(text), variables, fetchPolicy }).subscribe((result) => {
      if (result.data === undefined || result.dataState !== "complete") return;
      seen.data = result.data;
      seen.renders += 1;
    });
    return true;
  },
  seen: async (name) => watched.get(name),
  follow: async (name, text, variables) => {
    const heard = { messages: [], error: null, complete: false };
    const subscription = client.subscribe({ query: gql(text), variables }).subscribe({
      next: (result) => {
        if (result.data) heard.messages.push(result.data);
        if (result.error) heard.error = result.error.message;
      },
      error: (error) => (heard.error = error.message),
      complete: () => (heard.complete = true),
    });
    followed.set(name, { heard, subscription });
    return true;
  },
  heard: async (name) => followed.get(name).heard,
  unfollow: async (name) => {
    followed.get(name).subscription.unsubscribe();
    followed.delete(name);
    return true;
  },
  // begins a mutation and gives what is in the cache at once, before the server has answered
  begin: async (name, text, variables, optimisticResponse) => {
    const done = client.mutate({ mutation: gql(text), variables, optimisticResponse });
    pending.set(name, done.then((one) => one.data, (error) => ({ error: error.message })));
    return true;
  },
  end: async (name) => pending.get(name),
  cached: async (key) => client.cache.extract()[key] ?? null,
  sent: async () => sent,
};

for await (const line of createInterface({ input: process.stdin })) {
  const [deed, ...details] = JSON.parse(line);
  try {
    process.stdout.write(`${JSON.stringify(await deeds[deed](...details))}\n`);
  } catch (error) {
    process.stdout.write(`${JSON.stringify({ failed: String(error?.stack ?? error) })}\n`);
  }
}
process.exit(0);
