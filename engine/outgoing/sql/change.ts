/**
 * Writes the statements that change rows. Names are checked and quoted; values
 * are parameters.
 *
 * @module
 */
import { TerminalError } from "../../errors.ts";
import type { JsonValue } from "../../store/store.ts";
import type { Dialect, Statement } from "./database.ts";

/** Values by the name of their column. */
export type Columns = Readonly<Record<string, JsonValue | undefined>>;

/** Which rows: a condition, and the values of its parameters. */
export interface Where {
  /**
   * With `?` for SQLite and `$1`, `$2`… for PostgreSQL, counted from 1 whatever
   * the statement holds beside it.
   */
  readonly where: string;
  readonly args: readonly JsonValue[];
}

/** @throws {TerminalError} if a name is none, or there is no column. */
export function insertInto(
  dialect: Dialect,
  table: string,
  data: Columns,
): Statement {
  const { names, values } = columnsOf(data, `insert into "${table}"`);
  const places = values.map((_, index) => place(dialect, index + 1));
  return {
    sql: `INSERT INTO ${quoted(table)} (${names.map(quoted).join(", ")}) ` +
      `VALUES (${places.join(", ")})`,
    args: values,
  };
}

/** @throws {TerminalError} if a name is none, or there is no column. */
export function updateIn(
  dialect: Dialect,
  table: string,
  { data, where, args }: Where & { readonly data: Columns },
): Statement {
  const { names, values } = columnsOf(data, `update "${table}"`);
  const settings = names.map((name, index) =>
    `${quoted(name)} = ${place(dialect, args.length + index + 1)}`
  );
  return {
    sql: `UPDATE ${quoted(table)} SET ${settings.join(", ")} WHERE ${where}`,
    // A question mark counts by where it stands, a number says which it is.
    args: dialect === "sqlite" ? [...values, ...args] : [...args, ...values],
  };
}

/** @throws {TerminalError} if the table is no name. */
export function deleteFrom(table: string, { where, args }: Where): Statement {
  return { sql: `DELETE FROM ${quoted(table)} WHERE ${where}`, args };
}

/**
 * Rows of which each of these columns has this value.
 *
 * @throws {TerminalError} if a name is none, or there is no column.
 */
export function matching(columns: Columns): Where {
  const { names, values } = columnsOf(columns, "find rows", "where");
  const args = values.filter((value) => value !== null);
  let number = 0;
  const conditions = names.map((name, index) =>
    values[index] === null
      ? `${quoted(name)} IS NULL`
      : `${quoted(name)} = $${++number}`
  );
  return { where: conditions.join(" AND "), args };
}

function place(dialect: Dialect, number: number): string {
  return dialect === "sqlite" ? "?" : `$${number}`;
}

function columnsOf(data: Columns, attempt: string, field = "data") {
  const entries = Object.entries(data)
    .flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]] as const
    );
  if (entries.length === 0) {
    throw new TerminalError(`Cannot ${attempt}: "${field}" has no column`);
  }
  return {
    names: entries.map(([name]) => name),
    values: entries.map(([, value]) => value),
  };
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,62}$/;

/** A name, perhaps with its schema in front, as it stands in a statement. */
function quoted(name: string): string {
  const parts = name.split(".");
  if (parts.length <= 2 && parts.every((part) => NAME.test(part))) {
    return parts.map((part) => `"${part}"`).join(".");
  }
  throw new TerminalError(
    `Cannot use "${name}" as a name in SQL: expected letters, digits and ` +
      "underscores, and no digit in front",
  );
}
