/** Light or dark: the system's until the person chooses; kept in this browser. */

import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";

export type Theme = "light" | "dark";

const KEPT_UNDER = "moim.theme";

function kept(): Theme | null {
  try {
    const value = localStorage.getItem(KEPT_UNDER);
    return value === "light" || value === "dark" ? value : null;
  } catch {
    return null;
  }
}

function systemQuery(): MediaQueryList | null {
  return globalThis.matchMedia?.("(prefers-color-scheme: dark)") ?? null;
}

function firstTheme(): Theme {
  return kept() ?? (systemQuery()?.matches ? "dark" : "light");
}

export const themeStore = createStore<{ theme: Theme }>(() => ({ theme: firstTheme() }));

export function setTheme(theme: Theme): void {
  themeStore.setState({ theme });
  try {
    localStorage.setItem(KEPT_UNDER, theme);
  } catch {
    // Not kept: nothing to do.
  }
}

export function useTheme(): Theme {
  return useStore(themeStore, (state) => state.theme);
}

/** Keeps `data-theme` of an element right, and follows the system until a choice was made. */
export function followTheme(element: HTMLElement): () => void {
  const show = ({ theme }: { theme: Theme }) => {
    element.dataset.theme = theme;
  };
  const query = systemQuery();
  const onSystem = () => {
    if (kept() === null) themeStore.setState({ theme: firstTheme() });
  };
  show(themeStore.getState());
  const stop = themeStore.subscribe(show);
  query?.addEventListener("change", onSystem);
  return () => {
    stop();
    query?.removeEventListener("change", onSystem);
  };
}

/** The theme of a page that brings its own colours (a Panel page): dark when its ground is dark. */
function hostTheme(element: Element): Theme {
  const ground = getComputedStyle(element).getPropertyValue("--panel-background-color").trim();
  const light = lightness(ground);
  if (light === null) return firstTheme();
  return light < 0.5 ? "dark" : "light";
}

/**
 * Keeps `data-theme` of an element like the page around it, also when the page's style sheets come
 * late or its theme changes: a probe has the page's ground, and a changed ground starts a transition.
 */
export function followHostTheme(element: HTMLElement): () => void {
  const probe = document.createElement("i");
  probe.setAttribute("aria-hidden", "true");
  probe.style.cssText =
    "position: absolute; visibility: hidden; background: var(--panel-background-color, transparent); transition: background-color 1ms";
  const show = () => {
    element.dataset.theme = hostTheme(probe);
  };
  element.before(probe);
  show();
  probe.addEventListener("transitionend", show);
  return () => probe.remove();
}

/** 0 black to 1 white of a `#rgb`, `#rrggbb` or `rgb(...)`; null for anything else. */
export function lightness(colour: string): number | null {
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/i.exec(colour);
  const long = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})/i.exec(colour);
  const spelled = /^rgba?\((\d+)[,\s]+(\d+)[,\s]+(\d+)/.exec(colour);
  const parts =
    short?.slice(1).map((digit) => Number.parseInt(digit + digit, 16)) ??
    long?.slice(1).map((digits) => Number.parseInt(digits, 16)) ??
    spelled?.slice(1).map(Number);
  if (!parts) return null;
  const [red = 0, green = 0, blue = 0] = parts;
  return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255;
}
