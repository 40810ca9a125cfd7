/** The charts of a page that are in sight, drawn by one Panel session for all of them. */

import { type RefObject, useEffect, useLayoutEffect, useRef } from "react";
import { createStore, type StoreApi } from "zustand/vanilla";
import { type ChartInCell, embedPanelSession, type PanelSession } from "../../core/panel_session";
import { useWords } from "../language";
import { useTheme } from "../theme";

export type ChartsInSight = StoreApi<readonly ChartInCell[]>;

export function chartsInSight(): ChartsInSight {
  return createStore<readonly ChartInCell[]>(() => []);
}

/** Asks for a chart as long as its region is in the page. */
export function useChartInSight(charts: ChartsInSight, chart: ChartInCell): void {
  const { cell, project, chart: name } = chart;
  useLayoutEffect(() => {
    const mine = { cell, project, chart: name };
    charts.setState([...charts.getState(), mine], true);
    return () =>
      charts.setState(
        charts.getState().filter((one) => one !== mine),
        true,
      );
  }, [charts, cell, project, name]);
}

/** Embeds what is asked for into the regions inside an element; nothing before the first chart. */
export function useDrawnCharts(place: RefObject<HTMLElement | null>, charts: ChartsInSight): void {
  const theme = useTheme();
  const { language } = useWords();
  const session = useRef<PanelSession | null>(null);
  useEffect(() => {
    const draw = () => {
      const content = { page: "page", charts: charts.getState() } as const;
      const wish = { content, theme, language };
      if (session.current) session.current.show(wish);
      else if (place.current && content.charts.length > 0)
        session.current = embedPanelSession(place.current, wish);
    };
    draw();
    return charts.subscribe(draw);
  }, [place, charts, theme, language]);
  useEffect(
    () => () => {
      session.current?.close();
      session.current = null;
    },
    [],
  );
}
