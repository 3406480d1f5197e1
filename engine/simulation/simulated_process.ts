/**
 * A process of a simulated world: the real `Runs` over a clock, a store and steps
 * that the world has in its hands. It can die, stand still, and come too late.
 *
 * @module
 */
import { createCatalog } from "../catalog.ts";
import type { Host, StepContext } from "../define.ts";
import { type Clock, sleepOn, timeOrderedIds } from "../effects.ts";
import { RefusedError } from "../errors.ts";
import { Logger } from "../log.ts";
import { Meter } from "../observe.ts";
import { Tracing } from "../tracing.ts";
import { Runs } from "../run/runs.ts";
import type { Pipeline, Recompile } from "../run/programs.ts";
import type { JsonValue, Store } from "../store/store.ts";
import type { Chance } from "./chance.ts";
import { seededRandom } from "./effects.ts";
import type { Fault } from "./faults.ts";
import type { Scheduler } from "./scheduler.ts";
import { simulatedStore } from "./simulated_store.ts";
import type { Witness } from "./witness.ts";
import { workSteps } from "./work_steps.ts";

/** The wall clock at the beginning of a world, in milliseconds since 1970. */
export const START_MS = 1_700_000_000_000;

/** Segments of the log that a simulated process allows itself; few, so that it must shorten it. */
export const SEGMENTS_ALLOWED = 12;

/** What a process is made of. */
export interface ProcessOptions {
  readonly name: string;
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  /** The store that all processes share. */
  readonly store: Store;
  /** The document that it runs. */
  readonly pipelines: readonly Pipeline[];
  readonly recompile: Recompile;
  readonly witness: Witness;
  readonly has: (fault: Fault) => boolean;
  readonly onWork: (
    by: SimulatedProcess,
    context: StepContext,
  ) => JsonValue | Promise<JsonValue>;
  readonly say: (line: string) => void;
  /** Whether others are at work at the same time. */
  readonly isShared: boolean;
  /** Whether its runs may stop at breakpoints. */
  readonly stops: boolean;
  /** Puts a fault between the process and its world: a planted bug. */
  readonly plant?: Plant | undefined;
}

/** A bug that is planted to see whether it is found. */
export interface Plant {
  readonly store?: (store: Store) => Store;
  readonly clock?: (clock: Clock) => Clock;
  readonly runs?: (runs: Runs) => void;
}

/** See the module comment. */
export class SimulatedProcess {
  readonly name: string;
  readonly runs: Runs;
  readonly clock: Clock;
  /** By how much its wall clock is wrong, in milliseconds. */
  offsetMs = 0;
  isAlive = true;
  /** Whether it has taken the runs over. */
  isOpen = false;
  /** Whether it is on its way to its end in good order. */
  isClosing = false;
  /** The number under which it took the runs over; 0 before that. */
  epoch = 0;
  readonly #options: ProcessOptions;
  #isPaused = false;
  #kept: (() => void)[] = [];

  constructor(options: ProcessOptions) {
    const { name, scheduler, chance, plant } = options;
    this.name = name;
    this.#options = options;
    const clock: Clock = {
      now: () => START_MS + scheduler.nowMs + this.offsetMs,
      elapsed: () => scheduler.nowMs,
      after: (ms, callback) => this.after(ms, callback),
      sleep: (ms, signal) => sleepOn(this.clock, ms, signal),
      turn: () => sleepOn(this.clock, 0),
    };
    this.clock = plant?.clock?.(clock) ?? clock;
    const random = seededRandom(chance.between(0, 2 ** 32 - 1));
    const effects = {
      clock: this.clock,
      random,
      ids: timeOrderedIds(this.clock, random),
      network: NO_NETWORK,
    };
    const store = this.#store();
    this.runs = new Runs({
      application: "sim",
      ...{ store, effects, segmentsMax: SEGMENTS_ALLOWED },
      isShared: options.isShared,
      catalog: createCatalog(workSteps((context) => this.#work(context))),
      host: this.#host(effects, store),
      onEntry: () => {},
    });
    plant?.runs?.(this.runs);
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Calls back after a while, unless it is dead by then; later, if it stands still. */
  after(ms: number, callback: () => void): () => void {
    if (!this.isAlive) return () => {};
    let isCancelled = false;
    const cancel = this.#options.scheduler.after(ms, () =>
      this.deliver(() => {
        if (!isCancelled) callback();
      }));
    return () => {
      isCancelled = true;
      cancel();
    };
  }

  /** Lets something reach the process. */
  deliver(callback: () => void): void {
    if (!this.isAlive) return;
    if (this.#isPaused) this.#kept.push(callback);
    else callback();
  }

  /** Takes over and begins, as an application does. */
  async boot(): Promise<void> {
    const { pipelines, recompile } = this.#options;
    this.runs.define(pipelines, recompile);
    await this.runs.open(pipelines);
    this.isOpen = true;
    this.runs.begin();
    await this.runs.wake();
  }

  /** The power goes. What it has sent may still arrive. */
  kill(): void {
    this.isAlive = false;
    this.#kept = [];
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    const kept = this.#kept;
    this.#kept = [];
    for (const callback of kept) this.after(0, callback);
  }

  #work(context: StepContext): JsonValue | Promise<JsonValue> {
    // What is dead does nothing: its promises are left to themselves.
    if (!this.isAlive) return new Promise<never>(() => {});
    return this.#options.onWork(this, context);
  }

  #store(): Store {
    const { scheduler, chance, plant, has, stops } = this.#options;
    const store = this.#witnessed();
    return simulatedStore(plant?.store?.(store) ?? store, {
      chance: chance.fork(),
      after: (ms, callback) => void scheduler.after(ms, callback),
      isAlive: () => this.isAlive,
      deliver: (callback) => this.deliver(callback),
      ...{ has, stops },
    });
  }

  /** The store itself, with a witness of what is done to it. */
  #witnessed(): Store {
    const { store, witness, say } = this.#options;
    return {
      limits: store.limits,
      get: (key) => store.get(key),
      getMany: (keys) => store.getMany(keys),
      list: (range, options) => store.list(range, options),
      watch: (keys, signal) => store.watch(keys, signal),
      close: () => Promise.resolve(),
      commit: async (batch) => {
        const result = await store.commit(batch);
        const before = witness.epoch;
        witness.see(batch, result, this.name);
        if (witness.epoch !== before) this.epoch = witness.epoch;
        const { sets = [], deletes = [] } = batch;
        const keys = [
          ...sets.map(({ key }) => `+${key.join("/")}`),
          ...deletes.map((key) => `-${key.join("/")}`),
        ];
        say(`${this.name} commits ${result.ok} ${keys.join(" ")}`);
        return result;
      },
    };
  }

  #host(effects: Host["effects"], store: Store): Host {
    const { say } = this.#options;
    const gone = (name: string) =>
      new RefusedError("not-found", `No module is called "${name}"`);
    return {
      ...{ name: "pipelines", application: "sim", folder: undefined },
      ...{ effects, store, meter: new Meter() },
      tracing: new Tracing(effects),
      isShared: this.#options.isShared,
      log: new Logger((level, message) => {
        if (this.isAlive) say(`${this.name} ${level}: ${message}`);
      }),
      use: (name) => {
        throw gone(String(name));
      },
      provides: () => false,
      actions: () => undefined,
      all: () => [],
      phase: () => "running",
      dispatch: (workflow) => Promise.reject(gone(workflow)),
      runs: {
        waitMsMax: 0,
        isPipeline: () => false,
        get: () => Promise.resolve(undefined),
      },
      schedules: { declare: () => () => {} },
      get queues(): never {
        throw gone("queues");
      },
      carried() {},
      rediscover() {},
      notify: () => {},
      watch: () => () => {},
      signal: new AbortController().signal,
    };
  }
}

const NO_NETWORK: Host["effects"]["network"] = {
  fetch: () => Promise.reject(new TypeError("The world has no network")),
  fetchAt: () => Promise.reject(new TypeError("The world has no network")),
  resolve: () => Promise.reject(new TypeError("The world has no network")),
  listen: () => {
    throw new TypeError("The world has no network");
  },
};
