/**
 * Reads and writes the schedules of an application.
 *
 * @module
 */
import type { Entry, Key, Store } from "../store/store.ts";
import type { Schedule, ScheduleRow } from "./row.ts";

/** Changed with every change that other processes must hear of. */
const CHANGED: Key = ["schedule-changed"];

/** The rows of one application. */
export class ScheduleRows {
  readonly #store: Store;

  /** @param store The application's own part of the store. */
  constructor(store: Store) {
    this.#store = store;
  }

  async get(id: string): Promise<Schedule | undefined> {
    const entry = await this.#store.get(keyOf(id));
    return entry && scheduleOf(entry);
  }

  /** All of them, by id. */
  list(): Promise<Schedule[]> {
    return Array.fromAsync(
      this.#store.list({ prefix: ["schedule"] }),
      scheduleOf,
    );
  }

  /**
   * Writes a row where nobody has changed it since; `before` is absent for a new
   * one. Returns `undefined` if somebody has.
   *
   * @param options.isNews Whether other processes must hear of it.
   */
  async write(
    row: ScheduleRow,
    before: Schedule | undefined,
    { isNews }: { readonly isNews: boolean },
  ): Promise<Schedule | undefined> {
    const key = keyOf(row.id);
    const news = isNews ? [{ key: CHANGED, value: row.updatedAt }] : [];
    const result = await this.#store.commit({
      checks: [{ key, version: before?.version }],
      sets: [{ key, value: plain(row) }, ...news],
    });
    return result.ok ? { ...row, version: result.version } : undefined;
  }

  /** Whether the row was deleted, and not changed since it was read. */
  async delete({ id, version, updatedAt }: Schedule): Promise<boolean> {
    const key = keyOf(id);
    const { ok } = await this.#store.commit({
      checks: [{ key, version }],
      sets: [{ key: CHANGED, value: updatedAt }],
      deletes: [key],
    });
    return ok;
  }

  /** Yields at once, and when somebody has changed schedules. */
  news(signal: AbortSignal): AsyncIterable<unknown> {
    return this.#store.watch([CHANGED], signal);
  }
}

function keyOf(id: string): Key {
  return ["schedule", id];
}

function scheduleOf({ value, version }: Entry): Schedule {
  // Only this file writes rows.
  return { ...value as unknown as ScheduleRow, version };
}

/** The row alone, where it was made out of one with its version. */
function plain(row: ScheduleRow): ScheduleRow {
  const { version: _, ...rest } = row as Schedule;
  return rest;
}
