/**
 * Commits changes of instances, one atomic commit a change: the instance, a line
 * of its history, and the work that the change asks for.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import type { MachineInstance } from "@engine/services/state_machines.ts";
import type { Accepted } from "@engine/state/transition.ts";
import type { Announcer } from "./_announcer.ts";
import { InstanceCache } from "./_instance_cache.ts";
import type { Registry, TransitionPlan } from "./_registry.ts";
import type {
  InstanceRow,
  Rows,
  Store,
  Task,
  TaskRow,
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
}

/** Who is told about the tasks of commits. */
export interface TaskListener {
  /** The task is committed. */
  committed(row: TaskRow): void;
  /** The store failed: the task may be committed or not. */
  inDoubt(task: Task): void;
}

/** See the module comment. */
export class Committer {
  readonly rows: Rows;
  readonly cache = new InstanceCache();
  tasks: TaskListener | undefined;
  readonly #host: Host;
  readonly #registry: Registry;
  readonly #announcer: Announcer;

  constructor(
    host: Host,
    rows: Rows,
    registry: Registry,
    announcer: Announcer,
  ) {
    this.rows = rows;
    this.#host = host;
    this.#registry = registry;
    this.#announcer = announcer;
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
    const task = step && this.#taskOf(step, attachment?.automatic ?? 0);
    const key = this.rows.instanceKey(instance.id);
    const checks = [{ key, version: before?.version }];
    const sets = [this.rows.writeInstance(key, instance)];
    this.#writeRest(sets, instance.id, change);
    if (task !== undefined) sets.push(this.rows.writeTask(task));
    if (attachment !== undefined) {
      sets.push(...attachment.sets);
      checks.push(...attachment.checks);
    }
    try {
      const deletes = attachment?.deletes ?? NONE;
      const outcome = await this.rows.store.commit({ checks, sets, deletes });
      if (!outcome.ok) {
        this.cache.forget(instance.id);
        return undefined;
      }
      return this.#committed(
        change,
        { instance, version: outcome.version },
        task,
      );
    } catch (error) {
      this.cache.forget(instance.id);
      // What a store refuses it refuses before it writes.
      const isRefused = error instanceof RangeError ||
        error instanceof TypeError;
      if (!isRefused && task !== undefined) this.tasks?.inDoubt(task);
      throw error;
    }
  }

  #committed(
    change: Change,
    row: InstanceRow,
    task: Task | undefined,
  ): InstanceRow {
    this.cache.set(row.instance.id, row);
    this.#announce(change);
    if (task !== undefined) {
      this.tasks?.committed({ task, version: row.version });
    }
    return row;
  }

  #writeRest(
    sets: Write[],
    id: string,
    { creation, merge, step }: Change,
  ): void {
    if (creation !== undefined) {
      const order = this.#host.effects.ids.next();
      sets.push(this.rows.writeCreated(id, order));
      sets.push(this.rows.writeHistory(id, creation.entry));
    }
    if (merge !== undefined) {
      sets.push(this.rows.writeHistory(id, merge.step.entry, merge.place));
    }
    if (step !== undefined) sets.push(this.rows.writeHistory(id, step.entry));
  }

  /** The work that a transition asks for. */
  #taskOf({ instance, entry }: Accepted, automatic: number): Task | undefined {
    const plan = this.#planOf(instance, entry.transition);
    if (!plan?.asks || entry.transition === null) return undefined;
    const event = {
      definition: instance.definition,
      instanceId: instance.id,
      transition: entry.transition,
      fromState: entry.fromState ?? "",
      toState: entry.toState,
      data: instance.data,
      at: entry.at,
    };
    return {
      event,
      sequence: entry.sequence,
      handlers: plan.handlers,
      position: 0,
      attempt: 1,
      dueAt: entry.at,
      hasFailed: false,
      automatic,
    };
  }

  #announce({ before, creation, merge, step }: Change): void {
    let previous = before?.instance;
    if (creation !== undefined) previous = this.#tell(previous, creation);
    if (merge !== undefined) previous = this.#tell(previous, merge.step);
    if (step !== undefined) this.#tell(previous, step);
  }

  #tell(
    before: MachineInstance | undefined,
    { instance: after, entry }: Accepted,
  ): MachineInstance {
    const topics = this.#planOf(after, entry.transition)?.topics ?? NONE;
    this.#announcer.announce({ before, after, entry, topics });
    return after;
  }

  #planOf(
    instance: MachineInstance,
    transition: string | null,
  ): TransitionPlan | undefined {
    const definition = this.#registry.definition(instance.definition);
    return definition === undefined || transition === null
      ? undefined
      : this.#registry.plan(definition, transition);
  }
}
