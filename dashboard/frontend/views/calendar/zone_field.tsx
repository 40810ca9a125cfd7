/** A time zone, found by typing a city, an offset or a name. */

import { type KeyboardEvent, useId, useMemo, useState } from "react";
import { useWords } from "../language";
import { isComposing } from "../name_field";
import { matchingZones, type ZoneChoice, zoneChoices, zoneName } from "./zones";

interface ZoneFieldProps {
  /** Empty: the same time on every clock. */
  readonly zone: string;
  /** The day that offsets are told for. */
  readonly at: Date;
  readonly onChoose: (zone: string) => void;
}

const MOST_SHOWN = 50;

export function ZoneField({ zone, at, onChoose }: ZoneFieldProps) {
  const { t } = useWords();
  const [typed, setTyped] = useState<string | null>(null);
  const name = zone === "" ? t("event.anyZone") : zoneName(zone, at);
  return (
    <span className="zone-field">
      {typed === null ? (
        <input
          className="in"
          aria-label={t("event.zone")}
          role="combobox"
          aria-expanded={false}
          value={name}
          onChange={(event) => setTyped(event.target.value.replace(name, ""))}
          onClick={() => setTyped("")}
          onKeyDown={(event) => {
            if (event.key === "ArrowDown" || event.key === "Enter") setTyped("");
          }}
        />
      ) : (
        <ZoneSearch
          typed={typed}
          at={at}
          placeholder={name}
          onTyped={setTyped}
          onDone={(chosen) => {
            setTyped(null);
            if (chosen !== null && chosen !== zone) onChoose(chosen);
          }}
        />
      )}
    </span>
  );
}

interface ZoneSearchProps {
  readonly typed: string;
  readonly at: Date;
  readonly placeholder: string;
  readonly onTyped: (typed: string) => void;
  /** null: nothing was chosen. */
  readonly onDone: (zone: string | null) => void;
}

function ZoneSearch({ typed, at, placeholder, onTyped, onDone }: ZoneSearchProps) {
  const { t, language } = useWords();
  const day = at.toISOString().slice(0, 10);
  const choices = useMemo(() => {
    const anyZone: ZoneChoice = { zone: "", name: t("event.anyZone"), more: "" };
    return [anyZone, ...zoneChoices(language, new Date(`${day}T12:00Z`))];
  }, [language, day, t]);
  const found = matchingZones(choices, typed).slice(0, MOST_SHOWN);
  const [at0, setAt] = useState(0);
  const active = Math.min(at0, found.length - 1);
  const list = useId();
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (isComposing(event)) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) setAt(Math.max(0, Math.min(active + step, found.length - 1)));
    else if (event.key === "Enter") onDone(found[active]?.zone ?? null);
    else if (event.key === "Escape") onDone(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <>
      <input
        // biome-ignore lint/a11y/noAutofocus: it takes the place of the field that was just clicked
        autoFocus
        className="in"
        role="combobox"
        aria-label={t("event.zone")}
        aria-expanded
        aria-controls={list}
        aria-activedescendant={found[active] && `${list}-${active}`}
        placeholder={placeholder}
        value={typed}
        onChange={(event) => {
          onTyped(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
        onBlur={() => onDone(null)}
      />
      <div className="zones" id={list} role="listbox" aria-label={t("event.zone")}>
        {found.map((choice, index) => (
          <ZoneOption
            key={choice.zone}
            id={`${list}-${index}`}
            choice={choice}
            isActive={index === active}
            onChoose={() => onDone(choice.zone)}
          />
        ))}
        {found.length === 0 && <p className="menu-note">{t("event.noZone")}</p>}
      </div>
    </>
  );
}

interface ZoneOptionProps {
  readonly id: string;
  readonly choice: ZoneChoice;
  readonly isActive: boolean;
  readonly onChoose: () => void;
}

function ZoneOption({ id, choice, isActive, onChoose }: ZoneOptionProps) {
  return (
    <div
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={isActive}
      ref={(element) => {
        if (isActive) element?.scrollIntoView({ block: "nearest" });
      }}
      // Before the field loses the focus, and with it this list.
      onMouseDown={(event) => {
        event.preventDefault();
        onChoose();
      }}
    >
      <span className="grow clip">{choice.name}</span>
      <span className="quiet clip">{choice.more}</span>
    </div>
  );
}
