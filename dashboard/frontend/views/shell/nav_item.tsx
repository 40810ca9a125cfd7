/** One line of the navigation: a document, who is in it, and how it is renamed and moved. */

import { Ellipsis, FileText } from "lucide-react";
import { type KeyboardEvent, type MouseEvent, useRef, useState } from "react";
import { useStore } from "zustand";
import type { EntryKind, Person } from "../../store/types";
import type { CalendarFrame } from "../calendar/frame";
import { Icon } from "../icons";
import { useWords } from "../language";
import { NameField } from "../name_field";
import { Avatar } from "../people";
import { type Entry, entriesOf, KINDS } from "./entries";
import { NavMenu } from "./nav_menu";
import { addressOf } from "./route";
import type { NavContext } from "./side_nav";

const MOST_FACES = 3;

export interface NavItemProps {
  readonly nav: NavContext;
  readonly kind: EntryKind;
  readonly entry: Entry;
  readonly isCurrent: boolean;
  readonly people: readonly Person[];
  readonly isRenaming: boolean;
  readonly isEditor: boolean;
  readonly onRename: (on: boolean) => void;
}

export function NavItem(props: NavItemProps) {
  const { nav, kind, entry, isRenaming, onRename } = props;
  const { t } = useWords();
  const [menu, setMenu] = useState<Element | null>(null);
  const name = entry.name || t("nav.untitled");
  if (isRenaming) return <RenamedItem {...props} />;
  return (
    <div className={`ni-row ${kind}`}>
      {kind === "calendar" && <ShownSwitch frame={nav.calendarFrame} entry={entry} name={name} />}
      <ItemLink {...props} name={name} />
      {props.isEditor && (
        <button
          type="button"
          className="ib s ni-more"
          aria-haspopup="dialog"
          aria-label={t("nav.menu", { name })}
          onClick={(event) => setMenu(event.currentTarget)}
        >
          <Icon of={Ellipsis} />
        </button>
      )}
      {menu && (
        <NavMenu
          nav={nav}
          kind={kind}
          entry={entry}
          isCurrent={props.isCurrent}
          anchor={menu}
          onClose={() => setMenu(null)}
          onRename={() => onRename(true)}
        />
      )}
    </div>
  );
}

function RenamedItem({ nav, kind, entry, onRename }: NavItemProps) {
  const { t } = useWords();
  const rename = (wanted: string | null) => {
    if (wanted !== null)
      KINDS[kind].set(nav.client.workspace.getState(), entry.id, { name: wanted });
    onRename(false);
  };
  return (
    <div className={`ni-row ${kind}`}>
      <div className="ni">
        <ItemMark kind={kind} entry={entry} />
        <NameField value={entry.name} label={t(KINDS[kind].words.name)} onDone={rename} />
      </div>
    </div>
  );
}

function ItemLink(props: NavItemProps & { readonly name: string }) {
  const { nav, kind, entry, name, isCurrent, people, isEditor, onRename } = props;
  const link = useRef<HTMLAnchorElement>(null);
  const place = { kind, id: entry.id, entity: null } as const;
  const onClick = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    nav.routes.go(place);
    nav.onChosen();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.altKey ? { ArrowUp: -1, ArrowDown: 1 }[event.key] : undefined;
    if (!isEditor) return;
    if (event.key === "F2") onRename(true);
    else if (step !== undefined) {
      moveEntry(nav, kind, entry.id, step);
      requestAnimationFrame(() => link.current?.focus());
    } else return;
    event.preventDefault();
  };
  return (
    <a
      ref={link}
      className="ni"
      href={addressOf(place)}
      aria-current={isCurrent ? "page" : undefined}
      onClick={onClick}
      onDoubleClick={() => isEditor && onRename(true)}
      onKeyDown={onKeyDown}
    >
      <ItemMark kind={kind} entry={entry} />
      <span className="clip">{name}</span>
      <NavFaces people={people} />
    </a>
  );
}

/** A calendar's mark is its switch, which stands before the link. */
function ItemMark({ kind, entry }: Pick<NavItemProps, "kind" | "entry">) {
  if (kind === "page") return <Icon of={FileText} size={16} />;
  if (kind === "project") return <i className={`sq h-${entry.colour}`} />;
  return null;
}

interface ShownSwitchProps {
  readonly frame: CalendarFrame;
  readonly entry: Entry;
  readonly name: string;
}

/** Shows or hides a calendar's events, in this browser only. */
function ShownSwitch({ frame, entry, name }: ShownSwitchProps) {
  const { t } = useWords();
  const document = `calendar/${entry.id}`;
  const isHidden = useStore(frame, (state) => state.hidden.includes(document));
  const toggle = () => {
    const { hidden } = frame.getState();
    const others = hidden.filter((other) => other !== document);
    frame.setState({ hidden: isHidden ? others : [...others, document] });
  };
  return (
    <label className={`ni-check h-${entry.colour}`}>
      <input
        type="checkbox"
        className="check hue"
        checked={!isHidden}
        aria-label={t("nav.showCalendar", { name })}
        onChange={toggle}
      />
    </label>
  );
}

function NavFaces({ people }: { readonly people: readonly Person[] }) {
  if (people.length === 0) return null;
  const shown = people.length > MOST_FACES ? people.slice(0, MOST_FACES - 1) : people;
  const rest = people.slice(shown.length).map((person) => person.name);
  return (
    <span className="avs">
      {shown.map((person) => (
        <span key={person.id} className="face" data-moim="nav-face" data-id={person.id}>
          <Avatar person={person} idle={person.idle} />
        </span>
      ))}
      {rest.length > 0 && (
        <span className="av more num" title={rest.join(", ")}>
          +{rest.length}
        </span>
      )}
    </span>
  );
}

/** One step up or down among its kind; nothing beyond the ends. */
export function moveEntry({ client }: NavContext, kind: EntryKind, id: string, step: number): void {
  const workspace = client.workspace.getState();
  const ids = entriesOf(workspace, kind).map((entry) => entry.id);
  const to = ids.indexOf(id) + step;
  if (to < 0 || to >= ids.length) return;
  const others = ids.filter((other) => other !== id);
  workspace.move(kind, id, others[to] ?? null);
}
