/**
 * What an edit did, as plain values: enough to say it in words, and to do it again in another document
 * when this one did not accept it. Read from the transaction right after it, while what it deleted is
 * still there.
 */

import * as Y from "yjs";
import { type ChangedType, pathOf } from "./touched";

/** What an edit did to one register or text. */
export interface Change {
  /** `root/id/field`, or `root/id` for a whole entity. */
  readonly path: string;
  /** Plain JSON values; undefined where there was or is nothing. Of a text: what was deleted. */
  readonly before: unknown;
  /** Of a text: what was inserted. */
  readonly after: unknown;
  readonly isText: boolean;
}

type Side = "before" | "after";

/** Gives what a transaction did, one change a register or text; to be called after it, before its update. */
export function changesOf(transaction: Y.Transaction): Change[] {
  const changes: Change[] = [];
  for (const [changed, keys] of transaction.changed) {
    const type = changed as unknown as ChangedType;
    const path = pathOf(type).join("/");
    if (type instanceof Y.Text) changes.push(textChange(type, path, transaction));
    else
      for (const key of keys)
        if (key !== null) changes.push(registerChange(type, key, `${path}/${key}`, transaction));
  }
  return changes.filter(({ before, after }) => !isSame(before, after));
}

/** Gives one change a path that does what all do, one after the other. */
export function mergedChanges(edits: readonly { readonly changes: readonly Change[] }[]): Change[] {
  const byPath = new Map<string, Change>();
  for (const change of edits.flatMap(({ changes }) => changes)) {
    const known = byPath.get(change.path);
    byPath.set(change.path, known === undefined ? change : merged(known, change));
  }
  return [...byPath.values()];
}

/** Entities are objects; registers hold single values and lists. */
export function isEntity({ before, after }: Change): boolean {
  return [before, after].some(
    (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  );
}

/**
 * Whether registers and entities are as they were before changes, all of them. False when only texts were
 * changed: what was typed may be gone for many reasons.
 */
export function areUndone(doc: Y.Doc, changes: readonly Change[]): boolean {
  const told = changes.filter(({ isText }) => !isText);
  return told.length > 0 && told.every((change) => isUndone(valueAt(doc, change.path), change));
}

function isUndone(now: unknown, change: Change): boolean {
  if (isEntity(change)) return (now === undefined) === (change.before === undefined);
  return isSame(now, change.before);
}

function valueAt(doc: Y.Doc, path: string): unknown {
  const [root = "", ...rest] = path.split("/");
  const type = doc.share.get(root);
  // A root that nobody has read in this page has no type of its own yet.
  const isMap = type instanceof Y.Map || type?.constructor === Y.AbstractType;
  if (!isMap) return undefined;
  const map = doc.getMap(root);
  const [id = "", ...field] = rest;
  const entity: unknown = map.get(id);
  if (field.length > 0 && entity instanceof Y.Map) return entity.get(field.join("/"));
  return map.get(rest.join("/"));
}

function textChange(text: Y.Text, path: string, transaction: Y.Transaction): Change {
  let before = "";
  let after = "";
  for (let item = text._start; item !== null; item = item.right) {
    if (!(item.content instanceof Y.ContentString)) continue;
    const [was, is] = [isThere(item, transaction, "before"), isThere(item, transaction, "after")];
    if (was && !is) before += item.content.str;
    if (is && !was) after += item.content.str;
  }
  return { path, before, after, isText: true };
}

function registerChange(
  type: ChangedType,
  key: string,
  path: string,
  transaction: Y.Transaction,
): Change {
  const [before, after] = (["before", "after"] as const).map((side) =>
    itemOf(type, key, transaction, side),
  );
  const isText = [before, after].some((item) => typeOf(item) instanceof Y.Text);
  return {
    path,
    before: before && contentOf(before, transaction, "before"),
    after: after && contentOf(after, transaction, "after"),
    isText,
  };
}

/** The item that a key of a map stood or stands for. */
function itemOf(
  type: ChangedType,
  key: string,
  transaction: Y.Transaction,
  side: Side,
): Y.Item | undefined {
  let item: Y.Item | null = type._map.get(key) ?? null;
  while (side === "before" && item !== null && isNew(item, transaction)) item = item.left;
  return item !== null && isThere(item, transaction, side) ? item : undefined;
}

function isNew({ id }: Y.Item, { beforeState }: Y.Transaction): boolean {
  return id.clock >= (beforeState.get(id.client) ?? 0);
}

function isThere(item: Y.Item, transaction: Y.Transaction, side: Side): boolean {
  if (side === "after") return !item.deleted;
  if (isNew(item, transaction)) return false;
  return !item.deleted || Y.isDeleted(transaction.deleteSet, item.id);
}

function typeOf(item: Y.Item | undefined): ChangedType | null {
  return item?.content instanceof Y.ContentType ? (item.content.type as ChangedType) : null;
}

function contentOf(item: Y.Item, transaction: Y.Transaction, side: Side): unknown {
  const type = typeOf(item);
  return type === null ? item.content.getContent().at(-1) : jsonOf(type, transaction, side);
}

function jsonOf(type: ChangedType, transaction: Y.Transaction, side: Side): unknown {
  if (type instanceof Y.Map) {
    const map = type as unknown as ChangedType;
    const entries = [...map._map.keys()].flatMap((key) => {
      const item = itemOf(map, key, transaction, side);
      return item === undefined ? [] : [[key, contentOf(item, transaction, side)]];
    });
    return Object.fromEntries(entries);
  }
  const values: unknown[] = [];
  for (let item = type._start; item !== null; item = item.right)
    if (item.countable && isThere(item, transaction, side))
      values.push(...partsOf(item, transaction, side));
  return type instanceof Y.Text ? values.join("") : values;
}

function partsOf(item: Y.Item, transaction: Y.Transaction, side: Side): unknown[] {
  const type = typeOf(item);
  return type === null ? item.content.getContent() : [jsonOf(type, transaction, side)];
}

function isSame(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

function merged(first: Change, second: Change): Change {
  const { path, isText } = second;
  if (!isText || !first.isText) return { ...second, before: first.before };
  const [written, gone] = [String(first.after ?? ""), String(second.before ?? "")];
  const takesBack = gone !== "" && written.endsWith(gone);
  const kept = takesBack ? written.slice(0, written.length - gone.length) : written;
  const before = `${first.before ?? ""}${takesBack ? "" : gone}`;
  return { path, before, after: `${kept}${second.after ?? ""}`, isText };
}

const MOST_VALUE_BYTES = 8_192;
const utf8 = new TextEncoder();

/** What a PUSH tells of a change (PROTOCOL.md P2): JSON of the new value, or "" where it is not told. */
export function toldOf(change: Change | undefined): string {
  if (change === undefined || change.isText || isEntity(change)) return "";
  const json = JSON.stringify(change.after ?? null);
  return utf8.encode(json).byteLength <= MOST_VALUE_BYTES ? json : "";
}
