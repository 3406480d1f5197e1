/**
 * Delivers what falls due, several at a time, from `begin` to `end`.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import { messageOf } from "@engine/errors.ts";
import { attempt, type DeliveryOptions, type Outcome } from "./_attempt.ts";
import type { DeliveryRow, Outbox } from "./_outbox.ts";

/** Deliveries that are under way at a time. */
export const DELIVERIES_MAX = 16;

/** How long `end` lets deliveries finish before it breaks them off, in milliseconds. */
export const GRACE_MS = 5_000;

/** A claim outlives its attempt by so much, for the commit that follows. */
const CLAIM_MARGIN_MS = 10_000;

/** When to look again after the store has failed. */
const STORE_RETRY_MS = 1_000;

/** See the module comment. */
export class Courier {
  readonly #host: Host;
  readonly #outbox: Outbox;
  readonly #options: DeliveryOptions;
  readonly #underWay = new Set<Promise<void>>();
  #abort = new AbortController();
  #isOpen = false;
  #looking: Promise<void> | undefined;
  #isCalled = false;
  #cancelTimer = () => {};

  constructor(host: Host, outbox: Outbox, options: DeliveryOptions) {
    this.#host = host;
    this.#outbox = outbox;
    this.#options = options;
  }

  begin(): void {
    this.#abort = new AbortController();
    this.#isOpen = true;
    this.call();
  }

  /** Looks for what is due, now or as soon as the present look is over. */
  call(): void {
    if (!this.#isOpen) return;
    this.#isCalled = true;
    this.#looking ??= this.#lookAgain().finally(() => {
      this.#looking = undefined;
      // Somebody may have called just after the last look.
      if (this.#isCalled) this.call();
    });
  }

  /** Begins nothing new and lets what is under way finish, or breaks it off. */
  async end(): Promise<void> {
    this.#isOpen = false;
    this.#cancelTimer();
    await this.#looking;
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const cancel = this.#host.effects.clock.after(GRACE_MS, resolve);
    await Promise.race([this.#idle(), late]).finally(cancel);
    this.#abort.abort(new Error("The application stops"));
    await this.#idle();
  }

  async #idle(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  async #lookAgain(): Promise<void> {
    while (this.#isOpen && this.#isCalled) {
      this.#isCalled = false;
      try {
        await this.#look();
      } catch (error) {
        this.#host.log.warn(
          `Cannot read the webhooks that are due: ${messageOf(error)}`,
        );
        this.#callIn(STORE_RETRY_MS);
      }
    }
  }

  async #look(): Promise<void> {
    const free = DELIVERIES_MAX - this.#underWay.size;
    // Each delivery that ends calls again.
    if (free <= 0) return;
    const claimMs = this.#options.timeoutMs + CLAIM_MARGIN_MS;
    const due = await this.#outbox.due(free);
    if (!this.#isOpen) return;
    // Together, so that one commit of the store holds them all.
    const claims = await Promise.allSettled(
      due.map((row) => this.#outbox.claim(row, claimMs)),
    );
    for (const claim of claims) {
      if (claim.status === "rejected") continue;
      if (claim.value !== undefined) this.#start(claim.value);
    }
    const failed = claims.find(({ status }) => status === "rejected");
    if (failed?.status === "rejected") throw failed.reason;
    if (due.length === free) return this.call();
    const nextAt = await this.#outbox.nextDueAt();
    if (nextAt !== undefined) {
      this.#callIn(Math.max(0, nextAt - this.#host.effects.clock.now()));
    }
  }

  #callIn(ms: number): void {
    this.#cancelTimer();
    if (!this.#isOpen) return;
    const { clock } = this.#host.effects;
    this.#cancelTimer = clock.after(ms, () => this.call());
  }

  #start(row: DeliveryRow): void {
    const work = this.#deliver(row).finally(() => {
      this.#underWay.delete(work);
      this.call();
    });
    this.#underWay.add(work);
  }

  async #deliver(row: DeliveryRow): Promise<void> {
    const outcome = await attempt(row.delivery, this.#options, {
      effects: this.#host.effects,
      tracing: this.#host.tracing,
      signal: this.#abort.signal,
    });
    try {
      await this.#settle(row, outcome);
    } catch (error) {
      // The claim ends by itself, and the webhook is sent once more.
      this.#host.log.warn(
        `Cannot record the outcome of a webhook: ${messageOf(error)}`,
        { webhook: row.delivery.id, outcome: outcome.kind },
      );
    }
  }

  async #settle(row: DeliveryRow, outcome: Outcome): Promise<void> {
    switch (outcome.kind) {
      case "delivered":
        this.#measure("success");
        return await this.#outbox.finish(row);
      case "retry":
        this.#measure("failure");
        return await this.#outbox.postpone(row, outcome.inMs);
      case "broken-off":
        return await this.#outbox.release(row);
      case "dead":
        this.#measure("failure");
        await this.#outbox.bury(row, outcome.error);
        this.#tell(row, outcome.error);
    }
  }

  #tell({ delivery }: DeliveryRow, error: string): void {
    const { id, attempts } = delivery;
    const message =
      `A webhook is given up after ${attempts} attempts: ${error}`;
    this.#host.log.error(message, { webhook: id });
    this.#host.notify("notice", { message, severity: "error" });
  }

  #measure(status: "success" | "failure"): void {
    const { meter, name } = this.#host;
    if (!meter.active) return;
    meter.record("module_operations_total", {
      module: name,
      operation: "deliver",
      status,
    });
  }
}
