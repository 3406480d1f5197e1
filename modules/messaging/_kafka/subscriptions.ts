/**
 * Who wants which topics.
 *
 * @module
 */
import type { Receive } from "@engine/services/broker.ts";
import {
  compileTopic,
  type TopicMatch,
} from "@engine/services/topic_pattern.ts";

/** One subscriber. */
export interface Subscription {
  readonly name: string;
  readonly pattern: string;
  readonly isImplied: boolean;
  readonly receive: Receive;
}

interface Known extends Subscription {
  readonly matches: TopicMatch;
}

/** Topics that the cluster keeps for itself. */
const INTERNAL = "__";

/** See the module comment. */
export class Subscriptions {
  readonly #all = new Set<Known>();
  /** Found before, until somebody comes or goes. */
  readonly #found = new Map<string, readonly Subscription[]>();

  /** Adds one; returns what removes it. */
  add(subscription: Subscription): () => void {
    const known = {
      ...subscription,
      matches: compileTopic(subscription.pattern),
    };
    this.#all.add(known);
    this.#found.clear();
    return () => {
      this.#all.delete(known);
      this.#found.clear();
    };
  }

  /** Who gets what is on a topic: an implied one gives way to a stated one of its name. */
  of(topic: string): readonly Subscription[] {
    const known = this.#found.get(topic);
    if (known !== undefined) return known;
    const fitting = [...this.#all].filter(({ matches }) => matches(topic));
    const stated = new Set(
      fitting.filter(({ isImplied }) => !isImplied).map(({ name }) => name),
    );
    const found = fitting.filter(({ isImplied, name }) =>
      !isImplied || !stated.has(name)
    );
    this.#found.set(topic, found);
    return found;
  }

  /** Whether the topics depend on which ones there are. */
  get hasPatterns(): boolean {
    return [...this.#all].some(({ pattern }) => isPattern(pattern));
  }

  /**
   * The topics to read.
   *
   * @param existing Those of the cluster; patterns select from them.
   * @param apart What no pattern means, such as dead letters.
   */
  topics(existing: readonly string[], apart: string): readonly string[] {
    const wanted = new Set<string>();
    for (const { pattern, matches } of this.#all) {
      if (!isPattern(pattern)) {
        wanted.add(pattern);
        continue;
      }
      for (const topic of existing) {
        const isApart = topic.startsWith(INTERNAL) || topic === apart;
        if (!isApart && matches(topic)) wanted.add(topic);
      }
    }
    return [...wanted].toSorted();
  }
}

/** Whether a text may mean several topics. */
function isPattern(pattern: string): boolean {
  return pattern.split(".").some((segment) =>
    segment === "*" || segment === "**"
  );
}
