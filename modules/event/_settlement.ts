/**
 * Commits what became of a delivery.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import type { DeadLetters } from "./_dead_letters.ts";
import type { Outcome } from "./_outcome.ts";
import {
  type Delivery,
  type DeliveryRow,
  placeOf,
  type Rows,
  type Write,
} from "./_rows.ts";

/** See the module comment. */
export class Settlement {
  readonly #host: Host;
  readonly #rows: Rows;
  readonly #dead: DeadLetters;

  constructor(host: Host, rows: Rows, dead: DeadLetters) {
    this.#host = host;
    this.#dead = dead;
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

  async #bury(
    row: DeliveryRow,
    error: string,
  ): Promise<Delivery | undefined> {
    const { match, handler, attempt } = row.delivery;
    const burial = this.#dead.burial(row.delivery, error);
    const next = await this.#commit(row, undefined, burial);
    const message =
      `"${handler}" is given up for a match of "${match.patternId}" after ` +
      `${attempt} ${attempt === 1 ? "attempt" : "attempts"}: ${error}`;
    this.#host.log.error(message, { match: match.id });
    this.#host.notify("notice", {
      message,
      severity: "error",
      match: match.id,
    });
    await this.#dead.trim();
    return next;
  }

  async #commit(
    row: DeliveryRow,
    next: Delivery | undefined,
    also: readonly Write[] = [],
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
