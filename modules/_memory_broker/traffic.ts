/**
 * What a broker tells those who watch: counts a few times a second, never a line
 * or an event a message.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";

/** The time between two reports, in milliseconds: five a second. */
export const REPORT_INTERVAL_MS = 200;

/** How many topics, and how many subscribers, one report names. */
export const REPORT_NAMES_MAX = 100;

/** Stands in a report for the names that are too many. */
export const OTHER_NAMES = "(other)";

/** So many messages, in words. */
export function messages(count: number): string {
  return count === 1 ? "1 message" : `${count} messages`;
}

/** What went wrong for one subscriber since the last report. */
interface Trouble {
  count: number;
  last: string;
}

/** See the module comment. */
export class Traffic {
  readonly #host: Pick<Host, "notify" | "log" | "effects">;
  #published = new Map<string, number>();
  #delivered = new Map<string, number>();
  #failed = new Map<string, Trouble>();
  #dropped = new Map<string, Trouble>();
  #expired = new Map<string, Trouble>();
  #cancel: (() => void) | undefined;
  #isEnded = false;

  constructor(host: Pick<Host, "notify" | "log" | "effects">) {
    this.#host = host;
  }

  /** A message was accepted. */
  published(topic: string): void {
    count(this.#published, topic);
    this.#schedule();
  }

  /** A subscriber has handled a message. */
  delivered(subscriber: string): void {
    count(this.#delivered, subscriber);
    this.#schedule();
  }

  /** A subscriber threw. The error itself is logged elsewhere. */
  failed(subscriber: string, error: string): void {
    blame(this.#failed, subscriber, error);
    this.#schedule();
  }

  /** A subscriber lost a message. */
  dropped(subscriber: string, topic: string): void {
    blame(this.#dropped, subscriber, topic);
    this.#schedule();
  }

  /** A message waited too long for a subscriber. */
  expired(subscriber: string, topic: string): void {
    blame(this.#expired, subscriber, topic);
    this.#schedule();
  }

  /** Reports what is not reported yet, and nothing from now on. */
  end(): void {
    this.#report();
    this.#isEnded = true;
  }

  #report(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#reportCounts();
    this.#reportFailures();
    this.#reportDrops();
  }

  #schedule(): void {
    if (this.#cancel !== undefined || this.#isEnded) return;
    this.#cancel = this.#host.effects.clock.after(
      REPORT_INTERVAL_MS,
      () => this.#report(),
    );
  }

  #reportCounts(): void {
    if (this.#published.size + this.#delivered.size === 0) return;
    const published = sum(this.#published.values());
    const delivered = sum(this.#delivered.values());
    this.#host.notify("message", {
      message: `${published} published, ${delivered} delivered`,
      topics: Object.fromEntries(this.#published),
      subscribers: Object.fromEntries(this.#delivered),
    });
    this.#published = new Map();
    this.#delivered = new Map();
  }

  #reportFailures(): void {
    for (const [subscriber, { count, last }] of this.#failed) {
      this.#host.notify("notice", {
        severity: "error",
        message: `"${subscriber}" failed to handle ${messages(count)}: ${last}`,
        subscriber,
        count,
      });
    }
    this.#failed = new Map();
  }

  #reportDrops(): void {
    this.#reportLoss(this.#dropped, "its queue is full");
    this.#reportLoss(this.#expired, "they waited longer than they may");
    this.#dropped = new Map();
    this.#expired = new Map();
  }

  #reportLoss(troubles: ReadonlyMap<string, Trouble>, reason: string): void {
    for (const [subscriber, { count, last }] of troubles) {
      const message = `"${subscriber}" is too slow: ${reason}, ` +
        `${messages(count)} lost for it, the last one on "${last}"`;
      this.#host.log.error(message, { subscriber, count, topic: last });
      this.#host.notify("notice", {
        severity: "error",
        message,
        subscriber,
        count,
      });
    }
  }
}

function count(counts: Map<string, number>, name: string): void {
  const known = counts.get(name);
  if (known !== undefined) counts.set(name, known + 1);
  else if (counts.size < REPORT_NAMES_MAX) counts.set(name, 1);
  else counts.set(OTHER_NAMES, (counts.get(OTHER_NAMES) ?? 0) + 1);
}

function blame(
  troubles: Map<string, Trouble>,
  name: string,
  last: string,
): void {
  const isKnown = troubles.has(name) || troubles.size < REPORT_NAMES_MAX;
  const key = isKnown ? name : OTHER_NAMES;
  const trouble = troubles.get(key);
  if (trouble === undefined) troubles.set(key, { count: 1, last });
  else {
    trouble.count++;
    trouble.last = last;
  }
}

function sum(counts: Iterable<number>): number {
  let total = 0;
  for (const count of counts) total += count;
  return total;
}
