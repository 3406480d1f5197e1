/**
 * What of a list the query asks for. A query only ever narrows: what a caller may
 * see is decided before.
 *
 * @module
 */
import type { ResourceData } from "@engine/services/persistence.ts";
import { LIST_ITEMS_MAX } from "./_config.ts";
import type { FieldMapping } from "./_field_mapping.ts";
import type { JsonValue } from "./_json.ts";
import { HttpRefusal } from "./_refusal.ts";

/** Query parameters that are no field. */
const PAGING = ["limit", "after"];

/** A query, understood. */
export interface Filters {
  /** How many resources to answer. */
  readonly limit: number;
  /** The id behind which to start. */
  readonly after: string | undefined;
  /** The states that are asked for; `undefined` for all. */
  readonly states: ReadonlySet<string> | undefined;
  /** Whether data has the fields that are asked for. */
  fits(data: ResourceData): boolean;
}

/**
 * Reads `?limit=`, `?after=`, `?state=` and `?<field>=`. A field fits if its text
 * is the value, or one of several separated by commas; a list fits if one of its
 * items does. An empty value asks for nothing.
 *
 * @throws {HttpRefusal} 400 if the limit is no whole number from 1.
 */
export function filtersOf(
  query: URLSearchParams,
  mapping: FieldMapping,
): Filters {
  const wanted = new Map<string, Set<string>>();
  for (const [name, value] of query) {
    if (PAGING.includes(name) || value === "") continue;
    const values = wanted.get(name) ?? new Set();
    for (const one of [value, ...value.split(",")]) values.add(one);
    wanted.set(name, values);
  }
  const states = wanted.get("state");
  wanted.delete("state");
  return {
    limit: limitOf(query.get("limit")),
    after: query.get("after") || undefined,
    states,
    fits: (data) =>
      wanted.entries().every(([name, values]) =>
        isAmong(mapping.read(data, name), values)
      ),
  };
}

function limitOf(text: string | null): number {
  if (text === null || text === "") return LIST_ITEMS_MAX;
  const limit = /^\d+$/.test(text) ? Number(text) : 0;
  if (limit >= 1) return Math.min(limit, LIST_ITEMS_MAX);
  throw new HttpRefusal(
    400,
    `Cannot list: the limit must be a whole number from 1 to ${LIST_ITEMS_MAX}`,
  );
}

function isAmong(
  value: JsonValue | undefined,
  values: ReadonlySet<string>,
): boolean {
  if (Array.isArray(value)) return value.some((item) => isAmong(item, values));
  const isScalar = typeof value === "string" || typeof value === "number" ||
    typeof value === "boolean";
  return isScalar && values.has(String(value));
}
