/**
 * Takes events in: one commit holds the event, what leaves for it, what is used
 * up, and what is to be delivered. Events of one key take turns; where another
 * process was faster, the decision is made anew.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import { RetryableError } from "@engine/errors.ts";
import type { EventPattern } from "@engine/services/event_processor.ts";
import { Turns } from "../_turns.ts";
import { type Advance, advance, EMPTY_BUFFER, keepMsOf } from "./_buffer.ts";
import { BufferCache } from "./_buffer_cache.ts";
import type { EventIn } from "./_event_in.ts";
import {
  bytesForEach,
  carried,
  deliveriesOf,
  type Finding,
  fitting,
} from "./_found.ts";
import type { Registry } from "./_registry.ts";
import type { BufferRow, Delivery, Rows } from "./_rows.ts";

/** How often an event starts over because another process was faster. */
export const CONFLICTS_MAX = 100;

/** What an event led to. */
export interface Taken {
  readonly findings: readonly Finding[];
  readonly deliveries: readonly Delivery[];
  /** By how much the number of kept events changed. */
  readonly change: number;
  /** Events that were pushed out while they could still have counted. */
  readonly pushedOut: number;
}

/** What an intake works with. */
export interface IntakeParts {
  readonly host: Host;
  readonly rows: Rows;
  readonly registry: Registry;
  /** Events of one key. */
  readonly bufferSize: number;
  /** This process; see `Deliveries.owner`. */
  readonly owner: () => string | undefined;
}

const NOTHING: Taken = {
  findings: [],
  deliveries: [],
  change: 0,
  pushedOut: 0,
};

/** See the module comment. */
export class Intake {
  readonly #parts: IntakeParts;
  readonly #turns = new Turns();
  readonly #cache = new BufferCache();

  constructor(parts: IntakeParts) {
    this.#parts = parts;
  }

  forget(keys: readonly string[]): void {
    for (const key of keys) this.#cache.forget(key);
  }

  async take(incoming: EventIn): Promise<Taken> {
    const { key } = incoming;
    await this.#turns.enter(key);
    try {
      for (let attempt = 1; attempt <= CONFLICTS_MAX; attempt++) {
        const taken = await this.#try(incoming);
        if (taken !== undefined) return taken;
      }
    } finally {
      this.#turns.leave(key);
    }
    throw new RetryableError(
      `Cannot take an event "${incoming.seen.eventType}": its key changed ` +
        `${CONFLICTS_MAX} times while this was tried`,
    );
  }

  /** `undefined` if another process was faster. */
  async #try(incoming: EventIn): Promise<Taken | undefined> {
    const { rows, registry, bufferSize, host } = this.#parts;
    const owner = this.#parts.owner();
    const { key, seen } = incoming;
    const nowMs = host.effects.clock.now();
    const before = this.#cache.get(key) ?? await rows.readBuffer(key) ??
      { buffer: EMPTY_BUFFER, version: undefined };
    const patterns = registry.patterns();
    const step = advance(before.buffer, seen, { patterns, nowMs, bufferSize });
    if (step === undefined) return NOTHING;
    const findings = await this.#findings(incoming, step);
    const deliveries = findings.flatMap(deliveriesOf)
      .map((each) => owner === undefined ? each : { ...each, owner });
    const change = { step, deliveries, patterns, nowMs };
    const version = await this.#commit(incoming, before, change);
    if (version === undefined) {
      this.#cache.forget(key);
      return undefined;
    }
    this.#cache.set(key, { buffer: step.buffer, version });
    return {
      findings,
      deliveries,
      change: 1 - step.dropped.length,
      pushedOut: step.pushedOut,
    };
  }

  async #commit(
    { key, seen, event }: EventIn,
    { version }: BufferRow,
    { step, deliveries, patterns, nowMs }: {
      readonly step: Advance;
      readonly deliveries: readonly Delivery[];
      readonly patterns: readonly EventPattern[];
      readonly nowMs: number;
    },
  ): Promise<string | undefined> {
    const { rows, registry } = this.#parts;
    const { buffer: { events, last, used }, dropped } = step;
    const kept = { seen: step.event, event: { ...event, at: nowMs } };
    const result = await rows.store.commit({
      checks: [{ key: rows.headKey(key), version }],
      sets: [
        rows.writeHead(key, {
          last,
          used,
          size: events.length,
          at: nowMs,
          keepMs: registry.longestWindowMs(),
        }),
        rows.writeEvent(key, kept, keepMsOf(seen, patterns)),
        ...deliveries.map((delivery) => rows.writeDelivery(delivery)),
      ],
      deletes: dropped.map(({ sequence }) => rows.eventKey(key, sequence)),
    });
    return result.ok ? result.version : undefined;
  }

  async #findings(
    { key, event }: EventIn,
    { matches, event: { at, sequence } }: Advance,
  ): Promise<Finding[]> {
    const { rows, registry, host } = this.#parts;
    const handled = matches.map((found) => ({
      found,
      handlers: registry.handlersOf(found.pattern.id),
    }));
    const bytes = bytesForEach(
      handled.reduce((sum, { handlers }) => sum + handlers.length, 0),
    );
    return await Promise.all(handled.map(async ({ found, handlers }) => {
      const earlier = carried(found).filter((number) => number !== sequence);
      const events = [
        ...await rows.readEvents(key, earlier),
        { ...event, at },
      ];
      const match = {
        id: host.effects.ids.next(),
        patternId: found.pattern.id,
        key,
        eventsCount: found.events.length,
        events: fitting(events, bytes),
        matchedAt: at,
      };
      return { match, handlers };
    }));
  }
}
