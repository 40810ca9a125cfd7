/** The dock of native Panel widgets and Bokeh charts; the board beside it never waits for them. */

import { useEffect, useRef, useState } from "react";
import { embedPanelSession, NATIVE_REGIONS, type NativeState } from "../../core/panel_session";
import { languageStore, useWords } from "../language";
import { themeStore } from "../theme";

export function Insights({ project }: { readonly project: string }) {
  const { t } = useWords();
  const dock = useRef<HTMLDivElement>(null);
  const [state, setState] = useState<NativeState>("loading");
  useEffect(() => {
    if (!dock.current) return;
    // The bridge tells a living session when the theme or the language changes.
    const { theme } = themeStore.getState();
    const { language } = languageStore.getState();
    const session = embedPanelSession(dock.current, {
      project,
      theme,
      language,
      onState: setState,
    });
    return () => session.close();
  }, [project]);
  return (
    <aside className="dock" aria-label={t("view.insights")}>
      {state === "waiting" && (
        <p className="dock-note" role="status">
          {t("view.insightsWait")}
        </p>
      )}
      <div ref={dock} className="dock-body" aria-busy={state === "loading"}>
        {NATIVE_REGIONS.map((name) => (
          <div key={name} data-native={name} />
        ))}
        <div data-native="bridge" hidden />
      </div>
    </aside>
  );
}
