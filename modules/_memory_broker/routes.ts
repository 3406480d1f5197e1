/**
 * Who gets the messages of which topic. Looked up once a topic and remembered
 * until somebody subscribes or leaves.
 *
 * @module
 */
import type { Subscription } from "./subscription.ts";

/** For how many topics the subscribers are remembered. More are looked up anew. */
export const ROUTES_REMEMBERED_MAX = 1_000;

/** The subscriptions of a broker. */
export class Routes {
  /** In the order in which they were made, which is the order of delivery. */
  #subscriptions: readonly Subscription[] = [];
  #known = new Map<string, readonly Subscription[]>();
  readonly #onMiss: (topic: string, route: readonly Subscription[]) => void;

  /** `onMiss` sees each topic that is looked up anew; it may throw to refuse it. */
  constructor(
    onMiss: (topic: string, route: readonly Subscription[]) => void,
  ) {
    this.#onMiss = onMiss;
  }

  get subscriptions(): readonly Subscription[] {
    return this.#subscriptions;
  }

  add(subscription: Subscription): void {
    this.#change([...this.#subscriptions, subscription]);
  }

  remove(subscription: Subscription): void {
    this.#change(this.#subscriptions.filter((other) => other !== subscription));
  }

  /** Who gets messages on a topic. */
  of(topic: string): readonly Subscription[] {
    const known = this.#known.get(topic);
    if (known !== undefined) return known;
    const route = this.#find(topic);
    this.#onMiss(topic, route);
    if (this.#known.size >= ROUTES_REMEMBERED_MAX) this.#known.clear();
    this.#known.set(topic, route);
    return route;
  }

  /** An implied subscription gives way to a stated one of the same name. */
  #find(topic: string): readonly Subscription[] {
    const fitting = this.#subscriptions.filter(({ matches }) => matches(topic));
    const stated = fitting.filter(({ isImplied }) => !isImplied);
    return fitting.filter(({ isImplied, name }) =>
      !isImplied || !stated.some((other) => other.name === name)
    );
  }

  #change(subscriptions: readonly Subscription[]): void {
    this.#subscriptions = subscriptions;
    this.#known = new Map();
  }
}
