/**
 * Who keeps the machines at this moment. A reload may put another instance in
 * the place of one that still has callers; what those do counts for the new one.
 *
 * @module
 */
import type { Announcer } from "./_announcer.ts";
import type { Registry } from "./_registry.ts";
import type { TaskRunner } from "./_task_runner.ts";

/** See the module comment. */
export interface Present {
  readonly registry: Registry;
  readonly announcer: Announcer;
  /** Absent while nothing runs: whoever opens next finds the work in the store. */
  readonly runner: Pick<TaskRunner, "add" | "look" | "owner"> | undefined;
}
