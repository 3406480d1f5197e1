/**
 * The work that a transition gives to a hook, as those see it who look.
 *
 * @module
 */

/** What has become of the work that a transition gave to one hook. */
export interface HookWork {
  /** The number of the transition. */
  readonly sequence: number;
  /** A module, or `pipeline:` and the id of a pipeline. */
  readonly handler: string;
  /** `due`: it is done now, or again at a time that `at` says. */
  readonly status: "queued" | "due" | "done" | "failed";
  /** The attempt that comes next, or was the last. */
  readonly attempt?: number;
  /** Why the last attempt failed. */
  readonly error?: string;
  /** When it is due, or was given up, in milliseconds since 1970. */
  readonly at?: number;
  /** The key that its handler is given. */
  readonly idempotencyKey: string;
}
