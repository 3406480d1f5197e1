/**
 * A durable work queue: what `send` has answered for is handled at least once,
 * whatever dies, or is a dead letter that says why not.
 *
 * Several processes may share a queue through one store and nothing else.
 *
 * @module
 */
import type { JsonValue, Store, Write } from "../store/store.ts";
import { claim, type ClaimOptions } from "./claim.ts";
import { type ConsumeOptions, Consumer, type Handle } from "./consumer.ts";
import {
  QUEUE_SETTINGS,
  type QueueCore,
  type QueueSettings,
  type QueueWorld,
} from "./core.ts";
import type { DeadLetter, DeadLetters, Revival } from "./dead_letters.ts";
import { Depth } from "./depth.ts";
import { returnDue } from "./due.ts";
import type { Holding } from "./holding.ts";
import { checkDelay, Lease } from "./lease.ts";
import {
  checkSend,
  DEDUPLICATION_MS,
  PRIORITY_DEFAULT,
  QueueKeys,
  type Row,
  type SendOptions,
} from "./row.ts";
import { Signal } from "./signal.ts";
import { checkMessageBytes } from "./size.ts";
import { countQueue, dropQueue, type QueueStats } from "./stock.ts";

/**
 * How long a queue trusts what it knows of delays and leases at most, in
 * milliseconds, and no longer than a lease: nobody tells of those that are taken.
 */
export const LOOK_AGAIN_MS = 30_000;

/** Something to be sent in a commit of the caller's. */
export interface Prepared {
  readonly id: string;
  readonly sets: readonly Write[];
  /** Call it after the commit, or with `false` if there was none. */
  readonly settled: (isCommitted: boolean) => void;
}

/** See the module comment. */
export class Queue {
  readonly name: string;
  readonly #core: QueueCore;
  readonly #signal: Signal;
  readonly #listeners = new Set<() => void>();
  #settings: QueueSettings = QUEUE_SETTINGS;
  /** When to look for what is due; in the past before the first look. */
  #dueMs = -Infinity;
  #claiming: Promise<unknown> = Promise.resolve();

  constructor(
    name: string,
    place: { readonly store: Store; readonly deadLetters: DeadLetters },
    world: QueueWorld,
  ) {
    this.name = name;
    const { store, deadLetters } = place;
    const keys = new QueueKeys(name);
    this.#core = {
      keys,
      store,
      world,
      deadLetters,
      depth: new Depth(store, world.clock, [
        keys.ready,
        keys.delayed,
        keys.leased,
      ]),
      settings: () => this.#settings,
      changed: (dueMs) => this.#changed(dueMs),
    };
    this.#signal = new Signal({ key: keys.signal, store }, world, () => {
      this.#core.depth.forget();
      this.#dueMs = -Infinity;
      this.#wake();
    });
  }

  /** How the queue behaves from now on; what is not stated is the default. */
  configure(settings: Partial<QueueSettings>): void {
    this.#settings = { ...QUEUE_SETTINGS, ...settings };
  }

  get settings(): QueueSettings {
    return this.#settings;
  }

  /**
   * Sends a message and resolves to its id when it is durable. If it rejects for
   * another reason than a refusal, the message may have been sent all the same.
   * Of messages with one `deduplicationId` only the first is sent, and its id is
   * what each resolves to.
   *
   * @throws {RefusedError} `invalid-input`
   * @throws {RetryableError} if the queue holds `depthMax` messages.
   */
  async send(payload: JsonValue, options: SendOptions = {}): Promise<string> {
    checkSend(this.name, options);
    const { deduplicationId, deduplicationMs = DEDUPLICATION_MS } = options;
    if (deduplicationId === undefined) {
      const message = await this.prepare(payload, options);
      return await this.#commit(message, { sets: message.sets }) ?? message.id;
    }
    const { store, keys, world } = this.#core;
    const key = keys.duplicate(deduplicationId);
    for (;;) {
      const before = await store.get(key);
      const known = before?.value as
        | { id: string; untilMs: number }
        | undefined;
      const now = world.clock.now();
      if (known !== undefined && known.untilMs > now) return known.id;
      const message = await this.prepare(payload, options);
      const value = { id: message.id, untilMs: now + deduplicationMs };
      const isSent = await this.#commit(message, {
        checks: [{ key, version: before?.version }],
        sets: [
          ...message.sets,
          { key, value, expireInMs: deduplicationMs },
        ],
      });
      if (isSent !== undefined) return isSent;
    }
  }

  /**
   * What sends a message as part of another commit. Takes room for it; `settled`
   * must be called. Deduplication is for `send` only.
   *
   * @throws {RefusedError} `invalid-input` if the message is too large.
   * @throws {RetryableError} if the queue holds `depthMax` messages.
   */
  async prepare(
    payload: JsonValue,
    options: SendOptions & { readonly id?: string; readonly sentAt?: number } =
      {},
  ): Promise<Prepared> {
    const { keys, world, depth, store } = this.#core;
    const now = world.clock.now();
    const id = options.id ?? world.ids.next();
    const { delayMs = 0, priority = PRIORITY_DEFAULT, key } = options;
    const row: Row = {
      payload,
      sentAt: options.sentAt ?? now,
      attempts: 0,
      priority,
      ...(key === undefined ? {} : { key }),
    };
    checkMessageBytes(this.name, row, store.limits);
    await depth.take(this.name, this.#settings.depthMax);
    const dueMs = now + delayMs;
    const place = delayMs > 0
      ? keys.delayedRow(dueMs, id)
      : keys.readyRow(row, id);
    return {
      id,
      sets: [{ key: place, value: row }],
      settled: (isCommitted) => {
        if (isCommitted) this.#changed(dueMs);
        else depth.add(-1);
      },
    };
  }

  /**
   * Takes up to so many ready messages, each under a lease of its own; none if
   * none is ready. Of messages with one key one at a time.
   */
  async lease(
    count: number,
    leaseMs: number = this.#settings.leaseMs,
  ): Promise<readonly Lease[]> {
    checkDelay("leaseMs", leaseMs, 1);
    const holdings = await this.claim({ count, ofKey: 1, leaseMs });
    return holdings.flatMap((holding) =>
      holding.held.map((held) => new Lease(holding, held))
    );
  }

  /** Hands out messages until it is stopped; see `Consumer`. */
  consume(handle: Handle, options: ConsumeOptions = {}): Consumer {
    return new Consumer(this, this.#core, { handle, ...options });
  }

  /** Takes ready messages. For consumers; others call `lease`. */
  claim(options: ClaimOptions): Promise<Holding[]> {
    // Two claims of one process at a time would only take from each other.
    const claiming = this.#claiming.then(async () => {
      await this.#returnDue();
      const holdings = await claim(this.#core, options);
      for (const { untilMs } of holdings) this.#expect(untilMs);
      return holdings;
    });
    this.#claiming = claiming.catch(() => {});
    return claiming;
  }

  /** When something may be ready that is not now, in milliseconds since 1970. */
  get dueMs(): number {
    return this.#dueMs;
  }

  /** Calls back when something may be ready; returns what ends it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    this.#signal.listen();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#signal.stop();
    };
  }

  /** Counts what there is. Takes as long as the queue is deep. */
  stats(): Promise<QueueStats> {
    return countQueue(this.#core);
  }

  /** How many messages are unfinished, as far as this process knows. */
  depth(): Promise<number> {
    return this.#core.depth.known();
  }

  /** Removes all that is not finished; says how many messages. Not dead letters. */
  drop(): Promise<number> {
    return dropQueue(this.#core);
  }

  /** What makes a dead letter of this queue a message again. */
  revive({ payload, origin }: DeadLetter): Revival {
    const { keys, depth } = this.#core;
    // Only this queue has written it.
    const { id, ...kept } = origin as Pick<Row, "priority" | "sentAt"> & {
      readonly id: string;
    };
    const row: Row = { payload, attempts: 0, ...kept };
    return {
      sets: [{ key: keys.readyRow(row, id), value: row }],
      revived: () => {
        depth.add(1);
        this.#changed();
      },
    };
  }

  /** Resolves to the id, or to nothing at a conflict. */
  async #commit(
    message: Prepared,
    batch: Parameters<Store["commit"]>[0],
  ): Promise<string | undefined> {
    let isCommitted = false;
    try {
      const { ok } = await this.#core.store.commit(batch);
      isCommitted = ok;
      return ok ? message.id : undefined;
    } finally {
      message.settled(isCommitted);
    }
  }

  async #returnDue(): Promise<void> {
    const now = this.#core.world.clock.now();
    if (now < this.#dueMs) return;
    // What changes during the look may be due before what the look finds.
    this.#dueMs = now + Math.min(LOOK_AGAIN_MS, this.#settings.leaseMs);
    try {
      this.#expect(await returnDue(this.#core));
    } catch (error) {
      this.#dueMs = -Infinity;
      throw error;
    }
  }

  #expect(dueMs: number): void {
    this.#dueMs = Math.min(this.#dueMs, dueMs);
  }

  #changed(dueMs?: number): void {
    if (dueMs !== undefined && dueMs > this.#core.world.clock.now()) {
      this.#expect(dueMs);
    }
    this.#wake();
    this.#signal.send();
  }

  #wake(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
