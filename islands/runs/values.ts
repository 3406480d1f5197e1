/**
 * What a step was given, and what it could see, as the engine's reducer has it.
 *
 * @module
 */
import type { Live, Values } from "@engine/run/machine_frames.ts";
import { lastAt } from "./changes.ts";
import type { Past } from "./past.ts";

/** What an expression came to, or why it did not. */
export type Worked =
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "error"; readonly message: string };

/** What a step is given: its `with`, worked out. */
export function givenTo(past: Past, path: string): Worked | undefined {
  const begun = past.steps.get(path)?.begun;
  if (begun === undefined || !("task" in begun)) return undefined;
  try {
    const value = begun.task.input.evaluate(begun.values);
    return { kind: "value", value };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { kind: "error", message };
  }
}

/** The values that expressions of a step see, as they were at an entry. */
export function seenBy(
  past: Past,
  path: string,
  at: number,
): Readonly<Record<string, unknown>> | undefined {
  const begun = past.steps.get(path)?.begun;
  if (begun === undefined) return undefined;
  const values = valuesOf(begun);
  if (values === undefined) return undefined;
  const prefixes = prefixesOf(begun);
  const steps = Object.entries(values.steps ?? {}).filter(([id]) =>
    prefixes.some((prefix) => isOver(past, prefix + id, at))
  );
  return { ...values, steps: Object.fromEntries(steps) };
}

/** What the run as a whole has come to at an entry: its input, and its steps. */
export function variablesAt(
  past: Past,
  at: number,
): Readonly<Record<string, unknown>> {
  const [accepted] = past.entries;
  const steps: Record<string, unknown> = {};
  for (const [path, { known }] of past.steps) {
    // What loops and branches hold is seen from within them only.
    if (path.includes("/")) continue;
    const end = lastAt(known, at);
    if (end === undefined) continue;
    const { output = null, status, error = null } = end;
    steps[path] = { output, status, error };
  }
  const input = accepted?.kind === "accepted" ? accepted.input : null;
  return { input, steps };
}

function valuesOf(live: Live): Values | undefined {
  if ("values" in live) return live.values;
  return live.frame?.values;
}

/** Of the block that a step stands in, and of those around it. */
function prefixesOf({ frame, path }: Live): readonly string[] {
  const prefixes = [path.slice(0, path.lastIndexOf("/") + 1)];
  for (let around = frame; around; around = around.owner?.frame) {
    prefixes.push(around.prefix);
  }
  return prefixes;
}

function isOver(past: Past, path: string, at: number): boolean {
  return lastAt(past.steps.get(path)?.known ?? [], at) !== undefined;
}
