/**
 * Announcements that a durable broker has not taken yet. Each is committed with
 * its transition and goes once the broker has it, so a process that dies in
 * between announces again at its next start, or another does: at least once, and
 * for one instance in the order of its transitions.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import { messageOf, RefusedError } from "@engine/errors.ts";
import type { Broker } from "@engine/services/broker.ts";
import { announcement } from "@engine/state/announcement.ts";
import type { IsGone } from "@engine/peers.ts";
import { backoff } from "./_attempts.ts";
import type { Announced, Rows } from "./_rows.ts";

/** See the module comment. */
export class Outbox {
  /** Taken anew by each wiring. */
  broker: Broker | undefined;
  readonly #host: Host;
  readonly #rows: Rows;
  /** What is to be announced of an instance, in order. */
  readonly #lanes = new Map<string, Announced[]>();
  #ending = new AbortController();
  #waiting: (() => void)[] = [];

  constructor(host: Host, rows: Rows) {
    this.#host = host;
    this.#rows = rows;
  }

  /**
   * Takes up what the store holds. As one of several processes, `self`, only what
   * those have left who are gone.
   */
  async takeUp(self?: string, isGone: IsGone = () => true): Promise<void> {
    if (this.#ending.signal.aborted) this.#ending = new AbortController();
    const { signal } = this.#ending;
    for await (const { announced, version } of this.#rows.announced()) {
      if (signal.aborted) return;
      if (self === undefined) this.add(announced);
      else if (isGone(announced.owner)) {
        const own = { ...announced, owner: self };
        const { ok } = await this.#rows.store.commit({
          checks: [{ key: this.#rows.announcedKey(announced), version }],
          sets: [this.#rows.writeAnnounced(own)],
        });
        if (ok) this.add(own);
      }
    }
  }

  /** Announces what may have been committed although the store failed. */
  async look(announced: Announced): Promise<void> {
    const { clock } = this.#host.effects;
    const key = this.#rows.announcedKey(announced);
    for (let attempt = 1;; attempt++) {
      try {
        await clock.sleep(backoff(attempt), this.#ending.signal);
        if (await this.#rows.store.get(key) !== undefined) this.add(announced);
        return;
      } catch {
        // The store still fails; whoever asked it for something has said so.
        if (this.#ending.signal.aborted) return;
      }
    }
  }

  /** Announces what was just committed. */
  add(announced: Announced): void {
    const id = announced.event.instanceId;
    const lane = this.#lanes.get(id);
    if (lane === undefined) {
      this.#lanes.set(id, [announced]);
      void this.#announceAll(id);
    } else if (lane.every((each) => each.sequence !== announced.sequence)) {
      lane.push(announced);
    }
  }

  /** Resolves when nothing is to be announced. */
  idle(): Promise<void> {
    if (this.#lanes.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Announces nothing more: the rest stands in the store. */
  end(): void {
    this.#ending.abort(new Error("The engine stops"));
  }

  async #announceAll(id: string): Promise<void> {
    const lane = this.#lanes.get(id) ?? [];
    const { signal } = this.#ending;
    for (let attempt = 1; lane[0] !== undefined && !signal.aborted;) {
      try {
        await this.#announce(lane[0]);
        lane.shift();
        attempt = 1;
      } catch (error) {
        this.#host.log.error(
          `Cannot announce a transition of "${id}": ${messageOf(error)}`,
          { instance: id, attempt },
        );
        const { clock } = this.#host.effects;
        await clock.sleep(backoff(attempt++), signal).catch(() => {});
      }
    }
    this.#lanes.delete(id);
    if (this.#lanes.size > 0) return;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  async #announce(announced: Announced): Promise<void> {
    const { topics, event: { via = [], ...event } } = announced;
    const { broker } = this;
    if (broker === undefined) {
      throw new Error("The document has no broker any more");
    }
    for (const topic of topics) {
      try {
        await broker.publish(topic, announcement(topic, event), { via });
      } catch (error) {
        // What the broker refuses it will refuse again.
        if (!(error instanceof RefusedError)) throw error;
        this.#host.log.error(`Cannot publish "${topic}": ${messageOf(error)}`, {
          instance: event.instanceId,
        });
      }
    }
    const deletes = [this.#rows.announcedKey(announced)];
    await this.#rows.store.commit({ deletes });
  }
}
