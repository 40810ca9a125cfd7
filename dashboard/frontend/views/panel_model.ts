/** What a Panel component hands to `render`: params read and written by name, both ways. */

import type { StoreApi } from "zustand/vanilla";
import type { CalendarViewName } from "../store/page_types";
import type { BoardFrame, BoardParams } from "./board/frame";
import type { CalendarFrame, CalendarParams } from "./calendar/frame";

/** The part of Panel's model proxy that is used. */
export interface PanelModel {
  readonly [param: string]: unknown;
  on(event: string | readonly string[], callback: () => void): void;
  off(event: string | readonly string[], callback: () => void): void;
}

export interface PanelProps {
  readonly model: PanelModel;
  readonly el: HTMLElement;
}

/** The address of the sync socket that a component was given; an empty one means this page's own. */
export function urlOf(model: PanelModel): string | undefined {
  return text(model.url) || undefined;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

const VIEWS: readonly CalendarViewName[] = ["month", "week", "day", "list"];

/** What each param of a model says, in the form that a frame holds. */
type Decoders<Params> = { readonly [Name in keyof Params]: () => Params[Name] };

function calendarDecoders(model: PanelModel): Decoders<CalendarParams> {
  return {
    calendars: () => texts(model.calendars),
    projects: () => texts(model.projects),
    hidden: () => texts(model.hidden),
    date: () => text(model.date),
    view: () => VIEWS.find((name) => name === model.view) ?? "week",
    selection: () => text(model.selection) || null,
    readonly: () => model.readonly === true,
  };
}

function boardDecoders(model: PanelModel): Decoders<BoardParams> {
  return {
    project: () => text(model.project),
    filter: () => text(model.filter),
    selection: () => text(model.selection) || null,
    readonly: () => model.readonly === true,
  };
}

/** Whose values hold when the two first meet. */
export type Leader = "model" | "frame";

/**
 * Keeps the named params of a model and a board's frame equal, whichever side changes. Gives the way
 * to stop.
 */
export function bindFrame(
  model: PanelModel,
  frame: BoardFrame,
  names: readonly (keyof BoardParams)[],
  leader: Leader,
): () => void {
  return bindParams(model, frame, boardDecoders(model), names, leader);
}

/** As `bindFrame`, of a calendar. */
export function bindCalendarFrame(
  model: PanelModel,
  frame: CalendarFrame,
  names: readonly (keyof CalendarParams)[],
  leader: Leader,
): () => void {
  return bindParams(model, frame, calendarDecoders(model), names, leader);
}

function bindParams<Params>(
  model: PanelModel,
  frame: StoreApi<Params>,
  read: Decoders<Params>,
  names: readonly (keyof Params & string)[],
  leader: Leader,
): () => void {
  const pull = (name: keyof Params & string) => {
    const value = read[name]();
    if (!isSame(frame.getState()[name], value))
      frame.setState({ [name]: value } as unknown as Partial<Params>);
  };
  const push = (name: keyof Params & string) => {
    const value = frame.getState()[name];
    if (!isSame(read[name](), value)) writeParam(model, name, value);
  };
  names.forEach(leader === "model" ? pull : push);
  const listeners = names.map((name) => ({ name, listener: () => pull(name) }));
  for (const { name, listener } of listeners) model.on(name, listener);
  const stop = frame.subscribe(() => names.forEach(push));
  return () => {
    stop();
    for (const { name, listener } of listeners) model.off(name, listener);
  };
}

/** Lists come from a model as new ones each time. */
function isSame(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

/** The model is a proxy that sends what is assigned to it. */
export function writeParam(model: PanelModel, name: string, value: unknown): void {
  Object.assign(model, { [name]: value });
}
