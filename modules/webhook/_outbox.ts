/**
 * The rows of webhooks that are accepted and not delivered yet, in the order in
 * which they fall due. Whoever delivers one first claims it: its row moves to the
 * end of the claim, so that nobody else takes it up, and somebody does if the
 * claimant dies.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import { TerminalError } from "@engine/errors.ts";
import type { DeadLetters } from "./_dead_letters.ts";

type Store = Host["store"];
type Entry = NonNullable<Awaited<ReturnType<Store["get"]>>>;
type Key = Entry["key"];

/** How long the same key names the same webhook, in milliseconds: a day. */
export const KEY_REMEMBERED_MS = 86_400_000;

/** What is sent. An alias, since an interface does not count as JSON. */
export type Webhook = {
  readonly url: string;
  readonly body: string;
  /** Beside those of the config, over which they take precedence. */
  readonly headers: Readonly<Record<string, string>>;
};

/** A webhook on its way. */
export type Delivery = Webhook & {
  readonly id: string;
  /** Attempts that have begun. */
  readonly attempts: number;
  /** In milliseconds since 1970. */
  readonly createdAt: number;
  /** What asked for it, as a part of a trace; absent if nobody kept traces then. */
  readonly traceparent?: string;
};

/** A delivery as it stands in the store. */
export interface DeliveryRow {
  readonly delivery: Delivery;
  readonly entry: Entry;
}

/** See the module comment. */
export class Outbox {
  readonly #store: Store;
  readonly #effects: Host["effects"];
  readonly #tracing: Host["tracing"];
  readonly #dead: DeadLetters;
  readonly #name: string;

  constructor(
    { store, effects, tracing, name }: Pick<
      Host,
      "store" | "effects" | "tracing" | "name"
    >,
    dead: DeadLetters,
  ) {
    this.#store = store;
    this.#effects = effects;
    this.#tracing = tracing;
    this.#name = name;
    this.#dead = dead;
  }

  /**
   * Takes a webhook for good: it survives a kill of the process once this has
   * resolved. Returns its id; with a key that was used within
   * `KEY_REMEMBERED_MS`, the id of then.
   *
   * @throws {TerminalError} if it is larger than the store takes.
   */
  async accept(webhook: Webhook, key: string): Promise<string> {
    const id = this.#effects.ids.next();
    const now = this.#effects.clock.now();
    const seen: Key = ["webhook", this.#name, "key", key];
    const { current: traceparent } = this.#tracing;
    const delivery: Delivery = {
      ...{ ...webhook, id, attempts: 0, createdAt: now },
      ...(traceparent === undefined ? {} : { traceparent }),
    };
    const result = await this.#store.commit({
      checks: [{ key: seen, version: undefined }],
      sets: [
        { key: seen, value: id, expireInMs: KEY_REMEMBERED_MS },
        this.#row(now, delivery),
      ],
    }).catch(tooLarge);
    if (result.ok) return id;
    const before = await this.#store.get(seen);
    // It may have expired between the two reads.
    return before === undefined
      ? await this.accept(webhook, key)
      : String(before.value);
  }

  /** What is due, at most `limit`, earliest first. */
  async due(limit: number): Promise<readonly DeliveryRow[]> {
    const now = this.#effects.clock.now();
    const range = { start: this.#key(0), end: this.#key(now + 1) };
    const entries = await Array.fromAsync(this.#store.list(range, { limit }));
    return entries.map((entry) => ({ entry, delivery: deliveryOf(entry) }));
  }

  /** When the next one falls due, in milliseconds since 1970. */
  async nextDueAt(): Promise<number | undefined> {
    const prefix = this.#key();
    for await (const { key } of this.#store.list({ prefix }, { limit: 1 })) {
      return Number(key.at(-2));
    }
    return undefined;
  }

  /** Begins an attempt; nothing if somebody else was faster. */
  async claim(
    { entry, delivery }: DeliveryRow,
    forMs: number,
  ): Promise<DeliveryRow | undefined> {
    const attempts = delivery.attempts + 1;
    return await this.#move(entry, forMs, { ...delivery, attempts });
  }

  /** The claimed webhook is delivered. */
  async finish({ entry }: DeliveryRow): Promise<void> {
    await this.#store.commit({ checks: [entry], deletes: [entry.key] });
  }

  /** The attempt failed; the next one begins in `inMs`. */
  async postpone(
    { entry, delivery }: DeliveryRow,
    inMs: number,
  ): Promise<void> {
    await this.#move(entry, inMs, delivery);
  }

  /** The attempt was broken off, and does not count. */
  async release({ entry, delivery }: DeliveryRow): Promise<void> {
    const attempts = delivery.attempts - 1;
    await this.#move(entry, 0, { ...delivery, attempts });
  }

  /** No attempt is left: it becomes a dead letter. */
  async bury({ entry, delivery }: DeliveryRow, error: string): Promise<void> {
    await this.#store.commit({
      checks: [entry],
      sets: this.#dead.burial(delivery, error),
      deletes: [entry.key],
    });
  }

  /** What makes a delivery due, in a commit of others. */
  again(delivery: Delivery) {
    return [this.#row(this.#effects.clock.now(), delivery)];
  }

  async #move(
    before: Entry,
    inMs: number,
    delivery: Delivery,
  ): Promise<DeliveryRow | undefined> {
    const { key, value } = this.#row(
      Math.ceil(this.#effects.clock.now() + inMs),
      delivery,
    );
    const result = await this.#store.commit({
      checks: [before],
      // First, since a row that does not move is set by the same commit.
      sets: [{ key, value }],
      deletes: sameKey(key, before.key) ? [] : [before.key],
    });
    if (!result.ok) return undefined;
    return { delivery, entry: { key, value, version: result.version } };
  }

  #row(dueAt: number, delivery: Delivery) {
    return { key: [...this.#key(dueAt), delivery.id], value: delivery };
  }

  #key(...dueAt: readonly number[]): Key {
    return ["webhook", this.#name, "due", ...dueAt];
  }
}

/** What is in a row of the outbox. */
function deliveryOf({ value }: Entry): Delivery {
  // Only this file writes such rows.
  const { id, url, body, headers, attempts, createdAt, traceparent } =
    value as unknown as Delivery;
  return {
    ...{ id, url, body, headers, attempts, createdAt },
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}

function sameKey(a: Key, b: Key): boolean {
  return a.every((part, index) => part === b[index]);
}

function tooLarge(error: unknown): never {
  if (!(error instanceof RangeError)) throw error;
  throw new TerminalError(`Cannot accept the webhook: ${error.message}`, {
    cause: error,
  });
}
