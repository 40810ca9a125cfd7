/** Faces: one person as a circle, several as a stack. */

import type { Hue } from "../store/types";
import { initial } from "./names";

export interface Face {
  readonly id: string;
  readonly name: string;
  readonly colour: Hue;
}

interface AvatarProps {
  readonly person: Face;
  readonly size?: "m" | "l";
  readonly idle?: boolean;
  readonly label?: string;
}

export function Avatar({ person, size, idle = false, label = person.name }: AvatarProps) {
  const classes = ["av", size, idle && "idle", `p-${person.colour}`].filter(Boolean).join(" ");
  return (
    <span className={classes} role="img" aria-label={label} title={label}>
      {initial(person.name)}
    </span>
  );
}

interface AvatarsProps {
  readonly people: readonly Face[];
  readonly most?: number;
}

export function Avatars({ people, most = 3 }: AvatarsProps) {
  if (people.length === 0) return null;
  const shown = people.slice(0, people.length > most ? most : people.length);
  const more = people.slice(shown.length);
  return (
    <span className="avs">
      {shown.map((person) => (
        <Avatar key={person.id} person={person} />
      ))}
      {more.length > 0 && (
        <span className="av more" title={more.map((person) => person.name).join(", ")}>
          +{more.length}
        </span>
      )}
    </span>
  );
}
