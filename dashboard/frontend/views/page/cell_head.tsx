/** A cell's head: its title, what it shows, and what can be done with it. */

import { ChevronDown, Ellipsis } from "lucide-react";
import { useState } from "react";
import { useStore } from "zustand";
import type { Cell } from "../../store/page_types";
import { Icon } from "../icons";
import { useWords } from "../language";
import { NameField } from "../name_field";
import { CellMenu } from "./cell_menu";
import { KINDS } from "./kinds";
import { useOpenPage } from "./session";
import { SourceChooser, useSourceWords } from "./source";

interface CellHeadProps {
  readonly cell: Cell;
  readonly name: string;
}

export function CellHead({ cell, name }: CellHeadProps) {
  const { t } = useWords();
  const [menu, setMenu] = useState<Element | null>(null);
  return (
    <header className="cell-head">
      {cell.kind !== "note" && <Title cell={cell} name={name} />}
      {cell.kind !== "note" && <Source cell={cell} name={name} />}
      <span className="grow" />
      <button
        type="button"
        className="ib s cell-more"
        aria-haspopup="dialog"
        aria-label={t("nav.menu", { name })}
        onClick={(event) => setMenu(event.currentTarget)}
      >
        <Icon of={Ellipsis} />
      </button>
      {menu && <CellMenu cell={cell} name={name} anchor={menu} onClose={() => setMenu(null)} />}
    </header>
  );
}

function Title({ cell, name }: CellHeadProps) {
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
    <h2 className="clip" onDoubleClick={() => session.setState({ naming: cell.id })}>
      {name}
    </h2>
  );
}

/** Says what the cell shows, and opens the list to choose from. */
function Source({ cell, name }: CellHeadProps) {
  const { t } = useWords();
  const source = useSourceWords(cell);
  // A title that is the source's own name need not be said twice.
  const words = source === name ? t(KINDS[cell.kind].name) : source;
  const [anchor, setAnchor] = useState<Element | null>(null);
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
