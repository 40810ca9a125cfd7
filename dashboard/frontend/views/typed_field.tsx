/** A short value as a text field: kept with Enter or on leaving; shows others' edits unless typed in. */

import { type HTMLAttributes, useState } from "react";
import { isComposing } from "./name_field";

interface TypedFieldProps {
  readonly value: string;
  readonly label: string;
  readonly placeholder: string;
  readonly inputMode: HTMLAttributes<HTMLInputElement>["inputMode"];
  readonly onTyped: (typed: string) => void;
}

export function TypedField({ value, label, placeholder, inputMode, onTyped }: TypedFieldProps) {
  /** What stands in the field since it was typed into; null: the value. */
  const [draft, setDraft] = useState<string | null>(null);
  const keep = () => {
    if (draft !== null) onTyped(draft);
    setDraft(null);
  };
  return (
    <input
      className="in num"
      inputMode={inputMode}
      aria-label={label}
      placeholder={placeholder}
      value={draft ?? value}
      onChange={(event) => setDraft(event.target.value)}
      onBlur={keep}
      onKeyDown={(event) => {
        if (event.key === "Enter" && !isComposing(event)) keep();
      }}
    />
  );
}
