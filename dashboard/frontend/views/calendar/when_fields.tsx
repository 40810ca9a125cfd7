/** When an event takes place: all day or not, its two ends, and its zone where that matters. */

import { Globe } from "lucide-react";
import { type KeyboardEvent, useId, useState } from "react";
import { inZone } from "../../core/recurrence";
import type { When } from "../../store/calendar_types";
import { Icon } from "../icons";
import { useWords } from "../language";
import { Problem } from "./draft_field";
import { useDraft } from "./drafts";
import { type Times, timesOf, whenOf, withAllDay, withStart } from "./event_times";
import { FieldRow } from "./field_row";
import { whenWords } from "./moment_words";
import { ownZone } from "./now";
import { ZoneField } from "./zone_field";

interface WhenFieldsProps {
  readonly when: When;
  /** The zone of a time that was all day until now. */
  readonly zone: string;
  readonly onChange: (when: When) => void;
}

export function WhenFields({ when, zone, onChange }: WhenFieldsProps) {
  const { t, language } = useWords();
  const [isTold, setTold] = useState(false);
  const [asksZone, setAsksZone] = useState(false);
  const set = (next: Times): boolean => {
    const kept = whenOf(next);
    setTold(true);
    if (typeof kept === "string") return false;
    if (String(kept) !== String(when)) onChange(kept);
    return true;
  };
  const { shown: times, type, keep } = useDraft(timesOf(when), set);
  const typed = whenOf(times);
  const problem = isTold && typeof typed === "string" ? typed : null;
  const note = useId();
  /** A choice is kept at once, together with what was typed beside it. */
  const choose = (next: Times) => {
    type(next);
    keep();
  };
  const start = (name: "firstDay" | "from") =>
    input(times[name], (value) => type(withStart(times, { [name]: value })), keep);
  const end = (name: "lastDay" | "to") => ({
    ...input(times[name], (value) => type({ ...times, [name]: value }), keep),
    "aria-invalid": problem !== null,
    "aria-describedby": problem ? note : undefined,
  });
  const showsZone = !times.allDay && (asksZone || times.zone !== ownZone());

  return (
    <div className="when" data-field="when">
      <FieldRow field="when" title={t("event.starts")} className="ends">
        <input type="date" aria-label={t("event.startDay")} {...start("firstDay")} />
        {!times.allDay && (
          <input type="time" aria-label={t("event.startTime")} {...start("from")} />
        )}
      </FieldRow>
      <FieldRow field={null} title={t("event.ends")} className="ends">
        <input type="date" aria-label={t("event.endDay")} {...end("lastDay")} />
        {!times.allDay && <input type="time" aria-label={t("event.endTime")} {...end("to")} />}
        {problem && <Problem id={note} of={problem} />}
      </FieldRow>
      <FieldRow field={null} title="">
        <label className="tick">
          <input
            type="checkbox"
            className="check"
            checked={times.allDay}
            onChange={(event) => choose(withAllDay(times, event.target.checked, zone))}
          />
          {t("event.allDay")}
        </label>
        {!times.allDay && !showsZone && (
          <button type="button" className="btn quiet s" onClick={() => setAsksZone(true)}>
            <Icon of={Globe} />
            {t("event.zone")}
          </button>
        )}
      </FieldRow>
      {showsZone && (
        <FieldRow field={null} title={t("event.zone")}>
          <ZoneField
            zone={times.zone}
            at={dayOf(times)}
            onChoose={(chosen) => choose({ ...times, zone: chosen })}
          />
          {typeof typed !== "string" && typed[2] !== "" && typed[2] !== ownZone() && (
            <p className="here-time">
              {t("event.hereTime", {
                when: whenWords(inZone(typed, ownZone()), typed[0], language),
              })}
            </p>
          )}
        </FieldRow>
      )}
    </div>
  );
}

function dayOf({ firstDay }: Times): Date {
  const at = new Date(`${firstDay}T12:00Z`);
  return Number.isNaN(at.getTime()) ? new Date() : at;
}

/** A native field whose value is kept with Enter or on leaving: years are typed digit by digit. */
function input(value: string, onTyped: (value: string) => void, onDone: () => void) {
  return {
    className: "in num",
    max: "9999-12-31",
    value,
    onChange: (event: { target: { value: string } }) => onTyped(event.target.value),
    onBlur: onDone,
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      onDone();
    },
  };
}
