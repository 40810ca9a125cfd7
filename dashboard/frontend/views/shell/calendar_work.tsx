/** A calendar, with the others and the projects' dated cards over it. */

import { Layers } from "lucide-react";
import { useEffect, useState } from "react";
import { useStore } from "zustand";
import type { StoreApi } from "zustand/vanilla";
import type { MoimClient } from "../../store/types";
import { Calendar } from "../calendar/calendar";
import type { CalendarFrame } from "../calendar/frame";
import { OverlayList } from "../calendar/overlay_list";
import { Icon } from "../icons";
import { useWords } from "../language";
import { Popover } from "../popover";
import type { ToastState } from "../toast";
import { type Place, type RouteStore, samePlace } from "./route";

interface CalendarWorkProps {
  readonly client: MoimClient;
  readonly routes: RouteStore;
  readonly frame: CalendarFrame;
  readonly toasts: StoreApi<ToastState>;
}

export function CalendarWork({ client, routes, frame, toasts }: CalendarWorkProps) {
  const isFramed = useStore(frame, (state) => state.calendars.length > 0);
  if (!isFramed) return null;
  return (
    <div className="work">
      <Calendar
        client={client}
        frame={frame}
        toasts={toasts}
        tools={<ShownButton client={client} frame={frame} />}
        onOpenCard={(project, card) => routes.go({ kind: "project", id: project, entity: card })}
      />
    </div>
  );
}

/** The navigation switches calendars; projects' cards too are switched here, and both on a phone. */
function ShownButton({ client, frame }: Pick<CalendarWorkProps, "client" | "frame">) {
  const { t } = useWords();
  const [anchor, setAnchor] = useState<Element | null>(null);
  return (
    <>
      <button
        type="button"
        className="ib"
        aria-haspopup="dialog"
        aria-label={t("nav.shown")}
        title={t("nav.shown")}
        onClick={(event) => setAnchor(event.currentTarget)}
      >
        <Icon of={Layers} size={16} />
      </button>
      {anchor && (
        <Popover anchor={anchor} label={t("nav.shown")} onClose={() => setAnchor(null)}>
          <div className="shown-list">
            <OverlayList client={client} frame={frame} />
          </div>
        </Popover>
      )}
    </>
  );
}

/** The frame shows the address's calendar and event; the address follows the selection. */
export function useCalendarFollows(
  client: MoimClient,
  frame: CalendarFrame,
  routes: RouteStore,
  place: Place | null,
): void {
  const id = place?.kind === "calendar" ? place.id : null;
  const event = id === null ? null : (place?.entity ?? null);
  const calendars = useStore(client.workspace, (state) => state.calendars);
  const projects = useStore(client.workspace, (state) => state.projects);
  useEffect(() => {
    if (id === null) return;
    const others = idsOf(calendars).filter((other) => other !== id);
    frame.setState({ calendars: [id, ...others], projects: idsOf(projects) });
  }, [frame, id, calendars, projects]);
  useEffect(() => {
    if (id === null) return;
    const { hidden, selection } = frame.getState();
    const here = `calendar/${id}`;
    frame.setState({
      selection: event === null ? eventless(selection) : `${here}/${event}`,
      hidden: hidden.filter((document) => document !== here),
    });
  }, [frame, id, event]);
  useEffect(
    () =>
      frame.subscribe(({ selection }, before) => {
        if (id === null || selection === before.selection) return;
        const next = placeOfSelection(selection) ?? { kind: "calendar", id, entity: null };
        if (!samePlace(next, { kind: "calendar", id, entity: event })) routes.replace(next);
      }),
    [frame, routes, id, event],
  );
}

function idsOf(entries: readonly { readonly id: string }[]): readonly string[] {
  return entries.map(({ id }) => id);
}

/** An address that names no event leaves a card selected that it cannot name. */
function eventless(selection: string | null): string | null {
  return selection?.startsWith("calendar/") ? null : selection;
}

function placeOfSelection(selection: string | null): Place | null {
  const [, id, entity] = /^calendar\/([^/]+)\/(.+)$/.exec(selection ?? "") ?? [];
  if (id === undefined || entity === undefined) return null;
  return { kind: "calendar", id, entity };
}
