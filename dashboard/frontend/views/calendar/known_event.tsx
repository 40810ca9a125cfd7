/** The editor of an event that is there: each field counts as soon as it is left. */

import { Trash2 } from "lucide-react";
import { useMemo, useRef, useState } from "react";
import { useStore } from "zustand";
import type { StoreApi } from "zustand/vanilla";
import type { CalendarState } from "../../store/calendar_types";
import type { PresenceState } from "../../store/types";
import { useCalendar, useDocumentPresence } from "../held";
import { Icon } from "../icons";
import { useWords } from "../language";
import { DeletionBar } from "../notices/deletion_bar";
import { type NoticePlace, NoticeScope } from "../notices/read";
import { useMayEdit } from "../role";
import { EditorFrame, useClosing } from "./editor_frame";
import { type EventChanges, removeEvent, setFields } from "./event_changes";
import { fieldsOf, takesPlace } from "./event_fields";
import { EventFormFor } from "./event_form_for";
import type { EditorProps, KnownTarget } from "./event_target";
import { type SeriesChange, useScopeQuestion } from "./scope";

export function KnownEvent({ target: asked, ...props }: EditorProps<KnownTarget>) {
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

interface OpenEventProps extends EditorProps<KnownTarget> {
  readonly calendar: StoreApi<CalendarState>;
  readonly presence: StoreApi<PresenceState>;
  readonly onMoved: (target: KnownTarget) => void;
}

function OpenEvent(props: OpenEventProps) {
  const { client, target, anchor, calendar, presence, onClose, readonly: asReadonly } = props;
  const words = useWords();
  const event = useStore(calendar, (state) => state.events[target.event]);
  const exceptions = useStore(calendar, (state) => state.exceptions[target.event]);
  const question = useScopeQuestion();
  const [isLeaving, setLeaving] = useState(false);
  const asking = useRef<Promise<unknown> | null>(null);
  const ask = (change: SeriesChange) => {
    const answer = question.ask(change).finally(() => {
      asking.current = null;
    });
    asking.current = answer;
    return answer;
  };
  // What was typed may bring a question up: it outlives the popover, and then all is done.
  const { close, drafts, onEscape } = useClosing(() => {
    if (!asking.current) return onClose();
    setLeaving(true);
    void asking.current.then(onClose);
  });
  const changes: EventChanges = { ...props, words, ask };
  const remove = async () => {
    if (event && (await removeEvent(changes, event))) close(false);
  };

  const place = useMemo<NoticePlace>(
    () => ({ client, toasts: props.toasts, ...noticesOf(target) }),
    [client, props.toasts, target],
  );
  const isEditor = useMayEdit(calendar);
  const isReadonly = asReadonly === true || !isEditor;
  const restore = () => calendar.getState().restoreEvent(target.event);

  if (isLeaving) return question.dialog;
  if (!event) return null;
  const isThere = takesPlace(event, target.recurrenceId, exceptions);
  return (
    <EditorFrame
      label={event.title || words.t("event.untitled")}
      anchor={anchor}
      drafts={drafts}
      onEscape={onEscape}
      onClose={() => close(true)}
    >
      <NoticeScope value={place}>
        <DeletionBar deleted={event.deleted} onRestore={isReadonly ? null : restore} />
        {isThere ? (
          <EventFormFor
            client={client}
            presence={presence}
            entity={event.id}
            fields={fieldsOf(target.calendar, event, target.recurrenceId, exceptions)}
            set={(patch) => setFields(changes, event, patch)}
            onMember={(person) => calendar.getState().toggleMember(event.id, person)}
            onEnter={() => undefined}
            calendar={calendar}
            isReadonly={isReadonly}
          />
        ) : (
          <p className="event-gone">{words.t("event.isGone")}</p>
        )}
      </NoticeScope>
      {isThere && target.recurrenceId !== null && (
        <p className="event-hint">{words.t("event.sharedHint")}</p>
      )}
      {isThere && !isReadonly && event.deleted === null && <Foot onDelete={() => void remove()} />}
      {question.dialog}
    </EditorFrame>
  );
}

/** What the paths of an event's fields begin with; one of a series has its own values too. */
function noticesOf({ calendar, event, recurrenceId }: KnownTarget) {
  const own = recurrenceId === null ? [] : [`exceptions/${event}/${recurrenceId}`];
  return { document: `calendar/${calendar}`, entities: [`events/${event}`, ...own] };
}

function Foot({ onDelete }: { readonly onDelete: () => void }) {
  const { t } = useWords();
  return (
    <footer className="event-foot">
      <button type="button" className="btn danger" onClick={onDelete}>
        <Icon of={Trash2} />
        {t("app.delete")}
      </button>
    </footer>
  );
}
