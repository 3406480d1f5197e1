/**
 * The contract of what runs user code.
 *
 * @module
 */
import { defineService } from "../service.ts";
import type { JsonValue } from "../store/store.ts";

/** What a call to an executor is given. */
export interface ExecuteOptions {
  /** Aborts when the caller gives up. */
  readonly signal: AbortSignal;
  /** The same for every attempt at the same piece of work. */
  readonly idempotencyKey: string;
}

/** Runs user code. */
export interface Executor {
  /**
   * Runs once. An error that the code throws is rethrown; a result that breaks
   * the contract of the code is a `TerminalError`.
   */
  execute(
    params: Readonly<Record<string, JsonValue | undefined>>,
    options: ExecuteOptions,
  ): Promise<JsonValue>;
  /** What keeps the code from the rest of the process. */
  readonly isolation: "none" | "shared" | "process";
}

/** Modules that run user code. */
export const Executor = defineService<Executor>("executor", "runs user code");
