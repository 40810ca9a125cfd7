/** A page: its title and its cells, arranged and edited by several people at once. */

import { useMemo, useRef } from "react";
import { useStore } from "zustand";
import type { StoreApi } from "zustand/vanilla";
import type { PageState } from "../../store/page_types";
import type { MoimClient, PresenceState } from "../../store/types";
import { Fence } from "../fence";
import { useDocumentPresence, usePage } from "../held";
import { NotHere, useServerAway } from "../not_here";
import type { Place } from "../shell/route";
import type { ToastState } from "../toast";
import { Cells } from "./cells";
import { chartsInSight, useDrawnCharts } from "./charts";
import { MissingPage, PageSkeleton } from "./empty";
import { type OpenPage, PageScope, pageSession } from "./session";
import { PageTitle } from "./title";

interface PageViewProps {
  readonly client: MoimClient;
  /** The page's id in the workspace. */
  readonly page: string;
  /** The cell that the address names. */
  readonly cell: string | null;
  readonly toasts: StoreApi<ToastState>;
  readonly onGo: (place: Place) => void;
}

export function PageView(props: PageViewProps) {
  return (
    <Fence key={props.page}>
      <ChosenPage {...props} />
    </Fence>
  );
}

function ChosenPage(props: PageViewProps) {
  const store = usePage(props.client, props.page);
  const presence = useDocumentPresence(props.client, `page/${props.page}`);
  if (!store || !presence) return null;
  return <LivePage {...props} store={store} presence={presence} />;
}

interface LivePageProps extends PageViewProps {
  readonly store: StoreApi<PageState>;
  readonly presence: StoreApi<PresenceState>;
}

function LivePage({ client, page, cell, store, presence, toasts, onGo }: LivePageProps) {
  const live = useRef<HTMLDivElement>(null);
  const paper = useRef<HTMLDivElement>(null);
  const go = useRef(onGo);
  go.current = onGo;
  const open = useMemo<OpenPage>(
    () => ({
      client,
      id: page,
      store,
      presence,
      toasts,
      session: pageSession(),
      charts: chartsInSight(),
      announce: (text) => {
        if (live.current) live.current.textContent = text;
      },
      onGo: (wanted) => go.current(wanted),
    }),
    [client, page, store, presence, toasts],
  );
  useDrawnCharts(paper, open.charts);
  const isReady = useStore(store, (state) => state.ready);
  const missing = useStore(store, (state) => state.missing);
  const isAway = useServerAway(client);
  if (missing) return <MissingPage missing={missing} />;
  if (!isReady && isAway) return <NotHere />;
  return (
    <PageScope value={open}>
      <div className="page">
        <div className="paper" ref={paper}>
          <PageTitle />
          {isReady ? <Cells wanted={cell} /> : <PageSkeleton />}
        </div>
        <div className="vh" aria-live="assertive" ref={live} />
      </div>
    </PageScope>
  );
}
