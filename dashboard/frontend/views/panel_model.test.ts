import { describe, expect, it } from "vitest";
import { boardFrame } from "./board/frame";
import { bindFrame, type PanelModel, urlOf } from "./panel_model";

/** What Panel's proxy does, as far as it is used: values by name, listeners by name. */
function panelModel(values: Record<string, unknown>) {
  const listeners = new Map<string, Set<() => void>>();
  const methods = {
    on: (name: string, callback: () => void) => {
      listeners.set(name, (listeners.get(name) ?? new Set()).add(callback));
    },
    off: (name: string, callback: () => void) => void listeners.get(name)?.delete(callback),
  };
  const model = new Proxy({ ...values, ...methods } as Record<string, unknown>, {
    set(target, name, value) {
      target[String(name)] = value;
      for (const callback of listeners.get(String(name)) ?? []) callback();
      return true;
    },
  });
  return model as unknown as PanelModel & Record<string, unknown>;
}

describe("a frame bound to a Panel model", () => {
  const names = ["project", "filter", "selection", "readonly"] as const;

  it("takes the model's values first", () => {
    const model = panelModel({ project: "launch", filter: "a", selection: null, readonly: true });
    const frame = boardFrame();
    bindFrame(model, frame, names, "model");
    expect(frame.getState()).toMatchObject({
      project: "launch",
      filter: "a",
      selection: null,
      readonly: true,
    });
  });

  it("follows Python, and Python follows the board", () => {
    const model = panelModel({ project: "launch", filter: "", selection: null });
    const frame = boardFrame();
    bindFrame(model, frame, names, "model");
    Object.assign(model, { filter: "login" });
    expect(frame.getState().filter).toBe("login");
    frame.setState({ selection: "c1" });
    expect(model.selection).toBe("c1");
    frame.setState({ selection: null });
    expect(model.selection).toBeNull();
  });

  it("lets the page lead when a session joins it later", () => {
    const model = panelModel({ project: "launch", filter: "", selection: null });
    const frame = boardFrame({ project: "web", filter: "typed before" });
    bindFrame(model, frame, ["project", "filter"], "frame");
    expect(model.filter).toBe("typed before");
    expect(model.project).toBe("web");
  });

  it("is loose after it was stopped", () => {
    const model = panelModel({ filter: "" });
    const frame = boardFrame();
    bindFrame(model, frame, ["filter"], "model")();
    Object.assign(model, { filter: "x" });
    frame.setState({ filter: "y" });
    expect([frame.getState().filter, model.filter]).toEqual(["y", "x"]);
  });

  it("knows the server's address only when it was given one", () => {
    expect(urlOf(panelModel({ url: "wss://host/sync" }))).toBe("wss://host/sync");
    expect(urlOf(panelModel({ url: "" }))).toBeUndefined();
  });
});
