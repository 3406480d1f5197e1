/**
 * Breakpoints of an application: kept in the store, known in memory. Whether a
 * step has one is asked before each step, and costs nothing while there is none.
 *
 * @module
 */
import type { Clock } from "../effects.ts";
import { messageOf, RefusedError, RetryableError } from "../errors.ts";
import type { Expression } from "../expression/evaluate.ts";
import type { Program } from "../pipeline/program.ts";
import type { Key, Store } from "../store/store.ts";
import type { Arming, Doing } from "./machine_frames.ts";
import { isTrue } from "./machine_values.ts";
import {
  compileCondition,
  conditionText,
  limitOf,
  stepOf,
} from "./breakpoint_request.ts";
import { BREAKPOINTS, BREAKPOINTS_HEAD } from "./places.ts";
import { means, placeAt, placesIn } from "./step_scope.ts";

/** Breakpoints that an application may have. */
export const BREAKPOINTS_MAX = 100;

/** How often a change is tried that others get in the way of. */
const TRIES_MAX = 20;

/** The wait until the store is asked again after a failure, in milliseconds. */
const AGAIN_MS = 1_000;

/** A breakpoint. An alias: an interface does not count as JSON. */
export type Breakpoint = {
  readonly id: string;
  readonly pipeline: string;
  /** The id of a step, or its path: `each[3]/pack`, or `each/pack` for all items. */
  readonly step: string;
  /** CEL over what a `when` of the step sees; absent: always. */
  readonly condition?: string;
  /** Whether it goes once a run has stopped at it. */
  readonly once: boolean;
  /** How long a run stands there at most, in milliseconds. */
  readonly autoResumeMs: number;
  readonly enabled: boolean;
  /** How often a run has stopped at it. */
  readonly hits: number;
  /** Milliseconds since 1970. */
  readonly setAt: number;
};

/** What a caller says of one. */
export interface BreakpointRequest {
  readonly pipeline: string;
  readonly step: string;
  readonly condition?: string | undefined;
  /** @default {false} */
  readonly once?: boolean | undefined;
  /** @default {PAUSE_MS_DEFAULT} */
  readonly autoResumeMs?: number | undefined;
  /** @default {true} */
  readonly enabled?: boolean | undefined;
}

/** What breakpoints need. */
export interface BreakpointsOptions {
  readonly store: Store;
  readonly clock: Clock;
  /** Whether other processes may set some. */
  readonly isShared: boolean;
  readonly program: (id: string) => Program | undefined;
  readonly warn: (message: string) => void;
}

/** A breakpoint at a step of one program. */
interface Armed {
  readonly breakpoint: Breakpoint;
  readonly condition: Expression | undefined;
}

/** See the module comment. */
export class Breakpoints {
  /** Whether there is one at all: asked before every step. */
  areSet = false;
  readonly #options: BreakpointsOptions;
  readonly #closing = new AbortController();
  #known: readonly Breakpoint[] = [];
  /** What is armed, by program and id of step; made anew after every change. */
  #armed = new WeakMap<Program, ReadonlyMap<string, readonly Armed[]>>();
  /** Those of one use that a run of this process has used. */
  readonly #spent = new Set<string>();
  /** Those whose condition has failed, and was told of. */
  readonly #failed = new Set<string>();
  /** Hits that are not counted in the store yet. */
  readonly #hits = new Map<string, number>();
  #loads = 0;
  #isOpen = false;

  constructor(options: BreakpointsOptions) {
    this.#options = options;
  }

  /** Reads them, before runs begin, and follows what other processes change. */
  async open(): Promise<void> {
    if (this.#isOpen) return;
    await this.load();
    this.#isOpen = true;
    if (this.#options.isShared) void this.#follow();
  }

  close(): void {
    this.#closing.abort();
  }

  /** Reads them. */
  async load(): Promise<void> {
    const load = ++this.#loads;
    const known = await this.list();
    // One that began later knows more.
    if (load !== this.#loads) return;
    this.#known = known;
    this.#forget();
    this.#arm();
  }

  /** All of them, in the order in which they were set. */
  async list(): Promise<readonly Breakpoint[]> {
    const rows = await Array.fromAsync(
      this.#options.store.list({ prefix: BREAKPOINTS }),
    );
    return rows.map(({ value }) => value as Breakpoint)
      .toSorted((a, b) => numberOf(a) - numberOf(b));
  }

  /** The breakpoint at which a step that is about to begin stops its run. */
  at(program: Program, live: Doing | Arming): Breakpoint | undefined {
    let armed = this.#armed.get(program);
    if (armed === undefined) {
      armed = this.#armedIn(program);
      this.#armed.set(program, armed);
    }
    if (armed.size === 0) return undefined;
    const { path } = live;
    const found = armed.get(path.slice(path.lastIndexOf("/") + 1));
    return found?.find((each) =>
      means(each.breakpoint.step, path) && this.#holds(each, live)
    )?.breakpoint;
  }

  /** A run stops at one: one of one use stops no other in this process. */
  use({ id, once }: Breakpoint): void {
    if (!once) return;
    this.#spent.add(id);
    this.#arm();
  }

  /** The run that was to stop at one is on its way to its end instead. */
  spare({ id }: Breakpoint): void {
    if (this.#spent.delete(id)) this.#arm();
  }

  /** A run has stopped at one, durably. Never throws. */
  async used({ id, once }: Breakpoint): Promise<void> {
    if (once) {
      return void await this.remove(id).catch((error) =>
        this.#warn(`Cannot remove ${id}`, error)
      );
    }
    const isCounting = this.#hits.size > 0;
    this.#hits.set(id, (this.#hits.get(id) ?? 0) + 1);
    // Many may stop at once: one commit counts those that came meanwhile.
    if (!isCounting) await this.#count();
  }

  async #count(): Promise<void> {
    for (const [id, count] of this.#hits) {
      try {
        const change = (row: Breakpoint) => ({
          ...row,
          hits: row.hits + count,
        });
        await this.#change(id, change, { isQuiet: true });
      } catch (error) {
        this.#warn(`Cannot count the hits of ${id}`, error);
      }
      const more = (this.#hits.get(id) ?? 0) - count;
      this.#hits.delete(id);
      // Behind the others, so that this loop comes to it again.
      if (more > 0) this.#hits.set(id, more);
    }
  }

  /**
   * Sets one. Resolves once it is durable and counts here; other processes know
   * it a moment later.
   *
   * @throws {RefusedError} `not-found`, `invalid-input` (a `ConditionError` says
   * where), `conflict` if there are too many.
   */
  async set(request: BreakpointRequest): Promise<Breakpoint> {
    const { pipeline, step, once = false, enabled = true } = request;
    const program = this.#options.program(pipeline);
    if (program === undefined) {
      throw new RefusedError(
        "not-found",
        `No pipeline is called "${pipeline}"`,
      );
    }
    const place = stepOf(program, step);
    const condition = conditionText(request.condition);
    if (condition !== undefined) compileCondition(condition, place.variables);
    const row = {
      ...{ pipeline, step, once, enabled, hits: 0 },
      ...condition === undefined ? {} : { condition },
      autoResumeMs: limitOf(request.autoResumeMs),
      setAt: this.#options.clock.now(),
    };
    const id = await this.#add(row);
    await this.load();
    return { id, ...row };
  }

  /** Removes one. False if there is none. Runs that stand there go on standing. */
  async remove(id: string): Promise<boolean> {
    const isThere = await this.#change(id, () => undefined);
    await this.load();
    return isThere;
  }

  /** Turns one on or off. Resolves to it; `undefined` if there is none. */
  async enable(id: string, enabled: boolean): Promise<Breakpoint | undefined> {
    await this.#change(id, (row) => ({ ...row, enabled }));
    await this.load();
    return this.#known.find((each) => each.id === id);
  }

  async #add(row: Omit<Breakpoint, "id">): Promise<string> {
    const { store } = this.#options;
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const head = await store.get(BREAKPOINTS_HEAD);
      const before = (head?.value as { count?: number } | undefined)?.count;
      const known = await this.list();
      if (known.length >= BREAKPOINTS_MAX) {
        throw new RefusedError(
          "conflict",
          `Cannot set a breakpoint: there are ${known.length}, the limit is ` +
            `${BREAKPOINTS_MAX} breakpoints`,
        );
      }
      const count = (before ?? 0) + 1;
      const id = `bp-${count}`;
      const { ok } = await store.commit({
        checks: [{ key: BREAKPOINTS_HEAD, version: head?.version }],
        sets: [
          { key: BREAKPOINTS_HEAD, value: { count } },
          { key: placeOf(id), value: { id, ...row } },
        ],
      });
      if (ok) return id;
    }
    throw busy();
  }

  /**
   * Changes one, or removes it. False if there is none.
   *
   * @param isQuiet It means nothing to other processes. @default {false}
   */
  async #change(
    id: string,
    change: (row: Breakpoint) => Breakpoint | undefined,
    { isQuiet = false } = {},
  ): Promise<boolean> {
    const { store } = this.#options;
    const key = placeOf(id);
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const [row, head] = await store.getMany([key, BREAKPOINTS_HEAD]);
      if (row === undefined) return false;
      const next = change(row.value as Breakpoint);
      // Whoever watches the head hears of every change.
      const { ok } = await store.commit({
        checks: [
          { key, version: row.version },
          ...isQuiet ? [] : [{ key: BREAKPOINTS_HEAD, version: head?.version }],
        ],
        sets: [
          ...isQuiet || head === undefined
            ? []
            : [{ key: BREAKPOINTS_HEAD, value: head.value }],
          ...next === undefined ? [] : [{ key, value: next }],
        ],
        deletes: next === undefined ? [key] : [],
      });
      if (ok) return true;
    }
    throw busy();
  }

  /** Hears of what other processes change, and reads it. */
  async #follow(): Promise<void> {
    const { store, clock } = this.#options;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        for await (const _ of store.watch([BREAKPOINTS_HEAD], signal)) {
          if (signal.aborted) return;
          await this.load();
        }
      } catch (error) {
        this.#warn("Cannot read the breakpoints", error);
      }
      await clock.sleep(AGAIN_MS, signal).catch(() => {});
    }
  }

  #warn(what: string, error: unknown): void {
    if (this.#closing.signal.aborted) return;
    this.#options.warn(`${what}: ${messageOf(error)}`);
  }

  /** Ids are not given twice, so nothing is kept of those that are gone. */
  #forget(): void {
    const ids = new Set(this.#known.map(({ id }) => id));
    for (const id of this.#spent) if (!ids.has(id)) this.#spent.delete(id);
    for (const id of this.#failed) if (!ids.has(id)) this.#failed.delete(id);
  }

  #arm(): void {
    this.#armed = new WeakMap();
    this.areSet = this.#known.some((each) => this.#isArmed(each));
  }

  #isArmed({ id, enabled }: Breakpoint): boolean {
    return enabled && !this.#spent.has(id);
  }

  /** What holds in a program, which may be an earlier version of the pipeline. */
  #armedIn(program: Program): ReadonlyMap<string, readonly Armed[]> {
    const armed = new Map<string, Armed[]>();
    const own = this.#known.filter((each) =>
      each.pipeline === program.id && this.#isArmed(each)
    );
    if (own.length === 0) return armed;
    const places = placesIn(program);
    for (const breakpoint of own) {
      const place = placeAt(places, breakpoint.step);
      if (place === undefined) continue;
      const { node: { id }, variables } = place;
      try {
        const { condition: text } = breakpoint;
        const condition = text === undefined
          ? undefined
          : compileCondition(text, variables);
        armed.set(id, [...armed.get(id) ?? [], { breakpoint, condition }]);
      } catch (error) {
        this.#complain(breakpoint, error);
      }
    }
    return armed;
  }

  #holds({ breakpoint, condition }: Armed, { values }: Doing | Arming) {
    try {
      return condition === undefined || isTrue(condition, values);
    } catch (error) {
      // To look at a run must not stop it where nobody meant to.
      this.#complain(breakpoint, error);
      return false;
    }
  }

  /** Says once that a condition cannot be used. */
  #complain({ id }: Breakpoint, error: unknown): void {
    if (this.#failed.has(id)) return;
    this.#failed.add(id);
    this.#options.warn(`${id} stops no run: ${messageOf(error)}`);
  }
}

function placeOf(id: string): Key {
  return [...BREAKPOINTS, id];
}

function numberOf({ id }: Breakpoint): number {
  return Number(id.slice("bp-".length));
}

function busy(): RetryableError {
  return new RetryableError("Cannot change breakpoints: others change them");
}
