/**
 * Runs one SQL statement. The database is opened for the step and closed after
 * it; a database connector of an `integration.registry` keeps connections open.
 *
 * @module
 */
import { z } from "zod";
import { defineStep, secret } from "@engine/define.ts";
import {
  type Driver,
  DRIVERS,
  hasRows,
  type Statement,
} from "@engine/outgoing/sql/database.ts";
import { openDatabase } from "@engine/outgoing/sql/open_database.ts";

const config = z.strictObject({
  driver: z.enum(Object.keys(DRIVERS) as [Driver, ...Driver[]]).describe(
    "The database: sqlite (or sqlite3), which runs in this process and stops " +
      "all else while a statement runs, so keep statements short; or postgres " +
      "(or postgresql)",
  ),
  dsn: secret().describe(
    "Of sqlite a file below the document's folder, or :memory: for a database " +
      "that ends with the step; of postgres a URL",
  ).meta({ examples: ["orders.db", "postgres://app@db:5432/orders"] }),
  sql: z.string().min(1).describe(
    "One statement, with ? (sqlite) or $1, $2… (postgres) for each value. Never " +
      "put a value into the text",
  ).meta({ examples: ["select * from orders where id = ?"], widget: "code" }),
  args: z.array(z.unknown()).default([]).describe(
    "The values of the statement, in order; lists and maps are stored as JSON",
  ),
});

const output = z.strictObject({
  columns: z.array(z.string()).optional().describe(
    "The names of the columns, of a statement that returns rows",
  ),
  rows: z.array(z.record(z.string(), z.unknown())).optional().describe(
    "The rows, at most 10000: dates as ISO text, bytes as base64, and whole " +
      "numbers that JSON cannot hold as text",
  ),
  count: z.int().optional().describe("How many rows there are"),
  rowsAffected: z.int().optional().describe(
    "How many rows any other statement has changed",
  ),
});

export default defineStep({
  type: "sql",
  summary: "Runs one SQL statement with parameters",
  stability: "beta",
  config,
  output,
  examples: [{
    title: "Ask a database",
    modules: [],
    pipelines: {
      price: {
        steps: [{
          id: "sum",
          use: "sql",
          with: {
            driver: "sqlite",
            dsn: ":memory:",
            sql: "select ? * ? as total",
            args: ["${{ input.price }}", "${{ input.count }}"],
          },
        }],
      },
    },
    runs: [{
      pipeline: "price",
      input: { price: 2.5, count: 4 },
      output: { columns: ["total"], rows: [{ total: 10 }], count: 1 },
    }],
  }],
  async run({ driver, dsn, sql, args }, { signal }, { folder, effects }) {
    const database = await openDatabase({
      driver,
      dsn,
      folder,
      clock: effects.clock,
      maxOpenConns: 1,
    });
    try {
      // Evaluated from JSON by expressions that yield JSON.
      const values = args as Statement["args"];
      const result = await database.run({ sql, args: values }, signal);
      if (!hasRows(result)) return result;
      const { columns, rows, count } = result;
      return { columns: [...columns], rows: [...rows], count };
    } finally {
      await database.close();
    }
  },
});
