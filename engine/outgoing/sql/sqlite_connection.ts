/**
 * One connection to SQLite, which answers at once: whoever asks waits. See
 * `sqlite.ts` and `sqlite_thread.ts` for where that is done.
 *
 * @module
 */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import {
  messageOf,
  RefusedError,
  RetryableError,
  TerminalError,
} from "../../errors.ts";
import type { JsonValue } from "../../store/store.ts";
import {
  bytesIn,
  type Outcome,
  type Script,
  type Statement,
  tooManyRows,
} from "./database.ts";
import { jsonRow } from "./json_cell.ts";
import { firstWord, isMore, sqliteText } from "./statement_text.ts";

/** How a database is opened. */
export interface SqliteOptions {
  readonly rowsMax: number;
  /** How large the file may become; absent: as large as the disk lets it. */
  readonly bytesMax?: number | undefined;
  /** How long a lock of another process is waited for, in milliseconds. */
  readonly busyMs: number;
  /** Writes a log beside the file, so that readers and a writer do not wait. */
  readonly hasLog: boolean;
}

/** Statements that belong together. */
export interface Job {
  readonly statements: readonly (Statement | Script)[];
  /** All of them take effect, or none. */
  readonly isAtomic: boolean;
}

/** `limits` is newer than the types. */
interface OpenOptions {
  readonly timeout: number;
  /** Other files are out of reach: no ATTACH, no VACUUM INTO. */
  readonly limits: { readonly attach: 0 };
}

type Bindable = null | number | string | Uint8Array<ArrayBuffer>;

/** See the module. */
export class SqliteConnection {
  readonly #database: DatabaseSync;
  readonly #rowsMax: number;

  /** @throws {TerminalError | RetryableError} if the file cannot be opened. */
  constructor(
    file: string,
    { rowsMax, bytesMax, busyMs, hasLog }: SqliteOptions,
  ) {
    this.#rowsMax = rowsMax;
    const options: OpenOptions = { timeout: busyMs, limits: { attach: 0 } };
    try {
      this.#database = new DatabaseSync(file, options);
      if (hasLog) this.#database.exec("PRAGMA journal_mode = WAL");
      if (bytesMax !== undefined) this.#limit(bytesMax);
    } catch (error) {
      throw failureOf(error, "open the SQLite database");
    }
  }

  /** Does a piece of work, alone. */
  do({ statements, isAtomic }: Job): readonly Outcome[] {
    try {
      if (!isAtomic) return statements.map((one) => this.#run(one));
      this.#database.exec("BEGIN IMMEDIATE");
      const outcomes = statements.map((one) => this.#run(one));
      this.#database.exec("COMMIT");
      return outcomes;
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw failureOf(error, "run the statement");
    }
  }

  /**
   * Does pieces of work that nobody was told of yet; one that fails yields its
   * error. Changes share one commit, so that they wait for the disk together.
   */
  doAll(jobs: readonly Job[]): readonly (readonly Outcome[] | Error)[] {
    const shared = canShare(jobs) ? this.#share(jobs) : undefined;
    return shared ?? jobs.map((job) => {
      try {
        return this.do(job);
      } catch (error) {
        return error as Error;
      }
    });
  }

  close(): void {
    this.#database.close();
  }

  /**
   * `undefined` where one of them has ended the transaction for all, such as by
   * a full disk: nothing has changed, and each is to be done alone.
   */
  #share(
    jobs: readonly Job[],
  ): readonly (readonly Outcome[] | Error)[] | undefined {
    const database = this.#database;
    try {
      database.exec("BEGIN IMMEDIATE");
    } catch (error) {
      // A lock has been waited for, which none of them need do again.
      return jobs.map(() => failureOf(error, "run the statement"));
    }
    try {
      const outcomes = jobs.map(({ statements }) => {
        database.exec("SAVEPOINT one");
        try {
          const found = statements.map((one) => this.#run(one));
          database.exec("RELEASE one");
          return found;
        } catch (error) {
          database.exec("ROLLBACK TO one; RELEASE one");
          return failureOf(error, "run the statement");
        }
      });
      database.exec("COMMIT");
      return outcomes;
    } catch {
      // What was wrong shows again where each is done alone.
      if (database.isTransaction) database.exec("ROLLBACK");
      return undefined;
    }
  }

  #run(one: Statement | Script): Outcome {
    if ("script" in one) {
      this.#database.exec(one.script);
      return { rowsAffected: 0 };
    }
    const { sql, values } = sqliteText(one.sql);
    if (values !== one.args.length) {
      throw new TerminalError(
        `Cannot run the statement: it has ${values} parameters, and there are ` +
          `${one.args.length} values`,
      );
    }
    const statement = this.#database.prepare(sql);
    if (isMore(sql.slice(statement.sourceSQL.length))) {
      throw new TerminalError(
        "Cannot run the statement: there are several in its text",
      );
    }
    const args = one.args.map(bindable);
    if (statement.columns().length === 0) {
      return { rowsAffected: Number(statement.run(...args).changes) };
    }
    statement.setReadBigInts(true);
    if (this.#hasTooMany(sql, args)) throw tooManyRows(this.#rowsMax);
    const rows = statement.all(...args).map(jsonRow);
    const columns = statement.columns().map(({ name }) => name);
    return { columns, rows, count: rows.length };
  }

  /**
   * Counts first: `all` takes every row there is, and `iterate` ends without a
   * word where a statement fails half-way.
   */
  #hasTooMany(sql: string, args: readonly Bindable[]): boolean {
    let counting: StatementSync;
    try {
      counting = this.#database.prepare(
        `SELECT count(*) AS n FROM (SELECT 1 FROM (${
          sql.replace(/[;\s]+$/, "")
        }\n) LIMIT ${this.#rowsMax + 1})`,
      );
    } catch {
      // What is no query cannot stand in one, and returns what it has changed.
      return false;
    }
    return Number(counting.get(...args)?.n) > this.#rowsMax;
  }

  #limit(bytesMax: number): void {
    const [page] = this.#database.prepare("PRAGMA page_size").all();
    const pages = Math.max(1, Math.floor(bytesMax / Number(page?.page_size)));
    this.#database.exec(`PRAGMA max_page_count = ${pages}`);
  }
}

const READS: ReadonlySet<string> = new Set(["select", "values"]);
const CHANGES: ReadonlySet<string> = new Set([
  ...["insert", "update", "delete", "replace", "with"],
]);

/** Whether some of them change something, and none must be outside of all else. */
function canShare(jobs: readonly Job[]): boolean {
  let changing = 0;
  for (const { statements } of jobs) {
    const words = statements.map((one) =>
      "script" in one ? "" : firstWord(one.sql)
    );
    if (!words.every((word) => READS.has(word) || CHANGES.has(word))) {
      return false;
    }
    if (words.some((word) => CHANGES.has(word))) changing++;
  }
  return changing > 1;
}

/** SQLite has no truth values, and JSON is text to it. */
function bindable(value: JsonValue): Bindable {
  if (typeof value === "boolean") return value ? 1 : 0;
  if (value === null || typeof value !== "object") return value;
  return bytesIn(value) ?? JSON.stringify(value);
}

/** SQLITE_BUSY, _LOCKED, _IOERR and _FULL; extended codes stand in higher bits. */
const PASSING: ReadonlySet<number> = new Set([5, 6, 10, 13]);

/** SQLITE_CONSTRAINT. */
const CONSTRAINT = 19;

/** SQLITE_CONSTRAINT_PRIMARYKEY, _UNIQUE and _ROWID. */
const TAKEN: ReadonlySet<number> = new Set([1555, 2067, 2579]);

function failureOf(error: unknown, attempt: string): Error {
  const { errcode } = error as { readonly errcode?: unknown };
  // An error without a code is one of ours.
  if (typeof errcode !== "number") {
    return error instanceof TypeError || !(error instanceof Error)
      ? new TerminalError(`Cannot ${attempt}: ${messageOf(error)}`)
      : error;
  }
  const message = `Cannot ${attempt}: ${messageOf(error)}`;
  const kind = errcode & 0xff;
  if (kind === CONSTRAINT) {
    const code = TAKEN.has(errcode) ? "already-exists" : "invalid-input";
    return new RefusedError(code, message);
  }
  return PASSING.has(kind)
    ? new RetryableError(message, { cause: error })
    : new TerminalError(message, { cause: error });
}
