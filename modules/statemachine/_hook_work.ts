/**
 * What has become of the work that transitions gave to hooks: told from the
 * history, which names the handlers, and from what is left to do or given up.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import type { HistoryEntry } from "@engine/services/state_machines.ts";
import type { HookWork } from "@engine/state/hook_work.ts";
import { type FailedTask, type Rows, type Task, workKey } from "./_rows.ts";

/** One piece of work, before anything is known of it. */
interface Place {
  readonly sequence: number;
  readonly position: number;
  readonly handler: string;
}

/** @see {StateMachines.work} */
export async function workOf(
  rows: Rows,
  host: Pick<Host, "application" | "name">,
  { id, history }: {
    readonly id: string;
    readonly history: readonly HistoryEntry[];
  },
): Promise<readonly HookWork[]> {
  const tasks = new Map<number, Task>();
  for await (const { task } of rows.tasks(id)) tasks.set(task.sequence, task);
  const failed = new Map<string, FailedTask>();
  for await (const each of rows.failed(id)) failed.set(nameOf(each), each);
  return history.flatMap(({ sequence, handlers = [] }) =>
    handlers.map((handler, position) => {
      const place = { sequence, position, handler };
      const idempotencyKey = workKey(host, id, place);
      const status = statusOf(
        place,
        tasks.get(sequence),
        failed.get(nameOf(place)),
      );
      return { sequence, handler, ...status, idempotencyKey };
    })
  );
}

function statusOf(
  { position }: Place,
  task: Task | undefined,
  failed: FailedTask | undefined,
): Pick<HookWork, "status" | "attempt" | "error" | "at"> {
  if (failed !== undefined) {
    const { attempt, error, at } = failed;
    return { status: "failed", attempt, error, at };
  }
  if (task === undefined || position < task.position) return { status: "done" };
  if (position > task.position) return { status: "queued" };
  const { attempt, error, dueAt } = task;
  return {
    ...{ status: "due", attempt, at: dueAt },
    ...error === undefined ? {} : { error },
  };
}

function nameOf(
  { sequence, position }: Pick<Place, "sequence" | "position">,
): string {
  return `${sequence}/${position}`;
}
