/** The line above a calendar: where in time it is, the way elsewhere, the views, a new event. */

import { ChevronDown, ChevronLeft, ChevronRight, Inbox, Plus } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useStore } from "zustand";
import type { CalendarViewName } from "../../store/page_types";
import { Icon } from "../icons";
import { useWords } from "../language";
import { useNarrow } from "../narrow";
import { Popover } from "../popover";
import { addDays, addMonths, titleOf, weekNumber } from "./dates";
import { LIST_DAYS } from "./grid";
import { MiniMonth } from "./mini_month";
import { OverlayList } from "./overlay_list";
import { useCalendar } from "./session";

const VIEWS: readonly CalendarViewName[] = ["day", "week", "month", "list"];

/** The day that the view one page on is asked for. */
export function leafed(date: string, view: CalendarViewName, by: 1 | -1): string {
  if (view === "month") return addMonths(date, by);
  if (view === "week") return addDays(date, 7 * by);
  return addDays(date, view === "day" ? by : LIST_DAYS * by);
}

interface CalendarBarProps {
  readonly date: string;
  readonly today: string;
  readonly tabs: ReactNode;
  readonly tools: ReactNode;
  readonly tray: {
    readonly isOpen: boolean;
    readonly toggle: () => void;
    readonly count: number;
  } | null;
  readonly onAdd: () => void;
  /** True: the small month and the list of calendars stand beside. */
  readonly hasSide: boolean;
  readonly canAdd: boolean;
}

export function CalendarBar(props: CalendarBarProps) {
  const { date, tabs, tools, tray, canAdd, onAdd } = props;
  const { frame } = useCalendar();
  const { t } = useWords();
  const view = useStore(frame, (state) => state.view);
  const isNarrow = useNarrow();
  return (
    <div className="bar cal-bar">
      {tabs}
      <Heading {...props} />
      {view === "week" && !isNarrow && (
        <span className="chip edge num">
          {t("calendar.week", { number: String(weekNumber(date)) })}
        </span>
      )}
      <span className="grow" />
      {tools}
      {tray && (
        <button
          type="button"
          className="btn quiet cal-tray-switch"
          aria-pressed={tray.isOpen}
          onClick={tray.toggle}
        >
          <Icon of={Inbox} />
          <span>{t("calendar.unscheduled")}</span>
          {tray.count > 0 && <span className="mute num">{tray.count}</span>}
        </button>
      )}
      <Leaf {...props} />
      <fieldset className="seg" aria-label={t("calendar.views")}>
        {VIEWS.filter((one) => !isNarrow || one !== "week").map((one) => (
          <button
            key={one}
            type="button"
            aria-pressed={one === view || (isNarrow && view === "week" && one === "day")}
            onClick={() => frame.setState({ view: one })}
          >
            {t(`calview.${one}`)}
          </button>
        ))}
      </fieldset>
      {canAdd && (
        <button type="button" className="btn main cal-add" onClick={onAdd}>
          <Icon of={Plus} />
          <span>{t("calendar.event")}</span>
        </button>
      )}
    </div>
  );
}

/** The month in words; where nothing stands beside, it opens the small month and the calendars. */
function Heading({ date, today, hasSide }: CalendarBarProps) {
  const { client, frame } = useCalendar();
  const { t, language } = useWords();
  const view = useStore(frame, (state) => state.view);
  const [anchor, setAnchor] = useState<Element | null>(null);
  const title = titleOf(view, date, language);
  if (hasSide) return <h2 className="cal-heading">{title}</h2>;
  return (
    <h2 className="cal-heading">
      <button
        type="button"
        className="btn quiet"
        aria-haspopup="dialog"
        onClick={(event) => setAnchor(event.currentTarget)}
      >
        {title}
        <Icon of={ChevronDown} />
      </button>
      {anchor && (
        <Popover anchor={anchor} label={t("calendar.calendars")} onClose={() => setAnchor(null)}>
          <div className="cal-side">
            <MiniMonth frame={frame} today={today} />
            <OverlayList client={client} frame={frame} />
          </div>
        </Popover>
      )}
    </h2>
  );
}

function Leaf({ date, today }: Pick<CalendarBarProps, "date" | "today">) {
  const { frame } = useCalendar();
  const { t } = useWords();
  const view = useStore(frame, (state) => state.view);
  return (
    <div className="cal-leaf">
      <button type="button" className="btn line" onClick={() => frame.setState({ date: today })}>
        {t("calendar.today")}
      </button>
      <button
        type="button"
        className="ib"
        aria-label={t("calendar.earlier")}
        onClick={() => frame.setState({ date: leafed(date, view, -1) })}
      >
        <Icon of={ChevronLeft} />
      </button>
      <button
        type="button"
        className="ib"
        aria-label={t("calendar.later")}
        onClick={() => frame.setState({ date: leafed(date, view, 1) })}
      >
        <Icon of={ChevronRight} />
      </button>
    </div>
  );
}
