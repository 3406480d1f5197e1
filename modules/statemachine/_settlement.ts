/**
 * Commits what became of a task: the follow-up transition and the removal (or
 * the next state) of the task are one commit, so that a crash leaves either both
 * or none, and a handler that runs twice still counts once.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import type {
  HistoryEntry,
  MachineData,
  MachineInstance,
} from "@engine/services/state_machines.ts";
import type { MachineDefinition } from "@engine/state/definition.ts";
import {
  type Accepted,
  accepted,
  automaticTransition,
  decide,
} from "@engine/state/transition.ts";
import { type Change, type Committer, CONFLICTS_MAX } from "./_committer.ts";
import { detach } from "./_detach.ts";
import type { Registry } from "./_registry.ts";
import type { InstanceRow, Task, TaskRow, Write } from "./_rows.ts";
import type { Turns } from "./_turns.ts";

/** Automatic transitions in a row, without a caller's or a hook's in between. */
export const AUTOMATIC_TRANSITIONS_MAX = 100;

/** Characters of an error that are kept with the work that failed. */
export const ERROR_CHARACTERS_MAX = 1_000;

const ENDLESS =
  `${AUTOMATIC_TRANSITIONS_MAX} automatic transitions in a row: no more follow`;

/** What became of an attempt at a task. */
export type Outcome =
  | {
    readonly kind: "done";
    readonly fire?: string;
    readonly data?: MachineData;
  }
  /** Try again later. */
  | { readonly kind: "retry"; readonly inMs: number; readonly error: string }
  /** Give this handler up. */
  | { readonly kind: "failed"; readonly error: string };

type Done = Extract<Outcome, { readonly kind: "done" }>;

/** What the instance does next. */
interface FollowUp {
  readonly change?: Change;
  readonly isAutomatic: boolean;
  /** Why what the handler asked for is not possible. */
  readonly refusal?: string;
}

/** What a settlement works with. */
export interface SettlementParts {
  readonly host: Host;
  readonly registry: Registry;
  readonly committer: Committer;
  readonly turns: Turns;
}

/** See the module comment. */
export class Settlement {
  readonly #host: Host;
  readonly #registry: Registry;
  readonly #committer: Committer;
  readonly #turns: Turns;

  constructor({ host, registry, committer, turns }: SettlementParts) {
    this.#host = host;
    this.#registry = registry;
    this.#committer = committer;
    this.#turns = turns;
  }

  /** The task as it goes on; `undefined` if it is finished, or no longer ours. */
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
          error: shorten(outcome.error),
        });
      case "failed":
        return await this.#giveUp(row, outcome.error);
    }
    for (let attempt = 1; attempt <= CONFLICTS_MAX; attempt++) {
      const settled = await this.#complete(row, outcome);
      if (settled !== "stale") return settled;
      const present = await this.#committer.rows.readTask(task);
      if (present?.version !== row.version) return undefined;
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
    const known = this.#registry.definition(before.instance.definition);
    if (known === undefined) return await this.#giveUp(row, UNDEFINED);
    const follow = this.#follow(task, before, known, outcome);
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
    const committed = await this.#committer.commit(change, {
      checks: [{ key, version }],
      sets: next === undefined ? [] : [rows.writeTask(next)],
      deletes: next === undefined ? [key] : [],
      automatic,
    });
    if (committed === undefined) return "stale";
    if (automatic === AUTOMATIC_TRANSITIONS_MAX) {
      this.#notice(task, "error", ENDLESS);
    }
    return next && { task: next, version: committed.version };
  }

  /** What the instance does next, because of the handler or by itself. */
  #follow(
    task: Task,
    before: InstanceRow,
    definition: MachineDefinition,
    outcome: Done,
  ): FollowUp {
    const { fire } = outcome;
    const data = outcome.data && detach(outcome.data);
    const { instance } = before;
    const nowMs = this.#nowMs();
    const byItself = (from: MachineInstance) =>
      automatic(task, { ...before, instance: from }, definition, nowMs);
    if (fire !== undefined) {
      const step = decide(instance, fire, data ?? {}, definition, nowMs);
      if (step.kind === "accepted") {
        return { change: { before, step }, isAutomatic: false };
      }
      const refusal = `${handlerOf(task)} is done, and what it asks for is ` +
        `not possible: ${step.message}`;
      return { ...byItself(instance), refusal };
    }
    if (data === undefined) return byItself(instance);
    const merge = this.#merge(task, instance, data, nowMs);
    const next = byItself(merge.step.instance);
    return { ...next, change: { ...next.change, before, merge } };
  }

  #merge(
    task: Task,
    instance: MachineInstance,
    data: MachineData,
    atMs: number,
  ): { readonly step: Accepted; readonly history: Write } {
    const { state, sequence } = instance;
    const merged = {
      ...instance,
      data: { ...instance.data, ...data },
      updatedAt: atMs,
    };
    const entry: HistoryEntry = {
      sequence,
      transition: null,
      fromState: state,
      toState: state,
      at: atMs,
      data,
    };
    const place = [task.sequence, task.position];
    return {
      step: { kind: "accepted", instance: merged, entry },
      history: this.#committer.rows.writeHistory(instance.id, entry, place),
    };
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
    if (!outcome.ok || next === undefined) return undefined;
    return { task: next, version: outcome.version };
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
const UNDEFINED = "the document no longer defines its state machine";

/**
 * The automatic transition, if it is its turn: after the last handler, where none
 * was given up. Whatever transitioned since then asks for its own.
 */
function automatic(
  task: Task,
  before: InstanceRow,
  definition: MachineDefinition,
  nowMs: number,
): FollowUp {
  const { instance } = before;
  const isItsTurn = task.position + 1 >= task.handlers.length &&
    !task.hasFailed && instance.sequence === task.sequence &&
    task.automatic < AUTOMATIC_TRANSITIONS_MAX;
  const name = isItsTurn
    ? automaticTransition(instance, definition)
    : undefined;
  if (name === undefined) return { isAutomatic: false };
  const step = accepted(decide(instance, name, {}, definition, nowMs));
  return { change: { before, step }, isAutomatic: true };
}

/** The task with its next handler; `undefined` if this was the last. */
function following(task: Task, nowMs: number): Task | undefined {
  const position = task.position + 1;
  if (position >= task.handlers.length) return undefined;
  const { error: _, ...rest } = task;
  return { ...rest, position, attempt: 1, dueAt: nowMs };
}

/** What messages call the handler whose turn it is. */
function handlerOf({ handlers, position }: Task): string {
  return handlers[position] ?? "the automatic transition";
}

function shorten(text: string): string {
  return text.length > ERROR_CHARACTERS_MAX
    ? `${text.slice(0, ERROR_CHARACTERS_MAX - 3)}...`
    : text;
}
