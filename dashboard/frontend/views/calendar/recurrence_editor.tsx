/** How often an event takes place: frequency, days, end, and what that gives in words and dates. */

import { type ReactNode, useId, useState } from "react";
import {
  type Frequency,
  LARGEST_COUNT,
  LONGEST_INTERVAL,
  parseRule,
  type RuleParts,
  ruleOf,
  WEEKDAYS,
} from "../../core/rule";
import type { When } from "../../store/calendar_types";
import type { WordKey } from "../language";
import { useWords } from "../language";
import { useToday } from "../today";
import { Problem } from "./draft_field";
import { useDraft } from "./drafts";
import { momentWords, weekdayNames } from "./moment_words";
import {
  endKind,
  monthlyChoices,
  monthlyKey,
  partsFor,
  type RepeatEnd,
  repeatProblem,
  shownDays,
  withDay,
  withEndKind,
} from "./repeat_parts";
import { describeRule, FREQUENCY_NAMES, INTERVALS, monthlyWords } from "./rule_words";
import { imagined, nextWhens } from "./series_dates";

interface RecurrenceEditorProps {
  readonly when: When;
  readonly rule: string | null;
  /** Rules that give no date, or end before they start, are told beside their field instead. */
  readonly onChange: (rule: string | null) => void;
}

const FREQUENCIES: readonly Frequency[] = ["daily", "weekly", "monthly", "yearly"];
const SHOWN = 5;

export function RecurrenceEditor({ when, rule, onChange }: RecurrenceEditorProps) {
  const parts = rule === null ? null : parseRule(rule, when[0]);
  const [refused, setRefused] = useState<{ parts: RuleParts; problem: WordKey } | null>(null);
  if (rule !== null && parts === null)
    return <ForeignRule rule={rule} when={when} onReplace={() => onChange(null)} />;
  const shown = refused?.parts ?? parts;
  const set = (next: RuleParts | null) => {
    const text = next && ruleOf(next);
    const problem = text === null ? null : repeatProblem(next, when, text);
    setRefused(next && problem ? { parts: next, problem } : null);
    if (!problem && text !== rule) onChange(text);
  };
  return (
    <div className="repeat">
      <FrequencyField parts={shown} onChange={set} />
      {shown && (
        <>
          <IntervalField parts={shown} onChange={set} />
          {shown.freq === "weekly" && <DaysField when={when} parts={shown} onChange={set} />}
          {shown.freq === "monthly" && <MonthlyField when={when} parts={shown} onChange={set} />}
          <EndField when={when} parts={shown} onChange={set} problem={refused?.problem ?? null} />
          <Preview when={when} rule={ruleOf(shown)} isRefused={refused !== null} />
        </>
      )}
    </div>
  );
}

interface PartsProps {
  readonly parts: RuleParts;
  readonly onChange: (parts: RuleParts) => void;
}

interface FrequencyFieldProps {
  readonly parts: RuleParts | null;
  readonly onChange: (parts: RuleParts | null) => void;
}

function FrequencyField({ parts, onChange }: FrequencyFieldProps) {
  const { t } = useWords();
  const choose = (value: string) => {
    const freq = FREQUENCIES.find((one) => one === value);
    onChange(freq ? partsFor(freq, parts) : null);
  };
  return (
    <select
      className="in"
      aria-label={t("repeat.title")}
      value={parts?.freq ?? ""}
      onChange={(event) => choose(event.target.value)}
    >
      <option value="">{t("repeat.none")}</option>
      {FREQUENCIES.map((freq) => (
        <option key={freq} value={freq}>
          {t(FREQUENCY_NAMES[freq])}
        </option>
      ))}
    </select>
  );
}

/** Put in for `{field}` of a sentence: where the control stands, in each language's own order. */
const FIELD = "{field}";

function Sentence({ text, children }: { readonly text: string; readonly children: ReactNode }) {
  const [before = "", after = ""] = text.split(FIELD);
  return (
    <span className="repeat-line">
      {before && <span>{before.trim()}</span>}
      {children}
      {after && <span>{after.trim()}</span>}
    </span>
  );
}

function IntervalField({ parts, onChange }: PartsProps) {
  const { t } = useWords();
  return (
    <Sentence text={t(INTERVALS[parts.freq], { n: parts.interval, field: FIELD })}>
      <NumberField
        label={t("repeat.interval")}
        value={parts.interval}
        most={LONGEST_INTERVAL}
        onChange={(interval) => onChange({ ...parts, interval })}
      />
    </Sentence>
  );
}

function DaysField({ when, parts, onChange }: PartsProps & { readonly when: When }) {
  const { t, language } = useWords();
  const shown = shownDays(parts, when[0]);
  const [short, long] = [weekdayNames(language, "narrow"), weekdayNames(language, "long")];
  return (
    <fieldset className="weekdays" aria-label={t("repeat.onDays")}>
      {WEEKDAYS.map((day, index) => (
        <button
          key={day}
          type="button"
          aria-pressed={shown.includes(day)}
          aria-label={long[index]}
          title={long[index]}
          onClick={() => onChange(withDay(parts, day, when[0]))}
        >
          {short[index]}
        </button>
      ))}
    </fieldset>
  );
}

function MonthlyField({ when, parts, onChange }: PartsProps & { readonly when: When }) {
  const words = useWords();
  const { t } = words;
  const choices = monthlyChoices(when[0], parts.monthly);
  return (
    <select
      className="in"
      aria-label={t("repeat.onWhat")}
      value={monthlyKey(parts.monthly)}
      onChange={(event) => {
        const monthly = choices.find((choice) => monthlyKey(choice) === event.target.value);
        if (monthly !== undefined) onChange({ ...parts, monthly });
      }}
    >
      {choices.map((choice) => (
        <option key={monthlyKey(choice)} value={monthlyKey(choice)}>
          {monthlyWords(choice, words, when[0])}
        </option>
      ))}
    </select>
  );
}

interface EndFieldProps extends PartsProps {
  readonly when: When;
  readonly problem: WordKey | null;
}

function EndField({ when, parts, onChange, problem }: EndFieldProps) {
  const { t } = useWords();
  const note = useId();
  const { end } = parts;
  return (
    <>
      <span className="repeat-line ends">
        <select
          className="in"
          aria-label={t("repeat.ends")}
          value={endKind(parts)}
          onChange={(event) =>
            onChange(withEndKind(parts, event.target.value as RepeatEnd, when[0]))
          }
        >
          <option value="never">{t("repeat.endsNever")}</option>
          <option value="until">{t("repeat.endsOn")}</option>
          <option value="count">{t("repeat.endsAfter")}</option>
        </select>
        {end && "until" in end && (
          <UntilField
            value={end.until}
            note={problem ? note : undefined}
            onChange={(until) => onChange({ ...parts, end: { until } })}
          />
        )}
        {end && "count" in end && (
          <Sentence text={t("repeat.times", { n: end.count, field: FIELD })}>
            <NumberField
              label={t("repeat.count")}
              value={end.count}
              most={LARGEST_COUNT}
              onChange={(count) => onChange({ ...parts, end: { count } })}
            />
          </Sentence>
        )}
      </span>
      {problem && <Problem id={note} of={problem} />}
    </>
  );
}

interface UntilFieldProps {
  readonly value: string;
  readonly note: string | undefined;
  readonly onChange: (until: string) => void;
}

function UntilField({ value, note, onChange }: UntilFieldProps) {
  const { t } = useWords();
  const { shown, type, keep } = useDraft(value, (typed) => {
    if (typed !== "") onChange(typed);
    return true;
  });
  return (
    <input
      type="date"
      className="in num"
      aria-label={t("repeat.lastDay")}
      aria-invalid={note !== undefined}
      aria-describedby={note}
      max="9999-12-31"
      value={shown}
      onChange={(event) => type(event.target.value)}
      onBlur={keep}
      onKeyDown={(event) => {
        if (event.key !== "Enter") return;
        event.preventDefault();
        keep();
      }}
    />
  );
}

interface NumberFieldProps {
  readonly label: string;
  readonly value: number;
  readonly most: number;
  readonly onChange: (value: number) => void;
}

/** A whole number from 1; what is none falls back to the last that was. */
function NumberField({ label, value, most, onChange }: NumberFieldProps) {
  const { shown, type, keep } = useDraft(String(value), (typed) => {
    const number = Number(typed);
    if (Number.isInteger(number) && number >= 1) onChange(Math.min(number, most));
    return true;
  });
  return (
    <input
      className="in num small"
      type="number"
      min={1}
      max={most}
      aria-label={label}
      value={shown}
      onChange={(event) => type(event.target.value)}
      onBlur={keep}
      onKeyDown={(event) => {
        if (event.key !== "Enter") return;
        event.preventDefault();
        keep();
      }}
    />
  );
}

interface PreviewProps {
  readonly when: When;
  readonly rule: string;
  readonly isRefused: boolean;
}

/** The rule as a sentence and its next dates: what the person is about to get. */
function Preview({ when, rule, isRefused }: PreviewProps) {
  const words = useWords();
  const today = useToday();
  const next = nextWhens(imagined(when, rule), when[0], SHOWN + 1);
  return (
    <div className="repeat-preview" aria-live="polite">
      <p>{describeRule(rule, when, words)}</p>
      {!isRefused && (
        <ol aria-label={words.t("repeat.next")}>
          {next.slice(0, SHOWN).map(([start]) => (
            <li key={start}>{momentWords(start, today, words.language)}</li>
          ))}
          {next.length > SHOWN && <li aria-hidden="true">…</li>}
        </ol>
      )}
    </div>
  );
}

interface ForeignRuleProps {
  readonly rule: string;
  readonly when: When;
  readonly onReplace: () => void;
}

/** A rule of an import stays as it is, unless somebody means to replace it. */
function ForeignRule({ rule, when, onReplace }: ForeignRuleProps) {
  const words = useWords();
  const { t } = words;
  const [isAsking, setAsking] = useState(false);
  return (
    <div className="repeat">
      <p>{describeRule(rule, when, words)}</p>
      <p className="quiet">{t("repeat.foreign")}</p>
      {isAsking ? (
        <div className="ask">
          {t("repeat.replaceAsk")}
          <span className="row">
            <button type="button" className="btn s danger" onClick={onReplace}>
              {t("repeat.replace")}
            </button>
            <button type="button" className="btn s" onClick={() => setAsking(false)}>
              {t("app.cancel")}
            </button>
          </span>
        </div>
      ) : (
        <button type="button" className="btn line s" onClick={() => setAsking(true)}>
          {t("repeat.replace")}
        </button>
      )}
    </div>
  );
}
