/** The page's name, which is the workspace's word for it, written where it stands. */

import { useState } from "react";
import { useStore } from "zustand";
import { useWords } from "../language";
import { NameField } from "../name_field";
import { useMayEdit } from "../role";
import { useOpenPage } from "./session";

export function PageTitle() {
  const { client, id } = useOpenPage();
  const { t } = useWords();
  const entry = useStore(client.workspace, ({ pages }) => pages.find((page) => page.id === id));
  const isEditor = useMayEdit(client.workspace);
  const [isRenaming, setRenaming] = useState(false);
  if (!entry) return null;
  const rename = (name: string | null) => {
    if (name !== null) client.workspace.getState().setPage(id, { name });
    setRenaming(false);
  };
  if (isRenaming)
    return (
      <h1 className="page-title">
        <NameField value={entry.name} label={t("nav.pageName")} onDone={rename} />
      </h1>
    );
  return (
    <h1 className="page-title">
      <button
        type="button"
        title={isEditor ? t("page.rename") : undefined}
        disabled={!isEditor}
        onClick={() => setRenaming(true)}
      >
        {entry.name || t("nav.untitled")}
      </button>
    </h1>
  );
}
