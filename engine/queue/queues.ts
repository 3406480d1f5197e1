/**
 * The queues, topics and dead letters of one application.
 *
 * @module
 */
import { messageOf } from "../errors.ts";
import { scopedStore } from "../store/scoped.ts";
import type { Key, Store } from "../store/store.ts";
import type { Surroundings } from "../surroundings.ts";
import type { QueueSettings, QueueWorld } from "./core.ts";
import { DeadLetters } from "./dead_letters.ts";
import { Queue } from "./queue.ts";
import type { QueueStats } from "./stock.ts";
import { Topics } from "./topics.ts";

export type { Consumer } from "./consumer.ts";
export type { QueueSettings } from "./core.ts";
export type { Delivery } from "./lease.ts";
export type { Queue } from "./queue.ts";
export type { Topics } from "./topics.ts";

/** Where the part of an application is in the store. */
export function applicationPlace(id: string): Key {
  return ["app", id];
}

/** The queues of an application, in its part of the store. */
export function applicationQueues(
  id: string,
  { store, effects, log }: Surroundings,
): Queues {
  const { clock, ids } = effects;
  return new Queues(scopedStore(store, applicationPlace(id)), {
    clock,
    ids,
    onError: (attempt, error) =>
      log.error(`${attempt}: ${messageOf(error)}`, { application: id }),
  });
}

/** See the module comment. */
export class Queues {
  readonly deadLetters: DeadLetters;
  readonly #store: Store;
  readonly #world: QueueWorld;
  readonly #queues = new Map<string, Queue>();
  readonly #topics = new Map<string, Topics>();

  /** Over an application's part of a store. */
  constructor(store: Store, world: QueueWorld) {
    this.#store = store;
    this.#world = world;
    this.deadLetters = new DeadLetters(store, world);
    this.deadLetters.onRevive(
      "queue",
      (letter) => this.queue(letter.source.name).revive(letter),
    );
  }

  /**
   * The queue of a name, which there is as soon as somebody asks for it.
   * `settings` hold from now on for all of this process that use it.
   */
  queue(name: string, settings?: Partial<QueueSettings>): Queue {
    let queue = this.#queues.get(name);
    if (queue === undefined) {
      const place = { store: this.#store, deadLetters: this.deadLetters };
      queue = new Queue(name, place, this.#world);
      this.#queues.set(name, queue);
    }
    if (settings !== undefined) queue.configure(settings);
    return queue;
  }

  /** The topics that one broker has. */
  topics(broker: string): Topics {
    let topics = this.#topics.get(broker);
    if (topics === undefined) {
      topics = new Topics(broker, this, {
        store: this.#store,
        world: this.#world,
      });
      this.#topics.set(broker, topics);
    }
    return topics;
  }

  /**
   * How many messages the queues in use hold, without going through them all;
   * `undefined` if none is in use.
   */
  async depth(): Promise<number | undefined> {
    if (this.#queues.size === 0) return undefined;
    let sum = 0;
    for (const queue of this.#queues.values()) sum += await queue.depth();
    return sum;
  }

  /** How each queue is, by name: those in use, and those that hold something. */
  async stats(): Promise<readonly QueueStats[]> {
    const names = new Set([...this.#queues.keys(), ...await this.#stored()]);
    const stats: QueueStats[] = [];
    for (const name of [...names].sort()) {
      stats.push(await this.queue(name).stats());
    }
    return stats;
  }

  /** The names under which something stands, found by leaps. */
  async #stored(): Promise<string[]> {
    const names: string[] = [];
    for (let start = "";;) {
      const range = { start: ["queue", start], end: ["queue\0"] };
      const [entry] = await Array.fromAsync(
        this.#store.list(range, { limit: 1 }),
      );
      if (entry === undefined) return names;
      const name = String(entry.key[1]);
      names.push(name);
      // The smallest text behind a name.
      start = `${name}\0`;
    }
  }
}
