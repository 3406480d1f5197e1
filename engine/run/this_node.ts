/**
 * This process as a node of an application: joins the others, goes on with the
 * runs of those that are gone, and begins again if it was taken for gone itself.
 *
 * @module
 */
import type { Host } from "../define.ts";
import type { Effects } from "../effects.ts";
import { messageOf, RetryableError } from "../errors.ts";
import type { Store } from "../store/store.ts";
import type { Archive } from "./archive.ts";
import type { Request } from "./elsewhere.ts";
import type { RunExecutor } from "./executor.ts";
import { Inbox } from "./inbox.ts";
import type { Entry } from "./journal.ts";
import { Neighbours } from "./neighbours.ts";
import { join, leave, type Membership } from "./nodes.ts";
import { type Ownership, ownershipOf, placesOf } from "./ownership.ts";
import { recover } from "./recovery.ts";
import type { Run } from "./run.ts";

/** The wait until a process tries again to become a node, in milliseconds. */
const AGAIN_MS = 1_000;

/** Why a run cannot be reached. */
export const REPLACED = "another process has taken the runs of this one over";

/** What a node works with. */
export type Own = Ownership & {
  readonly executor: RunExecutor;
  readonly inbox: Inbox;
  readonly neighbours: Neighbours;
};

/** What a node is made of. */
export interface ThisNodeOptions {
  readonly store: Store;
  readonly effects: Effects;
  readonly host: Host;
  readonly segmentsMax?: number;
  readonly isShared?: boolean | undefined;
  /** The runs that are not over. */
  readonly live: Map<string, Run>;
  readonly executor: (own: Ownership) => RunExecutor;
  /** Puts a run under its program. */
  readonly compile: (run: Run, journal: readonly Entry[]) => Promise<void>;
  /** Does what another node asks. */
  readonly act: (request: Request, id: string) => Promise<void>;
}

/** See the module comment. */
export class ThisNode {
  readonly #options: ThisNodeOptions;
  /** This process as a node, from when it has read what it goes on with. */
  #own: Own | undefined;
  /** The same from a little earlier: when it became one. */
  #joined: Own | undefined;
  /** Of the last node that this process was: whoever may write, all may read. */
  #archive: Archive | undefined;
  #resumed: readonly Run[] = [];
  #hasBegun = false;
  #isClosed = false;
  #isFenced = false;

  constructor(options: ThisNodeOptions) {
    this.#options = options;
  }

  /** The node, from when it has read what it goes on with; `undefined` while there is none. */
  get own(): Own | undefined {
    return this.#own;
  }

  /** Reads what is kept, also while there is no node; `undefined` before the first. */
  get archive(): Archive | undefined {
    return this.#archive;
  }

  /** Becomes a node, unless it is one or was replaced. */
  async open(): Promise<void> {
    if (this.#joined === undefined && !this.#isFenced) await this.#join();
  }

  async #join(): Promise<void> {
    const { store, effects: { clock }, host, isShared = false } = this.#options;
    const id = this.#options.effects.ids.next();
    const node = await join(store, { id, at: clock.now(), isShared });
    const own = this.#ownOf(node);
    this.#joined = own;
    this.#archive = own.archive;
    // Before the reading, which may take long.
    if (isShared) own.neighbours.start();
    try {
      await own.neighbours.look();
    } catch (error) {
      this.#leaveOff(own, "The runs cannot be read");
      throw error;
    }
    if (this.#joined !== own) {
      throw new RetryableError("Another process has taken the runs over");
    }
    if (this.#isClosed) return this.#leaveOff(own, "The engine stops");
    // Only now: what starts earlier would be found by the recovery as well.
    this.#own = own;
    this.#isFenced = false;
    if (isShared) own.neighbours.follow();
    if (this.#hasBegun) this.begin();
    host.log.debug(`Node ${node.epoch} of this application is at work`);
  }

  #ownOf(node: Membership): Own {
    const { store, effects, host, isShared = false } = this.#options;
    const onError = (message: string) => {
      // What fails to one that was replaced is nobody's trouble.
      if (this.#joined === own) host.log.error(message);
    };
    const onFenced = () => this.#fenced(own);
    const ownership = ownershipOf(node, {
      ...{ store, effects, live: this.#options.live, onFenced },
      segmentsMax: this.#options.segmentsMax,
      onError: (message) => host.log.error(message),
    });
    const inbox = new Inbox({
      ...{ store, node, onError },
      act: async (request, { id, stream }) => {
        // Nobody begins it in the name of a node that is gone: whoever asked
        // sees that, and takes the key over.
        if (request.kind === "start" && stream !== node.epoch) return;
        await this.#options.act(request, id);
      },
    });
    const own: Own = {
      ...ownership,
      inbox,
      executor: this.#options.executor(ownership),
      neighbours: new Neighbours({
        ...{ store, clock: effects.clock, node, isShared, onError, onFenced },
        takeIn: (streams) => this.#takeIn(own, streams),
        onBell: (streams) => {
          if (this.#own === own) void inbox.look(streams);
        },
        onAdopted: (epoch) =>
          host.log.debug(`Node ${node.epoch} goes on with node ${epoch}`),
      }),
    };
    return own;
  }

  /** Goes on with the runs of streams that are this node's by now. */
  async #takeIn(own: Own, streams: readonly number[]): Promise<void> {
    const { store } = this.#options;
    const { runs, segments } = await recover(store, streams.map(placesOf));
    // A checkpoint may be older than the end of its run.
    const mayBeOver = runs.filter(({ run }) => run.checkpointed > 0);
    const kept = await own.archive.known(mayBeOver.map(({ run }) => run.id));
    const resumed: Run[] = [];
    const left: Run[] = [];
    for (const { run, journal, isOver } of runs) {
      if (isOver || kept.has(run.id)) {
        own.checkpoints.release(run);
        left.push(run);
      } else {
        await this.#options.compile(run, journal);
        resumed.push(run);
      }
    }
    // Whoever was replaced meanwhile has nothing to go on with.
    if (this.#joined !== own) return;
    own.log.adopt(segments);
    for (const run of resumed) this.#options.live.set(run.id, run);
    if (this.#own === own) {
      for (const run of resumed) {
        own.executor.resume(run);
      }
    } else this.#resumed = [...this.#resumed, ...resumed];
    own.checkpoints.leave(left);
  }

  /** Lets the runs that were found go on. */
  begin(): void {
    this.#hasBegun = true;
    const own = this.#own;
    if (own === undefined) return;
    const resumed = this.#resumed;
    this.#resumed = [];
    for (const run of resumed) own.executor.resume(run);
    void own.inbox.look(own.neighbours.streams);
  }

  /** Lets what is under way finish for `graceMs`, and writes down what came of it. */
  async close(graceMs: number): Promise<void> {
    this.#isClosed = true;
    const own = this.#own;
    if (own === undefined) return;
    const { effects: { clock }, store } = this.#options;
    const pause = new AbortController();
    await Promise.race([
      own.executor.drain(),
      clock.sleep(graceMs, pause.signal).catch(() => {}),
    ]);
    pause.abort();
    own.executor.close();
    this.#interruptAll(own, "The engine stops");
    own.checkpoints.close();
    own.inbox.close();
    await own.log.close();
    own.neighbours.close();
    // One that was replaced while it closed has nothing to leave.
    const isOurs = this.#own === own;
    this.#own = undefined;
    this.#joined = undefined;
    this.#archive = undefined;
    this.#options.live.clear();
    if (isOurs) {
      await leave(store, own.node).catch((error) =>
        this.#options.host.log.warn(
          `Cannot tell other nodes that this one stops: ${messageOf(error)}`,
        )
      );
    }
  }

  /**
   * Another node has adopted the stream of this one, which must not do anything
   * more. Beside others it begins again, as a new one; else it must not, or two
   * would replace each other for ever.
   */
  #fenced(own: Own): void {
    if (this.#joined !== own) return;
    const { host, isShared } = this.#options;
    this.#isFenced = true;
    const wasAtWork = this.#own === own;
    this.#leaveOff(own, "Another process has taken the runs over");
    if (!isShared) {
      return host.log.error(
        "Another process has taken the runs of this application over: " +
          "this one starts none any more",
      );
    }
    host.log.warn(
      `Node ${own.node.epoch} was taken for dead, and another goes on with ` +
        "its runs: this process begins again as a new node",
    );
    if (wasAtWork && !this.#isClosed) void this.#joinAgain();
  }

  async #joinAgain(): Promise<void> {
    const { effects: { clock }, host } = this.#options;
    while (!this.#isClosed && this.#joined === undefined) {
      try {
        await this.#join();
      } catch (error) {
        host.log.error(`Cannot become a node: ${messageOf(error)}`);
        await clock.sleep(AGAIN_MS);
      }
    }
  }

  /** Drops everything that a node has. */
  #leaveOff(own: Own, reason: string): void {
    own.executor.close();
    own.checkpoints.close();
    own.neighbours.close();
    own.inbox.close();
    this.#interruptAll(own, reason);
    this.#own = undefined;
    this.#joined = undefined;
    this.#resumed = [];
    this.#options.live.clear();
    own.log.lose();
  }

  #interruptAll({ executor }: Own, reason: string): void {
    for (const run of this.#options.live.values()) {
      executor.interrupt(run, reason);
      // Whoever waits for what will not come is told so.
      run.tellWatchers();
    }
  }

  /** @throws {RetryableError} There is none now: it has not begun, or was replaced. */
  owned(): Own {
    if (this.#own !== undefined) return this.#own;
    throw new RetryableError(
      this.#isFenced
        ? `Cannot reach the runs: ${REPLACED}`
        : "The runs of this application are not open",
    );
  }
}
