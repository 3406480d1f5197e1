/**
 * SQLite in a thread of its own, so that a slow statement or a slow disk stops
 * nothing else. What is asked meanwhile goes there together.
 *
 * A statement that runs cannot be ended: SQLite offers no way to do that here.
 * Whoever has asked is told when their time is over; others wait for it.
 *
 * @module
 */
import {
  type RefusalCode,
  RefusedError,
  RetryableError,
  TerminalError,
} from "../../errors.ts";
import type { Database, Outcome, Script, Statement } from "./database.ts";
import type { Job, SqliteOptions } from "./sqlite_connection.ts";

/** What the thread is told. */
export type ToThread =
  | {
    readonly kind: "open";
    readonly file: string;
    readonly options: SqliteOptions;
  }
  | { readonly kind: "do"; readonly jobs: readonly Job[] }
  | { readonly kind: "close" };

/** What the thread tells: one answer to each message. */
export type FromThread =
  | { readonly kind: "opened"; readonly error?: KeptError }
  | {
    readonly kind: "done";
    readonly outcomes: readonly (
      | { readonly outcomes: readonly Outcome[] }
      | { readonly error: KeptError }
    )[];
  }
  | { readonly kind: "closed" };

/** An error between threads. */
export interface KeptError {
  readonly message: string;
  readonly refusal?: RefusalCode;
  readonly isRetryable?: boolean;
}

/** How much goes to the thread at once. */
const JOBS_MAX = 500;

/** Work that somebody waits for. */
interface Waiting {
  readonly job: Job;
  resolve(outcomes: readonly Outcome[]): void;
  reject(error: unknown): void;
}

/**
 * Opens a file in a thread.
 *
 * @throws {TerminalError | RetryableError} if it cannot be opened.
 */
export async function openSqliteThread(
  file: string,
  options: Omit<SqliteOptions, "busyMs" | "hasLog">,
): Promise<Database> {
  const url = new URL("./sqlite_worker.ts", import.meta.url);
  const worker = new Worker(url, { type: "module", name: "sqlite" });
  const thread = new SqliteThread(worker);
  try {
    await thread.open(file, { ...options, busyMs: BUSY_MS, hasLog: true });
  } catch (error) {
    worker.terminate();
    throw error;
  }
  return thread;
}

/** How long a lock of another process is waited for. */
const BUSY_MS = 5_000;

class SqliteThread implements Database {
  readonly dialect = "sqlite";
  readonly #worker: Worker;
  #waiting: Waiting[] = [];
  /** What the thread is doing. */
  #running: readonly Waiting[] = [];
  /** While there is work. */
  #sending: Promise<void> | undefined;
  #asked: PromiseWithResolvers<FromThread> | undefined;
  #broken: Error | undefined;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.onmessage = ({ data }: MessageEvent<FromThread>) =>
      this.#asked?.resolve(data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.#break(event.message);
    };
  }

  async open(file: string, options: SqliteOptions): Promise<void> {
    const answer = await this.#tell({ kind: "open", file, options });
    if (answer.kind === "opened" && answer.error !== undefined) {
      throw errorOf(answer.error);
    }
  }

  async run(statement: Statement, signal: AbortSignal): Promise<Outcome> {
    const job = { statements: [statement], isAtomic: false };
    const [outcome] = await this.#do(job, signal);
    return outcome as Outcome;
  }

  transact(
    statements: readonly (Statement | Script)[],
    signal: AbortSignal,
  ): Promise<readonly Outcome[]> {
    return this.#do({ statements, isAtomic: true }, signal);
  }

  async close(signal?: AbortSignal): Promise<void> {
    // A statement that has no end keeps its thread, which never answers.
    const give = () => this.#break("it closes");
    signal?.addEventListener("abort", give, { once: true });
    if (signal?.aborted) give();
    await this.#sending;
    await this.#tell({ kind: "close" }).catch(() => {
      // It is broken, which is closed as well.
    });
    signal?.removeEventListener("abort", give);
    this.#break("it is closed");
    this.#worker.terminate();
  }

  #do(job: Job, signal: AbortSignal): Promise<readonly Outcome[]> {
    const { promise, resolve, reject } = Promise.withResolvers<
      readonly Outcome[]
    >();
    if (signal.aborted || this.#broken !== undefined) {
      return Promise.reject(signal.aborted ? signal.reason : this.#broken);
    }
    const waiting = { job, resolve, reject };
    const abort = () => {
      this.#waiting = this.#waiting.filter((one) => one !== waiting);
      reject(signal.reason);
    };
    signal.addEventListener("abort", abort, { once: true });
    this.#waiting.push(waiting);
    this.#sending ??= this.#send();
    return promise.finally(() => signal.removeEventListener("abort", abort));
  }

  async #send(): Promise<void> {
    // Everything that is asked in this turn goes together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const running = this.#waiting.splice(0, JOBS_MAX);
      this.#running = running;
      const jobs = running.map(({ job }) => job);
      const answer = await this.#tell({ kind: "do", jobs })
        .catch(() => undefined);
      this.#running = [];
      if (answer?.kind !== "done") break;
      running.forEach((one, index) => settle(one, answer.outcomes[index]));
    }
    this.#sending = undefined;
  }

  #tell(message: ToThread): Promise<FromThread> {
    if (this.#broken !== undefined) return Promise.reject(this.#broken);
    this.#asked = Promise.withResolvers();
    this.#worker.postMessage(message);
    return this.#asked.promise;
  }

  #break(reason: string): void {
    if (this.#broken !== undefined) return;
    const error = new RetryableError(
      `Cannot use the SQLite database: ${reason}`,
    );
    this.#broken = error;
    for (const { reject } of [...this.#running, ...this.#waiting]) {
      reject(error);
    }
    this.#waiting = [];
    this.#asked?.reject(error);
  }
}

type Answered = Extract<FromThread, { kind: "done" }>["outcomes"][number];

function settle(waiting: Waiting, answer: Answered | undefined): void {
  if (answer === undefined) return;
  if ("error" in answer) return waiting.reject(errorOf(answer.error));
  waiting.resolve(answer.outcomes);
}

function errorOf({ message, refusal, isRetryable }: KeptError): Error {
  if (refusal !== undefined) return new RefusedError(refusal, message);
  return isRetryable === true
    ? new RetryableError(message)
    : new TerminalError(message);
}
