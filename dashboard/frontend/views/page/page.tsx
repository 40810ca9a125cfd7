/** A page: its title and its cells, edited together. */

import type { StoreApi } from "zustand/vanilla";
import type { MoimClient } from "../../store/types";
import { Fence } from "../fence";
import { usePage } from "../held";
import type { ToastState } from "../toast";

interface PageViewProps {
  readonly client: MoimClient;
  readonly page: string;
  readonly toasts: StoreApi<ToastState>;
}

export function PageView({ client, page }: PageViewProps) {
  const store = usePage(client, page);
  return (
    <Fence key={page}>
      <div className="page">{store && null}</div>
    </Fence>
  );
}
