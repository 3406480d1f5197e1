/**
 * A connection of a document while its application runs: it is made when it is
 * needed, tried again when it is lost, and knows how it is.
 *
 * @module
 */
import { isAbsolute, join } from "node:path";
import { durationMs, type Host } from "@engine/define.ts";
import {
  messageOf,
  RefusedError,
  RetryableError,
  TerminalError,
} from "@engine/errors.ts";
import {
  type Database,
  type Dialect,
  DRIVERS,
  hasRows,
  type Outcome,
  type Script,
  type Statement,
} from "@engine/outgoing/sql/database.ts";
import { openDatabase } from "@engine/outgoing/sql/open_database.ts";
import { refuseControl } from "@engine/outgoing/sql/statement_text.ts";
import type { Health } from "@engine/services/health_reporter.ts";
import type { SqlConnection } from "@engine/services/sql.ts";
import { atMost, GRACE_MS } from "../_grace.ts";
import { type ConnectionConfig, limitOf } from "./_connection_config.ts";
import { migrate } from "./_migrations.ts";

/** How long a look at the database may take, in milliseconds. */
const HEALTH_MS = 1_500;

/** How long a start waits for a server, in milliseconds. */
const CONNECT_MS = 5_000;

const NEVER = new AbortController().signal;

const PROBE: Statement = { sql: "SELECT 1", args: [] };

/** What a connection has of its module. */
export type ConnectionHost = Pick<
  Host,
  "name" | "folder" | "effects" | "log" | "meter" | "signal"
>;

/** See `SqlConnection`. */
export class Connection implements SqlConnection {
  readonly dialect: Dialect;
  /** What messages and metrics call it. */
  readonly #label: string;
  readonly #config: ConnectionConfig;
  readonly #host: ConnectionHost;
  /** Open, but perhaps not fit for use yet. */
  #database: Database | undefined;
  #isReady = false;
  #readying: Promise<Database> | undefined;
  /** Why the last change did not fit; until one does. */
  #full: string | undefined;
  #isStopping = false;
  #underWay = 0;
  #drained: () => void = () => {};

  constructor(label: string, settings: ConnectionConfig, host: ConnectionHost) {
    this.dialect = DRIVERS[settings.driver];
    this.#label = label;
    this.#config = settings;
    this.#host = host;
  }

  /**
   * Makes the connection and applies migrations. A database that cannot be used
   * yet stops nothing: whoever asks tries again.
   *
   * @throws {TerminalError} The config is wrong, or a migration is.
   */
  async start(): Promise<void> {
    try {
      await this.#ready();
    } catch (error) {
      if (!(error instanceof RetryableError)) throw error;
      this.#host.log.warn(messageOf(error), { connection: this.#label });
    }
  }

  async run(statement: Statement, signal?: AbortSignal): Promise<Outcome> {
    refuseControl(statement.sql);
    return await this.#inTime(
      (database, limit) => database.run(statement, limit),
      signal,
    );
  }

  async transact(
    statements: readonly (Statement | Script)[],
    signal?: AbortSignal,
  ): Promise<readonly Outcome[]> {
    for (const one of statements) if ("sql" in one) refuseControl(one.sql);
    return await this.#inTime(
      (database, limit) => database.transact(statements, limit),
      signal,
    );
  }

  /** Asks the database for real. */
  async health(): Promise<Health> {
    try {
      const limit = this.#limit(
        Math.min(HEALTH_MS, limitOf(this.#config)),
        () => `"${this.#label}" does not answer within ${HEALTH_MS} ms`,
      );
      try {
        const database = await within(this.#ready(), limit.signal);
        await database.run(PROBE, limit.signal);
      } finally {
        limit.end();
      }
    } catch (error) {
      const isFatal = !this.#isReady && !(error instanceof RetryableError);
      return {
        status: isFatal ? "unhealthy" : "degraded",
        message: messageOf(error),
      };
    }
    return this.#full === undefined
      ? { status: "healthy" }
      : { status: "degraded", message: this.#full };
  }

  /** Lets what is under way end, and closes. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    const drained = new Promise<void>((resolve) => {
      this.#drained = resolve;
      if (this.#underWay === 0) resolve();
    });
    await atMost(GRACE_MS, this.#host.effects.clock, drained);
    const database = this.#database;
    this.#database = undefined;
    this.#isReady = false;
    // What has not ended by now is not waited for again.
    await database?.close(this.#underWay > 0 ? AbortSignal.abort() : NEVER);
  }

  async #inTime<T extends Outcome | readonly Outcome[]>(
    work: (database: Database, signal: AbortSignal) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    if (this.#isStopping) {
      throw new RetryableError(`Cannot ask "${this.#label}": it stops`);
    }
    const began = this.#host.effects.clock.elapsed();
    const limit = this.#limit(limitOf(this.#config), () => this.#tooLong());
    const either = signal === undefined
      ? limit.signal
      : AbortSignal.any([signal, limit.signal]);
    this.#underWay++;
    try {
      const database = this.#isReady && this.#database
        ? this.#database
        : await within(this.#ready(), either);
      const outcome = await work(database, either);
      this.#took(began, "success");
      if (this.#full !== undefined && hasChanged(outcome)) {
        this.#full = undefined;
      }
      return outcome;
    } catch (error) {
      this.#took(began, "failure");
      if (isFull(error)) this.#full = messageOf(error);
      throw error;
    } finally {
      limit.end();
      if (--this.#underWay === 0) this.#drained();
    }
  }

  #took(began: number, status: "success" | "failure"): void {
    const { meter, effects } = this.#host;
    if (!meter.active) return;
    const seconds = (effects.clock.elapsed() - began) / 1_000;
    const labels = { connection: this.#label, status };
    meter.recordOwn("sql_statements_total", labels);
    meter.recordOwn("sql_statement_seconds", labels, seconds);
  }

  #tooLong(): string {
    const { queryTimeout } = this.#config;
    const inThread = this.dialect === "sqlite"
      ? "; it may still take effect"
      : "";
    return `Cannot ask "${this.#label}": it takes longer than the ` +
      `queryTimeout of ${queryTimeout}${inThread}`;
  }

  #limit(ms: number, reason: () => string) {
    const controller = new AbortController();
    const end = this.#host.effects.clock.after(
      ms,
      () => controller.abort(new RetryableError(reason())),
    );
    return { signal: controller.signal, end };
  }

  /** The database once it can be used. All who wait share one attempt. */
  #ready(): Promise<Database> {
    if (this.#isReady && this.#database) return Promise.resolve(this.#database);
    this.#readying ??= this.#prepare().finally(() => {
      this.#readying = undefined;
    });
    // Those who wait may have given up by the time that it fails.
    this.#readying.catch(() => {});
    return this.#readying;
  }

  async #prepare(): Promise<Database> {
    const database = this.#database ??= await this.#open();
    const limit = this.#limit(
      CONNECT_MS,
      () => `it does not answer within ${CONNECT_MS} ms`,
    );
    try {
      await database.run(
        PROBE,
        AbortSignal.any([limit.signal, this.#host.signal]),
      );
    } catch (error) {
      // A wrong password may be put right on the server.
      throw new RetryableError(
        `Cannot use "${this.#label}": ${messageOf(error)}`,
      );
    } finally {
      limit.end();
    }
    const { migrationsDir } = this.#config;
    if (migrationsDir !== undefined) {
      const applied = await migrate(database, this.#folder(migrationsDir), {
        now: () => this.#host.effects.clock.now(),
        signal: this.#host.signal,
      });
      if (applied.length > 0) {
        this.#host.log.info("Migrations are applied", { applied });
      }
    }
    this.#isReady = true;
    return database;
  }

  async #open(): Promise<Database> {
    const { driver, dsn, maxOpenConns, connMaxLifetime } = this.#config;
    return await openDatabase({
      driver,
      dsn,
      maxOpenConns,
      connectionMsMax: connMaxLifetime === undefined
        ? undefined
        : durationMs(connMaxLifetime),
      applicationName: `workflow ${this.#label}`.slice(0, 63),
      rowsMax: this.#config.maxRows,
      bytesMax: this.#config.maxBytes,
      hasThread: true,
      clock: this.#host.effects.clock,
      folder: this.#host.folder,
    });
  }

  #folder(path: string): string {
    const { folder } = this.#host;
    if (isAbsolute(path)) return path;
    if (folder !== undefined) return join(folder, path);
    throw new TerminalError(
      `Cannot read the migrations of "${this.#label}": the document is no ` +
        "file, so it has no folder",
    );
  }
}

/** Waits, but no longer than until `signal` aborts. */
async function within<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function hasChanged(outcome: Outcome | readonly Outcome[]): boolean {
  const outcomes = Array.isArray(outcome) ? outcome : [outcome];
  return outcomes.some((one) => !hasRows(one) && one.rowsAffected > 0);
}

function isFull(error: unknown): boolean {
  return error instanceof RetryableError &&
    /disk is full|SQLSTATE 53100/.test(error.message) &&
    !(error instanceof RefusedError);
}
