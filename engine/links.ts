/**
 * Leads events from one document to another. An event is in the store before it
 * counts as taken, and stays there until its target has accepted it: at least
 * once, with an idempotency key, also across restarts of either document.
 *
 * Of several processes over one store, one delivers what waits for a target,
 * whoever took it; when it is gone, another does.
 *
 * @module
 */
import type { Link } from "./config/links.ts";
import { declaredWorkflows } from "./config/names.ts";
import { fingerprint } from "./fingerprint.ts";
import { messageOf } from "./errors.ts";
import { type IsGone, Peers } from "./peers.ts";
import type { Application } from "./lifecycle.ts";
import type { Surroundings } from "./surroundings.ts";
import type { LogFields } from "./log.ts";
import { Courier, DELIVERIES_MAX } from "./links/courier.ts";
import { burialOf, onReplay, trim } from "./links/dead_letters.ts";
import { brokersOf, deliver } from "./links/deliver.ts";
import { linkFaults } from "./links/link_faults.ts";
import { Outbox, type Parcel } from "./links/outbox.ts";
import { documentOf, type Workflows } from "./links/resolve.ts";
import { type Taken, tap } from "./links/tap.ts";
import type { Plan } from "./plan.ts";
import { LINK_MARK } from "./services/broker.ts";

/** How many links one event may come through, one after the other. */
export const LINK_DEPTH_MAX = 16;

/** How long a router that stops waits for deliveries, in milliseconds. */
const STOP_GRACE_MS = 5_000;

/** The wait before an event is kept after all, in milliseconds; it doubles. */
const KEEP_WAIT_MS = 100;

/** The longest of these waits, in milliseconds. */
const KEEP_WAIT_MAX_MS = 10_000;

const UNRESOLVED = { code: "unresolved-reference" };

/** What is known of one document. */
interface Known {
  readonly plan: Plan;
  readonly workflows: Workflows;
}

/** What a router needs of its engine. */
export interface LinkRouterParts {
  readonly around: Omit<Surroundings, "attach">;
  /** The application of a document, if it was started. */
  readonly application: (id: string) => Application | undefined;
}

/** See the module comment. */
export class LinkRouter {
  readonly #parts: LinkRouterParts;
  readonly #outbox: Outbox;
  readonly #known = new Map<string, Known>();
  /** The applications that are wired, and what takes their taps back. */
  readonly #taps = new Map<Application, () => void>();
  readonly #couriers = new Map<string, Courier>();
  /** Said once, until it is no longer so. */
  readonly #told = new Set<string>();
  /** What the documents say together. */
  #links: readonly Link[] = [];
  #documents: ReadonlyMap<string, Workflows> = new Map();
  readonly #ending = new AbortController();
  /** The other processes; absent where there are none. */
  readonly #peers: Peers | undefined;
  /** Who is gone, as of the last look. */
  #isGone: IsGone = (peer) => peer === undefined;
  #isOpen = false;

  constructor(parts: LinkRouterParts) {
    this.#parts = parts;
    const { store, effects, log, isShared = false } = parts.around;
    this.#outbox = new Outbox(store, effects, isShared);
    this.#peers = isShared
      ? new Peers(
        { store, effects, log, place: ["link-peer"] },
        (isGone) => this.#lookAround(isGone),
      )
      : undefined;
  }

  /** Notes what a document says from now on; its links hold at once. */
  define(plan: Plan): void {
    const before = this.#known.get(plan.id)?.plan.links ?? [];
    this.#known.set(plan.id, { plan, workflows: declaredWorkflows(plan) });
    const known = [...this.#known];
    this.#links = known.flatMap(([, { plan }]) => plan.links);
    this.#documents = new Map(
      known.map(([id, { workflows }]) => [id, workflows]),
    );
    if (before.length + plan.links.length === 0) return;
    for (const application of this.#taps.keys()) this.#tap(application);
  }

  /** Takes what links ask of an application, until the result is called. */
  attach(application: Application): () => void {
    this.#tap(application);
    const forget = onReplay(application, {
      take: (parcel, mark) => this.#outbox.take(parcel, mark),
      wake: (target) => this.#wake(target),
    });
    return () => {
      forget();
      this.#taps.get(application)?.();
      this.#taps.delete(application);
    };
  }

  /** Says which names mean nothing, and delivers what waits, now and from now on. */
  async open(): Promise<void> {
    this.#isOpen = true;
    const faults = this.#links.flatMap((link) =>
      linkFaults(link, this.#documents, (id) => this.#hasBroker(id))
    );
    for (const fault of faults) this.#tell(fault, UNRESOLVED);
    if (this.#peers !== undefined) {
      await this.#peers.begin();
      void this.#listen();
    } else {
      for (const target of await this.#outbox.targets()) this.#wake(target);
    }
  }

  /** Delivers what nobody does who is not gone. */
  async #lookAround(isGone: IsGone): Promise<void> {
    this.#isGone = isGone;
    for (const target of await this.#outbox.targets()) {
      await this.#wakeMine(target);
    }
  }

  /** Delivers as soon as another process has taken something. */
  async #listen(): Promise<void> {
    const { signal } = this.#ending;
    try {
      for await (const _ of this.#outbox.taken(signal)) {
        for (const courier of this.#couriers.values()) courier.wake();
      }
    } catch (error) {
      if (signal.aborted) return;
      this.#parts.around.log.error(
        `Cannot hear of the events of other processes at once: ${
          messageOf(error)
        }`,
      );
    }
  }

  /**
   * Ends after the deliveries under way, or after `STOP_GRACE_MS`: one that was
   * not seen to end comes again at the next start. What waits stays in the store.
   */
  async stop(): Promise<void> {
    this.#isOpen = false;
    this.#ending.abort(new Error("The engine stops"));
    const couriers = [...this.#couriers.values()];
    this.#couriers.clear();
    const { clock } = this.#parts.around.effects;
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const cancel = clock.after(STOP_GRACE_MS, resolve);
    const ended = Promise.all(couriers.map((courier) => courier.stop()));
    await Promise.race([ended, late]).finally(cancel);
    await this.#peers?.end().catch((error) =>
      this.#parts.around.log.warn(
        `Cannot leave links to other processes: ${messageOf(error)}`,
      )
    );
  }

  #tap(application: Application): void {
    this.#taps.get(application)?.();
    const links = this.#links.filter(({ source }) =>
      documentOf(source, this.#documents) === application.id
    );
    this.#taps.set(
      application,
      links.length === 0 ? () => {} : tap(
        application,
        links,
        (taken, signal) => this.#take(taken, application.id, signal),
      ),
    );
  }

  async #take(
    { link, topic, payload, via, key }: Taken,
    source: string,
    signal?: AbortSignal,
  ): Promise<void> {
    const passed = via.filter((entry) => entry.startsWith(LINK_MARK));
    if (passed.includes(`${LINK_MARK}${link.id}`)) {
      return this.#tell(
        `The link "${link.id}" leads back to itself: it is not followed twice`,
      );
    }
    if (passed.length >= LINK_DEPTH_MAX) {
      return this.#tell(
        `The link "${link.id}" is not followed: an event goes through at most ${LINK_DEPTH_MAX} links`,
      );
    }
    await this.#keep({
      link: link.id,
      target: link.target,
      ...(link.action === undefined ? {} : { action: link.action }),
      source,
      topic,
      payload,
      via,
      idempotencyKey: keyOf([link.id, source, key]),
      takenAt: this.#parts.around.effects.clock.now(),
      failures: 0,
    }, signal);
    this.#wake(link.target);
  }

  /**
   * Tries until the store has it: the source cannot take the event back. Those
   * behind it wait meanwhile, and in the end whoever publishes them.
   */
  async #keep(parcel: Parcel, signal?: AbortSignal): Promise<void> {
    const { effects: { clock }, log } = this.#parts.around;
    const either = AbortSignal.any([
      this.#ending.signal,
      ...signal === undefined ? [] : [signal],
    ]);
    for (let attempt = 0;; attempt++) {
      try {
        return await this.#outbox.take(parcel);
      } catch (error) {
        if (attempt === 0) {
          const { source, topic, target } = parcel;
          log.error(
            `"${topic}" of "${source}" has to wait before it is kept for ` +
              `"${target}": ${messageOf(error)}`,
            { link: parcel.link, topic },
          );
        }
        const waitMs = Math.min(KEEP_WAIT_MS * 2 ** attempt, KEEP_WAIT_MAX_MS);
        await clock.sleep(waitMs, either);
      }
    }
  }

  /** Something may wait for a target. */
  #wake(target: string): void {
    // Whether it still is this one's is looked at with the signs of life.
    const isMine = this.#peers === undefined || this.#couriers.has(target);
    if (isMine) return this.#wakeCourier(target);
    this.#wakeMine(target).catch((error) =>
      this.#parts.around.log.error(
        `Cannot deliver to "${target}" for now: ${messageOf(error)}`,
      )
    );
  }

  /** Delivers to a target, unless it is for another process to do so. */
  async #wakeMine(target: string): Promise<void> {
    const { self } = this.#peers ?? {};
    const isMine = self !== undefined && this.#isOpen &&
      await this.#outbox.claim(target, self, this.#isGone);
    if (isMine) this.#wakeCourier(target);
    else await this.#drop(target);
  }

  /** Another process delivers by now. */
  async #drop(target: string): Promise<void> {
    const courier = this.#couriers.get(target);
    this.#couriers.delete(target);
    await courier?.stop();
  }

  #wakeCourier(target: string): void {
    if (!this.#isOpen) return;
    let courier = this.#couriers.get(target);
    if (courier === undefined) {
      courier = this.#courierFor(target);
      this.#couriers.set(target, courier);
    }
    courier.wake();
  }

  #courierFor(target: string): Courier {
    const { effects, log } = this.#parts.around;
    return new Courier(target, {
      outbox: this.#outbox,
      clock: effects.clock,
      isRunning: () => this.#isRunning(target),
      deliver: (parcel) => this.#deliver(parcel),
      burial: (parcel, error) =>
        burialOf(parcel, this.#running(parcel), {
          ...{ error, at: effects.clock.now() },
        }),
      gaveUp: (parcel, error) => this.#gaveUp(parcel, error),
      failed: (error) =>
        log.error(`Cannot deliver to "${target}" for now: ${error}`),
    });
  }

  #applicationOf(
    { target, action }: Pick<Parcel, "target" | "action">,
  ): Application | undefined {
    const id = documentOf(target, this.#documents, action);
    const application = id === undefined
      ? undefined
      : this.#parts.application(id);
    return application?.phase === "running" ? application : undefined;
  }

  #isRunning(target: string): boolean {
    const isRunning = this.#linksTo(target).some((link) =>
      this.#applicationOf(link) !== undefined
    );
    const message = `"${target}" is not running: events for it are kept`;
    if (isRunning) this.#told.delete(message);
    else if (this.#isOpen && this.#outbox.count(target) > 0) {
      this.#tell(message);
    }
    return isRunning;
  }

  /** What was taken by a link that is gone by now still goes to its target. */
  #linksTo(target: string): readonly Pick<Link, "target" | "action">[] {
    const links = this.#links.filter((link) => link.target === target);
    return links.length > 0 ? links : [{ target }];
  }

  /** @throws {Error} if the target does not run. */
  #running(parcel: Parcel): Application {
    const application = this.#applicationOf(parcel);
    if (application !== undefined) return application;
    throw new Error(`"${parcel.target}" is not running`);
  }

  async #deliver(parcel: Parcel): Promise<void> {
    const application = this.#running(parcel);
    const workflows = this.#known.get(application.id)?.workflows ?? new Map();
    await deliver(parcel, application, workflows);
  }

  async #gaveUp(parcel: Parcel, error: string): Promise<void> {
    const { link, topic, target, failures } = parcel;
    const message = `The link "${link}" gives "${topic}" for "${target}" up ` +
      `after ${failures + 1} of ${DELIVERIES_MAX} deliveries: ${error}`;
    this.#parts.around.log.error(message, { link, topic });
    this.#notice(message, "error");
    await trim(parcel, this.#running(parcel));
  }

  /** Whether what is published to a document has somewhere to go. */
  #hasBroker(id: string): boolean {
    const plan = this.#known.get(id)?.plan;
    return plan !== undefined && brokersOf(plan).size > 0;
  }

  /** Says something once. */
  #tell(message: string, fields: LogFields = {}): void {
    if (this.#told.has(message)) return;
    this.#told.add(message);
    this.#parts.around.log.warn(message, fields);
    this.#notice(message, "warning");
  }

  #notice(message: string, severity: "warning" | "error"): void {
    const application = "(links)";
    this.#parts.around.events.emit("notice", {
      application,
      message,
      severity,
    });
  }
}

/** Short, whatever the parts; two digests make it unlikely enough that two agree. */
function keyOf(parts: readonly string[]): string {
  return `link/${fingerprint([1, ...parts])}${fingerprint([2, ...parts])}`;
}
