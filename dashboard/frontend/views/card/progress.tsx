/** What a card's checklist and comments come to, in little room. */

import { MessageSquare } from "lucide-react";
import type { ChecklistItem } from "../../store/types";
import { Icon } from "../icons";
import { useWords } from "../language";

interface ProgressProps {
  readonly items: readonly ChecklistItem[];
}

function doneOf(items: readonly ChecklistItem[]): number {
  return items.filter((item) => item.done !== null).length;
}

export function ProgressBar({ items }: ProgressProps) {
  const share = items.length === 0 ? 0 : doneOf(items) / items.length;
  return (
    <span className={share === 1 ? "prog full" : "prog"} aria-hidden="true">
      <i style={{ width: `${share * 100}%` }} />
    </span>
  );
}

export function Progress({ items }: ProgressProps) {
  const { t } = useWords();
  const label = t("checklist.progress", { n: doneOf(items), of: items.length });
  return (
    <span role="img" className="num" aria-label={label} title={label}>
      <ProgressBar items={items} />
      {doneOf(items)}/{items.length}
    </span>
  );
}

export function CommentCount({ count }: { readonly count: number }) {
  const { t } = useWords();
  const label = t("comment.count", { n: count });
  return (
    <span role="img" className="num" aria-label={label} title={label}>
      <Icon of={MessageSquare} />
      {count}
    </span>
  );
}
