/**
 * The schedules that the running document asks for, and how the store comes to
 * hold exactly these: what is unchanged keeps its next due time.
 *
 * @module
 */
import type { DispatchOptions, JsonObject } from "../define.ts";
import { RefusedError } from "../errors.ts";
import { fingerprint } from "../fingerprint.ts";
import type { Schedule, ScheduleRow, ScheduleSpec } from "./row.ts";
import type { ScheduleRows } from "./rows.ts";
import { timingOf } from "./timing.ts";

/** The longest id, in characters; a longer one of a document is shortened. */
export const ID_CHARACTERS_MAX = 200;

/** Does the work of a schedule that starts no workflow. */
export type ScheduledRun = (
  data: JsonObject,
  options: DispatchOptions,
) => Promise<unknown>;

/** A schedule that a document asks for. */
export interface Declaration extends ScheduleSpec {
  /** The same after a restart and a reload, wherever it stands in the document. */
  readonly id: string;
  /** What runs instead of the workflow; `workflow` and `action` then say who it is. */
  readonly run?: ScheduledRun;
}

/** See the module comment. */
export class Declarations {
  readonly #declared = new Map<string, Declaration>();

  /**
   * Notes a schedule; returns what takes it back. The store hears of both at the
   * next `reconcile`.
   *
   * @throws {RefusedError} `already-exists`, or `invalid-input` if it cannot be used.
   */
  declare(declaration: Declaration): () => void {
    timingOf(declaration, 0);
    const id = shortened(declaration.id);
    if (this.#declared.has(id)) {
      throw new RefusedError(
        "already-exists",
        `Cannot add schedule "${id}": the document has it already`,
      );
    }
    this.#declared.set(id, { ...declaration, id });
    return () => void this.#declared.delete(id);
  }

  get size(): number {
    return this.#declared.size;
  }

  /** What runs for a schedule instead of its workflow. */
  runOf(id: string): ScheduledRun | undefined {
    return this.#declared.get(id)?.run;
  }

  /**
   * Whether a schedule is this process's to run. One of another version of the
   * document, which another process runs, is not.
   */
  isOurs({ id, source }: Pick<ScheduleRow, "id" | "source">): boolean {
    return source === "api" || this.#declared.has(id);
  }

  /** Makes the store hold these schedules of the document, and no others. */
  async reconcile(rows: ScheduleRows, now: () => number): Promise<void> {
    const present = new Map<string, Schedule>();
    for (const schedule of await rows.list()) {
      if (this.isOurs(schedule)) present.set(schedule.id, schedule);
      else await remove(schedule, rows);
    }
    for (const { run: _, id, ...spec } of this.#declared.values()) {
      await put({ id, spec, before: present.get(id) }, rows, now);
    }
  }
}

async function remove(schedule: Schedule, rows: ScheduleRows): Promise<void> {
  let present: Schedule | undefined = schedule;
  while (present !== undefined && !await rows.delete(present)) {
    present = await rows.get(schedule.id);
  }
}

async function put(
  { id, spec, ...found }: {
    readonly id: string;
    readonly spec: ScheduleSpec;
    readonly before: Schedule | undefined;
  },
  rows: ScheduleRows,
  now: () => number,
): Promise<void> {
  let { before } = found;
  while (true) {
    const row = before === undefined
      ? newRow({ id, source: "document" }, spec, now())
      : changedRow(before, spec, now());
    if (row === before) return;
    if (await rows.write(row, before, { isNews: true })) return;
    before = await rows.get(id);
  }
}

/** A schedule that was not there before. */
export function newRow(
  { id, source }: Pick<ScheduleRow, "id" | "source">,
  spec: ScheduleSpec,
  now: number,
): ScheduleRow {
  const row = {
    ...spec,
    id,
    source,
    isPaused: false,
    anchorAt: now,
    nextDueAt: null,
    running: [],
    firings: [],
    createdAt: now,
    updatedAt: now,
  };
  return { ...row, nextDueAt: nextDueOf(row, now) };
}

/** The row with another spec; the row itself if that says the same. */
export function changedRow(
  before: Schedule,
  spec: ScheduleSpec,
  now: number,
): ScheduleRow {
  const { id, source, isPaused, running, firings, createdAt } = before;
  const isSame = fingerprint(specOf(before)) === fingerprint(specOf(spec));
  if (isSame) return before;
  const isSameTime = fingerprint(whenOf(before)) === fingerprint(whenOf(spec));
  const row = {
    ...specOf(spec),
    id,
    source,
    isPaused,
    running,
    firings,
    createdAt,
    updatedAt: now,
    anchorAt: isSameTime ? before.anchorAt : now,
    nextDueAt: before.nextDueAt,
  };
  return isSameTime && before.enabled === spec.enabled
    ? row
    : { ...row, nextDueAt: nextDueOf(row, now) };
}

/** When a row comes next, seen from now: what passed while it was off is no miss. */
export function nextDueOf(
  row: Omit<ScheduleRow, "nextDueAt">,
  now: number,
): number | null {
  if (!row.enabled || row.isPaused) return null;
  return timingOf(row, row.anchorAt).nextAfter(now) ?? null;
}

function specOf(from: ScheduleSpec): ScheduleSpec {
  const { workflow, action, params, enabled, missed, overlap } = from;
  return {
    ...whenOf(from),
    workflow,
    action,
    params,
    enabled,
    missed,
    overlap,
  };
}

function whenOf({ cron, every, at, timeZone }: ScheduleSpec) {
  return { cron, every, at, timeZone };
}

function shortened(id: string): string {
  return id.length <= ID_CHARACTERS_MAX
    ? id
    : `${id.slice(0, ID_CHARACTERS_MAX - 15)}~${fingerprint(id)}`;
}
