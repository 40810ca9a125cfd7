/** The form with what it needs of its calendar: who is here, who edits what, the zone of new times. */

import { type FocusEvent, useMemo, useState } from "react";
import { useStore } from "zustand";
import type { StoreApi } from "zustand/vanilla";
import type { CalendarState } from "../../store/calendar_types";
import type { MoimClient, PresenceState } from "../../store/types";
import { useEditing } from "../board/editing";
import { useWords } from "../language";
import { NoteEditor } from "../notes/note_editor";
import type { EventFields, FieldsPatch } from "./event_fields";
import { EventForm } from "./event_form";
import { EventRead } from "./event_read";
import { OthersScope } from "./field_row";
import { ownZone } from "./now";
import { RepeatField } from "./repeat_field";

interface FormProps {
  readonly client: MoimClient;
  readonly calendar: StoreApi<CalendarState>;
  readonly presence: StoreApi<PresenceState>;
  /** The event, when it is there for others too. */
  readonly entity?: string;
  readonly fields: EventFields;
  readonly set: (patch: FieldsPatch) => void;
  readonly onMember: (person: string) => void;
  readonly onEnter: () => void;
  readonly isReadonly?: boolean;
}

export function EventFormFor(props: FormProps) {
  const { presence, calendar, fields, set, isReadonly = false, ...form } = props;
  const entity = props.entity ?? null;
  const { t } = useWords();
  const [field, setField] = useState<string | null>(null);
  useEditing(presence, entity ?? "", entity === null ? null : field);
  const me = useStore(presence, (state) => state.me);
  const people = useStore(presence, (state) => state.people);
  const zone = useStore(calendar, (state) => state.zone) || ownZone();
  const others = useMemo(
    () => people.filter(({ editing }) => entity !== null && editing?.entity === entity),
    [people, entity],
  );
  const onFocus = (event: FocusEvent<HTMLElement>) =>
    setField(event.target.closest<HTMLElement>("[data-field]")?.dataset.field ?? null);
  const notes = entity !== null && (
    <NoteEditor
      client={form.client}
      document={`calendar/${fields.calendar}`}
      path={`events/${entity}/notes`}
      label={t("event.notes")}
      placeholder={isReadonly ? "" : t("event.notesHint")}
      readonly={isReadonly}
    />
  );
  if (isReadonly)
    return (
      <OthersScope value={others}>
        <div className="event-body">
          <EventRead client={form.client} fields={fields} notes={notes} />
        </div>
      </OthersScope>
    );
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
          notes={notes}
        />
      </fieldset>
    </OthersScope>
  );
}
