/** A text field that keeps what was typed with Enter or on leaving, and says why it could not. */

import { type InputHTMLAttributes, useId, useState } from "react";
import { useWords, type WordKey } from "../language";
import { isComposing } from "../name_field";
import { useDraft } from "./drafts";

type InputProps = Pick<
  InputHTMLAttributes<HTMLInputElement>,
  "className" | "placeholder" | "inputMode" | "maxLength"
>;

interface DraftFieldProps extends InputProps {
  readonly value: string;
  readonly label: string;
  /** Gives null when it was kept, else why not; then it stays in the field to be mended. */
  readonly onTyped: (typed: string) => WordKey | null;
  readonly onEnter?: () => void;
  readonly autoFocused?: boolean;
}

export function DraftField({
  value,
  label,
  onTyped,
  onEnter,
  autoFocused = false,
  className = "in",
  ...input
}: DraftFieldProps) {
  const [problem, setProblem] = useState<WordKey | null>(null);
  const { shown, type, keep } = useDraft(value, (typed) => {
    const said = typed === value ? null : onTyped(typed);
    setProblem(said);
    return said === null;
  });
  const note = useId();
  return (
    <span className="draft">
      <input
        {...input}
        className={className}
        aria-label={label}
        aria-invalid={problem !== null}
        aria-describedby={problem ? note : undefined}
        data-autofocus={autoFocused || undefined}
        value={shown}
        onChange={(event) => type(event.target.value)}
        onBlur={keep}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || isComposing(event)) return;
          // What this opens gets the focus at once, and would take the rest of this key as a click.
          event.preventDefault();
          keep();
          onEnter?.();
        }}
      />
      {problem && <Problem id={note} of={problem} />}
    </span>
  );
}

/** Why a field cannot be kept as it is, beside the field. */
export function Problem({ id, of }: { readonly id?: string; readonly of: WordKey }) {
  const { t } = useWords();
  return (
    <p className="problem" id={id} role="alert">
      {t(of)}
    </p>
  );
}
