/**
 * Does one attempt at one step: gives the work to whoever does it, and turns
 * what comes back, or is thrown, into what the journal holds.
 *
 * @module
 */
import type { Catalog } from "../catalog.ts";
import type { Host, StepContext } from "../define.ts";
import type { Effects } from "../effects.ts";
import { RefusedError, RetryableError, TerminalError } from "../errors.ts";
import { ExpressionError } from "../expression/expression_error.ts";
import type {
  Acceptance,
  RetryPolicy,
  Target,
  Task,
} from "../pipeline/program.ts";
import { Actions } from "../services/actions.ts";
import { Executor } from "../services/executor.ts";
import type { JsonValue } from "../store/store.ts";
import type { RunError } from "./journal.ts";
import { isSmallJson } from "./small_json.ts";

/** The most that a step may yield, in characters of JSON: 1 Mi. */
export const OUTPUT_CHARACTERS_MAX = 1024 * 1024;

/** Everything that an attempt needs to know. */
export interface Attempt extends StepContext {
  readonly task: Task;
  readonly input: JsonValue;
}

/** What became of an attempt. */
export type Performed =
  | { readonly kind: "done"; readonly output: JsonValue }
  | {
    readonly kind: "failed";
    readonly error: RunError;
    /** The wait before the next attempt; absent if there is none. */
    readonly retryInMs?: number;
  };

/** What attempts are made with. */
export interface Performers {
  readonly catalog: Pick<Catalog, "steps">;
  readonly host: Host;
  readonly effects: Effects;
}

/** Makes an attempt. Never throws, and never takes longer than the timeout. */
export async function perform(
  attempt: Attempt,
  performers: Performers,
): Promise<Performed> {
  const { effects } = performers;
  const { task, signal } = attempt;
  const limit = new AbortController();
  let isLate = false;
  const ended = Promise.withResolvers<never>();
  const cancel = effects.clock.after(task.timeoutMs, () => {
    isLate = true;
    const error = new Error(`The limit of an attempt is ${task.timeoutMs} ms`);
    limit.abort(error);
    // A step that does not listen must not hold the run, also after a cancel.
    ended.reject(error);
  });
  const stop = () => limit.abort(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    const work = Promise.resolve(
      run(task.target, { ...attempt, signal: limit.signal }, performers),
    );
    return done(await Promise.race([work, ended.promise]), attempt);
  } catch (error) {
    return failed(error, attempt, { isLate, effects });
  } finally {
    cancel();
    signal.removeEventListener("abort", stop);
  }
}

/** Makes an attempt at a step that only computes. Never throws. */
export function compute(
  attempt: Attempt,
  performers: Performers,
): Performed | Promise<Performed> {
  const { effects } = performers;
  try {
    const output = run(attempt.task.target, attempt, performers);
    if (!(output instanceof Promise)) return done(output, attempt);
    return output.then(
      (value) => done(value, attempt),
      (error) => failed(error, attempt, { isLate: false, effects }),
    );
  } catch (error) {
    return failed(error, attempt, { isLate: false, effects });
  }
}

function run(
  target: Target,
  attempt: Attempt,
  { catalog, host }: Performers,
): unknown {
  const { input } = attempt;
  switch (target.kind) {
    case "step": {
      const definition = catalog.steps.get(target.type);
      if (definition === undefined) {
        throw new TerminalError(`No type of step is called "${target.type}"`);
      }
      const config = attempt.task.input.isConstant
        ? input
        : accepted(definition.config, input, target.type);
      return definition.run(config, attempt, host);
    }
    case "action": {
      const actions = host.use<Actions>(target.module);
      if (!host.provides(target.module, Actions)) {
        throw new TerminalError(
          `"${target.module}" has no actions for steps any more`,
        );
      }
      const { accepts } = attempt.task;
      const name = `${target.module}.${target.action}`;
      const taken = accepts ? accepted(accepts, input, name) : input;
      return actions.act(target.action, fieldsOf(taken as JsonValue), attempt);
    }
    case "component": {
      if (!host.provides(target.module, Executor)) {
        throw new TerminalError(
          `"${target.module}" does not run user code any more`,
        );
      }
      return host.use<Executor>(target.module).execute(
        fieldsOf(input),
        attempt,
      );
    }
    case "pipeline":
      throw new TypeError("Cannot do a pipeline as a piece of work");
  }
}

/** What a step is given, checked: an expression may have yielded anything. */
export function accepted(
  schema: Acceptance,
  input: JsonValue,
  type: string,
): unknown {
  const result = schema.safeParse(input) as
    | { readonly success: true; readonly data: unknown }
    | {
      readonly success: false;
      readonly error: {
        readonly issues: readonly {
          readonly path: readonly PropertyKey[];
          readonly message: string;
        }[];
      };
    };
  if (result.success) return result.data;
  const issues = result.error.issues.map(({ path, message }) =>
    `"with.${path.map(String).join(".")}": ${message}`
  );
  throw new TerminalError(`Cannot do ${type}: ${issues.join("; ")}`);
}

function fieldsOf(
  input: JsonValue,
): Readonly<Record<string, JsonValue | undefined>> {
  return input !== null && typeof input === "object" && !Array.isArray(input)
    ? input as Readonly<Record<string, JsonValue | undefined>>
    : {};
}

function done(output: unknown, attempt: Attempt): Performed {
  if (isSmallJson(output)) return { kind: "done", output: output as JsonValue };
  let text: string | undefined;
  try {
    text = JSON.stringify(output ?? null);
  } catch (error) {
    return terminal(`The output is not JSON: ${String(error)}`, attempt);
  }
  if (text === undefined) {
    return terminal(
      `The output is not JSON: it is a ${typeof output}`,
      attempt,
    );
  }
  if (text.length > OUTPUT_CHARACTERS_MAX) {
    return terminal(
      `The output has ${text.length} characters of JSON, the limit is ` +
        `${OUTPUT_CHARACTERS_MAX} characters`,
      attempt,
    );
  }
  return { kind: "done", output: (output ?? null) as JsonValue };
}

function terminal(message: string, { step }: Attempt): Performed {
  return { kind: "failed", error: { message, code: "invalid-output", step } };
}

function failed(
  error: unknown,
  attempt: Attempt,
  { isLate, effects }: { readonly isLate: boolean; readonly effects: Effects },
): Performed {
  const { step, task, signal } = attempt;
  const described: RunError = {
    message: error instanceof Error ? error.message : String(error),
    code: codeOf(error, isLate),
    step,
  };
  // One that is cancelled is not tried again.
  const isFinal = signal.aborted || !mayRetry(error, described, attempt);
  if (isFinal) return { kind: "failed", error: described };
  const asked = error instanceof RetryableError
    ? error.retryAfterMs
    : undefined;
  const retryInMs = asked ??
    waitOf(task.retry, attempt.attempt, effects.random.float());
  return { kind: "failed", error: described, retryInMs };
}

function mayRetry(
  error: unknown,
  described: RunError,
  { task: { retry }, attempt }: Attempt,
): boolean {
  if (attempt >= retry.attempts) return false;
  if (
    error instanceof TerminalError || error instanceof RefusedError ||
    error instanceof ExpressionError
  ) return false;
  if (retry.when === undefined) return true;
  try {
    const { message, code, step = "" } = described;
    const values = { error: { message, code, step }, attempt };
    return retry.when.evaluate(values) === true;
  } catch {
    // A policy that cannot be worked out must not repeat what may do harm.
    return false;
  }
}

/** The wait after the `attempt`-th attempt: grows, and is spread by chance. */
export function waitOf(
  { backoffMs, factor, maxBackoffMs, jitter }: RetryPolicy,
  attempt: number,
  chance: number,
): number {
  const wait = Math.min(backoffMs * factor ** (attempt - 1), maxBackoffMs);
  return Math.round(wait * (1 + jitter * (2 * chance - 1)));
}

/** A word by which authors tell errors apart. */
function codeOf(error: unknown, isLate: boolean): string {
  if (isLate) return "timeout";
  if (error instanceof RefusedError) return error.code;
  if (error instanceof ExpressionError) return "expression";
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code === "string" && code !== "") return code.slice(0, 100);
  return error instanceof TerminalError ? "terminal" : "error";
}
