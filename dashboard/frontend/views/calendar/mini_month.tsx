/** A month in little room: chooses the day of the calendar beside it. */

import { ChevronLeft, ChevronRight } from "lucide-react";
import { useState } from "react";
import { useStore } from "zustand";
import { Icon } from "../icons";
import { useWords } from "../language";
import { addMonths, monthDays, monthOf, said, titleOf, weekOf } from "./dates";
import type { CalendarFrame } from "./frame";

interface MiniMonthProps {
  readonly frame: CalendarFrame;
  readonly today: string;
}

export function MiniMonth({ frame, today }: MiniMonthProps) {
  const { t, language } = useWords();
  const date = useStore(frame, (state) => state.date) || today;
  const view = useStore(frame, (state) => state.view);
  /** The month that was leafed to; it holds until another day is chosen. */
  const [leafed, setLeafed] = useState({ date, month: monthOf(date) });
  const month = leafed.date === date ? leafed.month : monthOf(date);
  const leaf = (by: number) => setLeafed({ date, month: addMonths(month, by) });
  const title = titleOf("month", month, language);
  const classOf = (day: string) =>
    [
      day.slice(0, 7) !== month.slice(0, 7) && "out",
      day === today && "today",
      view === "week" && weekOf(day) === weekOf(date) && "wk",
    ]
      .filter(Boolean)
      .join(" ");
  return (
    <section className="mini" aria-label={title}>
      <header>
        <b>{title}</b>
        <span className="grow" />
        <button
          type="button"
          className="ib s"
          aria-label={t("calendar.prevMonth")}
          onClick={() => leaf(-1)}
        >
          <Icon of={ChevronLeft} />
        </button>
        <button
          type="button"
          className="ib s"
          aria-label={t("calendar.nextMonth")}
          onClick={() => leaf(1)}
        >
          <Icon of={ChevronRight} />
        </button>
      </header>
      <div className="g h" aria-hidden="true">
        {monthDays(month)
          .slice(0, 7)
          .map((day) => (
            <span key={day}>{said(day, language, { weekday: "narrow" })}</span>
          ))}
      </div>
      <div className="g num">
        {monthDays(month).map((day) => (
          <button
            key={day}
            type="button"
            className={classOf(day)}
            aria-label={said(day, language, { dateStyle: "full" })}
            aria-current={day === date ? "date" : undefined}
            onClick={() => frame.setState({ date: day })}
          >
            {Number(day.slice(8))}
          </button>
        ))}
      </div>
    </section>
  );
}
