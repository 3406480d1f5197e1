/**
 * Edits that need to know every type: the engine says what to change of the text.
 *
 * @module
 */
import type { Change } from "../../engine/config/change.ts";
import { ask } from "../api.ts";

/** A way in which two modules can be tied. */
export interface Connection {
  readonly id: string;
  readonly label: string;
  readonly help?: string;
  readonly changes: readonly Change[];
  /** Paths of what is still to be said of it. */
  readonly toFill: readonly string[];
}

/** The ways to tie two modules. @throws {ApiError} */
export function connections(
  text: string,
  source: string,
  target: string,
): Promise<readonly Connection[]> {
  const body = { text, source, target };
  return ask("/api/workflow/connections", { method: "POST", body });
}

/** What unties an edge of the plan. @throws {ApiError} */
export function disconnection(
  text: string,
  path: string,
): Promise<readonly Change[]> {
  const body = { text, path };
  return ask("/api/workflow/disconnection", { method: "POST", body });
}

/** Something that has a name. */
export interface Named {
  readonly what:
    | "module"
    | "pipeline"
    | "step"
    | "definition"
    | "state"
    | "transition";
  readonly name: string;
  /** The state machine of a state or a transition, the pipeline of a step. */
  readonly inside?: string;
}

/** What renames something, wherever it is named. @throws {ApiError} */
export function renaming(
  text: string,
  { what, name: from, inside }: Named,
  to: string,
): Promise<readonly Change[]> {
  const place = inside === undefined ? {} : { inside };
  const body = { text, what, from, to, ...place };
  return ask("/api/workflow/renaming", { method: "POST", body });
}
