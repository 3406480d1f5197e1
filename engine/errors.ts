/**
 * The errors that callers are expected to tell apart. Who must act decides the
 * class: the author of a document, the step that ran, or nobody (an assertion).
 *
 * @module
 */
import type { Problem } from "./config/problem.ts";

/** A document cannot be used as it is. Holds all its problems, sorted by line. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const errors = problems.filter(({ severity }) => severity === "error");
    const first = errors[0];
    const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
    super(
      first === undefined
        ? "Cannot use the document"
        : `${first.file}:${first.line}:${first.column} ${first.message}${more}`,
    );
    this.problems = problems;
  }
}

/** A module could not be started, opened or stopped. Names the module. */
export class LifecycleError extends Error {
  override readonly name = "LifecycleError";
  /** The module's name in the document. */
  readonly module: string;

  constructor(module: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.module = module;
  }
}

/** Work failed for good: trying again cannot help. */
export class TerminalError extends Error {
  override readonly name = "TerminalError";
}

/** Work failed for now. */
export class RetryableError extends Error {
  override readonly name = "RetryableError";
  /** When to try again, in milliseconds; absent: as the policy says. */
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    options: ErrorOptions & { retryAfterMs?: number } = {},
  ) {
    super(message, options);
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** The reasons for which a request to the engine is refused. */
export type RefusalCode =
  | "not-found"
  | "wrong-state"
  | "guard-refused"
  | "unknown-transition"
  | "unknown-definition"
  | "unknown-workflow"
  | "unknown-action"
  | "already-exists"
  | "invalid-input"
  | "conflict";

/** A request is understood and refused; nothing changed. The caller must act. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";
  readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
