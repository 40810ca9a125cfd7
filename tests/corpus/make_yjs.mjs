// Writes yjs.json: updates made by Yjs itself, of every content type, alone and merged; and
// yjs_refused.json: what Yjs can make and a client may not send.
//
//   cd dashboard/frontend && npm ci && node ../../tests/corpus/make_yjs.mjs
//
// Each entry is one document's life: updates in an order in which each can be applied, and the state
// vector after each. The numbers come from a seed, so that the file changes only with Yjs.

import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const frontend = new URL('../../dashboard/frontend/', import.meta.url)
const Y = createRequire(frontend)('yjs')

function mulberry(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

const random = mulberry(20261123)
const pick = (list) => list[Math.floor(random() * list.length)]
const below = (n) => Math.floor(random() * n)
const TEXTS = ['a', 'hello ', '제목', '👩‍👩‍👧', 'é', '\u0000', '🌱🌱', 'x'.repeat(200), '\n']
const VALUES = [
  0, 1, -1, 63, 64, -65, 2 ** 31, -(2 ** 40), 2 ** 53 - 1, 0.5, -1e300, 1.1, true, false, null,
  undefined, 'text', '한국어 🌱', '', [], {}, [1, [2, [3, [4]]]], { a: { b: { c: [] } } },
  12345678901234567890n, new Uint8Array([1, 2, 3]), new Uint8Array(300), { '': 1, 키: [null] },
]

const EDITS = [
  (doc) => doc.getMap('map').set(pick('abcdef'), pick(VALUES)),
  (doc) => doc.getMap('map').delete(pick('abcdef')),
  (doc) => doc.getMap('map').set(pick('ghi'), new Y.Map([['x', pick(VALUES)]])),
  (doc) => doc.getMap('map').set(pick('jk'), new Y.Text(pick(TEXTS))),
  (doc) => doc.getMap('map').set(pick('lm'), Y.Array.from([listed(), listed()])),
  (doc) => nested(doc)?.set(pick('xyz'), pick(VALUES)),
  (doc) => nested(doc)?.set('deeper', new Y.Map([['y', 1]])),
  (doc) => doc.getArray('array').insert(below(doc.getArray('array').length + 1), [listed(), listed()]),
  (doc) => doc.getArray('array').push([new Y.Map([['z', 1]]), new Y.Text('t')]),
  (doc) => cut(doc.getArray('array')),
  (doc) => doc.getText('text').insert(below(doc.getText('text').length + 1), pick(TEXTS)),
  (doc) => doc.getText('text').insert(0, pick(TEXTS), { bold: true, link: { href: 'x' } }),
  (doc) => doc.getText('text').insertEmbed(0, { image: 'a.png', size: [1, 2] }),
  (doc) => doc.getText('text').insertEmbed(0, new Y.Map()),
  (doc) => cut(doc.getText('text')),
  (doc) => doc.getText('text').format(0, Math.min(4, doc.getText('text').length), pick([{ bold: null }, { em: true }])),
  (doc) => doc.getXmlFragment('xml').insert(0, [element()]),
  (doc) => doc.getXmlFragment('xml').insert(0, [new Y.XmlText(pick(TEXTS)), new Y.XmlHook('hook')]),
  (doc) => cut(doc.getXmlFragment('xml')),
]

function listed() {
  const value = pick(VALUES)
  return value === undefined || typeof value === 'bigint' ? [value] : value
}

function nested(doc) {
  return [...doc.getMap('map').values()].find((value) => value instanceof Y.Map)
}

function element() {
  const made = new Y.XmlElement(pick(['p', 'image', '제목']))
  made.setAttribute('class', pick(TEXTS))
  made.insert(0, [new Y.XmlText('inside'), new Y.XmlElement('br')])
  return made
}

function cut(list) {
  if (list.length > 0) {
    const start = below(list.length)
    list.delete(start, Math.min(list.length - start, 1 + below(4)))
  }
}

function life(name) {
  const doc = new Y.Doc()
  return { name, doc, updates: [], states: [] }
}

function take(entry, update) {
  Y.applyUpdate(entry.doc, update, 'taken')
  entry.updates.push(Buffer.from(update).toString('base64'))
  const state = Y.decodeStateVector(Y.encodeStateVector(entry.doc))
  entry.states.push(Object.fromEntries(state))
}

function author(id, gc = true) {
  const doc = new Y.Doc({ gc })
  doc.clientID = id
  return doc
}

function typing() {
  const entry = life('one author, edit by edit')
  const doc = author(7)
  doc.on('update', (update) => take(entry, update))
  for (let n = 0; n < 60; n++) pick(EDITS)(doc)
  return entry
}

function together() {
  const entry = life('three authors who meet now and then')
  const authors = [author(1), author(2 ** 31 + 5), author(2 ** 32 - 1)]
  for (let round = 0; round < 12; round++) {
    for (const doc of authors) {
      doc.transact(() => {
        for (let n = 0; n < 1 + below(5); n++) pick(EDITS)(doc)
      })
      take(entry, Y.encodeStateAsUpdate(doc, Y.encodeStateVector(entry.doc)))
    }
    const heard = pick(authors)
    Y.applyUpdate(heard, Y.encodeStateAsUpdate(entry.doc))
  }
  return entry
}

function merged() {
  const entry = life('merged updates, and a whole document')
  const doc = author(9, false)
  let waiting = []
  doc.on('update', (update) => waiting.push(update))
  for (let n = 0; n < 40; n++) {
    pick(EDITS)(doc)
    if (n % 5 === 4) {
      take(entry, Y.mergeUpdates(waiting))
      waiting = []
    }
  }
  take(entry, Y.encodeStateAsUpdate(doc))
  return entry
}

function undone() {
  const entry = life('undo and redo')
  const doc = author(11)
  const undo = new Y.UndoManager([doc.getMap('map'), doc.getText('text'), doc.getArray('array')], { captureTimeout: 0 })
  doc.on('update', (update) => take(entry, update))
  for (let n = 0; n < 30; n++) {
    pick(EDITS)(doc)
    if (random() < 0.3) undo.undo()
    if (random() < 0.2) undo.redo()
  }
  return entry
}

function collected() {
  const entry = life('made and deleted without a connection: GC structs at clocks nobody has seen')
  const doc = author(13)
  for (let n = 0; n < 5; n++) {
    doc.getMap('map').set('g', new Y.Map([['x', 'lost'], ['y', new Y.Text('lost too')]]))
  }
  doc.getMap('map').delete('g')
  take(entry, Y.encodeStateAsUpdate(doc))
  return entry
}

function legacy() {
  const entry = life('ContentJSON, as Yjs 13.0 wrote values')
  const json = (text) => [Buffer.byteLength(text), ...Buffer.from(text)]
  const update = [1, 1, 5, 0, 0x02, 1, 1, 0x61, 3, ...json('{"a":[1,"2"]}'), ...json('undefined'), ...json('null'), 0]
  take(entry, new Uint8Array(update))
  return entry
}

function refused() {
  const doc = author(17)
  const updates = []
  doc.on('update', (update) => updates.push(update))
  for (let n = 0; n < 3; n++) doc.getArray('array').push([n])
  doc.getMap('map').set('inner', new Y.Doc({ guid: 'inner' }))
  const hex = (update) => Buffer.from(update).toString('hex')
  return {
    'a Skip, from merging updates with one missing': hex(Y.mergeUpdates([updates[0], updates[2]])),
    'a sub-document': hex(updates[3]),
    'V2': hex(Y.encodeStateAsUpdateV2(doc)),
    'V2 of an empty document': hex(Y.encodeStateAsUpdateV2(new Y.Doc())),
  }
}

const entries = [typing(), together(), merged(), undone(), collected(), legacy()]
const file = entries.map(({ name, updates, states }) => ({ name, updates, states }))
writeFileSync(new URL('yjs.json', import.meta.url), `${JSON.stringify(file, null, 0).replaceAll('},{"name"', '},\n{"name"')}\n`)
writeFileSync(new URL('yjs_refused.json', import.meta.url), `${JSON.stringify(refused(), null, 1)}\n`)
