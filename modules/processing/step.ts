/**
 * Runs code when a transition asks for it, and says which transition follows:
 * one for success, another to compensate. Attempts and waits are durable, since
 * the state machine engine keeps them.
 *
 * @module
 */
import { z } from "zod";
import { defineModule, expression, type Host, ref } from "@engine/define.ts";
import { messageOf, RetryableError, TerminalError } from "@engine/errors.ts";
import { Executor } from "@engine/services/executor.ts";
import {
  type TransitionContext,
  type TransitionEvent,
  TransitionHandler,
  type TransitionOutcome,
} from "@engine/services/transition_handler.ts";
import {
  failureOf,
  isMap,
  type Result,
  SUCCESS_VARIABLES,
} from "./_success.ts";
import { expressionIssues } from "../_expression_issues.ts";
import { withTimeout } from "../_timeout.ts";

/** The longest wait before an attempt, in milliseconds: one hour. */
export const BACKOFF_MS_MAX = 3_600_000;

const DEFAULTS = {
  maxRetries: 2,
  retryBackoffMs: 1_000,
  timeoutSeconds: 30,
} as const;

const config = z.strictObject({
  componentId: ref(Executor).describe("The module whose code is run"),
  successTransition: z.string().optional()
    .describe(
      "The transition that fires after a success, with the result merged into the data",
    )
    .meta({ scope: "action" }),
  compensateTransition: z.string().optional()
    .describe(
      "The transition that fires after a failure, with its reason in the data as error",
    )
    .meta({ scope: "action" }),
  successWhen: expression(SUCCESS_VARIABLES).optional().describe(
    "Whether a result is a success, over result and params; without it every " +
      "result is one, unless its success, ok or available is false or its " +
      "status is declined, failed, rejected or error",
  ).meta({ examples: ["result.status == 'approved'"] }),
  maxRetries: z.number().max(100).default(DEFAULTS.maxRetries)
    .describe(
      "Further attempts after one that ended with an error; a negative number " +
        "means 2",
    ).meta({ unit: "count" }),
  retryBackoffMs: z.number().max(BACKOFF_MS_MAX)
    .default(DEFAULTS.retryBackoffMs)
    .describe(
      "The wait before the second attempt, which doubles each time; 0 or less " +
        "means 1000",
    ).meta({ unit: "ms" }),
  timeoutSeconds: z.number().max(86_400).default(DEFAULTS.timeoutSeconds)
    .describe("How long one attempt may take; 0 or less means 30")
    .meta({ unit: "s" }),
});

type Config = z.output<typeof config>;
type Fields = Readonly<Record<string, Result | undefined>>;

const CHARGE = `export function execute({ total }: { total: number }) {
  return { status: total <= 1000 ? "approved" : "declined", total };
}
`;

export default defineModule({
  type: "processing.step",
  summary: "Runs code on a transition, and fires what follows from its result",
  stability: "stable",
  config,
  provides: [TransitionHandler],
  check: ({ successWhen }) =>
    expressionIssues("successWhen", successWhen, SUCCESS_VARIABLES),
  examples: [{
    title: "Take a payment, or compensate",
    files: { "components/charge.ts": CHARGE },
    modules: [
      { name: "orders", type: "statemachine.engine" },
      {
        name: "payment",
        type: "dynamic.component",
        config: { source: "./components/charge.ts" },
      },
      {
        name: "take-payment",
        type: "processing.step",
        config: {
          componentId: "payment",
          successTransition: "payment_approved",
          compensateTransition: "payment_declined",
          maxRetries: 2,
          retryBackoffMs: 500,
          timeoutSeconds: 10,
        },
      },
    ],
    workflows: {
      statemachine: {
        engine: "orders",
        hooks: [{ transitions: ["pay"], handler: "take-payment" }],
        definitions: [{
          name: "order",
          initialState: "new",
          states: {
            new: {},
            paying: {},
            paid: { isFinal: true },
            declined: { isFinal: true, isError: true },
          },
          transitions: {
            pay: { fromState: "new", toState: "paying" },
            payment_approved: { fromState: "paying", toState: "paid" },
            payment_declined: { fromState: "paying", toState: "declined" },
          },
        }],
      },
    },
  }],
  create: (config, host) => new Step(withDefaults(config), host),
});

/** Older documents may hold numbers that make no sense. */
function withDefaults(config: Config): Config {
  const { maxRetries, retryBackoffMs, timeoutSeconds } = config;
  return {
    ...config,
    maxRetries: maxRetries < 0 ? DEFAULTS.maxRetries : Math.floor(maxRetries),
    retryBackoffMs: retryBackoffMs > 0
      ? retryBackoffMs
      : DEFAULTS.retryBackoffMs,
    timeoutSeconds: timeoutSeconds > 0
      ? timeoutSeconds
      : DEFAULTS.timeoutSeconds,
  };
}

class Step implements TransitionHandler {
  readonly #config: Config;
  readonly #host: Host;

  constructor(settings: Config, host: Host) {
    this.#config = settings;
    this.#host = host;
  }

  async onTransition(
    event: TransitionEvent,
    context: TransitionContext,
  ): Promise<TransitionOutcome> {
    if (!await context.isCurrent()) return this.#skip(event);
    const params = {
      ...event.data,
      workflowId: event.instanceId,
      transitionId: event.transition,
      fromState: event.fromState,
      toState: event.toState,
    };
    const startedMs = this.#host.effects.clock.elapsed();
    let result: Result;
    let failure: string | undefined;
    try {
      result = await this.#execute(params, context);
      failure = failureOf(result, params, this.#config.successWhen);
    } catch (error) {
      // The engine stops: the attempt does not count, and comes again.
      if (context.signal.aborted) throw error;
      this.#measure(startedMs, false);
      return this.#fail(error, context.attempt);
    }
    this.#measure(startedMs, failure === undefined);
    return failure === undefined
      ? this.#succeed(fieldsOf(result))
      : this.#compensate({ ...fieldsOf(result), error: failure });
  }

  /** A payment for an order that was cancelled meanwhile must not be taken. */
  #skip(
    { instanceId, transition, toState }: TransitionEvent,
  ): TransitionOutcome {
    const message =
      `"${instanceId}" is no longer in "${toState}": the work of "${transition}" is not done`;
    this.#host.log.warn(message, { instance: instanceId });
    this.#host.notify("notice", { message, severity: "warning" });
    return { kind: "done" };
  }

  async #execute(
    params: Parameters<Executor["execute"]>[0],
    { signal, idempotencyKey }: TransitionContext,
  ): Promise<Result> {
    const { componentId, timeoutSeconds } = this.#config;
    const executor = this.#host.use(componentId);
    return await withTimeout(
      {
        clock: this.#host.effects.clock,
        ms: timeoutSeconds * 1_000,
        signal,
        message:
          `Cannot wait for "${componentId}" any longer: the limit of an ` +
          `attempt is ${timeoutSeconds} s`,
      },
      (limited) =>
        executor.execute(params, { signal: limited, idempotencyKey }),
    );
  }

  #succeed(data: Fields): TransitionOutcome {
    const { successTransition } = this.#config;
    if (successTransition) {
      return { kind: "done", fire: successTransition, data };
    }
    return Object.keys(data).length > 0
      ? { kind: "done", data }
      : { kind: "done" };
  }

  #fail(error: unknown, attempt: number): TransitionOutcome {
    const { maxRetries, retryBackoffMs } = this.#config;
    const message = messageOf(error);
    if (error instanceof TerminalError || attempt > maxRetries) {
      return this.#compensate({ error: message }, error);
    }
    const asked = error instanceof RetryableError
      ? error.retryAfterMs
      : undefined;
    const backoffMs = retryBackoffMs * 2 ** (attempt - 1);
    const inMs = Math.min(asked ?? backoffMs, BACKOFF_MS_MAX);
    return { kind: "retry", inMs, error: message };
  }

  #compensate(
    data: { readonly error: string },
    cause?: unknown,
  ): TransitionOutcome {
    const { compensateTransition } = this.#config;
    if (compensateTransition) {
      return { kind: "done", fire: compensateTransition, data };
    }
    // Nothing in the document deals with it, so a person has to.
    throw new TerminalError(data.error, { cause });
  }

  #measure(startedMs: number, isSuccess: boolean): void {
    const { meter, name, effects } = this.#host;
    if (!meter.active) return;
    const seconds = (effects.clock.elapsed() - startedMs) / 1_000;
    const status = isSuccess ? "success" : "failure";
    meter.record("module_operations_total", {
      module: name,
      operation: "execute",
      status,
    });
    const labels = { workflow_type: name, action: "processing_step" };
    meter.record("workflow_duration_seconds", labels, seconds);
  }
}

/** What has no named fields cannot be merged. */
function fieldsOf(
  result: Result,
): Readonly<Record<string, Result | undefined>> {
  return isMap(result) ? result : {};
}
