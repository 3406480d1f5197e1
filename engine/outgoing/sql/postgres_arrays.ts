/**
 * Arrays of PostgreSQL, of every type that a database has. The library can ask for
 * the types itself; but it does so where nobody hears of a failure, and one that
 * nobody hears of ends the process.
 *
 * @module
 */
import type { Sql } from "postgres";
import type { JsonValue } from "../../store/store.ts";
import { bytesIn } from "./database.ts";

/** Every type that has arrays: its number, that of its arrays, what parts items. */
const ARRAYS = "select oid::text, typarray::text, typdelim " +
  "from pg_catalog.pg_type where typarray <> 0";

type Convert = (value: unknown) => unknown;

/** What the library reads values with, by the numbers of types. */
interface Conversions {
  readonly parsers: Record<string, Convert>;
}

/** Teaches a client the arrays of the database to which it connects. */
export async function learnArrays(sql: Sql): Promise<void> {
  const types = await sql.unsafe<
    { oid: string; typarray: string; typdelim: string }[]
  >(ARRAYS);
  // The library has them, and its types do not.
  const { parsers } = sql.options as unknown as Conversions;
  for (const { oid, typarray, typdelim } of types) {
    const read = parsers[oid] ?? ((text) => text);
    parsers[typarray] = (text) => readArray(String(text), typdelim, read);
  }
}

/**
 * A list as a parameter: an array, of whatever type, or JSON where that is wanted.
 * The library would take its type for that of the first item.
 */
export class List {
  readonly #items: readonly unknown[];

  constructor(items: readonly unknown[]) {
    this.#items = items;
  }

  toJSON(): readonly unknown[] {
    return this.#items;
  }

  toString(): string {
    return writeArray(this.#items);
  }
}

/**
 * Reads what PostgreSQL writes: `{1,NULL,"a \"b\""}`, lists in lists, and bounds
 * before them, which JSON has no place for.
 *
 * @throws {Error} It is no such text.
 */
export function readArray(
  text: string,
  delimiter: string,
  read: Convert,
): unknown[] {
  let at = text.indexOf("{");
  const here = () => {
    const character = text[at];
    if (at >= 0 && character !== undefined) return character;
    throw new Error(`Cannot read an array: it ends at ${text.length}`);
  };
  const list = (): unknown[] => {
    const items: unknown[] = [];
    here();
    at++;
    while (here() !== "}") {
      items.push(here() === "{" ? list() : here() === '"' ? quoted() : bare());
      if (here() === delimiter) at++;
    }
    at++;
    return items;
  };
  const quoted = () => {
    let value = "";
    at++;
    while (here() !== '"') {
      if (here() === "\\") at++;
      value += here();
      at++;
    }
    at++;
    return read(value);
  };
  const bare = () => {
    const from = at;
    while (here() !== delimiter && here() !== "}") at++;
    const value = text.slice(from, at);
    return value === "NULL" ? null : read(value);
  };
  return list();
}

/** Writes what PostgreSQL reads; lists in lists are dimensions. */
export function writeArray(items: readonly unknown[]): string {
  const texts = items.map((item) => {
    if (item === null || item === undefined) return "NULL";
    if (Array.isArray(item)) return writeArray(item);
    const bytes = bytesIn(item as JsonValue);
    const text = bytes !== undefined
      ? `\\x${bytes.toHex()}`
      : typeof item === "object"
      ? JSON.stringify(item)
      : String(item);
    return `"${text.replaceAll(/[\\"]/g, "\\$&")}"`;
  });
  return `{${texts.join()}}`;
}
