// node reader.mjs zustand|apollo|socketio URL PROJECT CARD: follows one card by the client of a door, as
// its documentation says. Prints `[title, at_ms]` each time that the client's own state has a new title,
// the first one once it follows.
const [kind, url, project, card] = process.argv.slice(2);

let last = null;
function seen(title) {
  if (title === undefined || title === last) return;
  last = title;
  process.stdout.write(`${JSON.stringify([title, performance.timeOrigin + performance.now()])}\n`);
}

const readers = {
  async zustand() {
    const { openClient, whenReady } = await import("moim-client");
    const { store } = openClient({ url, indexedDB: null }).project(project);
    const look = () => seen(store.getState().cards[card]?.title);
    store.subscribe(look);
    await whenReady(store);
    look();
  },

  async apollo() {
    const { ApolloClient, InMemoryCache, gql } = await import("@apollo/client");
    const { GraphQLWsLink } = await import("@apollo/client/link/subscriptions");
    const { createClient } = await import("graphql-ws");
    const socket = createClient({ url: `${url.replace("http", "ws")}/graphql` });
    const client = new ApolloClient({ link: new GraphQLWsLink(socket), cache: new InMemoryCache() });
    const query = gql`query Board($id: ID!) { project(id: $id) { id version cards { id title } } }`;
    const changes = gql`subscription Changes($id: ID!, $since: Int) {
      projectChanged(id: $id, since: $since) { version cards { id title } }
    }`;
    let follows = false;
    client.watchQuery({ query, variables: { id: project } }).subscribe(({ data, dataState }) => {
      if (dataState !== "complete") return;
      seen(data.project.cards.find(({ id }) => id === `${project}/${card}`)?.title);
      if (follows) return;
      follows = true;
      const variables = { id: project, since: data.project.version };
      client.subscribe({ query: changes, variables }).subscribe(() => {});
    });
  },

  async socketio() {
    const { io } = await import("socket.io-client");
    const socket = io(url, { transports: ["websocket"] });
    socket.on("project:update", ({ entity, entityId, changes }) => {
      if (entity === "card" && entityId === card) seen(changes.title);
    });
    socket.on("connect", () => socket.emit("subscribe", { project, since: 0 }));
  },
};

await readers[kind]();
