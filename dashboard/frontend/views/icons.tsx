/** Icons of the 16 px grid: lucide's drawings, and the few that only this product has. */

import type { LucideIcon } from "lucide-react";
import type { Priority, Status } from "../store/types";

interface IconProps {
  readonly of: LucideIcon;
  readonly size?: number;
}

export function Icon({ of: Drawing, size = 14 }: IconProps) {
  return (
    <Drawing className="icon-l" size={size} strokeWidth={1.5} absoluteStrokeWidth aria-hidden />
  );
}

export function BrandMark() {
  return (
    <svg className="mark" viewBox="0 0 22 22" aria-hidden="true">
      <rect width="22" height="22" rx="6.5" fill="var(--mo-accent)" />
      <path
        d="M12.2 6.6H8.3a1.7 1.7 0 0 0-1.7 1.7v5.4a1.7 1.7 0 0 0 1.7 1.7h5.4a1.7 1.7 0 0 0 1.7-1.7V9.8"
        fill="none"
        stroke="var(--mo-on-accent)"
        strokeWidth="2"
        strokeLinecap="round"
      />
      <circle cx="15.4" cy="6.6" r="1.9" fill="var(--mo-on-accent)" />
    </svg>
  );
}

const RING = { cx: 7, cy: 7, r: 5.6, fill: "none", strokeWidth: 1.5 } as const;

function statusDrawing(status: Status) {
  switch (status) {
    case "backlog":
      return <circle {...RING} stroke="var(--mo-text-3)" strokeDasharray="2 2.2" />;
    case "ready":
      return <circle {...RING} stroke="var(--mo-text-3)" />;
    case "doing":
      return (
        <>
          <circle {...RING} stroke="var(--mo-yellow)" />
          <path d="M7 3.6a3.4 3.4 0 0 1 0 6.8Z" fill="var(--mo-yellow)" />
        </>
      );
    case "review":
      return (
        <>
          <circle {...RING} stroke="var(--mo-violet)" />
          <path d="M7 7V3.6A3.4 3.4 0 1 1 3.6 7Z" fill="var(--mo-violet)" />
        </>
      );
    case "done":
      return (
        <>
          <circle cx="7" cy="7" r="6.3" fill="var(--mo-green)" />
          <path
            d="m4.3 7.2 1.9 1.9 3.5-3.9"
            fill="none"
            stroke="var(--mo-surface)"
            strokeWidth="1.5"
            strokeLinecap="round"
            strokeLinejoin="round"
          />
        </>
      );
  }
}

export function StatusCircle({ status }: { readonly status: Status }) {
  return (
    <svg className="st" viewBox="0 0 14 14" aria-hidden="true">
      {statusDrawing(status)}
    </svg>
  );
}

const BARS = { low: 1, medium: 2, high: 3 } as const;

/** A drawing only: what stands around it says the priority in words. */
export function PriorityMark({ priority }: { readonly priority: Priority }) {
  if (priority === "urgent")
    return (
      <svg className="icon s" viewBox="0 0 14 14" aria-hidden="true">
        <rect x="1" y="1" width="12" height="12" rx="3" fill="var(--mo-danger)" stroke="none" />
        <path d="M7 3.8v3.8M7 10v.1" stroke="#fff" strokeWidth="1.7" />
      </svg>
    );
  const filled = BARS[priority];
  return (
    <svg className="icon s" viewBox="0 0 14 14" aria-hidden="true">
      {[1, 2, 3].map((bar) => (
        <rect
          key={bar}
          x={4 * bar - 2.5}
          y={12 - 3 * bar}
          width="2.8"
          height={3 * bar + 0.5}
          rx=".9"
          fill={bar <= filled ? "var(--mo-text-2)" : "var(--mo-line-2)"}
          stroke="none"
        />
      ))}
    </svg>
  );
}

export function EmptyBoardDrawing() {
  return (
    <svg viewBox="0 0 72 44" width="72" height="44" fill="none" aria-hidden="true">
      {[1, 26, 51].map((x) => (
        <rect
          key={x}
          x={x}
          y="1"
          width="20"
          height="42"
          rx="5"
          stroke="var(--mo-line-2)"
          strokeWidth="1.5"
        />
      ))}
      <rect x="5" y="6" width="12" height="8" rx="2.5" fill="var(--mo-line-2)" />
      <rect x="30" y="6" width="12" height="8" rx="2.5" fill="var(--mo-accent)" />
      <rect x="5" y="17" width="12" height="8" rx="2.5" fill="var(--mo-line-2)" />
    </svg>
  );
}
