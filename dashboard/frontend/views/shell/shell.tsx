/** The page: header, navigation, and the view of the document that the address names. */

import { useEffect, useMemo, useState } from "react";
import type { StoreApi } from "zustand/vanilla";
import type { DocumentClient } from "../../store/client";
import type { BoardFrame } from "../board/frame";
import type { CalendarFrame } from "../calendar/frame";
import { useDocumentPresence } from "../held";
import { useWords } from "../language";
import { LookOnly } from "../look_only";
import { RefusedToast } from "../notices/refused_toast";
import { PageView } from "../page/page";
import { Offered, OfferedScope } from "../palette/offered";
import { useRemembered } from "../palette/recents";
import { ToastPlace, type ToastState, toastStore } from "../toast";
import { BoardWork, useBoardFollows } from "./board_work";
import { CalendarWork, useCalendarFollows } from "./calendar_work";
import { followStore, useFollowing } from "./follow";
import { FollowBar } from "./follow_bar";
import { GoneBar } from "./gone_bar";
import { Header } from "./header";
import { NetBar } from "./net_bar";
import { NothingYet } from "./nothing_yet";
import { Overlay, overlayStore } from "./overlay";
import { documentOf, type Place, type RouteStore, useRoute } from "./route";
import { useShownPlace } from "./shown_place";
import { SideNav } from "./side_nav";
import { useWhereabouts } from "./whereabouts";

const WORKSPACE = "workspace";

interface ShellProps {
  readonly client: DocumentClient;
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
  const overlay = useMemo(overlayStore, []);
  const offered = useMemo(() => new Offered(), []);
  useRemembered(everybody?.getState().me.id ?? null, place);
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
        onFind={() => overlay.setState({ shown: "palette" })}
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
          offered={offered}
        />
        <ToastPlace store={toasts} />
        <RefusedToast client={client} toasts={toasts} />
      </main>
      <Overlay
        client={client}
        routes={routes}
        frame={frame}
        place={place}
        everybody={everybody}
        toasts={toasts}
        offered={offered}
        overlay={overlay}
      />
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
  readonly offered: Offered;
}

/** One view a kind of document. */
function Work({ client, routes, frame, calendarFrame, place, toasts, offered }: WorkProps) {
  switch (place?.kind) {
    case undefined:
      return <NothingYet client={client} routes={routes} />;
    case "project":
      return (
        <OfferedScope value={offered}>
          <BoardWork client={client} frame={frame} toasts={toasts} project={place.id} />
        </OfferedScope>
      );
    case "calendar":
      return (
        <OfferedScope value={offered}>
          <CalendarWork client={client} routes={routes} frame={calendarFrame} toasts={toasts} />
        </OfferedScope>
      );
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
