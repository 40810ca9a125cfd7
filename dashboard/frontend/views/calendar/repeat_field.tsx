/** The repeat row of the event editor: the rule in words, and its editor when asked for. */

import { useState } from "react";
import type { When } from "../../store/calendar_types";
import { useWords } from "../language";
import { RecurrenceEditor } from "./recurrence_editor";
import { describeRule } from "./rule_words";

interface RepeatFieldProps {
  readonly when: When;
  readonly rule: string | null;
  /** True: more than one rule, of an import. */
  readonly isExotic: boolean;
  /** True: each turn of a control counts at once; else only when the person is done. */
  readonly isNew: boolean;
  readonly onChange: (rule: string | null) => void;
}

export function RepeatField({ when, rule, isExotic, isNew, onChange }: RepeatFieldProps) {
  const words = useWords();
  const { t } = words;
  const [draft, setDraft] = useState<{ readonly rule: string | null } | null>(null);
  if (isNew) return <RecurrenceEditor when={when} rule={rule} onChange={onChange} />;
  if (isExotic) return <p className="quiet repeat-words">{t("repeat.foreign")}</p>;
  if (!draft)
    return (
      <button
        type="button"
        className="btn quiet repeat-words"
        aria-expanded={false}
        onClick={() => setDraft({ rule })}
      >
        {rule === null ? t("repeat.none") : describeRule(rule, when, words)}
      </button>
    );
  const done = () => {
    if (draft.rule !== rule) onChange(draft.rule);
    setDraft(null);
  };
  return (
    <div className="repeat-open">
      <RecurrenceEditor
        when={when}
        rule={draft.rule}
        onChange={(next) => setDraft({ rule: next })}
      />
      <span className="row">
        <button type="button" className="btn line s" onClick={done}>
          {t("repeat.apply")}
        </button>
        <button type="button" className="btn s" onClick={() => setDraft(null)}>
          {t("app.cancel")}
        </button>
      </span>
    </div>
  );
}
