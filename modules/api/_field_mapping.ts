/**
 * Reads fields under the names that a document gives them, so that a handler can
 * work on data whose producer calls things otherwise.
 *
 * @module
 */
import type { JsonObject } from "@engine/define.ts";
import { fieldOf, type JsonValue } from "./_json.ts";

/** Logical names with the actual names that stand for them, the first preferred. */
export type FieldNames = Readonly<Record<string, string | readonly string[]>>;

/** Reads fields by logical name. A name without a mapping stands for itself. */
export class FieldMapping {
  readonly #names: ReadonlyMap<string, readonly string[]>;

  constructor(names: FieldNames) {
    this.#names = new Map(
      Object.entries(names)
        .map(([name, actual]) => [name, [actual].flat()] as const)
        .filter(([, chain]) => chain.length > 0),
    );
  }

  /** The value of the first name that is present, even if it is null. */
  read(data: JsonObject, name: string): JsonValue | undefined {
    for (const actual of this.#names.get(name) ?? [name]) {
      const value = fieldOf(data, actual);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  /** Like `read`, for texts: `undefined` where the value is none, or is empty. */
  readText(data: JsonObject, name: string): string | undefined {
    const value = this.read(data, name);
    return typeof value === "string" && value !== "" ? value : undefined;
  }
}
