/**
 * Makes the first entry of a run.
 *
 * @module
 */
import type { Effects } from "../effects.ts";
import type { Program } from "../pipeline/program.ts";
import type { JsonValue } from "../store/store.ts";
import type { Tracing } from "../tracing.ts";
import type { AcceptedEntry } from "./journal.ts";

/** How a run begins. */
export interface StartOptions {
  readonly idempotencyKey?: string | undefined;
  readonly source?: string | undefined;
  /** From 0 (last) to 9; by default as the pipeline says. */
  readonly priority?: number | undefined;
  /** The step of another run that waits for this one. */
  readonly parent?: AcceptedEntry["parent"];
  /** What has led to it; see `chainOf`. */
  readonly via?: readonly string[] | undefined;
  /** The span to which it belongs; absent: it is a trace of its own. */
  readonly traceparent?: string | undefined;
}

/** What the first entry takes from around the run. */
export interface AcceptSurroundings extends Pick<Effects, "random"> {
  /** The public address of the management surface, without a slash at its end. */
  readonly publicUrl?: string | undefined;
  readonly tracing?: Tracing | undefined;
}

type Writable<T> = { -readonly [Name in keyof T]: T[Name] };

/** The first entry of a run of `program`. `input` is checked. */
export function accept(
  program: Program,
  input: JsonValue,
  { idempotencyKey, source, priority, parent, via, traceparent }: StartOptions,
  { clock, ...around }: AcceptSurroundings & Pick<Effects, "clock">,
): AcceptedEntry {
  const { id: pipeline, version } = program;
  const key = keyOf(program, input);
  const accepted: Writable<AcceptedEntry> = {
    kind: "accepted",
    at: clock.now(),
    pipeline,
    version,
    input,
    priority: priority ?? priorityOf(program, input),
  };
  if (key !== undefined) accepted.key = key;
  if (idempotencyKey !== undefined) accepted.idempotencyKey = idempotencyKey;
  if (source !== undefined) accepted.source = source;
  if (parent !== undefined) accepted.parent = parent;
  if (via !== undefined && via.length > 0) accepted.via = via;
  if (around.tracing?.active) {
    accepted.trace = around.tracing.begin(traceparent);
  }
  return sealed(accepted, program, around);
}

/**
 * With the secret behind its links and the address that they begin with, if it
 * has any. Both are kept: a link must read the same whenever the run goes on.
 */
export function sealed(
  accepted: AcceptedEntry,
  { approvals }: Program,
  { random, publicUrl }: AcceptSurroundings,
): AcceptedEntry {
  if (approvals.length === 0) return accepted;
  const token = [...random.bytes(16)]
    .map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const { base: _, ...rest } = accepted;
  return {
    ...rest,
    token,
    ...publicUrl === undefined ? {} : { base: publicUrl },
  };
}

function priorityOf({ priority }: Program, input: JsonValue): number {
  if (typeof priority === "number") return priority;
  try {
    const value = priority.evaluate({ input });
    return typeof value === "number" ? Math.max(0, Math.min(9, value)) : 5;
  } catch {
    // An order that cannot be worked out is the usual one.
    return 5;
  }
}

/** The longest key of a run, in characters. */
export const KEY_CHARACTERS_MAX = 200;

function keyOf({ key }: Program, input: JsonValue): string | undefined {
  if (key === undefined) return undefined;
  try {
    const value = key.evaluate({ input });
    return value === null
      ? undefined
      : String(value).slice(0, KEY_CHARACTERS_MAX);
  } catch {
    // It serves to find the run; a run without it is found by its id.
    return undefined;
  }
}
