/**
 * Where the records of jobs are kept: in the engine's store, or in the memory of
 * the process. Both hold the newest, up to a bound.
 *
 * @module
 */
import type { Host, JsonObject } from "@engine/define.ts";

/** Records beyond the bound that may stand in the store between two clean-ups. */
export const RECORDS_OVER_MAX = 100;

/** One record as it is kept. */
export type KeptRecord = JsonObject;

/** Keeps records; the newest come first. */
export interface RunRecords {
  add(record: KeptRecord): Promise<void>;
  newest(limit: number): Promise<readonly KeptRecord[]>;
}

/** Records that are gone with the process. */
export class MemoryRecords implements RunRecords {
  readonly #recordsMax: number;
  readonly #records: KeptRecord[] = [];

  constructor(recordsMax: number) {
    this.#recordsMax = recordsMax;
  }

  add(record: KeptRecord): Promise<void> {
    this.#records.unshift(record);
    this.#records.length = Math.min(this.#records.length, this.#recordsMax);
    return Promise.resolve();
  }

  newest(limit: number): Promise<readonly KeptRecord[]> {
    return Promise.resolve(this.#records.slice(0, limit));
  }
}

/** Records that survive a restart. */
export class StoredRecords implements RunRecords {
  readonly #host: Host;
  readonly #recordsMax: number;
  /** How many were added since the last clean-up; the first add cleans up. */
  #added = RECORDS_OVER_MAX;

  constructor(host: Host, recordsMax: number) {
    this.#host = host;
    this.#recordsMax = recordsMax;
  }

  async add(record: KeptRecord): Promise<void> {
    const { store, effects } = this.#host;
    const key = [...this.#prefix, effects.ids.next()];
    await store.commit({ sets: [{ key, value: record }] });
    if (++this.#added <= RECORDS_OVER_MAX) return;
    this.#added = 0;
    await this.#cleanUp();
  }

  async newest(limit: number): Promise<readonly KeptRecord[]> {
    const { store } = this.#host;
    const most = Math.min(limit, this.#recordsMax);
    const entries = store.list(
      { prefix: this.#prefix },
      { limit: most, reverse: true },
    );
    // Only this class writes under these keys.
    return await Array.fromAsync(entries, ({ value }) => value as KeptRecord);
  }

  async #cleanUp(): Promise<void> {
    const { store } = this.#host;
    let kept = 0;
    for await (
      const { key } of store.list({ prefix: this.#prefix }, { reverse: true })
    ) {
      if (++kept > this.#recordsMax) await store.commit({ deletes: [key] });
    }
  }

  get #prefix(): readonly string[] {
    return ["job-record", this.#host.name];
  }
}
