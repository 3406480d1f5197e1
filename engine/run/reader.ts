/**
 * What modules and sections may know of runs.
 *
 * @module
 */
import type { JsonValue } from "../store/store.ts";

/** Reads runs. */
export interface RunReader {
  /** The longest that `dispatch` waits for a run, in milliseconds. */
  readonly waitMsMax: number;
  /** Whether the document has a pipeline of this id. */
  isPipeline(id: string): boolean;
  /** One run, finished or not. */
  get(id: string): Promise<RunState | undefined>;
}

/** How a run is. */
export interface RunState {
  readonly id: string;
  readonly pipeline: string;
  readonly status: string;
  /** Of a run that is completed. */
  readonly output?: JsonValue;
  /** Of a run that is failed or cancelled. */
  readonly error?: { readonly message: string; readonly code: string };
}
