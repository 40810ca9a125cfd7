/** Whom a comment names: `@` and the whole name of somebody of the workspace. */

import type { Member } from "../../store/types";

export interface MentionQuery {
  /** Where the `@` stands. */
  readonly at: number;
  /** What was typed after it. */
  readonly text: string;
}

const LONGEST_QUERY = 40;

/** The mention that is being typed where the caret is; null when there is none. */
export function queryAt(text: string, caret: number): MentionQuery | null {
  const at = text.lastIndexOf("@", caret - 1);
  if (at < 0 || caret - at > LONGEST_QUERY) return null;
  const typed = text.slice(at + 1, caret);
  const isWord = at === 0 || /[\s(]/.test(text[at - 1] ?? "");
  return isWord && !/[\n@]/.test(typed) && !typed.startsWith(" ") ? { at, text: typed } : null;
}

/** Members whose name, or a word of it, begins with what was typed. */
export function matching(members: readonly Member[], { text }: MentionQuery): readonly Member[] {
  const wanted = text.toLocaleLowerCase();
  return members.filter(({ name }) => {
    const whole = name.toLocaleLowerCase();
    // A Korean given name follows the family name without a space.
    return (
      whole.startsWith(wanted) || whole.includes(` ${wanted}`) || whole.slice(1).startsWith(wanted)
    );
  });
}

/** The ids of all whose names stand after an `@`; of "@Minji Kim" and "@Minji" the longer counts. */
export function mentionsIn(text: string, members: readonly Member[]): readonly string[] {
  const longest = [...members].sort((a, b) => b.name.length - a.name.length);
  const found = new Set<string>();
  for (let at = text.indexOf("@"); at >= 0; at = text.indexOf("@", at + 1)) {
    const here = longest.find(({ name }) => name !== "" && text.startsWith(name, at + 1));
    if (here) found.add(here.id);
  }
  return [...found].sort();
}
