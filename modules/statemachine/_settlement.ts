/**
 * Commits what became of a task: the follow-up transition and the removal (or
 * the next state) of the task are one commit, so that a crash leaves either both
 * or none, and a handler that runs twice still counts once.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import { type Change, type Committer, CONFLICTS_MAX } from "./_committer.ts";
import {
  AUTOMATIC_TRANSITIONS_MAX,
  type Done,
  following,
  followUp,
} from "./_follow_up.ts";
import type { Present } from "./_present.ts";
import { handlerOf, type Task, type TaskRow, type Write } from "./_rows.ts";
import { transitioning } from "./_spans.ts";
import type { Turns } from "../_turns.ts";

/** Characters of an error that are kept with the work that failed. */
export const ERROR_CHARACTERS_MAX = 1_000;

const ENDLESS =
  `${AUTOMATIC_TRANSITIONS_MAX} automatic transitions in a row: no more follow`;

/** What became of an attempt at a task. */
export type Outcome =
  | Done
  /** Try again later. */
  | { readonly kind: "retry"; readonly inMs: number; readonly error: string }
  /** Give this handler up. */
  | { readonly kind: "failed"; readonly error: string };

/** What a settlement works with. */
export interface SettlementParts {
  readonly host: Host;
  readonly present: () => Present;
  readonly committer: Committer;
  readonly turns: Turns;
}

/** See the module comment. */
export class Settlement {
  readonly #host: Host;
  readonly #present: () => Present;
  readonly #committer: Committer;
  readonly #turns: Turns;

  constructor({ host, present, committer, turns }: SettlementParts) {
    this.#host = host;
    this.#present = present;
    this.#committer = committer;
    this.#turns = turns;
  }

  /** The task as it goes on; `undefined` if it is finished. */
  async settle(row: TaskRow, outcome: Outcome): Promise<TaskRow | undefined> {
    const { instanceId } = row.task.event;
    await this.#turns.enter(instanceId);
    try {
      return await this.#settle(row, outcome);
    } finally {
      this.#turns.leave(instanceId);
    }
  }

  async #settle(row: TaskRow, outcome: Outcome): Promise<TaskRow | undefined> {
    const { task } = row;
    switch (outcome.kind) {
      case "retry":
        return await this.#replace(row, {
          ...task,
          attempt: task.attempt + 1,
          dueAt: this.#nowMs() + outcome.inMs,
          waitMs: outcome.inMs,
          error: shorten(outcome.error),
        });
      case "failed":
        return await this.#giveUp(row, outcome.error);
    }
    for (let attempt = 1; attempt <= CONFLICTS_MAX; attempt++) {
      const settled = await this.#complete(row, outcome);
      if (settled !== "stale") return settled;
      const present = await this.#committer.rows.readTask(task);
      if (present?.version !== row.version) return present;
    }
    throw new Error(
      `Cannot settle the work of "${task.event.instanceId}": it changed ` +
        `${CONFLICTS_MAX} times while this was tried`,
    );
  }

  /** One try: decides on the present instance, and commits. */
  async #complete(
    row: TaskRow,
    outcome: Done,
  ): Promise<TaskRow | undefined | "stale"> {
    const { task } = row;
    const { instanceId } = task.event;
    const remembered = this.#committer.cache.get(instanceId);
    const before = remembered ?? await this.#committer.present(instanceId);
    if (before === undefined) return await this.#giveUp(row, GONE);
    const { registry } = this.#present();
    const known = registry.definition(before.instance.definition);
    // Defined no more: then it waits as it is, until it is defined again.
    if (known === undefined) return row;
    const follow = followUp(task, before, known, outcome, this.#nowMs());
    if (follow.refusal !== undefined && remembered !== undefined) {
      // What is remembered may be old, and only a fresh read may refuse.
      this.#committer.cache.forget(instanceId);
      return "stale";
    }
    if (follow.refusal !== undefined) {
      this.#notice(task, "warning", follow.refusal);
    }
    const next = following(task, this.#nowMs());
    return follow.change === undefined
      ? await this.#replace(row, next)
      : await this.#commit(row, follow.change, next, follow.isAutomatic);
  }

  /** Changes the instance and the task together. */
  async #commit(
    row: TaskRow,
    change: Change,
    next: Task | undefined,
    isAutomatic: boolean,
  ): Promise<TaskRow | undefined | "stale"> {
    const { rows } = this.#committer;
    const { task, version } = row;
    const key = rows.taskKey(task);
    const automatic = isAutomatic ? task.automatic + 1 : 0;
    const { via } = task.event;
    const caused = via === undefined ? change : { ...change, via };
    const committed = await transitioning(
      this.#host.tracing,
      task,
      change.step?.entry.transition,
      () =>
        this.#committer.commit(caused, {
          checks: [{ key, version }],
          sets: next === undefined ? [] : [rows.writeTask(next)],
          deletes: next === undefined ? [key] : [],
          automatic,
        }),
    );
    if (committed === undefined) return "stale";
    if (automatic === AUTOMATIC_TRANSITIONS_MAX) {
      this.#notice(task, "error", ENDLESS);
    }
    return next && { task: next, version: committed.version };
  }

  /** Records that a handler was given up, and goes on to the next one. */
  async #giveUp(row: TaskRow, reason: string): Promise<TaskRow | undefined> {
    const { task } = row;
    const { event: { data: _, ...event }, sequence, position, attempt } = task;
    const handler = handlerOf(task);
    const at = this.#nowMs();
    const error = shorten(reason);
    const next = following(task, at);
    const rest = await this.#replace(
      row,
      next && { ...next, hasFailed: true },
      [
        this.#committer.rows.writeFailed(
          { handler, error, at, event, sequence, position, attempt },
        ),
      ],
    );
    this.#notice(task, "error", `${handler} is given up: ${error}`);
    return rest;
  }

  /** Changes the task alone. */
  async #replace(
    row: TaskRow,
    next: Task | undefined,
    also: readonly Write[] = [],
  ): Promise<TaskRow | undefined> {
    const { rows } = this.#committer;
    const key = rows.taskKey(row.task);
    const outcome = await rows.store.commit({
      checks: [{ key, version: row.version }],
      sets: next === undefined ? also : [...also, rows.writeTask(next)],
      deletes: next === undefined ? [key] : [],
    });
    // Changed already: by a try that the store did not answer, or by a runner
    // that was cut short. It goes on from there.
    if (!outcome.ok) return await rows.readTask(row.task);
    return next && { task: next, version: outcome.version };
  }

  #nowMs(): number {
    return this.#host.effects.clock.now();
  }

  #notice(task: Task, severity: "warning" | "error", what: string): void {
    const { definition, instanceId, transition } = task.event;
    const message =
      `${definition} "${instanceId}", after "${transition}": ${what}`;
    const fields = { definition, instance: instanceId, transition };
    this.#host.notify("notice", { message, severity, ...fields });
    if (severity === "error") this.#host.log.error(message, fields);
    else this.#host.log.warn(message, fields);
  }
}

const GONE = "its instance is gone";

function shorten(text: string): string {
  return text.length > ERROR_CHARACTERS_MAX
    ? `${text.slice(0, ERROR_CHARACTERS_MAX - 3)}...`
    : text;
}
