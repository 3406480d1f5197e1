/**
 * Removes what no window can hold any more, and counts what is left.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import { messageOf } from "@engine/errors.ts";
import { DROPPED_PER_COMMIT_MAX } from "./_buffer.ts";
import type { HeadRow, Rows } from "./_rows.ts";

/** What a sweeper works with. */
export interface SweeperParts {
  readonly host: Host;
  readonly rows: Rows;
  readonly intervalMs: number;
  /** Is told how many events are left, and which keys are gone. */
  readonly counted: (events: number, gone: readonly string[]) => void;
  /** What else is to be done each time. */
  readonly also: () => Promise<void>;
}

/** See the module comment. It sweeps from `begin` to `end`, again and again. */
export class Sweeper {
  readonly #parts: SweeperParts;
  #cancelTimer = () => {};
  #isEnding = false;
  #sweep: Promise<void> | undefined;

  constructor(parts: SweeperParts) {
    this.#parts = parts;
  }

  async begin(): Promise<void> {
    this.#isEnding = false;
    await this.sweep();
    this.#schedule();
  }

  async end(): Promise<void> {
    this.#isEnding = true;
    this.#cancelTimer();
    await this.#sweep;
  }

  /** Callers that come while it goes on share it. */
  sweep(): Promise<void> {
    this.#sweep ??= this.#once().finally(() => this.#sweep = undefined);
    return this.#sweep;
  }

  #schedule(): void {
    if (this.#isEnding) return;
    const { host, intervalMs } = this.#parts;
    this.#cancelTimer = host.effects.clock.after(intervalMs, async () => {
      try {
        await this.sweep();
        await this.#parts.also();
      } catch (error) {
        host.log.error(`Cannot remove old events: ${messageOf(error)}`);
      }
      this.#schedule();
    });
  }

  async #once(): Promise<void> {
    const { rows, host, counted } = this.#parts;
    const gone: string[] = [];
    let events = 0;
    for await (const row of rows.heads()) {
      const { at, keepMs, size } = row.head;
      const isOld = Math.abs(host.effects.clock.now() - at) >= keepMs;
      if (isOld && await this.#remove(row)) gone.push(row.key);
      else events += size;
    }
    counted(events, gone);
  }

  /** Whether the key is gone; an event that comes meanwhile keeps it. */
  async #remove({ key, version }: HeadRow): Promise<boolean> {
    const { rows } = this.#parts;
    const head = rows.headKey(key);
    const checks = [{ key: head, version }];
    let deletes = [];
    for await (const event of rows.eventKeys(key)) {
      deletes.push(event);
      if (deletes.length < DROPPED_PER_COMMIT_MAX) continue;
      if (!(await rows.store.commit({ checks, deletes })).ok) return false;
      deletes = [];
    }
    return (await rows.store.commit({ checks, deletes: [...deletes, head] }))
      .ok;
  }
}
