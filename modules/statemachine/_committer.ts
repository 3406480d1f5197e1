/**
 * Commits changes of instances, one atomic commit a change: the instance, a line
 * of its history, and the work that the change asks for.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import type {
  HistoryEntry,
  MachineInstance,
} from "@engine/services/state_machines.ts";
import type { TransitionEvent } from "@engine/services/transition_handler.ts";
import type { Accepted } from "@engine/state/transition.ts";
import type { Change as Announcement } from "./_announcer.ts";
import { InstanceCache } from "./_instance_cache.ts";
import type { Present } from "./_present.ts";
import type { TransitionPlan } from "./_registry.ts";
import type {
  Announced,
  InstanceRow,
  Rows,
  Store,
  Task,
  Write,
} from "./_rows.ts";

/**
 * Attempts at one change. Callers in this process take turns, so each failed one
 * means that another process has changed the instance in between.
 */
export const CONFLICTS_MAX = 100;

type Batch = Parameters<Store["commit"]>[0];

const NONE: readonly never[] = [];

/** What else a commit holds, beside the change of an instance. */
export interface Attachment {
  readonly checks: NonNullable<Batch["checks"]>;
  readonly sets: readonly Write[];
  readonly deletes: NonNullable<Batch["deletes"]>;
  /** How many automatic transitions in a row this change ends. */
  readonly automatic: number;
}

/** What a hook merges into the data, without a transition. */
export interface Merge {
  readonly step: Accepted;
  /** Where its line of history stands, below that of the last transition. */
  readonly place: readonly number[];
}

/** A change that is decided, and not yet committed. At least one part is there. */
export interface Change {
  readonly before: InstanceRow | undefined;
  /** Makes the instance first. */
  readonly creation?: Accepted;
  readonly merge?: Merge;
  /** Absent where nothing transitions. */
  readonly step?: Accepted;
  /** The links and lifecycle events that led to it. */
  readonly via?: readonly string[];
}

/** See the module comment. */
export class Committer {
  readonly rows: Rows;
  readonly cache = new InstanceCache();
  readonly #host: Pick<Host, "effects" | "tracing">;
  readonly #present: () => Present;

  constructor(
    rows: Rows,
    host: Pick<Host, "effects" | "tracing">,
    present: () => Present,
  ) {
    this.rows = rows;
    this.#host = host;
    this.#present = present;
  }

  /** The instance, read and remembered. */
  async present(id: string): Promise<InstanceRow | undefined> {
    const row = await this.rows.readInstance(id);
    if (row !== undefined) this.cache.set(id, row);
    return row;
  }

  /**
   * Commits a change and tells of it. `undefined` if something else was faster;
   * then nothing changed, and what is remembered is forgotten.
   */
  async commit(
    change: Change,
    attachment?: Attachment,
  ): Promise<InstanceRow | undefined> {
    const { before, creation, merge, step } = change;
    const last = step ?? merge?.step ?? creation;
    if (last === undefined) {
      throw new TypeError("Cannot commit a change of nothing");
    }
    const { instance } = last;
    const task = step &&
      this.#taskOf(step, change.via, attachment?.automatic ?? 0);
    const announced = step && this.#announcedOf(step, change.via);
    const key = this.rows.instanceKey(instance.id);
    const checks = [{ key, version: before?.version }];
    const sets = [this.rows.writeInstance(key, instance)];
    this.#writeRest(sets, instance.id, change, task?.handlers ?? NONE);
    if (task !== undefined) sets.push(this.rows.writeTask(task));
    if (announced !== undefined) sets.push(this.rows.writeAnnounced(announced));
    if (attachment !== undefined) {
      sets.push(...attachment.sets);
      checks.push(...attachment.checks);
    }
    try {
      const deletes = attachment?.deletes ?? NONE;
      const outcome = await this.rows.store.commit({ checks, sets, deletes });
      if (!outcome.ok) {
        this.cache.forget(instance.id);
        // What was faster may have been a try of the store's own.
        this.#doubt(task, announced);
        return undefined;
      }
      return this.#committed(
        change,
        { instance, version: outcome.version },
        { task, announced },
      );
    } catch (error) {
      this.cache.forget(instance.id);
      // What a store refuses it refuses before it writes.
      const isRefused = error instanceof RangeError ||
        error instanceof TypeError;
      if (!isRefused) this.#doubt(task, announced);
      throw error;
    }
  }

  /** What a transition asks for may be committed or not. */
  #doubt(task: Task | undefined, announced: Announced | undefined): void {
    const { runner, announcer } = this.#present();
    if (task !== undefined) void runner?.look(task);
    if (announced !== undefined) void announcer.outbox.look(announced);
  }

  #committed(
    change: Change,
    row: InstanceRow,
    { task, announced }: {
      readonly task: Task | undefined;
      readonly announced: Announced | undefined;
    },
  ): InstanceRow {
    this.cache.set(row.instance.id, row);
    this.#announce(change, announced);
    if (task !== undefined) {
      this.#present().runner?.add({ task, version: row.version });
    }
    return row;
  }

  #writeRest(
    sets: Write[],
    id: string,
    { creation, merge, step }: Change,
    handlers: readonly string[],
  ): void {
    if (creation !== undefined) {
      const order = this.#host.effects.ids.next();
      sets.push(this.rows.writeCreated(id, order));
      sets.push(this.rows.writeHistory(id, creation.entry));
    }
    if (merge !== undefined) {
      sets.push(this.rows.writeHistory(id, merge.step.entry, merge.place));
    }
    if (step === undefined) return;
    const entry = handlers.length === 0
      ? step.entry
      : { ...step.entry, handlers };
    sets.push(this.rows.writeHistory(id, entry));
  }

  /** The work that a transition asks for. */
  #taskOf(
    { instance, entry }: Accepted,
    via: Change["via"],
    automatic: number,
  ): Task | undefined {
    const plan = this.#planOf(instance, entry.transition);
    if (!plan?.asks || entry.transition === null) return undefined;
    const event = eventOf(instance, entry, via);
    const traceparent = this.#host.tracing.current;
    return {
      event,
      sequence: entry.sequence,
      handlers: plan.handlers,
      position: 0,
      attempt: 1,
      dueAt: entry.at,
      waitMs: 0,
      hasFailed: false,
      automatic,
      ...(traceparent === undefined ? {} : { traceparent }),
      ...this.#owner(),
    };
  }

  /** What is committed with a transition so that it is announced for sure. */
  #announcedOf(
    { instance, entry }: Accepted,
    via: Change["via"] = NONE,
  ): Announced | undefined {
    const { announcer } = this.#present();
    if (!announcer.broker?.isDurable || entry.transition === null) {
      return undefined;
    }
    const topics = this.#planOf(instance, entry.transition)?.topics ?? NONE;
    return {
      event: eventOf(instance, entry, [...via, announcer.mark]),
      sequence: entry.sequence,
      topics,
      ...this.#owner(),
    };
  }

  /** Whoever commits work does it, unless it is gone by then. */
  #owner(): Pick<Task, "owner"> {
    const owner = this.#present().runner?.owner;
    return owner === undefined ? {} : { owner };
  }

  #announce(
    { before, creation, merge, step, via }: Change,
    announced: Announced | undefined,
  ): void {
    let previous = before?.instance;
    const quiet = { via: NONE, announced: undefined };
    if (creation !== undefined) {
      previous = this.#tell(previous, creation, quiet);
    }
    if (merge !== undefined) previous = this.#tell(previous, merge.step, quiet);
    if (step !== undefined) {
      this.#tell(previous, step, { via: via ?? NONE, announced });
    }
  }

  #tell(
    before: MachineInstance | undefined,
    { instance: after, entry }: Accepted,
    { via, announced }: Pick<Announcement, "via" | "announced">,
  ): MachineInstance {
    const topics = this.#planOf(after, entry.transition)?.topics ?? NONE;
    const { announcer } = this.#present();
    announcer.announce({ before, after, entry, topics, via, announced });
    return after;
  }

  #planOf(
    instance: MachineInstance,
    transition: string | null,
  ): TransitionPlan | undefined {
    const { registry } = this.#present();
    const definition = registry.definition(instance.definition);
    return definition === undefined || transition === null
      ? undefined
      : registry.plan(definition, transition);
  }
}

/** A transition as handlers and announcements have it. */
function eventOf(
  instance: MachineInstance,
  entry: HistoryEntry,
  via: Change["via"],
): TransitionEvent {
  return {
    definition: instance.definition,
    instanceId: instance.id,
    transition: entry.transition ?? "",
    fromState: entry.fromState ?? "",
    toState: entry.toState,
    data: instance.data,
    at: entry.at,
    ...(via === undefined ? {} : { via }),
  };
}
