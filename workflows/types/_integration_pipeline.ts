/**
 * Turns the steps of an integration into a pipeline, so that they run durably
 * and are watched like any other.
 *
 * @module
 */
import { durationMs } from "@engine/define.ts";
import { asExpressions } from "./_substitution.ts";

/** One step, as a document states it. */
export interface IntegrationStep {
  readonly name: string;
  readonly connector: string;
  readonly action: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly transform?: string | undefined;
  readonly onSuccess?: string | undefined;
  readonly onError?: string | undefined;
  readonly retryCount: number;
  readonly retryDelay: string;
  readonly retryBackoff: "constant" | "exponential";
}

/** The wait between attempts where none is stated, or none that can be read. */
export const RETRY_DELAY = "1s";

/** A step of a pipeline. */
type PipelineStep = Readonly<Record<string, unknown>> & { readonly id: string };

/** What a pipeline is made of. */
export interface Integration {
  readonly name: string;
  readonly registry: string;
  readonly steps: readonly IntegrationStep[];
}

/**
 * The pipeline of an integration. Each step calls its connector; one with
 * `onError` lets the run go on when it fails. Its output holds the result of each
 * step by name, and for each that may fail `<step>_error`, as the original has
 * it.
 */
export function compileIntegration(
  integration: Integration,
): Readonly<Record<string, unknown>> {
  const { name, steps } = integration;
  const names = new Set(steps.map((step) => step.name));
  const skips = jumps(steps);
  const before = new Set<string>();
  const ids = new Set(names);
  const made = steps.flatMap((step, index) => {
    const call = callStep(integration, step, before, skips[index] ?? []);
    before.add(step.name);
    return [call, ...tellings(integration, step, names, ids)];
  });
  return {
    description: `The integration "${name}"`,
    steps: made,
    output: outputOf(steps),
  };
}

function callStep(
  { registry }: Integration,
  step: IntegrationStep,
  before: ReadonlySet<string>,
  skips: readonly string[],
): PipelineStep {
  const { name, connector, action, input, transform } = step;
  const params = asExpressions(input, before);
  return {
    id: name,
    use: `module:${registry}.call`,
    with: {
      connector,
      action,
      params,
      ...(appliesTransform(transform) ? { transform } : {}),
    },
    retry: {
      attempts: Math.max(0, Math.floor(step.retryCount)) + 1,
      backoff: delayOf(step.retryDelay),
      factor: step.retryBackoff === "exponential" ? 2 : 1,
      jitter: step.retryBackoff === "exponential" ? 0.2 : 0,
    },
    ...(skips.length === 0
      ? {}
      : { when: skips.map((skip) => `!(${skip})`).join(" && ") }),
    ...(step.onError ? { onError: "continue" } : {}),
  };
}

/**
 * Older documents have transforms that nothing ever read. One that reshapes the
 * result names it.
 */
export function appliesTransform(
  transform: string | undefined,
): transform is string {
  return transform !== undefined && /(?<![\w.])result(?!\w)/.test(transform);
}

/** For each step, when it is jumped over: an earlier one goes on further down. */
function jumps(steps: readonly IntegrationStep[]): readonly string[][] {
  const skips: string[][] = steps.map(() => []);
  for (const [index, step] of steps.entries()) {
    for (const [target, status] of outcomes(step)) {
      const end = steps.findIndex(({ name }) => name === target);
      for (let between = index + 1; between < end; between++) {
        skips[between]?.push(hasStatus(step.name, status));
      }
    }
  }
  return skips;
}

/** What follows, by how the step ended. */
function outcomes(
  { onError, onSuccess }: IntegrationStep,
): readonly (readonly [target: string, status: "failed" | "completed"])[] {
  return [
    ...(onError ? [[onError, "failed"] as const] : []),
    ...(onSuccess ? [[onSuccess, "completed"] as const] : []),
  ];
}

function hasStatus(step: string, status: "failed" | "completed"): string {
  return `steps[${JSON.stringify(step)}].status == "${status}"`;
}

/** Who is told of the outcome: what names no step is a handler or a topic. */
function tellings(
  { name: workflow, registry }: Integration,
  step: IntegrationStep,
  names: ReadonlySet<string>,
  ids: Set<string>,
): readonly PipelineStep[] {
  return outcomes(step).filter(([to]) => !names.has(to))
    .map(([to, status]) => ({
      id: newId(`${step.name}-${status}`, ids),
      use: `module:${registry}.notify`,
      when: hasStatus(step.name, status),
      with: {
        to,
        message: {
          workflow,
          step: step.name,
          data: "${{ input }}",
          ...(status === "failed"
            ? { error: `\${{ ${errorOf(step.name)} }}` }
            : { result: `\${{ ${resultOf(step.name)} }}` }),
        },
      },
      // A run must not fail because nobody hears that it went well.
      onError: "continue",
    }));
}

/** The longest id that a step of a pipeline may have. */
const ID_CHARACTERS_MAX = 100;

function newId(wanted: string, ids: Set<string>): string {
  let id = wanted.slice(0, ID_CHARACTERS_MAX);
  for (let number = 2; ids.has(id); number++) {
    const end = `-${number}`;
    id = wanted.slice(0, ID_CHARACTERS_MAX - end.length) + end;
  }
  ids.add(id);
  return id;
}

function outputOf(
  steps: readonly IntegrationStep[],
): Readonly<Record<string, string>> {
  const fields = steps.flatMap(({ name, onError }) => [
    [name, `\${{ ${resultOf(name)} }}`] as const,
    ...(onError
      ? [[`${name}_error`, `\${{ ${errorOf(name)} }}`] as const]
      : []),
  ]);
  return Object.fromEntries(fields);
}

function resultOf(step: string): string {
  return `steps[${JSON.stringify(step)}].output`;
}

function errorOf(step: string): string {
  return `steps[${JSON.stringify(step)}].error[?"message"].orValue(null)`;
}

function delayOf(text: string): string {
  return isDelay(text) ? text : RETRY_DELAY;
}

/** Whether a delay can be read, and is one. */
export function isDelay(text: string): boolean {
  return /^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(text) &&
    durationMs(text) > 0;
}
