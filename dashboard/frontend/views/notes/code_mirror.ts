/** The editor of shared texts: Markdown with its marks, links, carets of others. Loaded when needed. */

import { defaultKeymap } from "@codemirror/commands";
import { markdown, markdownLanguage } from "@codemirror/lang-markdown";
import { HighlightStyle, syntaxHighlighting, syntaxTree } from "@codemirror/language";
import { EditorState, type Extension } from "@codemirror/state";
import { drawSelection, EditorView, keymap, placeholder } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { ySyncAnnotation } from "y-codemirror.next";
import { bindText } from "../../store/text_binding";
import type { HeldText } from "../../store/types";
import { shortName } from "../names";
import { safeLink } from "./links";

/** Notes of a schema document; the server refuses longer ones. */
const MOST_CHARACTERS = 100_000;

export interface NoteEditorOptions {
  readonly held: HeldText;
  readonly parent: HTMLElement;
  readonly label: string;
  readonly placeholder: string;
  readonly readonly: boolean;
  readonly linkHint: string;
  /** True: a text that would be too long was not taken. */
  readonly onFull: (isFull: boolean) => void;
}

const MARKS = HighlightStyle.define([
  { tag: tags.heading1, class: "note-h1" },
  { tag: tags.heading2, class: "note-h2" },
  { tag: tags.heading, class: "note-h3" },
  { tag: tags.strong, class: "note-strong" },
  { tag: tags.emphasis, class: "note-em" },
  { tag: tags.strikethrough, class: "note-struck" },
  { tag: tags.monospace, class: "note-code" },
  { tag: tags.quote, class: "note-quote" },
  { tag: [tags.link, tags.url], class: "note-link" },
  { tag: [tags.processingInstruction, tags.contentSeparator], class: "note-mark" },
]);

/** Gives the way to take the editor away. */
export function openNoteEditor(options: NoteEditorOptions): () => void {
  const { held, parent } = options;
  const view = new EditorView({
    parent,
    root: parent.getRootNode() as Document | ShadowRoot,
    state: stateOf(options),
  });
  // Not through a render: what is typed between would go into a text that is no more.
  const stop = held.store.subscribe(({ generation }, before) => {
    if (generation !== before.generation) view.setState(stateOf(options));
  });
  return () => {
    stop();
    view.destroy();
  };
}

function stateOf(options: NoteEditorOptions): EditorState {
  const binding = bindText(options.held, shortName);
  return EditorState.create({
    doc: binding?.text ?? "",
    extensions: [
      // The editor counts as the text does: a CR of an import stays a character.
      EditorState.lineSeparator.of("\n"),
      EditorView.clipboardInputFilter.of((text) => text.replace(/\r\n?/g, "\n")),
      binding === null ? beginOnFocus(options.held) : [binding.extension, bounded(options)],
      isOpen(options, binding !== null),
      look(options),
    ],
  });
}

function look({ label, placeholder: hint, linkHint }: NoteEditorOptions): Extension {
  return [
    keymap.of(defaultKeymap),
    markdown({ base: markdownLanguage, completeHTMLTags: false }),
    syntaxHighlighting(MARKS),
    drawSelection(),
    EditorView.lineWrapping,
    placeholder(hint),
    EditorView.contentAttributes.of({ "aria-label": label, title: "" }),
    links(linkHint),
  ];
}

/** Somebody who may write and finds no text makes it by going there. */
function beginOnFocus(held: HeldText): Extension {
  return EditorView.domEventHandlers({ focus: () => held.begin() });
}

function isOpen({ readonly }: NoteEditorOptions, isBound: boolean): Extension {
  if (readonly)
    return [
      EditorState.readOnly.of(true),
      EditorView.editable.of(false),
      EditorView.contentAttributes.of({ tabindex: "0", "aria-readonly": "true" }),
    ];
  return EditorState.readOnly.of(!isBound);
}

/** What comes from others is never refused here: it is in the document already. */
function bounded({ onFull }: NoteEditorOptions): Extension {
  return EditorState.changeFilter.of((change) => {
    const isOurs = change.annotation(ySyncAnnotation) === undefined;
    const grows = change.newDoc.length > change.startState.doc.length;
    const isFull = isOurs && grows && change.newDoc.length > MOST_CHARACTERS;
    if (isOurs && change.docChanged) onFull(isFull);
    return !isFull;
  });
}

/** Ctrl or ⌘ with a click opens the address under the pointer, in another tab. */
function links(hint: string): Extension {
  return EditorView.domEventHandlers({
    mousedown(event, view) {
      if (!event.ctrlKey && !event.metaKey) return false;
      const at = view.posAtCoords({ x: event.clientX, y: event.clientY });
      const address = at === null ? null : addressAt(view.state, at);
      if (address === null) return false;
      event.preventDefault();
      open(address, "_blank", "noopener,noreferrer");
      return true;
    },
    mousemove(event, view) {
      const isLink = event.target instanceof Element && event.target.closest(".note-link");
      view.contentDOM.title = isLink ? hint : "";
      return false;
    },
  });
}

function addressAt(state: EditorState, at: number): string | null {
  let node = syntaxTree(state).resolveInner(at, -1);
  if (node.name !== "URL") node = node.getChild("URL") ?? node.parent?.getChild("URL") ?? node;
  return node.name === "URL" ? safeLink(state.sliceDoc(node.from, node.to)) : null;
}
