// node hocuspocus.mjs PORT DATABASE: @hocuspocus/server with its SQLite extension, as documented.
import { SQLite } from '@hocuspocus/extension-sqlite'
import { Server } from '@hocuspocus/server'

const [port, database] = process.argv.slice(2)
const extensions = [new SQLite({ database })]
await new Server({ port: Number(port), address: '127.0.0.1', quiet: true, extensions }).listen()
console.log('listening')
