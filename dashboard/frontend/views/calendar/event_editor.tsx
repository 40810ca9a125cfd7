/** The event editor: a popover beside what was clicked; on a phone a sheet from below. */

import type { EditorProps, EventTarget } from "./event_target";
import { KnownEvent } from "./known_event";
import { NewEvent } from "./new_event";

export type { EventTarget } from "./event_target";

export function EventEditor({ target, ...props }: EditorProps<EventTarget>) {
  if (target.kind === "new") return <NewEvent {...props} target={target} />;
  return <KnownEvent {...props} target={target} />;
}
