/** On a phone: the week's days above one day or a list, with a dot for each thing that day. */

import { useStore } from "zustand";
import { useWords } from "../language";
import { addDays, said, weekOf } from "./dates";
import { type Entry, touches } from "./entries";
import { useCalendar } from "./session";

const MOST_DOTS = 3;

interface WeekStripProps {
  readonly entries: readonly Entry[];
  readonly date: string;
  readonly today: string;
}

export function WeekStrip({ entries, date, today }: WeekStripProps) {
  const { frame } = useCalendar();
  const { t, language } = useWords();
  const view = useStore(frame, (state) => state.view);
  if (view === "month") return null;
  const days = Array.from({ length: 7 }, (_, at) => addDays(weekOf(date), at));
  return (
    <nav className="cal-strip" aria-label={t("calview.week")}>
      {days.map((day) => {
        const there = entries.filter((one) => touches(one, { start: day, end: addDays(day, 1) }));
        return (
          <button
            key={day}
            type="button"
            className={day === today ? "today" : ""}
            aria-current={day === date ? "date" : undefined}
            aria-label={said(day, language, { dateStyle: "full" })}
            onClick={() => frame.setState({ date: day })}
          >
            <span>{said(day, language, { weekday: "narrow" })}</span>
            <b className="num">{Number(day.slice(8))}</b>
            <span className="dots">
              {there.slice(0, MOST_DOTS).map((one) => (
                <i key={one.key} className={one.kind === "event" ? `dot h-${one.colour}` : "dot"} />
              ))}
            </span>
          </button>
        );
      })}
    </nav>
  );
}
