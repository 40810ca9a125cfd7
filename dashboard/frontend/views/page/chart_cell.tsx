/** A chart of a project: drawn by Bokeh in a page process, which may be away for a while. */

import type { Cell } from "../../store/page_types";
import { useWords } from "../language";
import { useChartInSight } from "./charts";
import { WithProject } from "./gone";
import { useOpenPage } from "./session";
import { chartOf } from "./source";

export function ChartCell({ cell }: { readonly cell: Cell }) {
  return (
    <WithProject cell={cell}>{(project) => <Chart cell={cell} project={project} />}</WithProject>
  );
}

interface ChartProps {
  readonly cell: Cell;
  readonly project: string;
}

/** The region is filled from outside; what stands beside it is seen while it is empty. */
function Chart({ cell, project }: ChartProps) {
  const { t } = useWords();
  const { charts } = useOpenPage();
  useChartInSight(charts, { cell: cell.id, project, chart: chartOf(cell) });
  return (
    <figure className="cell-chart">
      <div data-native={`chart:${cell.id}`} />
      <p className="chart-note waiting" role="status">
        {t("cell.chartWaits")}
      </p>
      <p className="chart-note absent">{t("cell.chartAbsent")}</p>
      <div className="chart-bones" aria-hidden="true">
        {[34, 62, 48, 80, 26].map((percent) => (
          <i key={percent} className="sk" style={{ height: `${percent}%` }} />
        ))}
      </div>
    </figure>
  );
}
