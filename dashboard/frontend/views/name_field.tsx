/** A name as a text field: Enter keeps, Escape drops, leaving keeps; Korean input is never cut. */

import { type KeyboardEvent, useEffect, useRef } from "react";

/** True while an input method builds a syllable: Enter and Escape then belong to it, not to us. */
export function isComposing(event: KeyboardEvent): boolean {
  return event.nativeEvent.isComposing || event.keyCode === 229;
}

interface NameFieldProps {
  readonly value: string;
  readonly label: string;
  /** null: nothing to change. `byKey`: the focus was ours when it ended. */
  readonly onDone: (name: string | null, byKey: boolean) => void;
  readonly className?: string;
  readonly placeholder?: string;
}

export function NameField({ value, label, onDone, className, placeholder }: NameFieldProps) {
  const field = useRef<HTMLInputElement>(null);
  const done = useRef(false);
  useEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);
  const finish = (keep: boolean, byKey: boolean) => {
    if (done.current) return;
    done.current = true;
    const name = field.current?.value.trim() ?? "";
    onDone(keep && name !== "" && name !== value ? name : null, byKey);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (isComposing(event)) return;
    if (event.key === "Enter") finish(true, true);
    if (event.key === "Escape") finish(false, true);
  };
  return (
    <input
      ref={field}
      className={`name-field ${className ?? ""}`}
      defaultValue={value}
      aria-label={label}
      placeholder={placeholder}
      maxLength={500}
      onKeyDown={onKeyDown}
      onBlur={() => finish(true, false)}
      onMouseDown={(event) => event.stopPropagation()}
      onTouchStart={(event) => event.stopPropagation()}
      onClick={(event) => event.stopPropagation()}
      onDoubleClick={(event) => event.stopPropagation()}
    />
  );
}
