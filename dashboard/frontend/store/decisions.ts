/** What a person decides about edits that the server did not accept, or that lost to somebody else's. */

import type { SharedDocument } from "../core/document";
import type { ResolveAction } from "../core/messages";
import type { ConflictNotice, Shelf } from "../core/shelf";
import { rootsOf, writeAgain, writeRegister } from "./again";
import type { Documents } from "./documents";
import { schemaOf } from "./schema";
import { mayEdit } from "./shared";
import { undoable } from "./undoable";

export class Decisions {
  /** Documents that stay open until the server has heard what was decided about them. */
  readonly #held = new Map<string, () => void>();

  constructor(
    private readonly shelf: Shelf,
    private readonly documents: Documents,
  ) {
    shelf.listen(() => this.#holdOpen());
  }

  /** Gives the way to take back what was written; null when nothing was, or not yet. */
  resolve(id: string, action: ResolveAction): (() => void) | null {
    const notice = this.shelf.conflict(id);
    if (notice === undefined) return null;
    const { shared, release } = this.documents.hold(notice.document);
    if (shared.ready || action === "theirs" || action === "seen") {
      const undo = this.#resolve(shared, notice, action);
      release();
      return undo;
    }
    onceReady(shared, () => {
      this.#resolve(shared, notice, action);
      release();
    });
    return null;
  }

  /** False: it cannot be done now. */
  applyAgain(key: string): boolean {
    const edit = this.shelf.find(key);
    const shared = edit && this.documents.find(edit.document);
    if (!edit || !shared?.ready || !mayEdit(shared)) return false;
    const { changes, document, code } = edit;
    const { result } = undoable(shared, rootsOf(changes), () =>
      writeAgain(shared.doc, document, changes, code === "lineage"),
    );
    if (result === 0) return false;
    this.shelf.forget(key);
    return true;
  }

  #resolve(
    shared: SharedDocument,
    notice: ConflictNotice,
    action: ResolveAction,
  ): (() => void) | null {
    const writes = action === "mine" || action === "both";
    const value = writes ? writtenBy(notice, action) : undefined;
    if (writes && (value === undefined || !mayEdit(shared))) return null;
    if (!this.shelf.decide(notice.id, action)) return null;
    shared.tellDecisions();
    if (!writes) return null;
    const write = () => writeRegister(shared.doc, notice.path, value);
    return undoable(shared, rootsOf([notice]), write).undo;
  }

  #holdOpen(): void {
    const documents = new Set(this.shelf.decisions().map(({ document }) => document));
    for (const document of documents)
      if (!this.#held.has(document))
        this.#held.set(document, this.documents.hold(document).release);
    for (const [document, release] of this.#held) {
      if (documents.has(document)) continue;
      this.#held.delete(document);
      release();
    }
  }
}

/**
 * What is written; undefined: that cannot be. My value of a deletion is none where I changed what somebody
 * deleted: it is restored.
 */
function writtenBy(notice: ConflictNotice, action: "mine" | "both"): unknown {
  return action === "both" ? bothOf(notice) : (notice.mine ?? null);
}

/** Undefined for what is no free text: two dates side by side are no date. */
function bothOf({ document, path, mine, theirs }: ConflictNotice): string | undefined {
  if (typeof mine !== "string" || typeof theirs !== "string") return undefined;
  const [root = ""] = path.split("/");
  const field = path.split("/").at(-1) ?? "";
  const schema = schemaOf(document, root);
  const longest = schema?.longest(field) ?? null;
  const both = [...`${theirs} / ${mine}`].slice(0, longest ?? undefined).join("");
  return schema === null || schema.read(field, both) !== null ? both : undefined;
}

/** Runs once the document has content. */
function onceReady(shared: SharedDocument, run: () => void): void {
  const stop = shared.listen(() => {
    if (!shared.ready) return;
    stop();
    run();
  });
}
