/** All keys, from the table that also binds them. */

import { X } from "lucide-react";
import { Icon } from "../icons";
import { useWords } from "../language";
import { keysOf, namesIn, SCOPES, type Scope } from "../shortcuts";
import { Dialog } from "./dialog";

export function ShortcutSheet({ onClose }: { readonly onClose: () => void }) {
  const { t } = useWords();
  return (
    <Dialog label={t("palette.shortcuts")} className="shortcuts" onClose={onClose}>
      <header className="pop-head">
        <h2>{t("palette.shortcuts")}</h2>
        <span className="grow" />
        <button type="button" className="ib" aria-label={t("app.close")} onClick={onClose}>
          <Icon of={X} />
        </button>
      </header>
      <div className="shortcut-lists">
        {SCOPES.map((scope) => (
          <ScopeKeys key={scope} scope={scope} />
        ))}
      </div>
    </Dialog>
  );
}

function ScopeKeys({ scope }: { readonly scope: Scope }) {
  const { t } = useWords();
  return (
    <section>
      <h3>{t(`scope.${scope}`)}</h3>
      <dl>
        {namesIn(scope).map((name) => (
          <div key={name}>
            <dt>{t(`shortcut.${name}`)}</dt>
            <dd>
              {keysOf(name).map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
