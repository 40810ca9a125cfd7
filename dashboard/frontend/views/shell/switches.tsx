/** Language and theme: in the header, and in the navigation where the header has no room. */

import { Moon, Sun } from "lucide-react";
import { Icon } from "../icons";
import { setLanguage, useWords } from "../language";
import { setTheme, useTheme } from "../theme";

export function Switches() {
  const { t, language } = useWords();
  const theme = useTheme();
  const other = language === "en" ? "ko" : "en";
  return (
    <span className="switches">
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
