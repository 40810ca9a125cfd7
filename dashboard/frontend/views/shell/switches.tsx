/** Account, language and theme: in the header, and in the navigation where the header has no room. */

import { CircleUserRound, Moon, Sun } from "lucide-react";
import { useStore } from "zustand";
import type { MoimClient } from "../../store/types";
import { Icon } from "../icons";
import { setLanguage, useWords } from "../language";
import { setTheme, useTheme } from "../theme";

export function Switches({ client }: { readonly client: MoimClient }) {
  const { t, language } = useWords();
  const signedIn = useStore(client.connection, (state) => state.signedIn);
  const theme = useTheme();
  const other = language === "en" ? "ko" : "en";
  return (
    <span className="switches">
      {signedIn && (
        <a className="ib" href="/account" aria-label={t("app.account")} title={t("app.account")}>
          <Icon of={CircleUserRound} size={16} />
        </a>
      )}
      <button
        type="button"
        className="ib language"
        lang={other}
        aria-label={t("app.switchLanguage")}
        title={t("app.switchLanguage")}
        onClick={() => setLanguage(other)}
      >
        <span className="language-mark">{language === "en" ? "한" : "EN"}</span>
      </button>
      <button
        type="button"
        className="ib"
        aria-label={t(theme === "dark" ? "app.themeLight" : "app.themeDark")}
        onClick={() => setTheme(theme === "dark" ? "light" : "dark")}
      >
        <Icon of={theme === "dark" ? Sun : Moon} size={16} />
      </button>
    </span>
  );
}
