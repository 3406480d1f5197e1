/**
 * Runs steps that come with a request instead of the document. They run in
 * memory, one after the other: what is under way when the process ends is lost,
 * and whoever asked has not been answered.
 *
 * @module
 */
import { durationMs, type Host, type JsonObject } from "@engine/define.ts";
import { messageOf, RefusedError, RetryableError } from "@engine/errors.ts";
import type { Connectors } from "@engine/services/connectors.ts";
import { z } from "zod";
import { isDelay, RETRY_DELAY } from "./_integration_pipeline.ts";
import { substitute } from "./_substitution.ts";

/** How many steps a request may bring. */
export const STEPS_MAX = 100;

/** How often a step may be tried again. */
export const RETRIES_MAX = 10;

/** How long all the waiting between attempts of a step may take, in milliseconds. */
const RETRY_DELAY_MS_MAX = 60_000;

type Json = NonNullable<JsonObject[string]>;

const step = z.strictObject({
  connector: z.string().min(1),
  action: z.string().min(1),
  input: z.record(z.string(), z.json()).default({}),
  onError: z.string().optional(),
  retryCount: z.number().min(0).max(RETRIES_MAX).default(0),
  retryDelay: z.string().default(RETRY_DELAY),
});

const steps = z.array(step).min(1).max(STEPS_MAX);

type Step = z.output<typeof step>;

/** What steps are run with. */
export interface AdHocOptions {
  readonly connectors: Connectors;
  /** What the names of the steps begin with. */
  readonly flow: string;
  readonly data: JsonObject;
  readonly host: Host;
  readonly idempotencyKey: string;
}

/**
 * Runs `data.steps`, or the one step that `data.connector` and the flow are.
 * Results stand under `<flow>-<index>`, beside what was given.
 *
 * @throws {RefusedError} `invalid-input` for what are no steps.
 * @throws what a step without `onError` throws.
 */
export async function runAdHoc(options: AdHocOptions): Promise<JsonObject> {
  const { flow, data } = options;
  const results: Record<string, Json> = {};
  for (const [index, step] of stepsOf(flow, data).entries()) {
    const name = data.steps === undefined ? "step-0" : `${flow}-${index}`;
    try {
      results[name] = await attempt(step, results, name, options);
    } catch (error) {
      if (!step.onError) throw error;
      results[`${name}_error`] = messageOf(error);
    }
  }
  const { steps: _, ...given } = data;
  return { ...given, ...results };
}

function stepsOf(flow: string, data: JsonObject): readonly Step[] {
  const { connector, steps: _, ...input } = data;
  const given = data.steps ?? [{ connector, action: flow, input }];
  const parsed = steps.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new RefusedError(
    "invalid-input",
    `Cannot run the steps: ${
      ["steps", ...issue?.path ?? []].join(".")
    }: ${issue?.message}`,
  );
}

async function attempt(
  { connector, action, input, retryCount, retryDelay }: Step,
  results: JsonObject,
  name: string,
  { connectors, data, host, idempotencyKey }: AdHocOptions,
): Promise<Json> {
  const { signal, effects } = host;
  const params = substitute(input, data, results) as JsonObject;
  const context = { signal, idempotencyKey: `${idempotencyKey}/${name}` };
  for (let retries = 0;; retries++) {
    try {
      const called = connectors.connector(connector)
        .call(action, params, context);
      return await called ?? {};
    } catch (error) {
      const mayHelp = error instanceof RetryableError;
      if (!mayHelp || retries >= Math.floor(retryCount)) throw error;
      const delay = isDelay(retryDelay) ? retryDelay : RETRY_DELAY;
      const ms = Math.max(durationMs(delay), error.retryAfterMs ?? 0);
      await effects.clock.sleep(Math.min(ms, RETRY_DELAY_MS_MAX), signal);
    }
  }
}
