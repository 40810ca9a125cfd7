/** Korean as its keys: `회의` is ㅎㅗㅣㅇㅡㅣ typed and ㅎㅇ in initial consonants (초성). */

const INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ";
const MEDIALS = [
  ..."ㅏㅐㅑㅒㅓㅔㅕㅖㅗ",
  "ㅗㅏ",
  "ㅗㅐ",
  "ㅗㅣ",
  ..."ㅛㅜ",
  "ㅜㅓ",
  "ㅜㅔ",
  "ㅜㅣ",
  ..."ㅠㅡ",
  "ㅡㅣ",
  "ㅣ",
];
const FINALS = [
  "",
  ..."ㄱㄲ",
  "ㄱㅅ",
  "ㄴ",
  "ㄴㅈ",
  "ㄴㅎ",
  ..."ㄷㄹ",
  "ㄹㄱ",
  "ㄹㅁ",
  "ㄹㅂ",
  "ㄹㅅ",
  "ㄹㅌ",
  "ㄹㅍ",
  "ㄹㅎ",
  ..."ㅁㅂ",
  "ㅂㅅ",
  ..."ㅅㅆㅇㅈㅊㅋㅌㅍㅎ",
];

const FIRST_SYLLABLE = 0xac00;
const LAST_SYLLABLE = 0xd7a3;
const PER_INITIAL = MEDIALS.length * FINALS.length;

/** Two consonants that the input method joins as it would a final one: `ㄱㅅ` typed alone is ㄳ. */
const JOINED: Readonly<Record<string, string>> = {
  ㄳ: "ㄱㅅ",
  ㄵ: "ㄴㅈ",
  ㄶ: "ㄴㅎ",
  ㄺ: "ㄹㄱ",
  ㄻ: "ㄹㅁ",
  ㄼ: "ㄹㅂ",
  ㄽ: "ㄹㅅ",
  ㄾ: "ㄹㅌ",
  ㄿ: "ㄹㅍ",
  ㅀ: "ㄹㅎ",
  ㅄ: "ㅂㅅ",
};

export function hasHangul(text: string): boolean {
  return /[ㄱ-ㅣ가-힣]/.test(text);
}

/** The text as keys, and where in it each character begins. */
export interface Typed {
  readonly keys: string;
  readonly starts: ReadonlySet<number>;
}

export function typedOf(text: string): Typed {
  let keys = "";
  const starts = new Set<number>();
  for (const character of text) {
    starts.add(keys.length);
    keys += keysOf(character);
  }
  return { keys, starts };
}

function keysOf(character: string): string {
  const code = character.charCodeAt(0);
  if (code < FIRST_SYLLABLE || code > LAST_SYLLABLE) return JOINED[character] ?? character;
  const at = code - FIRST_SYLLABLE;
  const initial = INITIALS[Math.floor(at / PER_INITIAL)] ?? "";
  const medial = MEDIALS[Math.floor((at % PER_INITIAL) / FINALS.length)] ?? "";
  return initial + medial + (FINALS[at % FINALS.length] ?? "");
}

/** Initial consonants of a query that is nothing else; null for any other. */
export function initialsIn(query: string): string | null {
  const spelled = [...query].map((one) => JOINED[one] ?? one).join("");
  return /^[ㄱ-ㅎ]+$/.test(spelled) ? spelled : null;
}

/** A character a syllable: its initial consonant; others stay. */
export function initialsOf(text: string): string {
  return [...text].map((one) => (/[가-힣]/.test(one) ? (keysOf(one)[0] ?? "") : one)).join("");
}
