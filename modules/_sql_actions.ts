/**
 * What steps of pipelines can ask of a database.
 *
 * @module
 */
import { z } from "zod";
import type { ActionDefinition, JsonObject } from "@engine/define.ts";
import { RefusedError } from "@engine/errors.ts";
import {
  deleteFrom,
  insertInto,
  matching,
  updateIn,
  type Where,
} from "@engine/outgoing/sql/change.ts";
import type { ActContext } from "@engine/services/actions.ts";
import { hasRows, type Outcome, type Sql } from "@engine/services/sql.ts";

type Json = NonNullable<JsonObject[string]>;

// What comes out of an expression is JSON already.
const value = z.json();

const sql = z.string().min(1).describe(
  "One statement, with $1, $2… for its values. Never put a value into the text",
).meta({ examples: ["select * from orders where id = $1"], widget: "code" });

const args = z.array(value).default([]).describe(
  'The values, in order; lists and maps are stored as JSON, and {"$bytes": ' +
    '"AQI="} is bytes in base64',
);

const table = z.string().min(1).describe(
  "The table: letters, digits and underscores, perhaps after its schema and a dot",
).meta({ examples: ["orders"] });

const data = z.record(z.string(), value).describe("Values by their column");

const where = z.union([z.string(), z.record(z.string(), value)]).optional()
  .describe(
    "Which rows: values by their column, of which each must be equal; or a " +
      "condition with $1, $2… for its values",
  ).meta({ examples: ["total > $1"] });

const all = z.boolean().default(false).describe(
  "Every row is meant; else there must be a where",
);

const statement = { sql, args };
const change = { table, where, args, all };

const rows = {
  columns: z.array(z.string()).describe("The names of the columns"),
  rows: z.array(z.record(z.string(), z.unknown())).describe(
    "The rows: dates as ISO text, bytes as base64, numbers that JSON cannot " +
      "hold as text, and of postgres every int8 and numeric as text",
  ),
  count: z.int().describe("How many rows there are"),
};

const rowsAffected = z.int().describe("How many rows have changed");

const statementInput = z.strictObject(statement);
const insertInput = z.strictObject({ table, data });
const updateInput = z.strictObject({ ...change, data });
const deleteInput = z.strictObject(change);
const transactionInput = z.strictObject({
  statements: z.array(statementInput).min(1).max(1_000).describe(
    "The statements, in order",
  ),
});

const affected = z.strictObject({ rowsAffected });

/** The actions, by name. */
export const sqlActions = {
  query: {
    summary: "Asks for rows",
    input: statementInput,
    output: z.strictObject(rows),
  },
  execute: {
    summary:
      "Runs a statement that returns no rows, and counts what it changed",
    input: statementInput,
    output: affected,
  },
  insert: {
    summary:
      "Adds a row; a step that runs again adds it again, unless a key forbids that",
    input: insertInput,
    output: affected,
  },
  update: {
    summary: "Changes the rows that a condition finds",
    input: updateInput,
    output: affected,
  },
  delete: {
    summary: "Deletes the rows that a condition finds",
    input: deleteInput,
    output: affected,
  },
  transaction: {
    summary: "Runs several statements, of which all take effect or none",
    input: transactionInput,
    output: z.strictObject({
      results: z.array(
        z.strictObject({
          columns: rows.columns.optional(),
          rows: rows.rows.optional(),
          count: rows.count.optional(),
          rowsAffected: rowsAffected.optional(),
        }),
      ).describe("What each statement has returned or changed"),
    }),
  },
} satisfies Readonly<Record<string, ActionDefinition>>;

const connectionField = {
  connection: z.string().min(1).optional().describe(
    "Which connection; absent: the default one",
  ),
};

/** The same for a module that has several connections. */
export const namedSqlActions: Readonly<Record<string, ActionDefinition>> =
  Object.fromEntries(
    Object.entries(sqlActions).map(([name, action]) => [name, {
      ...action,
      input: action.input.extend(connectionField),
    }]),
  );

/** Does an action. `input` may name a connection. */
export async function actOn(
  database: Sql,
  action: string,
  { input: { connection, ...input }, signal }:
    & { readonly input: JsonObject }
    & Pick<ActContext, "signal">,
): Promise<Json> {
  const asked = database.connection(connection as string | undefined);
  switch (action) {
    case "query": {
      const outcome = await asked.run(statementInput.parse(input), signal);
      return hasRows(outcome)
        ? shown(outcome)
        : { columns: [], rows: [], count: 0 };
    }
    case "transaction": {
      const { statements } = transactionInput.parse(input);
      const outcomes = await asked.transact(statements, signal);
      return { results: outcomes.map(shown) };
    }
    default: {
      const outcome = await asked.run(changeOf(action, input), signal);
      return {
        rowsAffected: hasRows(outcome) ? outcome.count : outcome.rowsAffected,
      };
    }
  }
}

function changeOf(action: string, input: JsonObject) {
  // Parameters with numbers are understood by both databases.
  const dialect = "postgres";
  switch (action) {
    case "insert": {
      const { table, data } = insertInput.parse(input);
      return insertInto(dialect, table, data);
    }
    case "update": {
      const { table, data, ...which } = updateInput.parse(input);
      const rows = rowsOf(`update "${table}"`, which);
      return updateIn(dialect, table, { data, ...rows });
    }
    case "delete": {
      const { table, ...which } = deleteInput.parse(input);
      return deleteFrom(table, rowsOf(`delete from "${table}"`, which));
    }
    default:
      return statementInput.parse(input);
  }
}

type Which = Omit<z.output<typeof deleteInput>, "table">;

/** @throws {RefusedError} unless it is said that all rows are meant. */
function rowsOf(attempt: string, { where = {}, args, all }: Which): Where {
  const isEmpty = typeof where === "string"
    ? where.trim() === ""
    : Object.keys(where).length === 0;
  if (!isEmpty && typeof where === "string") return { where, args };
  if (args.length > 0) {
    throw new RefusedError(
      "invalid-input",
      `Cannot ${attempt}: "args" are of a "where" that is a text`,
    );
  }
  if (!isEmpty && typeof where !== "string") return matching(where);
  if (all) return { where: "1 = 1", args: [] };
  throw new RefusedError(
    "invalid-input",
    `Cannot ${attempt}: there is no "where"; "all: true" means every row`,
  );
}

/** Lists that nobody changes, as JSON. */
function shown(outcome: Outcome): { [name: string]: Json } {
  if (!hasRows(outcome)) return { rowsAffected: outcome.rowsAffected };
  const { columns, rows, count } = outcome;
  return { columns: [...columns], rows: [...rows], count };
}
