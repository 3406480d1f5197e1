/**
 * The schedules of an application: those that its document asks for, and those
 * that were made at run time. All of them stand in the store.
 *
 * @module
 */
import { messageOf, RefusedError } from "../errors.ts";
import type { Version } from "../store/store.ts";
import { newClaim } from "./claim.ts";
import {
  changedRow,
  type Declaration,
  Declarations,
  newRow,
  nextDueOf,
} from "./declarations.ts";
import { RUNS_AT_A_TIME_MAX } from "./due_step.ts";
import { SCHEDULES_MAX } from "./fields.ts";
import { readInput } from "./input.ts";
import type { Claim, Schedule, ScheduleRow } from "./row.ts";
import { ScheduleRows } from "./rows.ts";
import { Runner } from "./runner.ts";
import { type ScheduleWorld, STORE_RETRY_MS } from "./world.ts";

/** The part of it that modules and sections are given. */
export interface ScheduleDeclarations {
  /**
   * Asks for a schedule on behalf of the document; call it in `wire`, and what
   * it returns in `unwire`. The schedule is durable: its next due time and what
   * became of its runs stand in the store under `id`, which must be the same
   * after a restart. A run comes at least once for each due time that the
   * `missed` policy keeps, again with the same idempotency key if the process
   * dies; of several processes over one store one runs it.
   *
   * @throws {RefusedError} `already-exists`; `invalid-input`.
   */
  declare(declaration: Declaration): () => void;
}

/** See the module comment. */
export class Schedules implements ScheduleDeclarations {
  readonly #world: ScheduleWorld;
  readonly #rows: ScheduleRows;
  readonly #declarations = new Declarations();
  readonly #runner: Runner;
  #cancelRetry = () => {};
  #isOpen = false;
  #isClosed = false;

  constructor(world: ScheduleWorld) {
    this.#world = world;
    this.#rows = new ScheduleRows(world.store);
    this.#runner = new Runner(world, this.#rows, this.#declarations);
  }

  declare(declaration: Declaration): () => void {
    if (this.#declarations.size >= SCHEDULES_MAX) throw tooMany();
    return this.#declarations.declare(declaration);
  }

  /** Begins to run what is due. Never throws: a store that fails is asked again. */
  async open(): Promise<void> {
    await this.reconcile();
    this.#isOpen = true;
    this.#runner.open();
  }

  /**
   * Makes the store hold what the document asks for now. Never throws: a store
   * that fails is asked again after `STORE_RETRY_MS`.
   */
  async reconcile(): Promise<void> {
    this.#cancelRetry();
    if (this.#isClosed) return;
    const { effects: { clock }, log } = this.#world;
    try {
      await this.#declarations.reconcile(this.#rows, clock.now);
      if (this.#isOpen) await this.#runner.lookAtAll();
    } catch (error) {
      log.error(
        `Cannot write the schedules of the document: ${messageOf(error)}`,
      );
      this.#cancelRetry = clock.after(
        STORE_RETRY_MS,
        () => void this.reconcile(),
      );
    }
  }

  /** Starts nothing new, and waits a while for runs that are under way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelRetry();
    await this.#runner.close();
  }

  /** All of them, by id. */
  list(): Promise<readonly Schedule[]> {
    return this.#rows.list();
  }

  /** @throws {RefusedError} `not-found` */
  async get(id: string): Promise<Schedule> {
    const schedule = await this.#rows.get(id);
    if (schedule !== undefined) return schedule;
    throw new RefusedError("not-found", `No schedule is called "${id}"`);
  }

  /**
   * Makes a schedule. Without an id it gets one.
   *
   * @throws {RefusedError} `invalid-input`, `unknown-workflow`, `already-exists`.
   */
  async create(input: unknown): Promise<Schedule> {
    const { id = this.#world.effects.ids.next(), spec } = readInput(input);
    const row = newRow({ id, source: "api" }, spec, this.#now());
    this.#assertUsable(row);
    const present = await this.#rows.list();
    if (present.length >= SCHEDULES_MAX) throw tooMany();
    const made = await this.#rows.write(row, undefined, { isNews: true });
    if (made === undefined) {
      throw new RefusedError(
        "already-exists",
        `A schedule is called "${id}" already`,
      );
    }
    this.#runner.look(id);
    return made;
  }

  /**
   * Makes a schedule say something else; what has been and what is under way stay.
   *
   * @param version Only if it is still at this version.
   * @throws {RefusedError} `not-found`, `invalid-input`, `unknown-workflow`,
   * `conflict`, and `wrong-state` for a schedule of the document.
   */
  async replace(
    id: string,
    input: unknown,
    version?: Version,
  ): Promise<Schedule> {
    const read = readInput(input);
    if (read.id !== undefined && read.id !== id) {
      throw new RefusedError(
        "invalid-input",
        `Cannot call schedule "${id}" "${read.id}": an id stays what it is`,
      );
    }
    return await this.#change(id, version, (before) => {
      assertOfApi(before, "change");
      const row = changedRow(before, read.spec, this.#now());
      this.#assertUsable(row);
      return row;
    });
  }

  /**
   * Takes a schedule out. What is under way goes on.
   *
   * @throws {RefusedError} `not-found`, and `wrong-state` for a schedule of the
   * document.
   */
  async delete(id: string): Promise<void> {
    while (true) {
      const present = await this.get(id);
      assertOfApi(present, "delete");
      if (await this.#rows.delete(present)) break;
    }
    this.#runner.look(id);
  }

  /** Lets nothing more come of it until `resume`; also one of the document. */
  pause(id: string): Promise<Schedule> {
    return this.#change(id, undefined, (before) => this.#paused(before, true));
  }

  /** Goes on from now: what passed meanwhile is no miss. */
  resume(id: string): Promise<Schedule> {
    return this.#change(id, undefined, (before) => this.#paused(before, false));
  }

  /**
   * Runs it now, also if it is paused. When it resolves, the run is accepted: it
   * survives a crash as one of the clock does.
   *
   * @throws {RefusedError} `not-found`, and `wrong-state` if one is under way and
   * `overlap` is `skip`.
   */
  async run(id: string): Promise<Claim> {
    while (true) {
      const before = await this.get(id);
      assertFree(before);
      const claim = newClaim(id, this.#world.effects);
      const running = [...before.running, claim];
      const row = { ...before, running };
      const taken = await this.#rows.write(row, before, { isNews: true });
      if (taken === undefined) continue;
      this.#runner.begin(taken, claim);
      return claim;
    }
  }

  #paused(before: Schedule, isPaused: boolean): ScheduleRow {
    if (before.isPaused === isPaused) return before;
    const now = this.#now();
    const row = { ...before, isPaused, updatedAt: now };
    return { ...row, nextDueAt: nextDueOf(row, now) };
  }

  async #change(
    id: string,
    version: Version | undefined,
    to: (before: Schedule) => ScheduleRow,
  ): Promise<Schedule> {
    while (true) {
      const before = await this.get(id);
      if (version !== undefined && version !== before.version) {
        throw new RefusedError(
          "conflict",
          `Somebody else has changed schedule "${id}"`,
        );
      }
      const row = to(before);
      if (row === before) return before;
      const written = await this.#rows.write(row, before, { isNews: true });
      if (written === undefined) continue;
      this.#runner.look(id);
      return written;
    }
  }

  #assertUsable(row: ScheduleRow): void {
    const { workflow, enabled, isPaused, nextDueAt } = row;
    if (!this.#world.workflows().includes(workflow)) {
      throw new RefusedError(
        "unknown-workflow",
        `Cannot schedule "${workflow}": no workflow is called so`,
      );
    }
    if (enabled && !isPaused && nextDueAt === null) {
      throw new RefusedError(
        "invalid-input",
        `Cannot schedule anything at ${row.at}: that is over`,
      );
    }
  }

  #now(): number {
    return this.#world.effects.clock.now();
  }
}

function assertOfApi({ id, source }: Schedule, verb: string): void {
  if (source === "api") return;
  throw new RefusedError(
    "wrong-state",
    `Cannot ${verb} schedule "${id}": it stands in the document; ` +
      "change it there, or pause it",
  );
}

function assertFree(
  { id, overlap, running }: Schedule,
): void {
  const places = overlap === "skip" ? 1 : RUNS_AT_A_TIME_MAX;
  if (running.length < places) return;
  throw new RefusedError(
    "wrong-state",
    `Cannot run schedule "${id}": ${running.length} of ${places} runs are ` +
      "under way",
  );
}

function tooMany(): RefusedError {
  return new RefusedError(
    "invalid-input",
    `Cannot add a schedule: an application may have ${SCHEDULES_MAX}`,
  );
}
