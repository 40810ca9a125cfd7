/** What can be done with a cell: title, height, place, delete. */

import { ArrowDown, ArrowUp, Pencil, Trash2 } from "lucide-react";
import { useStore } from "zustand";
import type { Cell } from "../../store/page_types";
import { Icon } from "../icons";
import { useWords } from "../language";
import { Popover } from "../popover";
import { deleteCell, stepCell } from "./actions";
import { heightOf } from "./kinds";
import { useOpenPage } from "./session";

const HEIGHTS = [
  { name: "cell.small", px: 240 },
  { name: "cell.medium", px: 400 },
  { name: "cell.tall", px: 640 },
] as const;

interface CellMenuProps {
  readonly cell: Cell;
  readonly name: string;
  readonly anchor: Element;
  readonly onClose: () => void;
}

export function CellMenu({ cell, name, anchor, onClose }: CellMenuProps) {
  const page = useOpenPage();
  const words = useWords();
  const { t } = words;
  const cells = useStore(page.store, (state) => state.cells);
  const step = (by: number) => stepCell(page, cell.id, by, words);
  const then = (run: () => void) => () => {
    onClose();
    run();
  };
  return (
    <Popover anchor={anchor} label={t("nav.menu", { name })} onClose={onClose} isMenu>
      <div className="menu">
        {cell.kind !== "note" && (
          <button type="button" onClick={then(() => page.session.setState({ naming: cell.id }))}>
            <Icon of={Pencil} />
            {t("app.rename")}
          </button>
        )}
        <button type="button" disabled={cells[0]?.id === cell.id} onClick={() => step(-1)}>
          <Icon of={ArrowUp} />
          {t("nav.moveUp")}
        </button>
        <button type="button" disabled={cells.at(-1)?.id === cell.id} onClick={() => step(1)}>
          <Icon of={ArrowDown} />
          {t("nav.moveDown")}
        </button>
      </div>
      {heightOf(cell) !== null && <Heights cell={cell} />}
      <div className="menu part">
        <button
          type="button"
          className="danger"
          onClick={then(() => deleteCell(page, cell.id, name, words))}
        >
          <Icon of={Trash2} />
          {t("app.delete")}
        </button>
      </div>
    </Popover>
  );
}

function Heights({ cell }: { readonly cell: Cell }) {
  const { store } = useOpenPage();
  const { t } = useWords();
  return (
    <fieldset className="cell-heights" aria-label={t("cell.height")}>
      {HEIGHTS.map(({ name, px }) => (
        <button
          key={name}
          type="button"
          className="btn s line"
          aria-pressed={heightOf(cell) === px}
          onClick={() => store.getState().setCell(cell.id, { height: px })}
        >
          {t(name)}
        </button>
      ))}
    </fieldset>
  );
}
