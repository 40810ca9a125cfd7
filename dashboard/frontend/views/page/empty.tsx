/** What stands where a page's cells would be: nothing yet, not there, not yet loaded. */

import { FileText, Lock } from "lucide-react";
import { useEffect, useState } from "react";
import { Icon } from "../icons";
import { useWords } from "../language";

const SKELETON_AFTER_MS = 300;

export function MissingPage({ missing }: { readonly missing: "unknown" | "refused" }) {
  const { t } = useWords();
  const isRefused = missing === "refused";
  return (
    <div className="empty" role="alert">
      <Icon of={isRefused ? Lock : FileText} size={28} />
      <h3>{t(isRefused ? "page.refusedTitle" : "page.unknownTitle")}</h3>
      <p>{t(isRefused ? "page.refusedHint" : "page.unknownHint")}</p>
    </div>
  );
}

/** The places of the content, and only when it takes long enough to be seen. */
export function PageSkeleton() {
  const { t } = useWords();
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), SKELETON_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  if (!isLate) return <div aria-busy="true" />;
  return (
    <div className="page-bones" role="status" aria-busy="true" aria-label={t("page.loading")}>
      {["92%", "78%", "84%"].map((width) => (
        <i key={width} className="sk" style={{ width }} />
      ))}
      <i className="sk tall" />
    </div>
  );
}
