/** An event as those see it who may only look: what it says, and no control. */

import type { ReactNode } from "react";
import { useStore } from "zustand";
import type { Member, MoimClient } from "../../store/types";
import { useWords } from "../language";
import { Avatar } from "../people";
import { useToday } from "../today";
import { type EventFields, STATUS_WORDS, urlOf } from "./event_fields";
import { FieldRow } from "./field_row";
import { whenWords } from "./moment_words";
import { describeRule } from "./rule_words";

interface EventReadProps {
  readonly client: MoimClient;
  readonly fields: EventFields;
  readonly notes: ReactNode;
}

export function EventRead({ client, fields, notes }: EventReadProps) {
  const words = useWords();
  const { t, language } = words;
  const today = useToday();
  const calendars = useStore(client.workspace, (state) => state.calendars);
  const { title, when, rule, isExotic, location, url, status } = fields;
  const calendar = calendars.find(({ id }) => id === fields.calendar);
  return (
    <div className="event-fields read">
      <h2 className="event-title in title">{title || t("event.untitled")}</h2>
      <FieldRow field="when" title={t("field.when")}>
        {whenWords(when, today, language)}
        {when[2] !== "" && <span className="quiet">{when[2]}</span>}
      </FieldRow>
      {(rule !== null || isExotic) && (
        <FieldRow field="rule" title={t("repeat.title")}>
          {isExotic || rule === null ? t("repeat.foreign") : describeRule(rule, when, words)}
        </FieldRow>
      )}
      <FieldRow field="calendar" title={t("event.calendar")}>
        <span className={`row h-${calendar?.colour ?? "blue"}`}>
          <i className="sq" />
          {calendar?.name ?? fields.calendar}
        </span>
      </FieldRow>
      {location && (
        <FieldRow field="location" title={t("event.location")}>
          {location}
        </FieldRow>
      )}
      {url !== null && typeof urlOf(url) === "string" && (
        <FieldRow field="url" title={t("event.url")}>
          <a href={url} target="_blank" rel="noopener noreferrer">
            {url}
          </a>
        </FieldRow>
      )}
      <People client={client} members={fields.members} />
      {status !== null && status !== "confirmed" && (
        <FieldRow field="status" title={t("event.status")}>
          {t(STATUS_WORDS[status])}
        </FieldRow>
      )}
      {notes}
    </div>
  );
}

interface PeopleProps {
  readonly client: MoimClient;
  readonly members: readonly string[];
}

function People({ client, members }: PeopleProps) {
  const { t } = useWords();
  const known = useStore(client.workspace, (state) => state.members);
  const people = members.flatMap((id): readonly Member[] => (known[id] ? [known[id]] : []));
  if (people.length === 0) return null;
  return (
    <FieldRow field="members" title={t("event.people")}>
      {people.map((person) => (
        <span key={person.id} className="person-name">
          <Avatar person={person} />
          {person.name}
        </span>
      ))}
    </FieldRow>
  );
}
