/** What can be done with a document from the navigation: name, colour, order, delete. */

import { ArrowDown, ArrowUp, Link, Pencil, Trash2 } from "lucide-react";
import { useStore } from "zustand";
import type { EntryKind } from "../../store/types";
import { Icon } from "../icons";
import { useWords } from "../language";
import { Popover } from "../popover";
import { copyLink } from "./copy_link";
import { type Entry, entriesOf, HUES, KINDS } from "./entries";
import { moveEntry } from "./nav_item";
import type { NavContext } from "./side_nav";

interface NavMenuProps {
  readonly nav: NavContext;
  readonly kind: EntryKind;
  readonly entry: Entry;
  readonly isCurrent: boolean;
  readonly anchor: Element;
  readonly onClose: () => void;
  readonly onRename: () => void;
}

export function NavMenu(props: NavMenuProps) {
  const { nav, kind, entry, anchor, onClose, onRename } = props;
  const words = useWords();
  const { t } = words;
  const name = entry.name || t("nav.untitled");
  const copy = () => {
    onClose();
    void copyLink({ kind, id: entry.id, entity: null }, nav.toasts, words);
  };
  const rename = () => {
    onClose();
    onRename();
  };
  return (
    <Popover anchor={anchor} label={t("nav.menu", { name })} onClose={onClose} isMenu>
      <div className="menu">
        <button type="button" onClick={rename}>
          <Icon of={Pencil} />
          {t("app.rename")}
        </button>
        <button type="button" onClick={copy}>
          <Icon of={Link} />
          {t("app.copyLink")}
        </button>
        <MoveButtons nav={nav} kind={kind} entry={entry} />
      </div>
      {entry.colour !== undefined && <Colours {...props} />}
      <div className="menu part">
        <DeleteButton {...props} name={name} />
      </div>
    </Popover>
  );
}

function MoveButtons({ nav, kind, entry }: Pick<NavMenuProps, "nav" | "kind" | "entry">) {
  const { t } = useWords();
  const entries = useStore(nav.client.workspace, (state) => entriesOf(state, kind));
  return (
    <>
      <button
        type="button"
        disabled={entries[0]?.id === entry.id}
        onClick={() => moveEntry(nav, kind, entry.id, -1)}
      >
        <Icon of={ArrowUp} />
        {t("nav.moveUp")}
      </button>
      <button
        type="button"
        disabled={entries.at(-1)?.id === entry.id}
        onClick={() => moveEntry(nav, kind, entry.id, 1)}
      >
        <Icon of={ArrowDown} />
        {t("nav.moveDown")}
      </button>
    </>
  );
}

function Colours({ nav, kind, entry }: NavMenuProps) {
  const { t } = useWords();
  const workspace = nav.client.workspace.getState();
  return (
    <fieldset className="swatches" aria-label={t("nav.colour")}>
      {HUES.map((hue) => (
        <button
          key={hue}
          type="button"
          className={`swatch h-${hue}`}
          title={t(`hue.${hue}`)}
          aria-label={t(`hue.${hue}`)}
          aria-pressed={hue === entry.colour}
          onClick={() => KINDS[kind].set(workspace, entry.id, { colour: hue })}
        />
      ))}
    </fieldset>
  );
}

function DeleteButton(props: NavMenuProps & { readonly name: string }) {
  const { nav, kind, entry, isCurrent, onClose, name } = props;
  const { t } = useWords();
  const { client, routes, toasts } = nav;
  const place = { kind, id: entry.id, entity: null } as const;
  const remove = () => {
    onClose();
    const workspace = client.workspace.getState();
    const removed = workspace.together(() => KINDS[kind].remove(workspace, entry.id));
    if (isCurrent) routes.go({ kind: "home" });
    const undo = () => {
      removed.undo();
      if (isCurrent) routes.go(place);
    };
    const text = t(KINDS[kind].words.deleted, { name });
    toasts.setState({ toast: { text, action: { name: t("app.undo"), run: undo } } });
  };
  return (
    <button type="button" className="danger" onClick={remove}>
      <Icon of={Trash2} />
      {t("app.delete")}
    </button>
  );
}
