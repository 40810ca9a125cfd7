/** The fields of the event editor, from the title down. */

import { ExternalLink } from "lucide-react";
import type { ReactNode } from "react";
import { useStore } from "zustand";
import type { Member, MoimClient } from "../../store/types";
import { Icon } from "../icons";
import { useWords } from "../language";
import { FieldNotices } from "../notices/field_notices";
import { DraftField } from "./draft_field";
import {
  type EventFields,
  type FieldsPatch,
  STATUS_WORDS,
  STATUSES,
  textOf,
  urlOf,
} from "./event_fields";
import { FieldRow, OtherFlag, useOther } from "./field_row";
import { PeopleField } from "./people_field";
import { WhenFields } from "./when_fields";

interface EventFormProps {
  readonly client: MoimClient;
  readonly me: Member | null;
  readonly fields: EventFields;
  /** The zone of new times. */
  readonly zone: string;
  readonly set: (patch: FieldsPatch) => void;
  readonly onMember: (person: string) => void;
  /** Enter in the title. */
  readonly onEnter: () => void;
  readonly repeat: ReactNode;
  readonly notes: ReactNode;
}

export function EventForm(props: EventFormProps) {
  const { client, me, fields, zone, set, onMember, repeat, notes } = props;
  const { t } = useWords();
  return (
    <div className="event-fields">
      <TitleField {...props} />
      <WhenFields when={fields.when} zone={zone} onChange={(when) => set({ when })} />
      <FieldRow field="rule" title={t("repeat.title")}>
        {repeat}
      </FieldRow>
      <CalendarField {...props} />
      <FieldRow field="location" title={t("event.location")}>
        <DraftField
          value={fields.location ?? ""}
          label={t("event.location")}
          placeholder={t("event.locationHint")}
          maxLength={500}
          onTyped={(typed) => {
            set({ location: textOf(typed) });
            return null;
          }}
        />
      </FieldRow>
      <UrlField {...props} />
      <FieldRow field="members" title={t("event.people")}>
        <PeopleField client={client} me={me} members={fields.members} onToggle={onMember} />
      </FieldRow>
      <StatusField {...props} />
      {notes && (
        <FieldRow field="notes" title={t("event.notes")}>
          {notes}
        </FieldRow>
      )}
    </div>
  );
}

type PartProps = Pick<EventFormProps, "client" | "fields" | "set" | "onEnter">;

function TitleField({ fields, set, onEnter }: PartProps) {
  const { t } = useWords();
  const other = useOther("title");
  return (
    <div className={`event-title${other ? ` other p-${other.colour}` : ""}`} data-field="title">
      <DraftField
        autoFocused
        className="in title"
        value={fields.title}
        label={t("event.title")}
        placeholder={t("event.titleHint")}
        maxLength={500}
        onTyped={(typed) => {
          set({ title: typed.trim() });
          return null;
        }}
        onEnter={onEnter}
      />
      {other && <OtherFlag person={other} />}
      <FieldNotices field="title" isNamed />
    </div>
  );
}

function CalendarField({ client, fields, set }: PartProps) {
  const { t } = useWords();
  const calendars = useStore(client.workspace, (state) => state.calendars);
  const chosen = calendars.find(({ id }) => id === fields.calendar);
  return (
    <FieldRow field="calendar" title={t("event.calendar")}>
      <span className={`choose h-${chosen?.colour ?? "blue"}`}>
        <i className="sq" />
        <select
          className="in"
          aria-label={t("event.calendar")}
          value={fields.calendar}
          onChange={(event) => set({ calendar: event.target.value })}
        >
          {!chosen && <option value={fields.calendar}>{fields.calendar}</option>}
          {calendars.map(({ id, name }) => (
            <option key={id} value={id}>
              {name || t("nav.untitled")}
            </option>
          ))}
        </select>
      </span>
    </FieldRow>
  );
}

function UrlField({ fields, set }: PartProps) {
  const { t } = useWords();
  const isLink = typeof urlOf(fields.url ?? "") === "string";
  return (
    <FieldRow field="url" title={t("event.url")}>
      <DraftField
        value={fields.url ?? ""}
        label={t("event.url")}
        placeholder="https://"
        inputMode="url"
        maxLength={2000}
        onTyped={(typed) => {
          const url = urlOf(typed);
          if (url === undefined) return "event.badUrl";
          set({ url });
          return null;
        }}
      />
      {fields.url !== null && isLink && (
        <a
          className="ib"
          href={fields.url}
          target="_blank"
          rel="noopener noreferrer"
          aria-label={t("event.openUrl")}
          title={t("event.openUrl")}
        >
          <Icon of={ExternalLink} />
        </a>
      )}
    </FieldRow>
  );
}

function StatusField({ fields, set }: PartProps) {
  const { t } = useWords();
  return (
    <FieldRow field="status" title={t("event.status")}>
      <span className="seg choices">
        {STATUSES.map((one) => (
          <button
            key={one}
            type="button"
            aria-pressed={(fields.status ?? "confirmed") === one}
            onClick={() => set({ status: one })}
          >
            {t(STATUS_WORDS[one])}
          </button>
        ))}
      </span>
    </FieldRow>
  );
}
