/** How a person is called in little room. */

const HANGUL_NAME = /^[가-힣]{2,4}$/;
const TWO_SYLLABLE_SURNAMES = /^(남궁|황보|제갈|사공|선우|서문|독고|동방)/;

/** The given name: "서연" of "박서연", "Sofia" of "Sofia Almeida". */
export function shortName(name: string): string {
  const whole = name.trim();
  if (HANGUL_NAME.test(whole) && whole.length > 2)
    return whole.slice(whole.length > 3 || TWO_SYLLABLE_SURNAMES.test(whole) ? 2 : 1);
  return whole.split(/\s+/)[0] ?? "";
}

/** One character for the face: the first of the given name. */
export function initial(name: string): string {
  const whole = name.trim();
  const given = HANGUL_NAME.test(whole) && whole.length === 2 ? whole.slice(1) : shortName(whole);
  return (Array.from(given)[0] ?? "?").toLocaleUpperCase();
}
