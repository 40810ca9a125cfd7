/** The event editor: a popover beside what was clicked; on a phone a sheet from below. */

import { Trash2, X } from "lucide-react";
import { type FocusEvent, type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { useStore } from "zustand";
import type { StoreApi } from "zustand/vanilla";
import type { CalendarEvent, CalendarState, When } from "../../store/calendar_types";
import type { MoimClient, PresenceState } from "../../store/types";
import { useEditing } from "../board/editing";
import { useCalendar, useDocumentPresence } from "../held";
import { Icon } from "../icons";
import { useWords } from "../language";
import { Popover, placeAside } from "../popover";
import type { ToastState } from "../toast";
import { DraftScope, Drafts } from "./drafts";
import {
  concernsSeries,
  type EventFields,
  type FieldsPatch,
  fieldsOf,
  isSeries,
} from "./event_fields";
import { EventForm } from "./event_form";
import { createEvent, deleteEvent, moveEvent, tellDone } from "./event_undo";
import { OthersScope } from "./field_row";
import { RepeatField } from "./repeat_field";
import { applyToSeries, type SeriesPatch, useScopeQuestion } from "./scope";
import { hereZone } from "./zones";

export type EventTarget =
  | { readonly kind: "new"; readonly calendar: string; readonly when: When }
  | {
      readonly kind: "event";
      readonly calendar: string;
      readonly event: string;
      /** Which one of a series; null: the event does not repeat, or the series as a whole. */
      readonly recurrenceId: string | null;
    };

interface EventEditorProps {
  readonly client: MoimClient;
  readonly target: EventTarget;
  readonly anchor: Element;
  readonly toasts: StoreApi<ToastState>;
  readonly onClose: () => void;
}

type Known = Extract<EventTarget, { kind: "event" }>;

export function EventEditor({ target, ...props }: EventEditorProps) {
  if (target.kind === "new") return <NewEvent {...props} target={target} />;
  return <KnownEvent {...props} target={target} />;
}

interface NewEventProps extends Omit<EventEditorProps, "target"> {
  readonly target: Extract<EventTarget, { kind: "new" }>;
}

/** Nothing is written until the person is done; one that is left without a title never was. */
function NewEvent({ client, target, anchor, toasts, onClose }: NewEventProps) {
  const words = useWords();
  const { t } = words;
  const [fields, setFields] = useState(() => emptyFields(target.calendar, target.when));
  const latest = useRef(fields);
  const calendar = useCalendar(client, fields.calendar);
  const presence = useDocumentPresence(client, `calendar/${fields.calendar}`);
  const set = (patch: Partial<EventFields>) => {
    latest.current = { ...latest.current, ...patch };
    setFields(latest.current);
  };
  const create = () => {
    if (!calendar) return;
    const { undo } = createEvent(calendar, latest.current);
    tellDone({ toasts, words }, "event.created", latest.current.title, undo);
  };
  const { close, drafts, onEscape } = useClosing((isKept) => {
    if (isKept && latest.current.title !== "") create();
    onClose();
  });
  const finish = () => {
    drafts.keepAll();
    if (latest.current.title === "") create();
    close(true);
  };
  return (
    <Editor
      label={t("event.new")}
      anchor={anchor}
      drafts={drafts}
      onEscape={onEscape}
      onClose={() => close(true)}
    >
      <Form
        client={client}
        presence={presence}
        fields={fields}
        set={set}
        onMember={(person) => set({ members: toggled(latest.current.members, person) })}
        onEnter={() => close(true)}
        calendar={calendar}
      />
      <footer className="event-foot">
        <span className="grow" />
        <button type="button" className="btn" onClick={() => close(false)}>
          {t("app.cancel")}
        </button>
        <button type="button" className="btn main" onClick={finish}>
          {t("event.create")}
        </button>
      </footer>
    </Editor>
  );
}

interface KnownEventProps extends Omit<EventEditorProps, "target"> {
  readonly target: Known;
}

function KnownEvent({ target: asked, ...props }: KnownEventProps) {
  const [target, setTarget] = useState(asked);
  const calendar = useCalendar(props.client, target.calendar);
  const presence = useDocumentPresence(props.client, `calendar/${target.calendar}`);
  if (!calendar || !presence) return null;
  return (
    <OpenEvent
      {...props}
      target={target}
      calendar={calendar}
      presence={presence}
      onMoved={setTarget}
    />
  );
}

interface OpenEventProps extends KnownEventProps {
  readonly calendar: StoreApi<CalendarState>;
  readonly presence: StoreApi<PresenceState>;
  readonly onMoved: (target: Known) => void;
}

function OpenEvent(props: OpenEventProps) {
  const { client, target, anchor, toasts, calendar, presence, onMoved, onClose } = props;
  const words = useWords();
  const { t } = words;
  const event = useStore(calendar, (state) => state.events[target.event]);
  const exceptions = useStore(calendar, (state) => state.exceptions[target.event]);
  const question = useScopeQuestion();
  const [isLeaving, setLeaving] = useState(false);
  const asking = useRef<Promise<unknown> | null>(null);
  const { close, drafts, onEscape } = useClosing(() => {
    if (!asking.current) return onClose();
    setLeaving(true);
    void asking.current.then(onClose);
  });
  const told = { toasts, words };

  const askAndApply = async (series: CalendarEvent, recurrenceId: string, patch: SeriesPatch) => {
    const scope = await question.ask({ calendar, event: series, recurrenceId, patch });
    if (scope === null) return false;
    const { undo } = applyToSeries(
      calendar.getState(),
      { event: series.id, recurrenceId },
      patch,
      scope,
    );
    const key = patch === "deleted" ? "event.deleted" : "event.seriesChanged";
    tellDone(told, key, series.title, undo);
    return true;
  };
  const ask = (series: CalendarEvent, recurrenceId: string, patch: SeriesPatch) => {
    const answer = askAndApply(series, recurrenceId, patch).finally(() => {
      asking.current = null;
    });
    asking.current = answer;
    return answer;
  };
  const set = ({ calendar: to, ...patch }: FieldsPatch) => {
    if (!event) return;
    if (to !== undefined) {
      const moved = moveEvent(client, target.calendar, event.id, to);
      if (!moved) return;
      tellDone(told, "event.moved", event.title, moved.undo);
      return onMoved({ ...target, calendar: to, event: moved.id });
    }
    const { recurrenceId } = target;
    if (recurrenceId !== null && isSeries(event) && concernsSeries(patch))
      void ask(event, recurrenceId, patch);
    else calendar.getState().setEvent(event.id, patch);
  };
  const remove = async () => {
    if (!event) return;
    if (target.recurrenceId !== null && isSeries(event)) {
      if (await ask(event, target.recurrenceId, "deleted")) close(false);
      return;
    }
    tellDone(told, "event.deleted", event.title, deleteEvent(calendar, event.id).undo);
    close(false);
  };

  if (isLeaving) return question.dialog;
  if (!event) return null;
  const fields = fieldsOf(target.calendar, event, target.recurrenceId, exceptions);
  return (
    <Editor
      label={fields.title || t("event.untitled")}
      anchor={anchor}
      drafts={drafts}
      onEscape={onEscape}
      onClose={() => close(true)}
    >
      <Form
        client={client}
        presence={presence}
        entity={event.id}
        fields={fields}
        set={set}
        onMember={(person) => calendar.getState().toggleMember(event.id, person)}
        onEnter={() => undefined}
        calendar={calendar}
      />
      <footer className="event-foot">
        {event.deleted ? (
          <>
            <p className="grow quiet">{t("event.isDeleted")}</p>
            <button
              type="button"
              className="btn line"
              onClick={() => calendar.getState().restoreEvent(event.id)}
            >
              {t("event.restore")}
            </button>
          </>
        ) : (
          <button type="button" className="btn danger" onClick={() => void remove()}>
            <Icon of={Trash2} />
            {t("app.delete")}
          </button>
        )}
      </footer>
      {question.dialog}
    </Editor>
  );
}

interface FormProps {
  readonly client: MoimClient;
  readonly presence: StoreApi<PresenceState> | null;
  /** The event, when it is there for others too. */
  readonly entity?: string;
  readonly fields: EventFields;
  readonly set: (patch: FieldsPatch) => void;
  readonly onMember: (person: string) => void;
  readonly onEnter: () => void;
  readonly calendar: StoreApi<CalendarState> | null;
}

function Form({ presence, calendar, entity, ...form }: FormProps) {
  if (!presence || !calendar) return null;
  return <OpenForm {...form} presence={presence} calendar={calendar} entity={entity ?? null} />;
}

interface OpenFormProps extends Omit<FormProps, "entity"> {
  readonly presence: StoreApi<PresenceState>;
  readonly calendar: StoreApi<CalendarState>;
  readonly entity: string | null;
}

function OpenForm({ presence, calendar, entity, fields, set, ...form }: OpenFormProps) {
  const [field, setField] = useState<string | null>(null);
  useEditing(presence, entity ?? "", entity === null ? null : field);
  const me = useStore(presence, (state) => state.me);
  const people = useStore(presence, (state) => state.people);
  const zone = useStore(calendar, (state) => state.zone) || hereZone();
  const others = useMemo(
    () => people.filter(({ editing }) => entity !== null && editing?.entity === entity),
    [people, entity],
  );
  const onFocus = (event: FocusEvent<HTMLElement>) =>
    setField(event.target.closest<HTMLElement>("[data-field]")?.dataset.field ?? null);
  return (
    <OthersScope value={others}>
      <fieldset className="event-body" onFocus={onFocus} onBlur={() => setField(null)}>
        <EventForm
          {...form}
          me={me}
          fields={fields}
          zone={zone}
          set={set}
          repeat={
            <RepeatField
              when={fields.when}
              rule={fields.rule}
              isExotic={fields.isExotic}
              isNew={entity === null}
              onChange={(rule) => set({ rule })}
            />
          }
          notes={null}
        />
      </fieldset>
    </OthersScope>
  );
}

interface EditorProps {
  readonly label: string;
  readonly anchor: Element;
  readonly drafts: Drafts;
  readonly onEscape: () => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

function Editor({ label, anchor, drafts, onEscape, onClose, children }: EditorProps) {
  const { t } = useWords();
  return (
    <DraftScope value={drafts}>
      <Popover
        anchor={anchor}
        label={label}
        onClose={onClose}
        className="event-pop"
        place={placeAside}
      >
        <div
          className="event-editor"
          onKeyDownCapture={(event) => {
            if (event.key === "Escape" && closesEditor(event.target as Element)) onEscape();
          }}
        >
          <i className="grab" aria-hidden="true" />
          <button
            type="button"
            className="ib event-close"
            aria-label={t("app.close")}
            title={t("app.close")}
            onClick={onClose}
          >
            <Icon of={X} />
          </button>
          {children}
        </div>
      </Popover>
    </DraftScope>
  );
}

/** Escape in the question about a series, or in an open list, belongs to those. */
function closesEditor(target: Element): boolean {
  return target.closest('dialog, [role="combobox"][aria-expanded="true"]') === null;
}

/** Closes once: what stands typed in the fields is kept first, unless Escape dropped it. */
function useClosing(onDone: (isKept: boolean) => void) {
  const [drafts] = useState(() => new Drafts());
  const isClosed = useRef(false);
  const isEscaped = useRef(false);
  useEffect(() => {
    isClosed.current = false;
  }, []);
  const close = (isKept: boolean) => {
    if (isClosed.current) return;
    isClosed.current = true;
    const keeps = isKept && !isEscaped.current;
    if (keeps) drafts.keepAll();
    onDone(keeps);
  };
  const onEscape = () => {
    isEscaped.current = true;
    drafts.dropAll();
  };
  return { close, drafts, onEscape };
}

function emptyFields(calendar: string, when: When): EventFields {
  return {
    calendar,
    title: "",
    when,
    rule: null,
    isExotic: false,
    location: null,
    url: null,
    status: null,
    members: [],
  };
}

function toggled(members: readonly string[], person: string): readonly string[] {
  return members.includes(person)
    ? members.filter((member) => member !== person)
    : [...members, person];
}
