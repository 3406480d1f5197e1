/**
 * Asks a database on behalf of steps. It is opened by the first action.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import { TerminalError } from "@engine/errors.ts";
import {
  deleteFrom,
  insertInto,
  updateIn,
} from "@engine/outgoing/sql/change.ts";
import {
  type Database,
  type Dialect,
  hasRows,
  type Statement,
} from "@engine/outgoing/sql/database.ts";
import { openDatabase } from "@engine/outgoing/sql/open_database.ts";
import type {
  Connector,
  ConnectorParams,
  DatabaseConnectorConfig,
} from "@engine/services/connectors.ts";
import { z } from "zod";

type Context = Parameters<Connector["call"]>[2];
type Result = Awaited<ReturnType<Connector["call"]>>;
type Statements = (params: unknown, dialect: Dialect) => Statement;

// What comes out of an expression is JSON already.
const value = z.json();
const sql = z.string().min(1);
const args = z.array(value).default([]);
const table = z.string().min(1);
const data = z.record(z.string(), value);
const where = z.string().min(1);

const statementShape = z.strictObject({ sql, args });
const insertShape = z.strictObject({ table, data });
const updateShape = z.strictObject({ table, data, where, args });
const deleteShape = z.strictObject({ table, where, args });

/** How each action becomes a statement. */
const ACTIONS: Readonly<Record<string, Statements>> = {
  query: (params) => statementShape.parse(params),
  execute: (params) => statementShape.parse(params),
  insert(params, dialect) {
    const { table, data } = insertShape.parse(params);
    return insertInto(dialect, table, data);
  },
  update(params, dialect) {
    const { table, ...change } = updateShape.parse(params);
    return updateIn(dialect, table, change);
  },
  delete(params) {
    const { table, ...which } = deleteShape.parse(params);
    return deleteFrom(table, which);
  },
};

/** See `Connector`. */
export class DatabaseConnector implements Connector {
  readonly #name: string;
  readonly #config: DatabaseConnectorConfig;
  readonly #host: Pick<Host, "effects" | "folder">;
  #opened: Promise<Database> | undefined;

  constructor(
    name: string,
    settings: DatabaseConnectorConfig,
    host: Pick<Host, "effects" | "folder">,
  ) {
    this.#name = name;
    this.#config = settings;
    this.#host = host;
  }

  async call(
    action: string,
    params: ConnectorParams,
    { signal }: Context,
  ): Promise<Result> {
    const database = await this.#database();
    const statement = this.#statement(action, params, database.dialect);
    const result = await database.run(statement, signal);
    if (action === "query") {
      return hasRows(result) ? result : { columns: [], rows: [], count: 0 };
    }
    return hasRows(result) ? { rowsAffected: result.count } : result;
  }

  async close(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    // A database that could not be opened has nothing to close.
    const database = await opened?.catch(() => undefined);
    await database?.close();
  }

  /** A failure is not kept: the next action tries again. */
  #database(): Promise<Database> {
    const { effects: { clock }, folder } = this.#host;
    this.#opened ??= openDatabase({ ...this.#config, clock, folder })
      .catch((error) => {
        this.#opened = undefined;
        throw error;
      });
    return this.#opened;
  }

  #statement(
    action: string,
    params: ConnectorParams,
    dialect: Dialect,
  ): Statement {
    const make = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
    if (make === undefined) {
      throw new TerminalError(
        `Cannot do "${action}" with "${this.#name}": expected one of ` +
          Object.keys(ACTIONS).join(", "),
      );
    }
    try {
      return make(params, dialect);
    } catch (error) {
      if (!(error instanceof z.ZodError)) throw error;
      const [issue] = error.issues;
      const place = issue?.path.join(".") ?? "";
      throw new TerminalError(
        `Cannot do "${action}" with "${this.#name}": ` +
          `${place === "" ? "params" : place}: ${issue?.message}`,
        { cause: error },
      );
    }
  }
}
