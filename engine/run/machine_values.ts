/**
 * Makes the values that expressions of a run are over.
 *
 * @module
 */
import type { Expression } from "../expression/evaluate.ts";
import { ExpressionError } from "../expression/expression_error.ts";
import type { Program } from "../pipeline/program.ts";
import type { JsonValue } from "../store/store.ts";
import type { AcceptedEntry, RunError } from "./journal.ts";
import type { BlockFrame, Owner, Values } from "./machine_frames.ts";

/** A node whose blocks begin. */
export function ownerOf(
  kind: Owner["kind"],
  node: Owner["node"],
  { frame, path, items, handled }: Pick<Owner, "frame" | "path" | "items"> & {
    readonly handled?: RunError;
  },
): Owner {
  return {
    ...{ kind, node, frame, path, items, handled },
    next: 0,
    running: 0,
    isSpawning: false,
    outputs: [],
    failure: undefined,
  };
}

/** A copy for an inner block, whose steps nobody outside of it sees. */
export function innerValues({ values }: BlockFrame): Values {
  return {
    ...values,
    steps: { ...values.steps as Record<string, JsonValue> },
  };
}

/** What a loop, a choice or branches yield. */
export function outputOf({ node, outputs }: Owner): JsonValue {
  if (node.kind === "parallel") {
    return Object.fromEntries(
      node.branches.map(({ name }, index) => [name, outputs[index] ?? null]),
    );
  }
  return node.kind === "each" ? outputs : outputs[0] ?? null;
}

/** @throws {ExpressionError} It fails, or is neither true nor false. */
export function isTrue(expression: Expression, values: Values): boolean {
  const result = expression.evaluate(values);
  if (typeof result === "boolean") return result;
  throw new ExpressionError(
    `"${expression.text}" must be true or false: it is ${describe(result)}`,
    { kind: "evaluation", text: expression.text },
  );
}

/** The kind of a value, in words. */
export function describe(value: JsonValue): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "a map" : `a ${typeof value}`;
}

/** An expression that failed, as the journal has errors. */
export function expressionError(
  error: unknown,
  step: string | undefined,
): RunError {
  if (!(error instanceof ExpressionError)) throw error;
  return {
    message: error.message,
    code: "expression",
    ...step === undefined ? {} : { step },
  };
}

/** An error as expressions see it. */
export function asValue({ message, code, step }: RunError): JsonValue {
  return { message, code, step: step ?? "" };
}

/** Where a person decides about a step, which is named by its id or its path. */
export function approvalLink(
  { base = "", token = "" }: AcceptedEntry,
  id: string,
  step: string,
): string {
  return `${base}/approvals/${id}/${encodeURIComponent(step)}/${token}`;
}

/** What expressions know as `run`. */
export function runValue(
  program: Program,
  accepted: AcceptedEntry,
  id: string,
): JsonValue {
  return {
    id,
    pipeline: program.id,
    key: accepted.key ?? null,
    startedAt: timeText(accepted.at),
    links: program.approvals.length === 0 ? NO_LINKS : Object.fromEntries(
      program.approvals.map((step) => [step, approvalLink(accepted, id, step)]),
    ),
  };
}

const NO_LINKS: JsonValue = Object.freeze({});

let lastMs = NaN;
let lastText = "";

/** A time as text; many runs begin in one millisecond. */
function timeText(ms: number): string {
  if (ms !== lastMs) {
    lastMs = ms;
    lastText = new Date(ms).toISOString();
  }
  return lastText;
}
