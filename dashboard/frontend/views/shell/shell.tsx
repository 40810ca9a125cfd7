/** The page: header, navigation, and the view of the document that the address names. */

import { useEffect, useMemo, useState } from "react";
import type { StoreApi } from "zustand/vanilla";
import type { MoimClient } from "../../store/types";
import type { BoardFrame } from "../board/frame";
import type { CalendarFrame } from "../calendar/frame";
import { useDocumentPresence } from "../held";
import { useWords } from "../language";
import { LookOnly } from "../look_only";
import { RefusedToast } from "../notices/refused_toast";
import { PageView } from "../page/page";
import { ToastPlace, type ToastState, toastStore } from "../toast";
import { BoardWork, useBoardFollows } from "./board_work";
import { CalendarWork, useCalendarFollows } from "./calendar_work";
import { followStore, useFollowing } from "./follow";
import { FollowBar } from "./follow_bar";
import { GoneBar } from "./gone_bar";
import { Header } from "./header";
import { NetBar } from "./net_bar";
import { NothingYet } from "./nothing_yet";
import { documentOf, type Place, type RouteStore, useRoute } from "./route";
import { useShownPlace } from "./shown_place";
import { SideNav } from "./side_nav";
import { useWhereabouts } from "./whereabouts";

const WORKSPACE = "workspace";

interface ShellProps {
  readonly client: MoimClient;
  readonly routes: RouteStore;
  readonly frame: BoardFrame;
  readonly calendarFrame: CalendarFrame;
}

export function Shell({ client, routes, frame, calendarFrame }: ShellProps) {
  const { t, language } = useWords();
  const place = useShownPlace(client, useRoute(routes));
  const everybody = useDocumentPresence(client, WORKSPACE);
  const presence = useDocumentPresence(client, place && documentOf(place));
  const [isNavOpen, setNavOpen] = useState(false);
  const toasts = useMemo(toastStore, []);
  const follow = useMemo(followStore, []);
  useWhereabouts(everybody, place);
  useFollowing({ client, follow, everybody, routes, toasts });
  useBoardFollows(frame, routes, place);
  useCalendarFollows(client, calendarFrame, routes, place);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  return (
    <div className={`shell ${isNavOpen ? "nav-open" : ""}`}>
      <a className="skip" href="#moim-main">
        {t("app.skip")}
      </a>
      <Header
        client={client}
        place={place}
        presence={presence}
        everybody={everybody}
        follow={follow}
        toasts={toasts}
        onGo={(wanted) => routes.go(wanted)}
        onMenu={() => setNavOpen(!isNavOpen)}
      />
      <SideNav
        client={client}
        routes={routes}
        toasts={toasts}
        calendarFrame={calendarFrame}
        place={place}
        everybody={everybody}
        onChosen={() => setNavOpen(false)}
      />
      <main className="content" id="moim-main">
        <NetBar client={client} />
        <GoneBar client={client} place={place} />
        <LookOnly client={client} document={place && documentOf(place)} />
        <FollowBar follow={follow} />
        <Work
          client={client}
          routes={routes}
          frame={frame}
          calendarFrame={calendarFrame}
          place={place}
          toasts={toasts}
        />
        <ToastPlace store={toasts} />
        <RefusedToast client={client} toasts={toasts} />
      </main>
      {isNavOpen && (
        <button
          type="button"
          className="nav-scrim"
          aria-label={t("app.close")}
          onClick={() => setNavOpen(false)}
        />
      )}
    </div>
  );
}

interface WorkProps extends ShellProps {
  readonly place: Place | null;
  readonly toasts: StoreApi<ToastState>;
}

/** One view a kind of document. */
function Work({ client, routes, frame, calendarFrame, place, toasts }: WorkProps) {
  switch (place?.kind) {
    case undefined:
      return <NothingYet client={client} routes={routes} />;
    case "project":
      return <BoardWork client={client} frame={frame} toasts={toasts} project={place.id} />;
    case "calendar":
      return <CalendarWork client={client} routes={routes} frame={calendarFrame} toasts={toasts} />;
    case "page":
      return (
        <PageView
          client={client}
          page={place.id}
          cell={place.entity}
          toasts={toasts}
          onGo={(wanted) => routes.go(wanted)}
        />
      );
  }
}
