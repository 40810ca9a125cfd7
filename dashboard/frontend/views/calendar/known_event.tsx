/** The editor of an event that is there: each field counts as soon as it is left. */

import { Trash2 } from "lucide-react";
import { useRef, useState } from "react";
import { useStore } from "zustand";
import type { StoreApi } from "zustand/vanilla";
import type { CalendarEvent, CalendarState } from "../../store/calendar_types";
import type { PresenceState } from "../../store/types";
import { useCalendar, useDocumentPresence } from "../held";
import { Icon } from "../icons";
import { useWords } from "../language";
import { EditorFrame, useClosing } from "./editor_frame";
import { concernsSeries, type FieldsPatch, fieldsOf, isSeries, takesPlace } from "./event_fields";
import { EventFormFor } from "./event_form_for";
import type { EditorProps, KnownTarget } from "./event_target";
import { deleteEvent, moveEvent, tellDone } from "./event_undo";
import { applyToSeries, type SeriesPatch, useScopeQuestion } from "./scope";

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
    const occurrence = { event: series.id, recurrenceId };
    const applied = applyToSeries(calendar.getState(), occurrence, patch, scope);
    const key = patch === "deleted" ? "event.deleted" : "event.changed";
    tellDone(told, key, series.title, applied.undo);
    if (patch !== "deleted") onMoved({ ...target, recurrenceId: null, ...applied.occurrence });
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
    else if (patch.when === undefined) calendar.getState().setEvent(event.id, patch);
    else {
      const state = calendar.getState();
      const { undo } = state.together(() => state.setEvent(event.id, patch));
      tellDone(told, "event.changed", event.title, undo);
    }
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
  if (!takesPlace(event, target.recurrenceId, exceptions))
    return (
      <EditorFrame
        label={event.title}
        anchor={anchor}
        drafts={drafts}
        onEscape={onEscape}
        onClose={() => close(false)}
      >
        <p className="event-gone">{t("event.isGone")}</p>
        {question.dialog}
      </EditorFrame>
    );
  const fields = fieldsOf(target.calendar, event, target.recurrenceId, exceptions);
  return (
    <EditorFrame
      label={fields.title || t("event.untitled")}
      anchor={anchor}
      drafts={drafts}
      onEscape={onEscape}
      onClose={() => close(true)}
    >
      <EventFormFor
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
    </EditorFrame>
  );
}
