/**
 * Works out what a wait waits for, at the moment when it begins.
 *
 * @module
 */
import { ExpressionError } from "../expression/expression_error.ts";
import { durationMs } from "../meta.ts";
import type { JsonValue } from "../store/store.ts";
import type { Arming } from "./machine_frames.ts";

/** The longest wait, in milliseconds: a hundred years. */
export const WAIT_MS_MAX = 100 * 366 * 86_400_000;

/** What the journal keeps of a wait. */
export interface Armed {
  readonly until?: number;
  readonly signal?: string;
  readonly approval?: JsonValue;
}

/** The name of the signal that a decision about a step is. */
export function approvalSignal(path: string): string {
  return `approval:${path}`;
}

/**
 * Works it out.
 *
 * @throws {ExpressionError} It yields no time, no duration, or no name.
 */
export function armedUntil(
  { node, values, path }: Arming,
  nowMs: number,
): Armed {
  const { timeoutMs } = node;
  const limit = timeoutMs === undefined ? {} : { until: nowMs + timeoutMs };
  if (node.for !== undefined) {
    return { until: nowMs + bounded(lengthOf(node.for.evaluate(values))) };
  }
  if (node.until !== undefined) {
    const until = timeOf(node.until.evaluate(values));
    return { until: nowMs + bounded(Math.max(0, until - nowMs)) };
  }
  if (node.signal !== undefined) {
    const signal = node.signal.evaluate(values);
    if (typeof signal === "string" && signal !== "") {
      return { signal, ...limit };
    }
    throw wrong(`"signal" needs a name: found ${JSON.stringify(signal)}`);
  }
  return {
    signal: approvalSignal(path),
    approval: node.approval?.evaluate(values) ?? null,
    ...limit,
  };
}

function lengthOf(value: JsonValue): number {
  if (typeof value === "number" && value >= 0) return value;
  // CEL writes a duration as seconds, with a fraction where it has one.
  if (typeof value === "string" && /^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(value)) {
    return durationMs(
      value.replace(
        /(\d+(?:\.\d+)?)d/g,
        (_, days: string) => `${Number(days) * 24}h`,
      ),
    );
  }
  throw wrong(
    `"for" needs a duration such as "5m" or a number of milliseconds: found ${
      JSON.stringify(value)
    }`,
  );
}

function timeOf(value: JsonValue): number {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  const time = typeof value === "string" ? Date.parse(value) : NaN;
  if (!Number.isNaN(time)) return time;
  throw wrong(
    `"until" needs a time such as "2030-01-31T12:00:00Z": found ${
      JSON.stringify(value)
    }`,
  );
}

function bounded(ms: number): number {
  if (ms <= WAIT_MS_MAX) return Math.ceil(ms);
  throw wrong(
    `The wait is ${ms} ms long: the limit is ${WAIT_MS_MAX} ms (100 years)`,
  );
}

function wrong(message: string): ExpressionError {
  return new ExpressionError(message, { kind: "evaluation", text: "" });
}
