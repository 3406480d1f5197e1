/**
 * Commits what became of a delivery, and keeps the dead letters within bounds.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import type { Outcome } from "./_outcome.ts";
import {
  type Delivery,
  type DeliveryRow,
  placeOf,
  type Rows,
} from "./_rows.ts";

/** Dead letters that are kept; further ones take the place of the oldest. */
export const DEAD_LETTERS_MAX = 1_000;

/** So many more may stand there until the oldest leave all at once. */
export const DEAD_LETTERS_SLACK = 100;

/** See the module comment. */
export class Settlement {
  readonly #host: Host;
  readonly #rows: Rows;
  /** How many there may be; some of them may have expired. */
  #dead: number | undefined;

  constructor(host: Host, rows: Rows) {
    this.#host = host;
    this.#rows = rows;
  }

  /** The delivery as it goes on; `undefined` if it is over. */
  async settle(
    row: DeliveryRow,
    outcome: Outcome,
  ): Promise<Delivery | undefined> {
    const next = await this.#record(row, outcome);
    this.#count(outcome.kind === "done" ? "success" : "failure");
    return next;
  }

  async #record(
    row: DeliveryRow,
    outcome: Outcome,
  ): Promise<Delivery | undefined> {
    if (outcome.kind === "done") return await this.#commit(row, undefined);
    if (outcome.kind === "dead") return await this.#bury(row, outcome.error);
    const { delivery } = row;
    return await this.#commit(row, {
      ...delivery,
      attempt: delivery.attempt + 1,
      dueAt: this.#nowMs() + outcome.inMs,
      waitMs: outcome.inMs,
      error: outcome.error,
    });
  }

  /** Removes dead letters beyond what is kept, once it is worth a look. */
  async #trim(): Promise<void> {
    if (this.#dead !== undefined) this.#dead++;
    const isWorthIt = this.#dead === undefined ||
      this.#dead > DEAD_LETTERS_MAX + DEAD_LETTERS_SLACK;
    if (!isWorthIt) return;
    const keys = await Array.fromAsync(this.#rows.deadKeys());
    const over = keys.slice(0, Math.max(0, keys.length - DEAD_LETTERS_MAX));
    this.#dead = keys.length - over.length;
    const { store } = this.#rows;
    while (over.length > 0) {
      const deletes = over.splice(0, store.limits.mutations);
      await store.commit({ deletes });
    }
  }

  async #bury(
    row: DeliveryRow,
    error: string,
  ): Promise<Delivery | undefined> {
    const { match, handler, position, attempt } = row.delivery;
    const letter = {
      match,
      handler,
      error,
      attempts: attempt,
      at: this.#nowMs(),
    };
    const next = await this.#commit(row, undefined, [
      this.#rows.writeDead(letter, position),
    ]);
    const message =
      `"${handler}" is given up for a match of "${match.patternId}" after ` +
      `${attempt} ${attempt === 1 ? "attempt" : "attempts"}: ${error}`;
    this.#host.log.error(message, { match: match.id });
    this.#host.notify("notice", {
      message,
      severity: "error",
      match: match.id,
    });
    await this.#trim();
    return next;
  }

  async #commit(
    row: DeliveryRow,
    next: Delivery | undefined,
    also: readonly ReturnType<Rows["writeDead"]>[] = [],
  ): Promise<Delivery | undefined> {
    const place = placeOf(row.delivery);
    const key = this.#rows.deliveryKey(place);
    const result = await this.#rows.store.commit({
      checks: [{ key, version: row.version }],
      sets: next === undefined
        ? also
        : [...also, this.#rows.writeDelivery(next)],
      deletes: next === undefined ? [key] : [],
    });
    if (result.ok) return next;
    // Settled already, by a try that was not answered or by another process.
    return (await this.#rows.readDelivery(place))?.delivery;
  }

  #nowMs(): number {
    return this.#host.effects.clock.now();
  }

  #count(status: "success" | "failure"): void {
    const { meter, name } = this.#host;
    if (!meter.active) return;
    const labels = { module: name, operation: "deliver", status };
    meter.record("module_operations_total", labels);
  }
}
