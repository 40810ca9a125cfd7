// node hocuspocus.mjs PORT DATABASE: @hocuspocus/server storing in SQLite.
//
// The statements are those of its own SQLite extension, over Node's own SQLite: the extension's
// better-sqlite3 12.11.1 does not hold on Node 24.19 (RemoveEnvironmentCleanupHook asserts).
import { DatabaseSync } from 'node:sqlite'
import { Database } from '@hocuspocus/extension-database'
import { Server } from '@hocuspocus/server'

const [port, path] = process.argv.slice(2)
const database = new DatabaseSync(path)
database.exec('CREATE TABLE IF NOT EXISTS documents (name varchar(255) NOT NULL, data blob NOT NULL, UNIQUE(name))')
const select = database.prepare('SELECT data FROM documents WHERE name = ? ORDER BY rowid DESC')
const upsert = database.prepare(
  'INSERT INTO documents (name, data) VALUES (?, ?) ON CONFLICT(name) DO UPDATE SET data = excluded.data',
)
const storage = new Database({
  fetch: async ({ documentName }) => select.get(documentName)?.data ?? null,
  store: async ({ documentName, state }) => void upsert.run(documentName, state),
})
const server = new Server({ port: Number(port), address: '127.0.0.1', quiet: true, extensions: [storage] })
await server.listen()
console.log('listening')
