/** A cell's head: its title, what it shows, and what can be done with it. */

import { ChevronDown, Clock, Ellipsis } from "lucide-react";
import { useState } from "react";
import { useStore } from "zustand";
import type { Cell } from "../../store/page_types";
import { Icon } from "../icons";
import { useWords } from "../language";
import { NameField } from "../name_field";
import { FaceMarks } from "../notices/face_marks";
import { CellMenu } from "./cell_menu";
import { KINDS } from "./kinds";
import { useOpenPage } from "./session";
import { SourceChooser, useSourceWords } from "./source";

interface TitleProps {
  readonly cell: Cell;
  readonly name: string;
}

interface CellHeadProps extends TitleProps {
  readonly isEditor: boolean;
}

export function CellHead({ cell, name, isEditor }: CellHeadProps) {
  const { t } = useWords();
  const [menu, setMenu] = useState<Element | null>(null);
  return (
    <header className="cell-head">
      {cell.kind !== "note" && <Title cell={cell} name={name} isEditor={isEditor} />}
      {cell.kind !== "note" && <Source cell={cell} name={name} isEditor={isEditor} />}
      <CellMarks cell={cell} />
      <span className="grow" />
      {isEditor && (
        <button
          type="button"
          className="ib s cell-more"
          aria-haspopup="dialog"
          aria-label={t("nav.menu", { name })}
          onClick={(event) => setMenu(event.currentTarget)}
        >
          <Icon of={Ellipsis} />
        </button>
      )}
      {menu && <CellMenu cell={cell} name={name} anchor={menu} onClose={() => setMenu(null)} />}
    </header>
  );
}

/** What of this cell waits: to be sent, or for a decision. */
function CellMarks({ cell }: { readonly cell: Cell }) {
  const { client, id, store, toasts } = useOpenPage();
  const { t } = useWords();
  const isUnsent = useStore(store, ({ unsent }) => unsent.has(cell.id));
  return (
    <>
      {isUnsent && (
        <span className="unsent" role="img" title={t("card.unsent")} aria-label={t("card.unsent")}>
          <Icon of={Clock} />
        </span>
      )}
      <FaceMarks
        client={client}
        toasts={toasts}
        document={`page/${id}`}
        entity={`cells/${cell.id}`}
      />
    </>
  );
}

function Title({ cell, name, isEditor }: CellHeadProps) {
  const { store, session } = useOpenPage();
  const { t } = useWords();
  const isNaming = useStore(session, ({ naming }) => naming === cell.id);
  const rename = (title: string | null) => {
    if (title !== null) store.getState().setCell(cell.id, { title });
    session.setState({ naming: null });
  };
  if (isNaming)
    return (
      <h2>
        <NameField
          value={cell.title ?? ""}
          label={t("cell.title")}
          placeholder={name}
          onDone={rename}
        />
      </h2>
    );
  return (
    <h2 className="clip" onDoubleClick={() => isEditor && session.setState({ naming: cell.id })}>
      {name}
    </h2>
  );
}

/** Says what the cell shows, and opens the list to choose from. */
function Source({ cell, name, isEditor }: CellHeadProps) {
  const { t } = useWords();
  const source = useSourceWords(cell);
  // A title that is the source's own name need not be said twice.
  const words = source === name ? t(KINDS[cell.kind].name) : source;
  const [anchor, setAnchor] = useState<Element | null>(null);
  if (!isEditor) return <span className="cell-source clip">{words}</span>;
  return (
    <>
      <button
        type="button"
        className="cell-source"
        aria-haspopup="dialog"
        aria-label={t("cell.source", { name: source })}
        onClick={(event) => setAnchor(event.currentTarget)}
      >
        <span className="clip">{words}</span>
        <Icon of={ChevronDown} size={12} />
      </button>
      {anchor && <SourceChooser cell={cell} anchor={anchor} onClose={() => setAnchor(null)} />}
    </>
  );
}
