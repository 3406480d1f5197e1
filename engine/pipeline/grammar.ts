/**
 * What may be written under `pipelines:`, one schema for the head of a pipeline
 * and one for a step. Lists of steps nest, and are checked step by step.
 *
 * @module
 */
import { z } from "zod";
import { duration, expression, template } from "../meta.ts";
import { RETRY_VARIABLES } from "./scope.ts";

/** Steps of one pipeline, those of inner blocks included. */
export const PIPELINE_STEPS_MAX = 1_000;

/** How deep loops, branches and handlers may nest. */
export const PIPELINE_DEPTH_MAX = 16;

/** Items that one `forEach` may go over. */
export const EACH_ITEMS_MAX = 10_000;

/** Attempts that a step makes unless it says otherwise. */
export const ATTEMPTS_DEFAULT = 3;

/** How long an attempt may take unless the step says otherwise: five minutes. */
export const STEP_TIMEOUT_DEFAULT_MS = 300_000;

/** How long a finished run is kept unless the pipeline says otherwise: a week. */
export const RETENTION_DEFAULT_MS = 7 * 86_400_000;

/** What the id of a pipeline looks like. */
export const PIPELINE_ID = {
  pattern: /^[A-Za-z_][\w.-]{0,199}$/,
  words:
    "a letter, then letters, digits, dots, dashes and underscores, 200 at most",
};

/** What the id of a step looks like. */
export const STEP_ID = {
  pattern: /^[A-Za-z_][A-Za-z0-9_-]{0,99}$/,
  words: "a letter, then letters, digits, dashes and underscores, 100 at most",
};

/** The types that an input may have. */
export const INPUT_TYPES = [
  "any",
  "string",
  "number",
  "integer",
  "boolean",
  "list",
  "map",
] as const;

/** A list of steps; each is checked with `stepSchema`. */
const steps = () => z.array(z.unknown()).min(1);

const input = z.union([
  z.enum(INPUT_TYPES),
  z.strictObject({
    type: z.enum(INPUT_TYPES).default("any").describe("What it must be"),
    description: z.string().optional().describe("What it means"),
    required: z.boolean().optional().describe(
      "Whether a run cannot begin without it; by default it can if it has a default",
    ),
    default: z.unknown().optional().describe("What holds where it is absent"),
    enum: z.array(z.unknown()).min(1).optional().describe(
      "The values that it may have",
    ),
  }),
]);

const retry = z.strictObject({
  attempts: z.int().min(1).max(1_000).default(ATTEMPTS_DEFAULT)
    .describe("How often it is tried in all").meta({ unit: "count" }),
  backoff: duration().default("1s")
    .describe("The wait before the second attempt"),
  factor: z.number().min(1).max(100).default(2)
    .describe("By how much each wait is longer than the one before"),
  maxBackoff: duration().default("1h").describe("The longest wait"),
  jitter: z.number().min(0).max(1).default(0.2).describe(
    "By which part of itself a wait is made longer or shorter by chance",
  ),
  when: expression(RETRY_VARIABLES).optional().describe(
    "Try again only if it holds, over error (message, code) and attempt",
  ).meta({ examples: ["error.code != 'invalid-input'"] }),
});

const use = z.string().min(1).describe(
  "What it does: a type of step, module:<name>.<action>, component:<name> or pipeline:<id>",
).meta({ examples: ["http.request", "component:payment", "pipeline:refund"] });

const withValues = z.record(z.string(), z.unknown())
  .describe("What it is given; values may hold ${{ expressions }}");

const stepTimeout = duration().optional()
  .describe("How long one attempt may take; 5m where it is absent");

const compensate = z.strictObject({
  use,
  with: withValues.default({}),
  retry: retry.optional().describe("How it is tried again"),
  timeout: stepTimeout,
});

const approval = z.strictObject({
  title: template().optional().describe(
    "What is asked, for the person who decides; may hold ${{ expressions }}",
  ),
});

const wait = z.strictObject({
  for: template().optional().describe(
    "So long, such as 5m; may be an ${{ expression }}",
  ),
  until: template().optional().describe(
    "Until this time, as RFC 3339; may be an ${{ expression }}",
  ).meta({ examples: ["${{ input.dueAt }}"] }),
  signal: template().optional().describe(
    "Until the run is sent a signal of this name; its data is the output",
  ),
  approval: approval.optional().describe(
    "Until a person decides behind run.links.<id of the step>; the output is {approved, comment, by}",
  ),
  timeout: duration().optional().describe(
    "How long to wait for a signal or an approval; then the step fails with the code timeout",
  ),
});

/** The keys that say what kind of step it is; each step has exactly one. */
export const STEP_KINDS = [
  "use",
  "forEach",
  "parallel",
  "switch",
  "wait",
] as const;

/** One step. */
export const stepSchema = z.strictObject({
  id: z.string().regex(STEP_ID.pattern, `Expected ${STEP_ID.words}`).describe(
    "Its name, once in the pipeline: steps.<id>.output is its result",
  ),
  description: z.string().optional().describe("What it is for"),
  use: use.optional(),
  // Without a default: it would count as written in a step that is no task.
  with: withValues.optional(),
  when: expression().optional()
    .describe("Do it only if this holds; else it is skipped"),
  retry: retry.optional().describe("How it is tried again after an error"),
  timeout: stepTimeout,
  idempotencyKey: template().optional().describe(
    "Names the piece of work to those who do it; by default the run and the step",
  ),
  onError: z.union([z.enum(["fail", "continue"]), steps()]).optional().describe(
    "After its last attempt: fail, go on, or do these steps and go on (error is what went wrong)",
  ),
  compensate: compensate.optional().describe(
    "What undoes it, if the run fails or is cancelled later on",
  ),
  forEach: z.union([expression(), z.array(z.unknown())]).optional()
    .describe("Do steps for each item of this list: an expression, or a list"),
  as: z.string().regex(/^[A-Za-z_]\w{0,99}$/, "Expected a name").optional()
    .describe(
      "What the item is called in the steps of a loop, by default item",
    ),
  concurrency: z.int().min(1).max(1_000).optional().describe(
    "How many items of a loop are worked on at a time, by default 1",
  ).meta({ unit: "count" }),
  steps: steps().optional().describe("The steps of a loop"),
  parallel: z.record(z.string().min(1), steps()).optional()
    .describe("Do these lists of steps side by side, by name"),
  switch: z.array(z.strictObject({
    when: expression().optional().describe(
      "Whether this branch is taken; without it, it is taken if none before was",
    ),
    steps: steps().describe("What is done then"),
  })).min(1).optional().describe("Do the first branch that holds"),
  wait: wait.optional().describe("Wait for a time, a signal or a decision"),
});

const concurrency = z.strictObject({
  limit: z.int().min(1).max(100_000)
    .describe("How many runs are under way at a time").meta({ unit: "count" }),
  key: expression().optional().describe(
    "Counts runs for each value by itself, over input",
  ).meta({ examples: ["input.customer"] }),
});

const rateLimit = z.strictObject({
  limit: z.int().min(1).max(1_000_000).describe("How many runs may begin")
    .meta({ unit: "count" }),
  per: duration().default("1s").describe("In this time"),
  key: expression().optional().describe(
    "Counts runs for each value by itself, over input",
  ),
});

/** The head of a pipeline. */
export const pipelineSchema = z.strictObject({
  description: z.string().optional().describe("What it is for"),
  input: z.record(z.string().min(1), input).optional().describe(
    "The fields that a run is given; without it, anything is taken",
  ),
  durability: z.enum(["accept", "result"]).default("accept").describe(
    "accept commits the run before its first step; result commits once, at the end, for work that may be repeated",
  ),
  key: expression().optional().describe(
    "What the run is about, over input, by which it is found again",
  ).meta({ examples: ["input.orderId"] }),
  concurrency: concurrency.optional().describe(
    "How many runs are under way at a time; the others wait",
  ),
  rateLimit: rateLimit.optional().describe(
    "How many runs begin in a time; the others wait",
  ),
  priority: z.union([z.int().min(0).max(9), expression()]).default(5)
    .describe(
      "Which of the waiting runs begins first, from 0 (last) to 9; a number or an expression over input",
    ),
  timeout: duration().optional()
    .describe("How long a run may take in all; then it fails"),
  retention: duration().optional().describe(
    "How long a finished run is kept; a week where it is absent",
  ),
  steps: steps().describe("What is done, in order"),
  onSuccess: steps().optional().describe("What is done after all of the steps"),
  onError: steps().optional().describe(
    "What is done after the run has failed and its steps are compensated (error is what went wrong)",
  ),
  output: z.unknown().optional().describe(
    "What a run yields, with ${{ expressions }}; by default the output of the last step",
  ),
});

/** A pipeline's head, checked. */
export type PipelineHead = z.output<typeof pipelineSchema>;

/** One step, checked; inner lists are not. */
export type StepConfig = z.output<typeof stepSchema>;

/** How a step is tried again. */
export type RetryConfig = z.output<typeof retry>;

/** How a step waits. */
export type WaitConfig = z.output<typeof wait>;

/** What undoes a step. */
export type CompensateConfig = z.output<typeof compensate>;

/** The policy of a step that states none. */
export const RETRY_DEFAULT: RetryConfig = retry.parse({});
