/** Before a series changes: this one, this and the later ones, or all, with what that makes of them. */

import { type ReactNode, useEffect, useId, useMemo, useRef, useState } from "react";
import type { StoreApi } from "zustand/vanilla";
import { seriesSize } from "../../core/recurrence";
import type { CalendarEvent, CalendarState, Exceptions } from "../../store/calendar_types";
import { useWords, type Words } from "../language";
import { useToday } from "../today";
import { momentWords, whenWords } from "./moment_words";
import { type SeriesPatch, type SeriesScope, scopesOf } from "./series_changes";
import { changedDates, type DateChange } from "./series_preview";

export { applyToSeries, type SeriesPatch, type SeriesScope } from "./series_changes";

/** What is about to become of a series; `patch` as `applyToSeries` takes it. */
export interface SeriesChange {
  readonly calendar: StoreApi<CalendarState>;
  readonly event: CalendarEvent;
  readonly recurrenceId: string;
  readonly patch: SeriesPatch;
}

export interface ScopeQuestion {
  /** null: the person would rather not. */
  readonly ask: (change: SeriesChange) => Promise<SeriesScope | null>;
  /** To be rendered; inside of a popover that is to stay open, where there is one. */
  readonly dialog: ReactNode;
}

interface Asked {
  readonly change: SeriesChange;
  readonly answer: (scope: SeriesScope | null) => void;
}

export function useScopeQuestion(): ScopeQuestion {
  const [asked, setAsked] = useState<Asked | null>(null);
  const latest = useRef<Asked | null>(null);
  const put = (next: Asked | null) => {
    latest.current = next;
    setAsked(next);
  };
  const ask = (change: SeriesChange) =>
    new Promise<SeriesScope | null>((resolve) => {
      latest.current?.answer(null);
      const answer = (scope: SeriesScope | null) => {
        put(null);
        resolve(scope);
      };
      put({ change, answer });
    });
  useEffect(() => () => latest.current?.answer(null), []);
  return { ask, dialog: asked && <ScopeDialog {...asked} /> };
}

function ScopeDialog({ change, answer }: Asked) {
  const words = useWords();
  const { t } = words;
  const { event, recurrenceId, patch } = change;
  const exceptions = change.calendar.getState().exceptions[event.id] ?? NO_EXCEPTIONS;
  const scopes = scopesOf(event, patch);
  const [shown, setShown] = useState<SeriesScope>(scopes[0] ?? "all");
  const box = useRef<HTMLDialogElement>(null);
  const title = useId();
  const size = useMemo(
    () => seriesSize(event, exceptions, recurrenceId),
    [event, exceptions, recurrenceId],
  );
  useEffect(() => {
    const element = box.current;
    element?.showModal();
    // A frame later: a key that brought us here is still down, and would choose for the person.
    const frame = requestAnimationFrame(() =>
      element?.querySelector<HTMLElement>(".scope-choice")?.focus(),
    );
    return () => {
      cancelAnimationFrame(frame);
      element?.close();
    };
  }, []);
  return (
    <dialog
      ref={box}
      className="scope"
      // biome-ignore lint/a11y/noAutofocus: else the first choice would get the focus too early
      autoFocus
      tabIndex={-1}
      aria-labelledby={title}
      onCancel={(cancelled) => {
        cancelled.preventDefault();
        answer(null);
      }}
      onKeyDown={(pressed) => {
        pressed.stopPropagation();
        stepFocus(pressed.nativeEvent, pressed.currentTarget);
      }}
    >
      <header>
        <h2 id={title}>{t(patch === "deleted" ? "scope.deleteTitle" : "scope.title")}</h2>
        <p>{event.title || t("event.untitled")}</p>
      </header>
      <div className="scope-choices">
        {scopes.map((scope) => (
          <button
            key={scope}
            type="button"
            className="scope-choice"
            // Not on a touch or a press: what grows then would move the button from under it.
            onFocus={({ currentTarget }) => {
              if (currentTarget.matches(":focus-visible")) setShown(scope);
            }}
            onPointerEnter={({ pointerType }) => {
              if (pointerType === "mouse") setShown(scope);
            }}
            onClick={() => answer(scope)}
          >
            {scopeName(scope, size, words)}
          </button>
        ))}
      </div>
      <Preview change={change} scope={shown} exceptions={exceptions} />
      <ExceptionList exceptions={exceptions} words={words} />
      <footer>
        <button type="button" className="btn" onClick={() => answer(null)}>
          {t("app.cancel")}
        </button>
      </footer>
    </dialog>
  );
}

const NO_EXCEPTIONS: Exceptions = {};

/** "This event", "This and 7 later", "All 12 (2 exceptions kept)". */
export function scopeName(
  scope: SeriesScope,
  { following, all, exceptions }: ReturnType<typeof seriesSize>,
  { t }: Words,
): string {
  if (scope === "this") return t("scope.this");
  if (scope === "following")
    return following === null
      ? t("scope.followingEndless")
      : t("scope.following", { n: Math.max(0, following - 1) });
  const name = all === null ? t("scope.allEndless") : t("scope.all", { n: all });
  return exceptions === 0 ? name : `${name} (${t("scope.exceptions", { n: exceptions })})`;
}

interface PreviewProps {
  readonly change: SeriesChange;
  readonly scope: SeriesScope;
  readonly exceptions: Exceptions;
}

function Preview({ change, scope, exceptions }: PreviewProps) {
  const { t, language } = useWords();
  const today = useToday();
  const { event, recurrenceId, patch } = change;
  const changes = useMemo(
    () => changedDates(event, exceptions, recurrenceId, patch, scope),
    [event, exceptions, recurrenceId, patch, scope],
  );
  if (changes.length === 0) return null;
  const told = (when: DateChange["before"]) => when && whenWords(when, today, language);
  return (
    <table className="scope-dates">
      <thead>
        <tr>
          <th>{t("scope.before")}</th>
          <th>{t("scope.after")}</th>
        </tr>
      </thead>
      <tbody>
        {changes.map(({ key, before, after, isChanged }) => (
          <tr key={key} className={isChanged ? "changed" : ""}>
            <td>{told(before) ?? "–"}</td>
            <td>{isChanged ? (told(after) ?? t("scope.gone")) : t("scope.same")}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface ExceptionListProps {
  readonly exceptions: Exceptions;
  readonly words: Words;
}

const LISTED = 6;

/** What differs from the series already, so that nobody wonders whether it is lost. */
function ExceptionList({ exceptions, words }: ExceptionListProps) {
  const { t, language } = words;
  const today = useToday();
  const ids = Object.keys(exceptions).sort();
  if (ids.length === 0) return null;
  return (
    <div className="scope-exceptions">
      <h3>{t("scope.exceptionList")}</h3>
      <ul>
        {ids.slice(0, LISTED).map((id) => (
          <li key={id}>
            {momentWords(id, today, language)} · {exceptionWords(exceptions, id, today, words)}
          </li>
        ))}
        {ids.length > LISTED && <li>{t("scope.more", { n: ids.length - LISTED })}</li>}
      </ul>
    </div>
  );
}

function exceptionWords(
  exceptions: Exceptions,
  id: string,
  today: string,
  { t, language }: Words,
): string {
  const exception = exceptions[id];
  if (exception?.excluded) return t("scope.excluded");
  if (exception?.when)
    return t("scope.movedTo", { when: whenWords(exception.when, today, language) });
  if (exception?.title) return exception.title;
  return t("scope.changed");
}

/** Arrow keys walk through the choices. */
function stepFocus(event: KeyboardEvent, dialog: HTMLElement): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  const choices = [...dialog.querySelectorAll<HTMLElement>(".scope-choice")];
  const at = choices.indexOf(event.target as HTMLElement);
  choices[(at + step + choices.length) % choices.length]?.focus();
  event.preventDefault();
}
