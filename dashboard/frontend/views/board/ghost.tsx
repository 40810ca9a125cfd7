/** Somebody else's drag: the slot they aim at, and their copy of the card with their name. */

import { useStore } from "zustand";
import type { Column, Person } from "../../store/types";
import { shortName } from "../names";
import { CardFace } from "./card";
import { useBoard } from "./session";

interface GhostRowProps {
  readonly card: string;
  readonly person: Person;
  readonly column: Column;
}

export function GhostRow({ card: id, person, column }: GhostRowProps) {
  const board = useBoard();
  const card = useStore(board.project, (state) => state.cards[id]);
  const hue = `p-${person.colour}`;
  return (
    <div className={`slot ${hue}`} style={{ height: board.heights.get(id) }} aria-hidden="true">
      {card && (
        <div className={`ghost ${hue}`} data-moim="ghost" data-id={id}>
          <div className="card">
            <CardFace card={card} column={column} />
          </div>
          <span className="cursor">
            <svg viewBox="0 0 18 18" aria-hidden="true">
              <path d="m3 2 12 5.2-5.2 1.8L7.6 15Z" />
            </svg>
            <span className={`flag ${hue}`}>{shortName(person.name)}</span>
          </span>
        </div>
      )}
    </div>
  );
}
