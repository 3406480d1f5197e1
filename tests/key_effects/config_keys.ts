/**
 * The keys that the config of a type has, however deep they are.
 *
 * @module
 */
import type { AnyDefinition } from "../../engine/define.ts";
import {
  type JsonSchema,
  jsonSchema,
} from "../../engine/derive/json_schema.ts";
import { below, schemaParts } from "../../engine/derive/map_schema.ts";

/** A key of a config. */
export interface ConfigKey {
  /** `routes[].method` reaches into lists, `pipelines.*.path` into maps. */
  readonly path: string;
  /** What may stand there: of a union, one schema for each alternative. */
  readonly schemas: readonly JsonSchema[];
}

/** What messages and tables call a definition: `module http.server`. */
export function subjectOf({ kind, type }: AnyDefinition): string {
  return `${kind} ${type}`;
}

/**
 * The keys below which there are no others: those above do nothing by themselves.
 * One that takes a single value has no other to compare, and one that is another's
 * second spelling is that key once it is read (`modules/_spellings.ts`).
 */
export function configKeys({ config }: AnyDefinition): readonly ConfigKey[] {
  const keys = new Map<string, JsonSchema[]>();
  for (const { schema, path } of schemaParts(jsonSchema(config))) {
    for (const [key, field] of Object.entries(schema.properties ?? {})) {
      const place = below(path, key);
      keys.set(place, [...keys.get(place) ?? [], field]);
    }
  }
  return [...keys]
    .filter(([, schemas]) =>
      !schemas.some(hasKeys) && !hasOneValue(schemas) && !schemas.every(isTwin)
    )
    .map(([path, schemas]) => ({ path, schemas }));
}

function hasKeys(schema: JsonSchema): boolean {
  return [...schemaParts(schema)]
    .some(({ schema: { properties } }) => properties !== undefined);
}

function hasOneValue([schema, ...others]: readonly JsonSchema[]): boolean {
  return schema?.const !== undefined && others.length === 0;
}

function isTwin({ deprecated, description = "" }: JsonSchema): boolean {
  return deprecated === true && TWIN.test(description);
}

/** How `inBothSpellings` describes a second spelling. */
const TWIN = /^The same as \w+, over which it takes precedence$/;
