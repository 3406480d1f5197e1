/**
 * Runs tasks: those of one instance one after the other in the order of their
 * commits, those of different instances side by side. One runner lives from an
 * `open` to the next `close`; what it leaves undone stands in the store.
 *
 * Where several processes share the store, each does the tasks that it has
 * committed, and takes over those of processes that are gone. One that was taken
 * for gone may do a task once more: its outcome then counts for nothing.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import { messageOf } from "@engine/errors.ts";
import { afterError, asOutcome, backoff } from "./_attempts.ts";
import { atMost, GRACE_MS } from "../_grace.ts";
import { type IsGone, Peers } from "@engine/peers.ts";
import type { Outbox } from "./_outbox.ts";
import { Parked } from "./_parked.ts";
import type { Registry } from "./_registry.ts";
import { type Rows, type Task, type TaskRow, workKey } from "./_rows.ts";
import type { Outcome, Settlement } from "./_settlement.ts";
import { working } from "./_spans.ts";

/** Tasks that run at a time. */
export const TASKS_RUNNING_MAX = 100;

/** The wait before a task of another process that comes first is looked at again, in milliseconds. */
const OTHERS_TURN_MS = 250;

/** The tasks of one instance. */
interface Lane {
  readonly rows: TaskRow[];
  cancelTimer: () => void;
}

/** What a runner works with. */
export interface RunnerParts {
  readonly host: Host;
  readonly rows: Rows;
  readonly settlement: Settlement;
  readonly registry: Registry;
  readonly outbox: Outbox;
  /** The state that an instance is in now. */
  readonly stateOf: (id: string) => Promise<string | undefined>;
}

/** See the module comment. */
export class TaskRunner {
  readonly #host: Host;
  readonly #rows: Rows;
  readonly #settlement: Settlement;
  readonly #registry: Registry;
  readonly #outbox: Outbox;
  readonly #stateOf: RunnerParts["stateOf"];
  readonly #lanes = new Map<string, Lane>();
  /** Instances whose first task is due, in the order in which it fell due. */
  readonly #ready = new Set<string>();
  readonly #parked: Parked;
  readonly #abort = new AbortController();
  /** The other processes; absent where there are none. */
  readonly #peers: Peers | undefined;
  /** What was committed while the rows of the store are still being read. */
  #early: TaskRow[] | undefined = [];
  #running = 0;
  #isEnding = false;
  #waiting: (() => void)[] = [];

  constructor(parts: RunnerParts) {
    const { host, rows, settlement, registry, outbox, stateOf } = parts;
    this.#host = host;
    this.#rows = rows;
    this.#settlement = settlement;
    this.#registry = registry;
    this.#outbox = outbox;
    this.#stateOf = stateOf;
    this.#parked = new Parked(host, registry);
    this.#peers = host.isShared
      ? new Peers(
        { ...host, place: ["peer", host.name] },
        (isGone) => this.#takeOver(isGone),
      )
      : undefined;
  }

  /** This process, in tasks that it commits; absent where it is the only one. */
  get owner(): string | undefined {
    return this.#peers?.self;
  }

  /** Takes up what the store holds, then what was committed meanwhile. */
  async begin(): Promise<void> {
    if (this.#peers !== undefined) {
      const own = this.#early ?? [];
      this.#early = undefined;
      for (const row of own) this.add(row);
      return await this.#peers.begin();
    }
    await this.#outbox.takeUp();
    const found = await Array.fromAsync(this.#rows.tasks());
    const known = new Set(found.map(({ task }) => nameOf(task)));
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const row of found) this.add(row);
    for (const row of early) {
      if (!known.has(nameOf(row.task))) this.add(row);
    }
  }

  /** Takes over what those have left who are gone. */
  async #takeOver(isGone: IsGone): Promise<void> {
    await this.#outbox.takeUp(this.owner, isGone);
    for await (const { task, version } of this.#rows.tasks()) {
      if (this.#isEnding) return;
      if (!isGone(task.owner)) continue;
      const mine = { ...task, owner: this.owner ?? "" };
      const { ok, ...committed } = await this.#rows.store.commit({
        checks: [{ key: this.#rows.taskKey(task), version }],
        sets: [this.#rows.writeTask(mine)],
      });
      if (ok && "version" in committed) {
        this.add({ task: mine, version: committed.version });
      }
    }
  }

  /** Takes a task that was just committed. */
  add(row: TaskRow): void {
    if (this.#isEnding) return;
    if (this.#early !== undefined) {
      this.#early.push(row);
      return;
    }
    const id = row.task.event.instanceId;
    const lane = this.#lanes.get(id);
    if (lane !== undefined) {
      if (!isIn(lane, row.task)) lane.rows.push(row);
      return;
    }
    const first = { rows: [row], cancelTimer: () => {} };
    this.#lanes.set(id, first);
    this.#schedule(id, first);
    this.#startReady();
  }

  /** Looks again at what the document could not do, after it has changed. */
  wake(): void {
    for (const row of this.#parked.release()) this.add(row);
  }

  /**
   * Finds out whether a task was committed although the store failed, and takes
   * it if so: its instance would wait for it until the next start.
   */
  async look(task: Task): Promise<void> {
    for (let attempt = 1; await this.#pause(backoff(attempt)); attempt++) {
      try {
        const row = await this.#rows.readTask(task);
        if (row !== undefined) this.add(row);
        return;
      } catch {
        // The store still fails; whoever asked it for something has said so.
      }
    }
  }

  /**
   * Starts nothing new, and lets what is under way finish: for as long as
   * `GRACE_MS`, or, if `isUrgent`, after telling it to give up.
   */
  async end(isUrgent: boolean): Promise<void> {
    this.#isEnding = true;
    this.#ready.clear();
    for (const lane of this.#lanes.values()) lane.cancelTimer();
    if (isUrgent) this.#abort.abort(new Error("The engine stops"));
    await atMost(GRACE_MS, this.#host.effects.clock, this.idle());
    this.#abort.abort(new Error("The engine stops"));
    this.#lanes.clear();
    await this.#peers?.end().catch((error) =>
      this.#host.log.warn(
        `Cannot leave work to other processes: ${messageOf(error)}`,
      )
    );
  }

  /** Resolves when nothing is under way or due. */
  idle(): Promise<void> {
    if (this.#isIdle()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #isIdle(): boolean {
    return this.#running === 0 && this.#ready.size === 0;
  }

  /** Makes the first task of a lane ready, now or in time. */
  #schedule(id: string, lane: Lane): void {
    const { clock } = this.#host.effects;
    const waitMs = waitOf(lane.rows[0]?.task, clock.now());
    if (waitMs > 0) {
      lane.cancelTimer = clock.after(waitMs, () => {
        this.#ready.add(id);
        this.#startReady();
      });
      return;
    }
    this.#ready.add(id);
  }

  #startReady(): void {
    for (const id of this.#ready) {
      if (this.#running >= TASKS_RUNNING_MAX || this.#isEnding) break;
      this.#ready.delete(id);
      const lane = this.#lanes.get(id);
      const row = lane?.rows[0];
      if (lane === undefined || row === undefined) continue;
      if (this.#parked.keeps(row)) this.#advance(id, lane, undefined);
      else void this.#run(id, lane, row);
    }
    this.#tellIdle();
  }

  async #run(id: string, lane: Lane, first: TaskRow): Promise<void> {
    this.#running++;
    const row = await this.#itsTurn(id, lane, first);
    if (row === undefined) {
      this.#running--;
      return this.#startReady();
    }
    const outcome = await working(
      this.#host.tracing,
      row.task,
      () => this.#perform(row.task),
    );
    const next = outcome && await this.#settle(row, outcome);
    this.#running--;
    if (!this.#isEnding) this.#advance(id, lane, next);
    this.#startReady();
  }

  /**
   * The task of an instance that this process is to do now. Where it is another
   * process's turn, this one looks again a while later.
   */
  async #itsTurn(
    id: string,
    lane: Lane,
    first: TaskRow,
  ): Promise<TaskRow | undefined> {
    if (this.#peers === undefined) return first;
    let row: TaskRow | undefined;
    try {
      row = await this.#rows.firstTask(id);
    } catch (error) {
      this.#host.log.warn(
        `Cannot read the work of "${id}": ${messageOf(error)}`,
        { instance: id },
      );
      this.#lookAgain(id, lane);
      return undefined;
    }
    if (this.#isEnding) return undefined;
    // What stands behind it may have come from another process, and what is not
    // there any more was taken over.
    const rest = lane.rows
      .filter(({ task }) => task.sequence > (row?.task.sequence ?? Infinity))
      .sort((a, b) => a.task.sequence - b.task.sequence);
    const mine = row?.task.owner === this.owner ? row : undefined;
    lane.rows.splice(
      0,
      lane.rows.length,
      ...mine === undefined ? rest : [mine, ...rest],
    );
    if (lane.rows.length === 0) this.#lanes.delete(id);
    else if (mine === undefined) this.#lookAgain(id, lane);
    return mine;
  }

  #lookAgain(id: string, lane: Lane): void {
    if (this.#isEnding) return;
    const { clock } = this.#host.effects;
    lane.cancelTimer = clock.after(OTHERS_TURN_MS, () => {
      this.#ready.add(id);
      this.#startReady();
    });
  }

  #advance(id: string, lane: Lane, next: TaskRow | undefined): void {
    if (next === undefined) lane.rows.shift();
    else lane.rows[0] = next;
    if (lane.rows.length === 0) this.#lanes.delete(id);
    else this.#schedule(id, lane);
  }

  /** One attempt. `undefined` if it was cut short, so that its row must stay. */
  async #perform(task: Task): Promise<Outcome | undefined> {
    const name = task.handlers[task.position];
    if (name === undefined) return { kind: "done" };
    const { signal } = this.#abort;
    try {
      const outcome = this.#registry.handler(name)?.onTransition(task.event, {
        signal,
        idempotencyKey: workKey(this.#host, task.event.instanceId, task),
        attempt: task.attempt,
        isCurrent: async () =>
          await this.#stateOf(task.event.instanceId) === task.event.toState,
      });
      return outcome && asOutcome(await outcome);
    } catch (error) {
      return signal.aborted ? undefined : afterError(error, task.attempt);
    }
  }

  /** Tries until the store answers: the work is done, and must not be lost. */
  async #settle(row: TaskRow, outcome: Outcome): Promise<TaskRow | undefined> {
    let settling = outcome;
    for (let attempt = 1;; attempt++) {
      // Past the grace another runner may have taken the task over.
      if (this.#isEnding && this.#lanes.size === 0) return undefined;
      try {
        return await this.#settlement.settle(row, settling);
      } catch (error) {
        if (error instanceof RangeError || error instanceof TypeError) {
          // What the handler returned cannot be stored, so no try can help.
          settling = { kind: "failed", error: messageOf(error) };
          if (attempt === 1) continue;
        }
        const { instanceId } = row.task.event;
        this.#host.log.error(
          `Cannot settle the work of "${instanceId}": ${messageOf(error)}`,
          { instance: instanceId, attempt },
        );
        if (!await this.#pause(backoff(attempt))) return undefined;
      }
    }
  }

  /** Whether the wait came to its end. */
  async #pause(ms: number): Promise<boolean> {
    try {
      await this.#host.effects.clock.sleep(ms, this.#abort.signal);
      return true;
    } catch {
      // The runner ends; the row stays in the store.
      return false;
    }
  }

  #tellIdle(): void {
    if (!this.#isIdle()) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

function isIn(lane: Lane, { sequence }: Task): boolean {
  return lane.rows.some(({ task }) => task.sequence === sequence);
}

function waitOf(task: Task | undefined, nowMs: number): number {
  return task === undefined ? 0 : Math.min(task.dueAt - nowMs, task.waitMs);
}

function nameOf({ event, sequence }: Task): string {
  return `${sequence} ${event.instanceId}`;
}
