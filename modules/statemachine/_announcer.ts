/**
 * Tells the world what was committed: the broker, those who watch, trackers and
 * metrics. All of it comes after the commit and cannot take it back, so whoever
 * fails to listen is logged and passed over.
 *
 * @module
 */
import type { Host, JsonObject } from "@engine/define.ts";
import { messageOf } from "@engine/errors.ts";
import {
  type Broker,
  MACHINE_MARK,
  type PublishOptions,
} from "@engine/services/broker.ts";
import type {
  HistoryEntry,
  MachineInstance,
} from "@engine/services/state_machines.ts";
import { announcement } from "@engine/state/announcement.ts";
import { ActiveCount } from "./_active_count.ts";
import { Outbox } from "./_outbox.ts";
import type { Announced, Rows } from "./_rows.ts";

/** Called after each commit. */
export type Listener = (instance: MachineInstance, entry: HistoryEntry) => void;

/** A change of one instance that is committed. */
export interface Change {
  /** Absent for a new instance. */
  readonly before: MachineInstance | undefined;
  readonly after: MachineInstance;
  readonly entry: HistoryEntry;
  readonly topics: readonly string[];
  /** The links and lifecycle events that led to it. */
  readonly via: readonly string[];
  /** Its announcement, if it stands in the store. */
  readonly announced: Announced | undefined;
}

/** See the module comment. */
export class Announcer {
  readonly #host: Host;
  readonly active: ActiveCount;
  readonly outbox: Outbox;
  #broker: Broker | undefined;
  #listeners: readonly Listener[] = [];
  #publishing = 0;
  #waiting: (() => void)[] = [];

  constructor(host: Host, rows: Rows) {
    this.#host = host;
    this.active = new ActiveCount(host);
    this.outbox = new Outbox(host, rows);
  }

  /** Where transitions are announced; taken anew by each wiring. */
  get broker(): Broker | undefined {
    return this.#broker;
  }

  set broker(broker: Broker | undefined) {
    this.#broker = broker;
    this.outbox.broker = broker;
  }

  /** The mark of this engine in what it announces. */
  get mark(): string {
    const { application, name } = this.#host;
    return `${MACHINE_MARK}${application}/${name}`;
  }

  listen(listener: Listener): () => void {
    this.#listeners = [...this.#listeners, listener];
    return () =>
      this.#listeners = this.#listeners.filter((other) => other !== listener);
  }

  announce(change: Change): void {
    if (this.#host.meter.isExact) this.#measure(change);
    for (const listener of this.#listeners) this.#tell(listener, change);
    const { after, entry } = change;
    if (entry.transition === null) return;
    this.#host.notify("transition", {
      message:
        `${after.definition} "${after.id}": ${entry.fromState} → ${entry.toState}`,
      definition: after.definition,
      instance: after.id,
      transition: entry.transition,
      fromState: entry.fromState,
      toState: entry.toState,
    });
    if (change.announced !== undefined) this.outbox.add(change.announced);
    else if (this.broker !== undefined) this.#publish(this.broker, change);
  }

  /** Resolves when the broker has taken everything. */
  async published(): Promise<void> {
    await this.outbox.idle();
    if (this.#publishing === 0) return;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #measure({ before, after }: Change): void {
    try {
      this.active.changed(before, after);
    } catch (error) {
      this.#host.log.error(
        `Cannot measure a transition: ${messageOf(error)}`,
        { instance: after.id },
      );
    }
  }

  #tell(listener: Listener, { after, entry }: Change): void {
    try {
      listener(after, entry);
    } catch (error) {
      this.#host.log.error("A listener to transitions failed", {
        instance: after.id,
        error: messageOf(error),
      });
    }
  }

  #publish(broker: Broker, { after, entry, topics, via }: Change): void {
    const transition = {
      definition: after.definition,
      instanceId: after.id,
      transition: entry.transition ?? "",
      fromState: entry.fromState ?? "",
      toState: entry.toState,
      data: after.data,
      at: entry.at,
    };
    const options = { via: [...via, this.mark] };
    for (const topic of topics) {
      const payload = announcement(topic, transition);
      void this.#send(broker, topic, payload, options);
    }
  }

  async #send(
    broker: Broker,
    topic: string,
    payload: JsonObject,
    options: PublishOptions,
  ): Promise<void> {
    this.#publishing++;
    try {
      await broker.publish(topic, payload, options);
    } catch (error) {
      const fields = { instance: payload.id };
      this.#host.log.error(
        `Cannot publish "${topic}": ${messageOf(error)}`,
        fields,
      );
    } finally {
      this.#published();
    }
  }

  #published(): void {
    if (--this.#publishing > 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
