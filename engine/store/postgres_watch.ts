/**
 * Watches keys of a PostgreSQL store. A commit, wherever it is made, notifies of the
 * keys that it touched. A notification may be lost with the connection, so all keys
 * are looked at again when a connection is back, and slowly all the time.
 *
 * @module
 */
import type { ClientClock, PostgresClient } from "./postgres_client.ts";
import { ALL_CHANGED } from "./postgres_schema.ts";
import type { Entry } from "./store.ts";
import { UnreachableError } from "./unreachable.ts";
import { Watchers } from "./watchers.ts";

/** How often all watched keys are looked at, whatever is heard, in milliseconds. */
export const WATCH_POLL_MS = 30_000;

/** A notification takes fewer than 8,000 bytes. */
const PAYLOAD_CHARACTERS_MAX = 7_999;

const HASH_CHARACTERS = 8;

type State = readonly (Entry | undefined)[];

/** What watches take. */
export interface PostgresWatchOptions {
  readonly client: PostgresClient;
  readonly clock: ClientClock;
  /** Where commits notify. */
  readonly channel: string;
}

/** All watches of one store. */
export class PostgresWatches {
  readonly #options: PostgresWatchOptions;
  readonly #watchers = new Watchers();
  #isListening = false;
  #isClosed = false;
  #cancelPoll = () => {};

  constructor(options: PostgresWatchOptions) {
    this.#options = options;
  }

  /** Yields `read()` at once, and after changes of any of the binary keys. */
  async *watch(
    keys: readonly Uint8Array[],
    signal: AbortSignal,
    read: () => Promise<State>,
  ): AsyncGenerator<State, void, void> {
    this.#listen();
    const states = this.#watchers.watch(
      keys.map(hashOf),
      signal,
      () => this.#readIfReachable(read),
    );
    let last: State | undefined;
    for await (const state of states) {
      if (this.#isClosed || signal.aborted) return;
      // Keys share hashes, and a look at all of them mostly finds nothing new.
      if (state === undefined || isSame(last, state)) continue;
      last = state;
      yield state;
    }
  }

  /** Ends every watch. */
  close(): void {
    this.#isClosed = true;
    this.#cancelPoll();
    this.#watchers.close();
  }

  /** A store in which nobody watches needs no connection for it. */
  #listen(): void {
    if (this.#isListening || this.#isClosed) return;
    this.#isListening = true;
    const { client, channel } = this.#options;
    client.listen({
      channel,
      onMessage: (payload) => this.#notified(payload),
      // What was read before it began may be old.
      onListening: () => this.#watchers.allChanged(),
    });
    this.#poll();
  }

  #poll(): void {
    this.#cancelPoll = this.#options.clock.after(WATCH_POLL_MS, () => {
      this.#watchers.allChanged();
      this.#poll();
    });
  }

  #notified(payload: string): void {
    if (payload === ALL_CHANGED) return this.#watchers.allChanged();
    for (let at = 0; at < payload.length; at += HASH_CHARACTERS) {
      this.#watchers.changed(payload.slice(at, at + HASH_CHARACTERS));
    }
  }

  /** `undefined` if there is nothing to say, for now. */
  async #readIfReachable(
    read: () => Promise<State>,
  ): Promise<State | undefined> {
    try {
      return await read();
    } catch (error) {
      // A server that is away ends no watch: it is read when it is back.
      if (this.#isClosed || error instanceof UnreachableError) return undefined;
      throw error;
    }
  }
}

/** What a commit that touches these binary keys has to notify of. */
export function touchedPayload(keys: readonly Uint8Array[]): string {
  return keys.length * HASH_CHARACTERS > PAYLOAD_CHARACTERS_MAX
    ? ALL_CHANGED
    : keys.map(hashOf).join("");
}

/** FNV-1a: short, and the same in every process. */
function hashOf(key: Uint8Array): string {
  let hash = 0x811c9dc5;
  for (const byte of key) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16).padStart(HASH_CHARACTERS, "0");
}

function isSame(last: State | undefined, state: State): boolean {
  return last !== undefined &&
    state.every((entry, i) => entry?.version === last[i]?.version);
}
