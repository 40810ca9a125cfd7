/** The dock of native Panel widgets and Bokeh charts; the board beside it never waits for them. */

import { useEffect, useRef, useState } from "react";
import { embedPanelSession, NATIVE_REGIONS, type NativeState } from "../../core/panel_session";
import { useWords } from "../language";
import { useTheme } from "../theme";

export function Insights({ project }: { readonly project: string }) {
  const { t, language } = useWords();
  const theme = useTheme();
  const dock = useRef<HTMLDivElement>(null);
  const [state, setState] = useState<NativeState>("loading");
  useEffect(() => {
    if (!dock.current) return;
    const content = { page: "project", project } as const;
    const session = embedPanelSession(dock.current, { content, theme, language }, setState);
    return () => session.close();
  }, [project, theme, language]);
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
