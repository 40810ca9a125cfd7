/** Does again what an edit did, in a document that may be another one by now: nothing is made twice. */

import * as Y from "yjs";
import { type Change, isEntity } from "../core/changes";
import { schemaOf } from "./schema";
import { setFields } from "./shared";

/** Roots whose keys are registers themselves. */
const FLAT_ROOTS: ReadonlySet<string> = new Set(["info", "exceptions"]);

interface Place {
  readonly map: Y.Map<unknown>;
  readonly key: string;
}

/** The roots that changes are in. */
export function rootsOf(changes: readonly Pick<Change, "path">[]): string[] {
  return [...new Set(changes.map(({ path }) => path.split("/")[0] ?? ""))];
}

/**
 * Writes changes again; to be called in a transaction. `mayBeThere`: the document may hold what was typed
 * already. Gives how many of them stand in the document now; the others are about what is not there.
 */
export function writeAgain(
  doc: Y.Doc,
  document: string,
  changes: readonly Change[],
  mayBeThere: boolean,
): number {
  return changes.filter((change) => {
    const place = placeOf(doc, change.path);
    if (place === null) return false;
    if (isEntity(change)) return makeAgain(place, document, change);
    if (change.isText) return typeAgain(place, change, mayBeThere);
    setFields(place.map, { [place.key]: change.after ?? null });
    return true;
  }).length;
}

/** Sets one register; null takes it out. False: what it belongs to is not there. */
export function writeRegister(doc: Y.Doc, path: string, value: unknown): boolean {
  const place = placeOf(doc, path);
  if (place !== null) setFields(place.map, { [place.key]: value });
  return place !== null;
}

/** Null when the entity of a register is not there. */
function placeOf(doc: Y.Doc, path: string): Place | null {
  const [root = "", id = "", ...rest] = path.split("/");
  const map = doc.getMap(root);
  if (FLAT_ROOTS.has(root)) return { map, key: [id, ...rest].join("/") };
  if (rest.length === 0) return { map, key: id };
  const fields = map.get(id);
  return fields instanceof Y.Map ? { map: fields, key: rest.join("/") } : null;
}

function makeAgain({ map, key }: Place, document: string, { path, after }: Change): boolean {
  if (after === undefined) map.delete(key);
  else if (!map.has(key)) map.set(key, entityOf(document, path.split("/")[0] ?? "", after));
  return true;
}

function entityOf(document: string, root: string, fields: unknown): Y.Map<unknown> {
  const schema = schemaOf(document, root);
  const values = Object.entries(fields as Readonly<Record<string, unknown>>);
  return new Y.Map(
    values.map(([name, value]) => [
      name,
      schema?.isText(name) && typeof value === "string" ? new Y.Text(value) : value,
    ]),
  );
}

function typeAgain({ map, key }: Place, { after }: Change, mayBeThere: boolean): boolean {
  const typed = String(after ?? "");
  const text = map.get(key);
  if (!(text instanceof Y.Text)) {
    map.set(key, new Y.Text(typed));
    return true;
  }
  if (typed !== "" && !(mayBeThere && text.toString().includes(typed)))
    text.insert(text.length, typed);
  return true;
}
