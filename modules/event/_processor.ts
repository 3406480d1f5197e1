/**
 * The event processor: what the module's instance is.
 *
 * @module
 */
import type { Host, Lifecycle } from "@engine/define.ts";
import { messageOf, RetryableError } from "@engine/errors.ts";
import type {
  DeadLetter,
  EventPattern,
  EventProcessor,
  PatternHandler,
  PatternMatch,
  SubmittedEvent,
} from "@engine/services/event_processor.ts";
import { DeadLetters } from "./_dead_letters.ts";
import { Deliveries, DELIVERIES_WAITING_MAX } from "./_deliveries.ts";
import { type EventIn, eventIn } from "./_event_in.ts";
import { Intake, type Taken } from "./_intake.ts";
import { Registry } from "./_registry.ts";
import { type Delivery, Rows } from "./_rows.ts";
import { Settlement } from "./_settlement.ts";
import { Sweeper } from "./_sweeper.ts";

/** A full processor looks for old events again after so long, in milliseconds. */
export const SWEEP_AGAIN_MS = 1_000;

/** How the module is configured. */
export interface ProcessorSettings {
  /** Events of one key. */
  readonly bufferSize: number;
  /** Events of all keys. */
  readonly bufferSizeTotal: number;
  readonly cleanupIntervalMs: number;
}

/** See the module comment. */
export class Processor implements EventProcessor, Lifecycle {
  readonly #settings: ProcessorSettings;
  readonly #host: Host;
  readonly #rows: Rows;
  readonly #registry = new Registry();
  readonly #intake: Intake;
  readonly #sweeper: Sweeper;
  readonly #settlement: Settlement;
  readonly #dead: DeadLetters;
  #forget: () => void = () => {};
  #deliveries: Deliveries | undefined;
  #listeners: readonly ((match: PatternMatch) => void)[] = [];
  /** Events in the store, as of the last cleanup and what was done since. */
  #held = 0;
  /** Events on their way there. */
  #entering = 0;
  #sweptAtMs = -Infinity;
  /** Whether it was said that events are pushed out, since the last cleanup. */
  #isTold = false;

  constructor(settings: ProcessorSettings, host: Host) {
    this.#settings = settings;
    this.#host = host;
    this.#rows = new Rows(host.store, host.name);
    this.#dead = new DeadLetters(host);
    this.#settlement = new Settlement(host, this.#rows, this.#dead);
    const { bufferSize, cleanupIntervalMs } = settings;
    const parts = { host, rows: this.#rows, registry: this.#registry };
    const owner = () => this.#deliveries?.owner;
    this.#intake = new Intake({ ...parts, bufferSize, owner });
    this.#sweeper = new Sweeper({
      host,
      rows: this.#rows,
      intervalMs: cleanupIntervalMs,
      counted: (events, gone) => {
        this.#held = events;
        this.#isTold = false;
        this.#intake.forget(gone);
      },
      also: async () => await this.#deliveries?.rescan(),
    });
  }

  async open(): Promise<void> {
    await this.#sweeper.begin();
    this.#deliveries = new Deliveries({
      host: this.#host,
      rows: this.#rows,
      registry: this.#registry,
      settlement: this.#settlement,
    });
    this.#forget = this.#dead.onReplay(({ owner: _, ...rest }) => {
      const owner = this.#deliveries?.owner;
      const delivery = owner === undefined ? rest : { ...rest, owner };
      return {
        sets: [this.#rows.writeDelivery(delivery)],
        revived: () => this.#deliveries?.add(delivery),
      };
    });
    await this.#deliveries.begin();
  }

  async close(): Promise<void> {
    this.#forget();
    await this.#sweeper.end();
    await this.#deliveries?.end(this.#host.phase() === "stopping");
    this.#deliveries = undefined;
  }

  define(
    patterns: readonly EventPattern[],
    handlers: readonly PatternHandler[],
  ): () => void {
    const undo = this.#registry.add(patterns, handlers);
    this.#warnOfImpossible(patterns);
    this.#deliveries?.wake();
    return undo;
  }

  patterns(): readonly EventPattern[] {
    return this.#registry.patterns();
  }

  async submit(submitted: SubmittedEvent): Promise<readonly PatternMatch[]> {
    const incoming = eventIn(submitted);
    if (!this.#registry.wants(incoming.seen)) return [];
    try {
      await this.#admit(incoming);
      const taken = await this.#take(incoming);
      this.#count("success");
      return this.#told(taken);
    } catch (error) {
      this.#count("failure");
      throw error;
    }
  }

  onMatch(listener: (match: PatternMatch) => void): () => void {
    // A wrapper of its own, so that the same function may be added twice.
    const own = (match: PatternMatch): void => listener(match);
    this.#listeners = [...this.#listeners, own];
    return () =>
      this.#listeners = this.#listeners.filter((other) => other !== own);
  }

  deadLetters(
    options: { readonly limit?: number } = {},
  ): AsyncIterable<DeadLetter> {
    return this.#dead.list(options.limit);
  }

  idle(): Promise<void> {
    return this.#deliveries?.idle() ?? Promise.resolve();
  }

  /** Makes room, or refuses: what was taken before must stay. */
  async #admit({ seen: { eventType } }: EventIn): Promise<void> {
    const waiting = this.#deliveries?.size ?? 0;
    if (waiting >= DELIVERIES_WAITING_MAX) {
      throw new RetryableError(
        `Cannot take an event "${eventType}": ${waiting} matches wait for ` +
          `their handlers, at most ${DELIVERIES_WAITING_MAX} may`,
      );
    }
    const { bufferSizeTotal } = this.#settings;
    if (this.#isFull()) await this.#sweepAgain();
    // Counted in the same step, so that many at once cannot exceed the total.
    if (!this.#isFull()) return void this.#entering++;
    throw new RetryableError(
      `Cannot take an event "${eventType}": ${bufferSizeTotal} events are kept, ` +
        "and bufferSizeTotal allows no more",
    );
  }

  #isFull(): boolean {
    return this.#held + this.#entering >= this.#settings.bufferSizeTotal;
  }

  async #sweepAgain(): Promise<void> {
    const nowMs = this.#host.effects.clock.elapsed();
    if (nowMs - this.#sweptAtMs < SWEEP_AGAIN_MS) return;
    this.#sweptAtMs = nowMs;
    await this.#sweeper.sweep();
  }

  /** Takes what was admitted. */
  async #take(incoming: EventIn): Promise<Taken> {
    try {
      const taken = await this.#intake.take(incoming);
      this.#held += taken.change;
      return taken;
    } finally {
      this.#entering--;
    }
  }

  /** Everything is committed; from here on nothing may fail. */
  #told(
    { findings, deliveries, pushedOut }: Taken,
  ): readonly PatternMatch[] {
    if (pushedOut > 0) this.#tellPushedOut();
    for (const { match, handlers } of findings) {
      this.#tellMatch(match, handlers);
    }
    deliveries.forEach((delivery: Delivery) => this.#deliveries?.add(delivery));
    return findings.map(({ match }) => match);
  }

  /** The key may be the id of a session, so it is not logged. */
  #tellMatch(
    match: PatternMatch,
    handlers: readonly PatternHandler[],
  ): void {
    const { patternId, eventsCount, id } = match;
    const end = handlers.length === 0 ? ": nothing handles it" : "";
    const message = `Pattern "${patternId}" matched ${eventsCount} ` +
      `${eventsCount === 1 ? "event" : "events"}${end}`;
    const fields = { pattern: patternId, match: id, eventsCount };
    this.#host.log.info(message, fields);
    this.#host.notify("notice", { message, severity: "info", ...fields });
    for (const listener of this.#listeners) {
      try {
        listener(match);
      } catch (error) {
        this.#host.log.error(
          `A watcher of matches failed: ${messageOf(error)}`,
        );
      }
    }
  }

  #tellPushedOut(): void {
    if (this.#isTold) return;
    this.#isTold = true;
    this.#warn(
      "Events are pushed out before their window is over: more than " +
        `${this.#settings.bufferSize} (bufferSize) have the same key`,
    );
  }

  #warnOfImpossible(patterns: readonly EventPattern[]): void {
    const { bufferSize } = this.#settings;
    for (const { id, minOccurs } of patterns) {
      if (minOccurs <= bufferSize) continue;
      this.#warn(
        `Pattern "${id}" can never match: it needs ${minOccurs} events of a ` +
          `key, and bufferSize keeps ${bufferSize}`,
      );
    }
  }

  #warn(message: string): void {
    this.#host.log.warn(message);
    this.#host.notify("notice", { message, severity: "warning" });
  }

  #count(status: "success" | "failure"): void {
    const { meter, name } = this.#host;
    if (!meter.active) return;
    const labels = { module: name, operation: "submit", status };
    meter.record("module_operations_total", labels);
  }
}
