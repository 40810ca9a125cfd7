/** The editor of an event that is about to be. */

import { useRef, useState } from "react";
import type { When } from "../../store/calendar_types";
import { useCalendar, useDocumentPresence } from "../held";
import { useWords } from "../language";
import { EditorFrame, useClosing } from "./editor_frame";
import type { EventFields } from "./event_fields";
import { EventFormFor } from "./event_form_for";
import type { EditorProps, NewTarget } from "./event_target";
import { createEvent, tellDone } from "./event_undo";

/** Nothing is written until the person is done; one that is left without a title never was. */
export function NewEvent({ client, target, anchor, toasts, onClose }: EditorProps<NewTarget>) {
  const words = useWords();
  const { t } = words;
  const [fields, setFields] = useState(() => emptyFields(target.calendar, target.when));
  const latest = useRef(fields);
  // The one before stays until another one is open: the form, and the focus in it, stay too.
  const calendar = useLast(useCalendar(client, fields.calendar));
  const presence = useLast(useDocumentPresence(client, `calendar/${fields.calendar}`));
  const set = (patch: Partial<EventFields>) => {
    latest.current = { ...latest.current, ...patch };
    setFields(latest.current);
  };
  const create = () => {
    const { undo } = createEvent(client, latest.current);
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
  if (!calendar || !presence) return null;
  return (
    <EditorFrame
      label={t("event.new")}
      anchor={anchor}
      drafts={drafts}
      onEscape={onEscape}
      onClose={() => close(true)}
    >
      <EventFormFor
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
    </EditorFrame>
  );
}

function useLast<T>(value: T | null): T | null {
  const last = useRef(value);
  if (value !== null) last.current = value;
  return last.current;
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
