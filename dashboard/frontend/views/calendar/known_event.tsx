/** The editor of an event that is there: each field counts as soon as it is left. */

import { Trash2 } from "lucide-react";
import { useRef, useState } from "react";
import { useStore } from "zustand";
import type { StoreApi } from "zustand/vanilla";
import type { CalendarState } from "../../store/calendar_types";
import type { PresenceState } from "../../store/types";
import { useCalendar, useDocumentPresence } from "../held";
import { Icon } from "../icons";
import { useWords } from "../language";
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
  const { client, target, anchor, calendar, presence, onClose, readonly: isReadonly } = props;
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
          isReadonly={isReadonly ?? false}
        />
      ) : (
        <p className="event-gone">{words.t("event.isGone")}</p>
      )}
      {isThere && target.recurrenceId !== null && (
        <p className="event-hint">{words.t("event.sharedHint")}</p>
      )}
      {isThere && !isReadonly && (
        <Foot
          isDeleted={event.deleted !== null}
          onDelete={() => void remove()}
          onRestore={() => calendar.getState().restoreEvent(event.id)}
        />
      )}
      {question.dialog}
    </EditorFrame>
  );
}

interface FootProps {
  readonly isDeleted: boolean;
  readonly onDelete: () => void;
  readonly onRestore: () => void;
}

function Foot({ isDeleted, onDelete, onRestore }: FootProps) {
  const { t } = useWords();
  if (isDeleted)
    return (
      <footer className="event-foot">
        <p className="grow quiet">{t("event.isDeleted")}</p>
        <button type="button" className="btn line" onClick={onRestore}>
          {t("event.restore")}
        </button>
      </footer>
    );
  return (
    <footer className="event-foot">
      <button type="button" className="btn danger" onClick={onDelete}>
        <Icon of={Trash2} />
        {t("app.delete")}
      </button>
    </footer>
  );
}
