/**
 * What a document may hold, from the JSON Schema files that Python reads too. Only the words of JSON
 * Schema that those files use are known here; the server checks everything again.
 */

import calendarSchema from "../../../data/moim_data/documents/schemas/calendar.schema.json";
import pageSchema from "../../../data/moim_data/documents/schemas/page.schema.json";
import projectSchema from "../../../data/moim_data/documents/schemas/project.schema.json";
import workspaceSchema from "../../../data/moim_data/documents/schemas/workspace.schema.json";
import { MoimError } from "../core/moim_error";
import { whenProblem } from "../core/when";

export type Scalar = string | number | boolean;

interface Rule {
  readonly $ref?: string;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly prefixItems?: readonly Rule[];
  readonly properties?: Readonly<Record<string, Rule>>;
  readonly additionalProperties?: boolean | Rule;
  readonly $defs?: Readonly<Record<string, Rule>>;
  readonly "x-moim"?: { readonly rule?: string; readonly type?: string };
}

/**
 * Rules by name, for values whose parts only make sense together; each is given only values whose
 * parts are as the schema says. Python has the same table, in `shape.py`.
 */
const RULES: Readonly<Record<string, (value: never) => string | null>> = { when: whenProblem };

/** A value that the schema does not allow; nothing was written. */
export class InvalidValue extends MoimError {
  override readonly name = "InvalidValue";
}

/** The fields of one kind of entity. */
export class EntitySchema {
  readonly #fields: ReadonlyMap<string, (value: unknown) => string | null>;
  readonly #rules: ReadonlyMap<string, Rule>;

  constructor(
    private readonly root: string,
    entity: Rule,
    document: Rule,
  ) {
    const fields = Object.entries(entity.properties ?? {});
    this.#rules = new Map(fields.map(([name, rule]) => [name, followed(rule, document)]));
    this.#fields = new Map(fields.map(([name, rule]) => [name, checker(rule, document)]));
  }

  /** Whether several people type in a field. */
  isText(field: string): boolean {
    return this.#rules.get(field)?.["x-moim"]?.type === "text";
  }

  /** How many characters a field may hold; null: the schema does not say. */
  longest(field: string): number | null {
    return this.#rules.get(field)?.maxLength ?? null;
  }

  get names(): readonly string[] {
    return [...this.#fields.keys()];
  }

  /** Gives the value when the schema allows it, else null: others may have written anything. */
  read(field: string, value: unknown): unknown {
    if (value === undefined || value === null) return null;
    return this.#fields.get(field)?.(value) === null ? value : null;
  }

  /** Throws InvalidValue with what was expected. */
  check(field: string, value: unknown): void {
    const check = this.#fields.get(field);
    const problem = check ? check(value) : "no such field";
    if (problem !== null)
      throw new InvalidValue(`${this.root}/${field}: ${problem}, got ${JSON.stringify(value)}`);
  }
}

/** Gives null, or what was expected. Made once per field, so that a check is a few comparisons. */
function checker(rule: Rule, document: Rule): (value: unknown) => string | null {
  const { type, pattern, maxLength, minimum, maximum, prefixItems, ...rest } = followed(
    rule,
    document,
  );
  const tests: [string, (value: never) => boolean][] = [];
  if (rest.enum)
    tests.push([`expected one of ${rest.enum}`, (v) => rest.enum?.includes(v) === true]);
  if (rest.const !== undefined) tests.push([`expected ${rest.const}`, (v) => v === rest.const]);
  if (type) tests.push([`expected ${type}`, (v) => isOfType(v, type)]);
  if (maxLength !== undefined)
    tests.push([`expected at most ${maxLength} characters`, (v: string) => fits(v, maxLength)]);
  if (pattern) {
    const expression = new RegExp(pattern, "u");
    tests.push([`expected ${pattern}`, (v: string) => expression.test(v)]);
  }
  if (minimum !== undefined) tests.push([`expected at least ${minimum}`, (v) => v >= minimum]);
  if (maximum !== undefined) tests.push([`expected at most ${maximum}`, (v) => v <= maximum]);
  if (prefixItems) tests.push(["expected other items", itemsTest(prefixItems, document)]);
  const inWhole = ruleNamed(rest["x-moim"]?.rule);
  return (value) =>
    tests.find(([, test]) => !test(value as never))?.[0] ?? inWhole?.(value as never) ?? null;
}

function ruleNamed(name: string | undefined): ((value: never) => string | null) | undefined {
  if (name !== undefined && !(name in RULES)) throw new Error(`no rule is called ${name}`);
  return name === undefined ? undefined : RULES[name];
}

function itemsTest(items: readonly Rule[], document: Rule): (value: unknown[]) => boolean {
  const checks = items.map((item) => checker(item, document));
  return (value) =>
    value.length === checks.length && checks.every((check, at) => check(value[at]) === null);
}

/** Counted in characters, as JSON Schema does: an emoji is one. */
function fits(value: string, maxLength: number): boolean {
  return value.length <= maxLength || [...value].length <= maxLength;
}

function isOfType(value: unknown, type: string): boolean {
  if (type === "integer") return Number.isInteger(value);
  if (type === "array") return Array.isArray(value);
  if (type === "number") return Number.isFinite(value);
  return typeof value === type;
}

function followed(rule: Rule, document: Rule): Rule {
  const name = rule.$ref?.replace("#/$defs/", "");
  return name === undefined ? rule : (document.$defs?.[name] ?? {});
}

function entity(document: Rule, root: string): EntitySchema {
  const rule: Rule = document.properties?.[root] ?? {};
  const each = rule.additionalProperties;
  return new EntitySchema(
    root,
    typeof each === "object" ? followed(each, document) : rule,
    document,
  );
}

export const PROJECT = {
  info: entity(projectSchema as Rule, "info"),
  columns: entity(projectSchema as Rule, "columns"),
  labels: entity(projectSchema as Rule, "labels"),
  cards: entity(projectSchema as Rule, "cards"),
  items: entity(projectSchema as Rule, "items"),
  comments: entity(projectSchema as Rule, "comments"),
};

export const CALENDAR = {
  info: entity(calendarSchema as Rule, "info"),
  events: entity(calendarSchema as Rule, "events"),
};

export const PAGE = {
  info: entity(pageSchema as Rule, "info"),
  cells: entity(pageSchema as Rule, "cells"),
};

export const WORKSPACE = {
  info: entity(workspaceSchema as Rule, "info"),
  projects: entity(workspaceSchema as Rule, "projects"),
  calendars: entity(workspaceSchema as Rule, "calendars"),
  pages: entity(workspaceSchema as Rule, "pages"),
  members: entity(workspaceSchema as Rule, "members"),
};

type Roots = Readonly<Record<string, EntitySchema>>;

const ROOTS: Readonly<Record<string, Roots>> = {
  project: PROJECT,
  calendar: { ...CALENDAR, exceptions: CALENDAR.events },
  page: PAGE,
  workspace: WORKSPACE,
};

/** The fields of a root map of a document; null: it has no schema. */
export function schemaOf(document: string, root: string): EntitySchema | null {
  return ROOTS[document.split("/")[0] ?? ""]?.[root] ?? null;
}
