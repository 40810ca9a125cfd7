/** IANA zones as people know them: a city and how far it is from Greenwich on a given day. */

import type { Language } from "../language";

export interface ZoneChoice {
  readonly zone: string;
  /** "Seoul (GMT+9)" */
  readonly name: string;
  /** "Korean Standard Time": what more a person may look for. */
  readonly more: string;
}

export function isZone(zone: string): boolean {
  try {
    return Boolean(Intl.DateTimeFormat("en", { timeZone: zone }));
  } catch {
    return false;
  }
}

/** The zone's name in one style of Intl; empty for a zone that this browser does not know. */
function partOf(zone: string, style: "shortOffset" | "long", language: string, at: Date): string {
  try {
    const format = new Intl.DateTimeFormat(language, { timeZone: zone, timeZoneName: style });
    return format.formatToParts(at).find(({ type }) => type === "timeZoneName")?.value ?? "";
  } catch {
    return "";
  }
}

function cityOf(zone: string): string {
  return (zone.split("/").at(-1) ?? zone).replaceAll("_", " ");
}

export function zoneName(zone: string, at: Date): string {
  // English on purpose: Korean writes the same offset in the same letters, some engines do not.
  const offset = partOf(zone, "shortOffset", "en", at);
  const isPlain = offset === "" || offset === cityOf(zone);
  return isPlain ? cityOf(zone) : `${cityOf(zone)} (${offset})`;
}

/** Every zone of this browser, by name. About 400, so made when a list is opened. */
export function zoneChoices(language: Language, at: Date): readonly ZoneChoice[] {
  const zones = [...new Set([...Intl.supportedValuesOf("timeZone"), "UTC"])];
  const choices = zones.map((zone) => ({
    zone,
    name: zoneName(zone, at),
    more: partOf(zone, "long", language, at),
  }));
  return choices.sort((one, other) => one.name.localeCompare(other.name, "en"));
}

/** Choices that hold every word that was typed, in any order; those that begin with it first. */
export function matchingZones(choices: readonly ZoneChoice[], typed: string): ZoneChoice[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const found = choices.filter(({ zone, name, more }) => {
    const text = `${zone} ${name} ${more}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const begins = ({ name }: ZoneChoice) => name.toLowerCase().startsWith(words[0] ?? "");
  return [...found.filter(begins), ...found.filter((choice) => !begins(choice))];
}
