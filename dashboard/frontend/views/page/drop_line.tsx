/** Where the dragged cell would land. */

import { useStore } from "zustand";
import { useOpenPage } from "./session";

export function DropLine({ before }: { readonly before: string | null }) {
  const { session } = useOpenPage();
  const isAim = useStore(session, ({ drag }) => drag !== null && drag.before === before);
  return isAim ? <div className="cell-aim" /> : null;
}
