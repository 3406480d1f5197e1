/**
 * Wakes when schedules are due, claims their runs and starts them. A claim is a
 * commit that moves the schedule on to its next due time and says that a run is
 * under way; so of several processes over one store one runs it, and what a
 * process leaves undone when it dies another finishes, with the same key.
 *
 * @module
 */
import { messageOf } from "../errors.ts";
import { newClaim, Sightings, takenOver } from "./claim.ts";
import { BEAT_MS, runClaim } from "./claimed_run.ts";
import type { Declarations } from "./declarations.ts";
import { dueStep, type LeftOut } from "./due_step.ts";
import {
  type Claim,
  type Schedule,
  type ScheduleRow,
  withFiring,
} from "./row.ts";
import type { ScheduleRows } from "./rows.ts";
import { timingOf } from "./timing.ts";
import { type ScheduleWorld, STORE_RETRY_MS } from "./world.ts";
import { CLOCK_BACK_MS_MAX, reckonedAnew } from "./wrong_clock.ts";

/**
 * The longest sleep while anything is due at all: the wall clock may be set, and
 * timers do not hear of it.
 */
export const SLEEP_MS_MAX = 60_000;

/** How long an engine that stops waits for runs that are under way. */
export const STOP_GRACE_MS = 5_000;

/** What is known of a schedule between two looks at its row. */
interface Watched {
  readonly nextDueAt: number | null;
  /** When to look, by the wall clock; null for not before there is news. */
  readonly lookAt: number | null;
}

/** See the module comment. */
export class Runner {
  readonly #world: ScheduleWorld;
  readonly #rows: ScheduleRows;
  readonly #declarations: Declarations;
  readonly #watched = new Map<string, Watched>();
  readonly #sightings = new Sightings();
  /** The claims that run in this process, by token. */
  readonly #own = new Map<string, Promise<void>>();
  /** Schedules that are being looked at. */
  readonly #looks = new Map<string, Promise<void>>();
  /** Those of them that are to be looked at once more. */
  readonly #again = new Set<string>();
  readonly #closing = new AbortController();
  readonly #closed = new AbortController();
  #cancelTimer = () => {};
  #latestNow = 0;

  constructor(
    world: ScheduleWorld,
    rows: ScheduleRows,
    declarations: Declarations,
  ) {
    this.#world = world;
    this.#rows = rows;
    this.#declarations = declarations;
  }

  /** Looks at every schedule from now on. */
  open(): void {
    void this.#followNews();
  }

  /** Starts nothing new, and waits a while for what is under way. */
  async close(): Promise<void> {
    this.#closing.abort(new Error("The engine stops"));
    this.#cancelTimer();
    const { clock } = this.#world.effects;
    await new Promise<void>((resolve) => {
      const cancel = clock.after(STOP_GRACE_MS, resolve);
      this.#idle().finally(cancel).then(resolve);
    });
    this.#closed.abort(new Error("The engine stops"));
  }

  async #idle(): Promise<void> {
    // A look that is under way may still begin a run.
    await Promise.all(this.#looks.values());
    await Promise.all(this.#own.values());
  }

  /** Looks at one schedule, now or when the present look at it has ended. */
  look(id: string): void {
    if (this.#closing.signal.aborted) return;
    if (this.#looks.has(id)) this.#again.add(id);
    else this.#looks.set(id, this.#attend(id));
  }

  async #followNews(): Promise<void> {
    const { log, effects: { clock } } = this.#world;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        for await (const _ of this.#rows.news(signal)) await this.lookAtAll();
      } catch (error) {
        if (signal.aborted) return;
        log.error(`Cannot read the schedules: ${messageOf(error)}`);
      }
      // Aborted while it sleeps: the loop ends.
      await clock.sleep(STORE_RETRY_MS, signal).catch(() => {});
    }
  }

  /** Looks at every schedule of which it may not know how it stands. */
  async lookAtAll(): Promise<void> {
    const schedules = await this.#rows.list();
    const ids = new Set(schedules.map(({ id }) => id));
    for (const id of this.#watched.keys()) {
      if (!ids.has(id)) this.look(id);
    }
    for (const { id, nextDueAt, running } of schedules) {
      const isKnown = this.#watched.get(id)?.nextDueAt === nextDueAt;
      if (!isKnown || running.length > 0) this.look(id);
    }
  }

  async #attend(id: string): Promise<void> {
    const { log, effects: { clock } } = this.#world;
    do {
      this.#again.delete(id);
      try {
        await this.#step(id);
      } catch (error) {
        log.error(`Cannot look at schedule "${id}": ${messageOf(error)}`);
        const lookAt = clock.now() + STORE_RETRY_MS;
        this.#watched.set(id, { nextDueAt: null, lookAt });
      }
    } while (this.#again.has(id) && !this.#closing.signal.aborted);
    this.#looks.delete(id);
    this.#sleep();
  }

  /** Brings one schedule up to now. */
  async #step(id: string): Promise<void> {
    const { clock } = this.#world.effects;
    while (!this.#closing.signal.aborted) {
      const schedule = await this.#rows.get(id);
      if (schedule === undefined || !this.#declarations.isOurs(schedule)) {
        return this.#forget(id);
      }
      const isOwn = (token: string) => this.#own.has(token);
      const dead = this.#sightings.dead(schedule, isOwn, clock.elapsed());
      if (dead !== undefined) {
        await this.#takeOver(schedule, dead);
        continue;
      }
      const { nextDueAt, running } = schedule;
      const now = clock.now();
      const isDue = nextDueAt !== null && nextDueAt <= now;
      if (isDue && await this.#due(schedule, nextDueAt, now)) continue;
      if (!isDue && await this.#mended(schedule, now)) continue;
      const mayDie = running.some(({ token }) => !this.#own.has(token));
      const lookAt = isDue || mayDie
        ? Math.min(now + BEAT_MS, isDue ? Infinity : nextDueAt ?? Infinity)
        : nextDueAt;
      return void this.#watched.set(id, { nextDueAt, lookAt });
    }
  }

  #forget(id: string): void {
    this.#watched.delete(id);
    this.#sightings.forget(id);
  }

  /** Whether a due time was reckoned anew that a wrong clock had put too far off. */
  async #mended(schedule: Schedule, now: number): Promise<boolean> {
    const row = reckonedAnew(schedule, now);
    if (row === undefined) return false;
    const { id } = schedule;
    const dueAt = new Date(row.nextDueAt).toISOString();
    this.#world.log.warn(
      `Schedule "${id}" is due at ${dueAt} after all: the clock was set back`,
      { schedule: id },
    );
    const mended = await this.#rows.write(row, schedule, { isNews: false });
    return mended !== undefined;
  }

  async #takeOver(schedule: Schedule, dead: Claim): Promise<void> {
    const claim = takenOver(dead, this.#world.effects);
    const running = schedule.running.map((other) =>
      other.token === dead.token ? claim : other
    );
    const row = { ...schedule, running };
    const taken = await this.#rows.write(row, schedule, { isNews: false });
    if (taken === undefined) return;
    const { id } = schedule;
    this.#world.log.warn(
      `Schedule "${id}" runs again: the process that ran it is gone`,
      { schedule: id, attempt: claim.attempt },
    );
    this.begin(taken, claim);
  }

  /** Acts on a due time; false if it must wait for a run that is under way. */
  async #due(
    schedule: Schedule,
    dueAt: number,
    now: number,
  ): Promise<boolean> {
    const timing = timingOf(schedule, schedule.anchorAt);
    const step = dueStep(schedule, dueAt, { timing, now });
    if (step.kind === "wait") return false;
    let row: ScheduleRow = { ...schedule, nextDueAt: step.nextDueAt ?? null };
    if (step.left) row = withFiring(row, firingOf(step.left, now));
    const claim = step.fire === undefined
      ? undefined
      : newClaim(schedule.id, this.#world.effects, step.fire);
    if (claim) row = { ...row, running: [...row.running, claim] };
    const written = await this.#rows.write(row, schedule, { isNews: false });
    // Somebody was faster: the next look shows what is left to do.
    if (written === undefined) return true;
    if (step.left) this.#tellOf(schedule.id, step.left);
    if (claim) this.begin(written, claim);
    return true;
  }

  /** Runs a claim that has been committed. */
  begin(schedule: Schedule, claim: Claim): void {
    const run = runClaim({
      world: this.#world,
      rows: this.#rows,
      schedule,
      claim,
      own: this.#declarations.runOf(schedule.id),
      signal: this.#closed.signal,
      closing: this.#closing.signal,
    }).finally(() => {
      this.#own.delete(claim.token);
      // A due time may have waited for this.
      this.look(schedule.id);
    });
    this.#own.set(claim.token, run);
  }

  #tellOf(id: string, { status, dueAt, untilAt, reason }: LeftOut): void {
    const from = new Date(dueAt).toISOString();
    const until = new Date(untilAt).toISOString();
    const times = dueAt === untilAt ? from : `${from} to ${until}`;
    const message = `Schedule "${id}" has no run for ${times}: ${reason}`;
    this.#world.log.warn(message, { schedule: id, status });
    this.#world.notify(message, { schedule: id, status });
  }

  /** Until the first schedule wants to be looked at. */
  #sleep(): void {
    this.#cancelTimer();
    if (this.#closing.signal.aborted) return;
    const { clock } = this.#world.effects;
    const now = clock.now();
    let ms = Infinity;
    for (const [id, { lookAt }] of this.#watched) {
      // A look that is under way comes back here when it ends.
      if (lookAt === null || this.#looks.has(id)) continue;
      ms = Math.min(ms, lookAt - now, SLEEP_MS_MAX);
    }
    if (ms === Infinity) return;
    this.#cancelTimer = clock.after(Math.max(0, ms), () => this.#wake());
  }

  #wake(): void {
    const now = this.#world.effects.clock.now();
    const wasWrong = now < this.#latestNow - CLOCK_BACK_MS_MAX;
    this.#latestNow = wasWrong ? now : Math.max(now, this.#latestNow);
    for (const [id, { lookAt }] of this.#watched) {
      if (wasWrong || (lookAt !== null && lookAt <= now)) this.look(id);
    }
    this.#sleep();
  }
}

function firingOf({ status, dueAt, untilAt, reason }: LeftOut, now: number) {
  return {
    dueAt,
    ...(untilAt === dueAt ? {} : { untilAt }),
    at: now,
    endedAt: now,
    status,
    error: reason,
    attempt: 0,
    isManual: false,
  };
}
