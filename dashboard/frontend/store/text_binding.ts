/**
 * Binds a CodeMirror editor to a shared text: what is typed is an edit of the document like any other,
 * and carets go through the document's presence, where the server says whose they are. Loaded with the
 * editor, so that a page without one does not carry it.
 */

import { Annotation, EditorState, type Extension, type Range } from "@codemirror/state";
import {
  type Command,
  Decoration,
  type DecorationSet,
  type EditorView,
  keymap,
  type PluginValue,
  ViewPlugin,
  type ViewUpdate,
  WidgetType,
} from "@codemirror/view";
import { yCollab, ySyncAnnotation, yUndoManagerKeymap } from "y-codemirror.next";
import * as Y from "yjs";
import type { TabState } from "../core/presence";
import type { SharedText } from "./shared_text";
import type { HeldText } from "./types";

export interface TextBinding {
  /** What the editor has to begin with, in the same step. */
  readonly text: string;
  readonly extension: Extension;
}

/** Where a caret is, as relative positions: it stays at its letters, whatever others type. */
interface Cursor {
  readonly path: string;
  readonly anchor: unknown;
  readonly head: unknown;
}

/** What one person has selected, as it is drawn. */
interface Caret {
  readonly name: string;
  readonly colour: string;
  readonly anchor: number;
  readonly head: number;
}

/** Says that others' carets moved. */
const CaretsMoved = Annotation.define<true>();

/** Null while there is no text to bind. `nameOf` shortens a person's name. */
export function bindText(held: HeldText, nameOf: (name: string) => string): TextBinding | null {
  const shared = held as SharedText;
  const { text } = shared;
  if (text === null) return null;
  // Only what this editor types is undone by it: its sync plugin adds itself as an origin.
  const undoManager = new Y.UndoManager(text, { trackedOrigins: new Set() });
  return {
    text: text.toString(),
    extension: [
      yCollab(text, null, { undoManager }),
      keymap.of(
        yUndoManagerKeymap.map((binding) => ({
          ...binding,
          run: unlessViewer(shared, binding.run),
        })),
      ),
      keptFromViewers(shared),
      ViewPlugin.define(() => ({ destroy: () => undoManager.destroy() })),
      carets(shared, text, nameOf),
    ],
  };
}

/** A person may become a viewer while the editor stands: from then on only others write into it. */
function keptFromViewers({ document }: SharedText): Extension {
  return EditorState.changeFilter.of(
    (change) => change.annotation(ySyncAnnotation) !== undefined || document.role !== "viewer",
  );
}

function unlessViewer({ document }: SharedText, run: Command | undefined): Command {
  return (view) => document.role !== "viewer" && run?.(view) === true;
}

function carets(shared: SharedText, text: Y.Text, nameOf: (name: string) => string): Extension {
  return ViewPlugin.define((view) => new Carets(view, shared, text, nameOf), {
    decorations: (plugin) => plugin.decorations,
  });
}

/** Tells the others where my caret is, and draws theirs. */
class Carets implements PluginValue {
  decorations: DecorationSet;
  #isTold = false;
  readonly #unlisten: () => void;

  constructor(
    view: EditorView,
    private readonly shared: SharedText,
    private readonly text: Y.Text,
    private readonly nameOf: (name: string) => string,
  ) {
    this.decorations = this.#drawn();
    this.#unlisten = shared.document.presence.listen(() =>
      view.dispatch({ annotations: CaretsMoved.of(true) }),
    );
  }

  update(update: ViewUpdate): void {
    if (update.selectionSet || update.focusChanged) this.#tell(update.view);
    const moved = update.transactions.some((one) => one.annotation(CaretsMoved));
    if (moved || update.docChanged) this.decorations = this.#drawn();
  }

  destroy(): void {
    this.#unlisten();
    this.#leave();
  }

  #tell(view: EditorView): void {
    if (!view.hasFocus) return this.#leave();
    const { anchor, head } = view.state.selection.main;
    const cursor: Cursor = {
      path: this.shared.path,
      anchor: this.#relative(anchor),
      head: this.#relative(head),
    };
    this.#isTold = true;
    this.shared.document.presence.set({ cursor });
  }

  #leave(): void {
    if (!this.#isTold) return;
    this.#isTold = false;
    this.shared.document.presence.set({ cursor: null });
  }

  /** A caret belongs to the letter before it. */
  #relative(index: number): unknown {
    return Y.relativePositionToJSON(Y.createRelativePositionFromTypeIndex(this.text, index, -1));
  }

  #drawn(): DecorationSet {
    const drawn: Range<Decoration>[] = [];
    for (const tab of this.shared.document.presence.others.values()) {
      const caret = this.#caretOf(tab);
      if (caret !== null) drawn.push(...decorationsOf(caret));
    }
    return Decoration.set(drawn, true);
  }

  #caretOf(tab: TabState): Caret | null {
    const { path, anchor, head } = recordOf(tab.cursor);
    if (path !== this.shared.path) return null;
    const [from, to] = [this.#absolute(anchor), this.#absolute(head)];
    if (from === null || to === null) return null;
    return { name: this.nameOf(tab.user.name), colour: tab.user.colour, anchor: from, head: to };
  }

  /** Null for what is no position in this text: others may say anything. */
  #absolute(position: unknown): number | null {
    const { doc } = this.text;
    if (doc === null || typeof position !== "object" || position === null) return null;
    try {
      const relative = Y.createRelativePositionFromJSON(position);
      const found = Y.createAbsolutePositionFromRelativePosition(relative, doc);
      return found?.type === this.text ? Math.min(found.index, this.text.length) : null;
    } catch {
      return null;
    }
  }
}

function decorationsOf({ name, colour, anchor, head }: Caret): Range<Decoration>[] {
  const [from, to] = [Math.min(anchor, head), Math.max(anchor, head)];
  const caret = Decoration.widget({ widget: new CaretMark(name, colour), side: 1 }).range(head);
  if (from === to) return [caret];
  return [Decoration.mark({ class: `note-sel p-${colour}` }).range(from, to), caret];
}

class CaretMark extends WidgetType {
  constructor(
    private readonly name: string,
    private readonly colour: string,
  ) {
    super();
  }

  override eq(other: CaretMark): boolean {
    return other.name === this.name && other.colour === this.colour;
  }

  override toDOM(): HTMLElement {
    const caret = document.createElement("span");
    caret.className = `note-caret p-${this.colour}`;
    const flag = document.createElement("span");
    flag.className = "flag";
    // Not as text: a copied or read-out note has no names of others in it.
    flag.dataset.name = this.name;
    caret.append(flag);
    return caret;
  }

  override ignoreEvent(): boolean {
    return false;
  }
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
