/** What the tests of words know by name. */

import { type Language, wordsOf } from "../views/language";
import type { Known } from "../views/notices/value_words";

export function knownIn(language: Language): Known {
  return {
    words: wordsOf(language),
    today: "2026-11-27",
    members: { sofia: { id: "sofia", name: "Sofia Almeida", colour: "orange" } },
    columns: [
      { id: "todo", name: "Ready", key: "a", status: "ready", limit: null },
      { id: "review", name: "Review", key: "b", status: "review", limit: 3 },
    ],
    labels: [{ id: "sec", name: "Security", colour: "red" }],
    entries: [{ id: "launch", name: "Launch 2.0", key: "a" }],
  };
}
