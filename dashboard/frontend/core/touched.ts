/** Which registers a transaction set, as paths of PROTOCOL.md P2; the same as `touched.py`. */

import * as Y from "yjs";

export type ChangedType = Y.AbstractType<unknown>;

/**
 * Gives `root/id/field`, `root/id` for an entity made or removed, `info/field` for a root that is one
 * entity. Text, and what lies deeper than a schema goes, gives the register it lies in.
 */
export function touchedBy(transaction: Y.Transaction): string[] {
  const paths = new Set<string>();
  for (const [type, keys] of transaction.changed) {
    const parts = pathOf(type as unknown as ChangedType);
    const isEntity = type instanceof Y.Map && parts.length <= 2;
    if (!isEntity) paths.add(parts.slice(0, 3).join("/"));
    else for (const key of keys) if (key !== null) paths.add([...parts, key].join("/"));
  }
  return [...paths];
}

/** The keys from a root to a type. */
export function pathOf(type: ChangedType): string[] {
  const item = type._item;
  if (item === null) return [Y.findRootTypeKey(type)];
  const parent = pathOf(item.parent as ChangedType);
  return item.parentSub === null ? parent : [...parent, item.parentSub];
}
