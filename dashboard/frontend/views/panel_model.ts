/** What a Panel component hands to `render`: params read and written by name, both ways. */

import type { BoardFrame, BoardParams } from "./board/frame";

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
  return typeof model.sync_url === "string" && model.sync_url !== "" ? model.sync_url : undefined;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function decoders(model: PanelModel): {
  readonly [Name in keyof BoardParams]: () => BoardParams[Name];
} {
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
 * Keeps the named params of a model and a frame equal, whichever side changes. Gives the way to stop.
 */
export function bindFrame(
  model: PanelModel,
  frame: BoardFrame,
  names: readonly (keyof BoardParams)[],
  leader: Leader,
): () => void {
  const read = decoders(model);
  const pull = (name: keyof BoardParams) => {
    const value = read[name]();
    if (frame.getState()[name] !== value) frame.setState({ [name]: value });
  };
  const push = (name: keyof BoardParams) => {
    const value = frame.getState()[name];
    if (read[name]() !== value) writeParam(model, name, value);
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

/** The model is a proxy that sends what is assigned to it. */
export function writeParam(model: PanelModel, name: string, value: unknown): void {
  Object.assign(model, { [name]: value });
}
