/**
 * What the engine keeps in the store, and under which keys:
 *
 * - `instance, id` → the instance
 * - `created, n` → its id; `n` ascends, so that lists are in order of creation
 * - `history, id, sequence` → one line of history; what a hook merges without a
 *   transition stands below the line of the transition that it followed
 * - `task, id, sequence` → work that the transition with that number asks for
 * - `failed, id, sequence, position` → work that was given up
 * - `announced, id, sequence` → an announcement that the broker has not taken yet
 * - `asked, key` → the instance for which a request with this idempotency key
 *   was done
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import type {
  HistoryEntry,
  MachineInstance,
  PlacedInstance,
} from "@engine/services/state_machines.ts";
import type { TransitionEvent } from "@engine/services/transition_handler.ts";

/** The application's store. */
export type Store = Host["store"];
/** A key of it. */
export type Key = Parameters<Store["get"]>[0];
/** One write of a batch. */
export type Write = NonNullable<Parameters<Store["commit"]>[0]["sets"]>[number];

/** Work that a committed transition asks for: its hooks, then what follows by itself. */
export interface Task {
  readonly event: TransitionEvent;
  /** The number of the transition in the life of the instance. */
  readonly sequence: number;
  /** The names of the hooks' handlers, in the order of the document. */
  readonly handlers: readonly string[];
  /** The handler whose turn it is. */
  readonly position: number;
  /** The attempt that comes next, from 1. */
  readonly attempt: number;
  /** When it may run, in milliseconds since 1970. */
  readonly dueAt: number;
  /**
   * How long it was to wait for that, in milliseconds: a clock that went back
   * must not make the wait any longer.
   */
  readonly waitMs: number;
  /** Why the last attempt failed. */
  readonly error?: string;
  /** A handler was given up, so no automatic transition follows. */
  readonly hasFailed: boolean;
  /** How many automatic transitions in a row led here. */
  readonly automatic: number;
  /** The process that does it, where several share the store; see `Peers`. */
  readonly owner?: string;
  /** The transition as a part of a trace; absent if nobody kept traces then. */
  readonly traceparent?: string;
}

/** What messages call the handler whose turn it is. */
export function handlerOf({ handlers, position }: Task): string {
  return handlers[position] ?? "the automatic transition";
}

/** Names the work of one hook; no attempt and no restart changes it. */
export function workKey(
  { application, name }: Pick<Host, "application" | "name">,
  instanceId: string,
  { sequence, position }: Pick<Task, "sequence" | "position">,
): string {
  return `${application}/${name}/${instanceId}/${sequence}/${position}`;
}

/** A task as of one version of its row. */
export interface TaskRow {
  readonly task: Task;
  readonly version: string;
}

/** Work that was given up. The data stands in the instance and its history. */
export interface FailedTask {
  readonly handler: string;
  readonly error: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly event: Omit<TransitionEvent, "data">;
  readonly sequence: number;
  readonly position: number;
  readonly attempt: number;
}

/** A transition that is to be announced. */
export interface Announced {
  readonly event: TransitionEvent;
  /** The number of the transition in the life of the instance. */
  readonly sequence: number;
  readonly topics: readonly string[];
  /** The process that does it, where several share the store; see `Peers`. */
  readonly owner?: string;
}

/** An announcement as of one version of its row. */
export interface AnnouncedRow {
  readonly announced: Announced;
  readonly version: string;
}

/** An instance as of one version of its row. */
export interface InstanceRow {
  readonly instance: MachineInstance;
  readonly version: string;
}

/** The rows of one module. */
export class Rows {
  readonly store: Store;
  readonly #module: string;

  constructor(store: Store, module: string) {
    this.store = store;
    this.#module = module;
  }

  instanceKey(id: string): Key {
    return ["machine", this.#module, "instance", id];
  }

  taskKey({ event, sequence }: Task): Key {
    return ["machine", this.#module, "task", event.instanceId, sequence];
  }

  /** Marks a request that names itself, so that it is done once. */
  askedKey(idempotencyKey: string): Key {
    return ["machine", this.#module, "asked", idempotencyKey];
  }

  /** `id` is that of the instance that the request was for. */
  writeAsked(key: Key, id: string): Write {
    return { key, value: id, expireInMs: ASKED_MS };
  }

  /** The instance as it is now, if the request was done before. */
  async readAsked(key: Key): Promise<MachineInstance | undefined> {
    const entry = await this.store.get(key);
    return entry && (await this.readInstance(String(entry.value)))?.instance;
  }

  /** The names of modules that have instances in the store. */
  async *modules(): AsyncGenerator<string> {
    // From one name to the next: what is under a name is skipped.
    const end = ["machine", true];
    let start: Key = ["machine"];
    for (;;) {
      const range = { start, end };
      const [first] = await Array.fromAsync(
        this.store.list(range, { limit: 1 }),
      );
      const name = first?.key[1];
      if (typeof name !== "string") return;
      yield name;
      start = ["machine", name, true];
    }
  }

  /** Whether a module of this name has an instance. */
  async isKept(module: string, id: string): Promise<boolean> {
    const key = ["machine", module, "instance", id];
    return await this.store.get(key) !== undefined;
  }

  async readInstance(id: string): Promise<InstanceRow | undefined> {
    const entry = await this.store.get(this.instanceKey(id));
    if (entry === undefined) return undefined;
    return { instance: asInstance(entry.value), version: entry.version };
  }

  /** The row of a task, whatever has become of it. */
  async readTask(task: Task): Promise<TaskRow | undefined> {
    const entry = await this.store.get(this.taskKey(task));
    if (entry === undefined) return undefined;
    return { task: entry.value as unknown as Task, version: entry.version };
  }

  /** `key` is the instance's key; whoever writes has it already, for the check. */
  writeInstance(key: Key, instance: MachineInstance): Write {
    return { key, value: asValue(instance) };
  }

  /** `order` ascends from creation to creation. */
  writeCreated(id: string, order: string): Write {
    return { key: this.#createdKey(order), value: id };
  }

  writeHistory(
    id: string,
    entry: HistoryEntry,
    merge: readonly number[] = [],
  ): Write {
    return {
      key: ["machine", this.#module, "history", id, entry.sequence, ...merge],
      value: asValue(entry),
    };
  }

  writeTask(task: Task): Write {
    return { key: this.taskKey(task), value: asValue(task) };
  }

  writeFailed(failed: FailedTask): Write {
    const { event: { instanceId }, sequence, position } = failed;
    return {
      key: ["machine", this.#module, "failed", instanceId, sequence, position],
      value: asValue(failed),
    };
  }

  /** All tasks, or those of one instance: of each in the order of their commits. */
  async *tasks(id?: string): AsyncGenerator<TaskRow> {
    const all = ["machine", this.#module, "task"];
    const prefix = id === undefined ? all : [...all, id];
    for await (const { value, version } of this.store.list({ prefix })) {
      yield { task: value as unknown as Task, version };
    }
  }

  /** The work of an instance that was given up. */
  async *failed(id: string): AsyncGenerator<FailedTask> {
    const prefix = ["machine", this.#module, "failed", id];
    for await (const { value } of this.store.list({ prefix })) {
      yield value as unknown as FailedTask;
    }
  }

  /** The task of an instance whose turn it is. */
  async firstTask(id: string): Promise<TaskRow | undefined> {
    for await (const row of this.tasks(id)) return row;
    return undefined;
  }

  announcedKey({ event, sequence }: Announced): Key {
    return ["machine", this.#module, "announced", event.instanceId, sequence];
  }

  writeAnnounced(announced: Announced): Write {
    return { key: this.announcedKey(announced), value: asValue(announced) };
  }

  /** What is to be announced; of each instance in the order of its transitions. */
  async *announced(): AsyncGenerator<AnnouncedRow> {
    const prefix = ["machine", this.#module, "announced"];
    for await (const { value, version } of this.store.list({ prefix })) {
      yield { announced: value as unknown as Announced, version };
    }
  }

  async *history(id: string): AsyncGenerator<HistoryEntry> {
    const prefix = ["machine", this.#module, "history", id];
    for await (const { value } of this.store.list({ prefix })) {
      yield value as unknown as HistoryEntry;
    }
  }

  /** Every instance, in no order that means anything, and fast. */
  async *everyInstance(): AsyncGenerator<MachineInstance> {
    const prefix = ["machine", this.#module, "instance"];
    for await (const { value } of this.store.list({ prefix })) {
      yield asInstance(value);
    }
  }

  /** Every instance, in order of creation. */
  async *instances(): AsyncGenerator<MachineInstance> {
    for await (const { instance } of this.#placed({})) yield instance;
  }

  /** Instances below a place in the order of creation, the newest first. */
  newest(below?: string): AsyncGenerator<PlacedInstance> {
    const after = below === undefined ? {} : { after: this.#createdKey(below) };
    return this.#placed({ reverse: true, ...after });
  }

  async *#placed(options: ListOptions): AsyncGenerator<PlacedInstance> {
    let group: Created[] = [];
    const prefix = this.#createdKey("").slice(0, -1);
    for await (const { key, value } of this.store.list({ prefix }, options)) {
      group.push({ place: String(key.at(-1)), id: String(value) });
      if (group.length < INSTANCES_A_READ) continue;
      yield* await this.#readInstances(group);
      group = [];
    }
    yield* await this.#readInstances(group);
  }

  async #readInstances(
    group: readonly Created[],
  ): Promise<readonly PlacedInstance[]> {
    const entries = await this.store.getMany(
      group.map(({ id }) => this.instanceKey(id)),
    );
    return group.flatMap(({ place }, index) => {
      const entry = entries[index];
      return entry ? [{ place, instance: asInstance(entry.value) }] : [];
    });
  }

  #createdKey(order: string): Key {
    return ["machine", this.#module, "created", order];
  }
}

/** How long a request with an idempotency key is remembered, in milliseconds. */
export const ASKED_MS = 24 * 60 * 60 * 1_000;

/** How many instances a list reads at once. */
const INSTANCES_A_READ = 100;

type ListOptions = NonNullable<Parameters<Store["list"]>[1]>;

/** A line of the order of creation. */
interface Created {
  readonly place: string;
  readonly id: string;
}

type Value = Write["value"];

/** These rows are written by this file only, so what comes back has their shape. */
function asInstance(value: Value): MachineInstance {
  return value as unknown as MachineInstance;
}

/** Optional fields are absent or undefined, which JSON treats alike. */
function asValue(
  row: MachineInstance | HistoryEntry | Task | FailedTask | Announced,
): Value {
  return row as unknown as Value;
}
