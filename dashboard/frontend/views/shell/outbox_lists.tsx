/** The lists behind the pill: fields set twice, edits not accepted, edits that wait. */

import {
  CalendarDays,
  CornerDownRight,
  type LucideIcon,
  Pencil,
  Plus,
  Trash2,
  Type,
} from "lucide-react";
import type { ReactNode } from "react";
import { useStore } from "zustand";
import type { ConflictNotice, MoimClient, OutboxItem, RefusedEdit } from "../../store/types";
import { Icon } from "../icons";
import { useWords } from "../language";
import { ConflictNote } from "../notices/conflict_note";
import { cardOf, useAnyState, useKnown, whereWords } from "../notices/document_state";
import { editWords } from "../notices/edit_words";
import { atWords } from "../notices/moment";
import { refusedPaths } from "../notices/read";
import { RefusedNote } from "../notices/refused_note";
import { entityOfPaths, placeOfRegister, registerOf } from "../notices/registers";
import { useToday } from "../today";
import type { OutboxProps } from "./outbox";
import { addressOf } from "./route";

const MOST_SHOWN = 50;

interface SectionProps {
  /** null: the list's own head says it. */
  readonly title: string | null;
  readonly name: string;
  readonly children: ReactNode;
}

function Section({ title, name, children }: SectionProps) {
  return (
    <section className="ob-part" data-part={name}>
      {title !== null && <h3>{title}</h3>}
      {children}
    </section>
  );
}

/** The newest first, and only so many that a long time away stays readable. */
function newest<T>(all: readonly T[]): readonly T[] {
  return all.slice(-MOST_SHOWN).reverse();
}

function More({ all }: { readonly all: readonly unknown[] }) {
  const { t } = useWords();
  if (all.length <= MOST_SHOWN) return null;
  return <p className="mute ob-more">{t("outbox.more", { n: all.length - MOST_SHOWN })}</p>;
}

type ListProps = Omit<OutboxProps, "anchor">;

export function ConflictList(props: ListProps & { readonly conflicts: readonly ConflictNotice[] }) {
  const { client, toasts, conflicts } = props;
  const { t } = useWords();
  if (conflicts.length === 0) return null;
  return (
    <Section title={t("conflict.list", { n: conflicts.length })} name="conflicts">
      {newest(conflicts).map((conflict) => (
        <div key={conflict.id} data-moim="conflict-entry" data-id={conflict.id}>
          <ConflictNote client={client} toasts={toasts} conflict={conflict}>
            <Where {...props} document={conflict.document} paths={[conflict.path]} />
          </ConflictNote>
        </div>
      ))}
      <More all={conflicts} />
    </Section>
  );
}

export function RefusedList(props: ListProps & { readonly refused: readonly RefusedEdit[] }) {
  const { client, toasts, refused } = props;
  const { t } = useWords();
  if (refused.length === 0) return null;
  return (
    <Section title={t("refused.list", { n: refused.length })} name="refused">
      {newest(refused).map((edit) => (
        <div key={edit.key} data-moim="refused-entry" data-id={edit.key}>
          <RefusedNote client={client} toasts={toasts} edit={edit}>
            <Where
              {...props}
              document={edit.document}
              paths={refusedPaths(edit)}
              atMs={edit.atMs}
            />
          </RefusedNote>
        </div>
      ))}
      <More all={refused} />
    </Section>
  );
}

interface WaitingListProps extends ListProps {
  readonly outbox: readonly OutboxItem[];
  /** True: nothing else is listed. */
  readonly isAlone: boolean;
}

export function WaitingList({ isAlone, ...props }: WaitingListProps) {
  const { outbox } = props;
  const { t } = useWords();
  if (outbox.length === 0) return null;
  return (
    <Section title={isAlone ? null : t("outbox.waiting", { n: outbox.length })} name="waiting">
      <ul className="ob">
        {newest(outbox).map((item) => (
          <Waiting
            key={`${item.document} ${item.atMs} ${item.touched.join()}`}
            {...props}
            item={item}
          />
        ))}
      </ul>
      <More all={outbox} />
    </Section>
  );
}

function Waiting(props: ListProps & { readonly item: OutboxItem }) {
  const { client, item } = props;
  const state = useAnyState(client, item.document);
  const known = useKnown(client, state);
  return (
    <li data-moim="unsent">
      <Icon of={iconOf(item)} size={16} />
      <span className="grow">
        {editWords(item, known)}
        <Where {...props} document={item.document} paths={item.touched} />
      </span>
      <time className="mute num">{atWords(item.atMs, known.today, known.words.language)}</time>
    </li>
  );
}

const ICONS: Readonly<Record<string, LucideIcon>> = {
  due: CalendarDays,
  start: CalendarDays,
  when: CalendarDays,
  place: CornerDownRight,
  notes: Type,
  text: Type,
  body: Type,
  deleted: Trash2,
};

function iconOf({ document, touched }: OutboxItem): LucideIcon {
  const [first = ""] = touched;
  const { field } = registerOf(document, first);
  return field === null ? Plus : (ICONS[field] ?? Pencil);
}

interface WhereProps extends Pick<ListProps, "onClose" | "onGo"> {
  readonly client: MoimClient;
  readonly document: string;
  readonly paths: readonly string[];
  readonly atMs?: number;
}

/** Where an edit lies, as a link to it; and when it was made. */
function Where({ client, document, paths, atMs, onGo, onClose }: WhereProps) {
  const words = useWords();
  const today = useToday();
  const state = useAnyState(client, document);
  const workspace = useStore(client.workspace);
  const entity = entityOfPaths(paths);
  const register = registerOf(document, entity ?? "");
  const text = whereWords(document, entity, state, workspace, words);
  const place = placeOfRegister(register, cardOf(register, state));
  return (
    <span className="mute place">
      {onGo && place ? (
        <a
          href={addressOf(place)}
          onClick={(event) => {
            event.preventDefault();
            onClose();
            onGo(place);
          }}
        >
          {text}
        </a>
      ) : (
        text
      )}
      {atMs !== undefined && (
        <span className="num">{` · ${atWords(atMs, today, words.language)}`}</span>
      )}
    </span>
  );
}
