/**
 * Runs that are live on other nodes: what the store says of them, and how
 * something is done to them. Whoever asks leaves a row in the inbox of the node
 * that has the run; that node removes it once it is done.
 *
 * @module
 */
import type { Clock } from "../effects.ts";
import { type RefusalCode, RefusedError, RetryableError } from "../errors.ts";
import type { JsonValue, Store } from "../store/store.ts";
import { timeOfId } from "./ids.ts";
import {
  type AcceptedEntry,
  endOf,
  type Entry,
  type ResumeHow,
} from "./journal.ts";
import { OVER } from "./log.ts";
import {
  adoptedBy,
  holderOf,
  isOnItsOwn,
  type Node,
  type Nodes,
  readNodes,
} from "./nodes.ts";
import { statusOf } from "./machine_pauses.ts";
import { BELLS, CHECKPOINTS, INBOX, LOG, NODES, REFUSALS } from "./places.ts";
import { placesOf } from "./ownership.ts";
import { type Checkpoint, recover } from "./recovery.ts";
import { type RunSummary, summarize } from "./run.ts";
import type { RunView } from "./view.ts";

/** How long another node may take to do what it is asked, in milliseconds. */
export const ASK_MS_MAX = 30_000;

/** The longest wait between looks whether it is done, in milliseconds. */
const LOOK_MS_MAX = 500;

/** How long what is read of the unfinished runs of other nodes serves, in milliseconds. */
const UNFINISHED_MS = 1_000;

/** What is asked of another node. Aliases: an interface does not count as JSON. */
export type Request =
  | {
    readonly kind: "signal";
    readonly run: string;
    readonly name: string;
    readonly data: JsonValue;
  }
  | { readonly kind: "cancel"; readonly run: string; readonly reason: string }
  | {
    readonly kind: "resume";
    readonly run: string;
    readonly how: Exclude<ResumeHow, "auto">;
    /** The step before which it must stand. */
    readonly step?: string;
    readonly with?: JsonValue;
  }
  | {
    readonly kind: "decide";
    readonly run: string;
    readonly step: string;
    readonly token: string;
    readonly decision: {
      readonly approved: boolean;
      readonly comment: string;
      readonly by: string;
    };
  }
  | {
    readonly kind: "start";
    readonly pipeline: string;
    readonly input: JsonValue;
    readonly idempotencyKey: string;
    readonly source?: string | undefined;
    readonly priority?: number | undefined;
    readonly via?: readonly string[] | undefined;
    readonly traceparent?: string | undefined;
  };

/** Why a request was refused, as it stands in the store. */
export type Refusal = {
  readonly code: RefusalCode;
  readonly message: string;
};

/** A run, and a stream that holds some of it. */
export interface FoundElsewhere {
  readonly view: RunView;
  readonly epoch: number;
}

/** What is needed to reach other nodes. */
export interface ElsewhereOptions {
  readonly store: Store;
  readonly clock: Clock;
  /** Whether there may be others. */
  readonly isShared: boolean;
  readonly nextId: () => string;
  /** The epoch of this node; 0 while it is none. */
  readonly own: () => number;
  /** Whether a run is live on this node. */
  readonly isHere: (id: string) => boolean;
  /** A run that is live here, or kept. */
  readonly getHere: (id: string) => Promise<RunView | undefined>;
}

/** See the module comment. */
export class Elsewhere {
  readonly #options: ElsewhereOptions;
  readonly #store: Store;
  readonly #closing = new AbortController();
  /** What was read last of the unfinished runs of others. */
  #unfinished:
    | { readonly runs: Promise<readonly RunSummary[]>; readonly atMs: number }
    | undefined;

  constructor(options: ElsewhereOptions) {
    this.#options = options;
    this.#store = options.store;
  }

  /**
   * Has the node that has a run do something to it. False if the run is here, or
   * nobody has it: it is over, or unknown.
   *
   * @throws {RefusedError} The node refuses.
   * @throws {RetryableError} It has not answered in `ASK_MS_MAX`; it may still do it.
   */
  async does(id: string, request: Request): Promise<boolean> {
    const { isShared, isHere, getHere } = this.#options;
    if (!isShared) return false;
    while (!isHere(id)) {
      // One that is kept is over, and needs no search.
      if (await getHere(id) !== undefined) return false;
      const found = await this.find(id);
      if (found === undefined || found.view.end !== undefined) return false;
      if (await this.#ask(found.epoch, request)) return true;
      await this.pause();
    }
    return false;
  }

  /** Has a node finish a start, or waits a while if it is not there any more. */
  async urge(
    epoch: number,
    request: Extract<Request, { kind: "start" }>,
  ): Promise<void> {
    if (!await this.#ask(epoch, request)) await this.pause();
  }

  /**
   * A run as the streams of all other nodes have it. Reads their logs, each
   * of which is kept short: a look-up, nothing to do often.
   *
   * @throws {RetryableError} The engine stops.
   */
  async find(id: string): Promise<FoundElsewhere | undefined> {
    const { isShared, own } = this.#options;
    if (!isShared || timeOfId(id) === undefined) return undefined;
    const here = own();
    this.#closing.signal.throwIfAborted();
    for (let nodes = await readNodes(this.#store);;) {
      const epochs = [...nodes.keys()].filter((epoch) => epoch !== here);
      const found = await this.#findIn(epochs, id);
      const after = await readNodes(this.#store);
      // It may have moved to a node that was not there yet.
      const isSame = [...after.keys()].every((epoch) => nodes.has(epoch));
      if (found !== undefined || isSame) return found;
      nodes = after;
    }
  }

  /**
   * The runs that are not over on other nodes, as they were at most
   * `UNFINISHED_MS` ago. Reads all that those nodes have not finished.
   */
  async unfinished(): Promise<readonly RunSummary[]> {
    const { isShared, clock } = this.#options;
    if (!isShared) return [];
    const known = this.#unfinished;
    if (known !== undefined && clock.elapsed() - known.atMs < UNFINISHED_MS) {
      return await known.runs;
    }
    const runs = this.#readUnfinished();
    this.#unfinished = { runs, atMs: clock.elapsed() };
    // What failed is not kept for whoever asks next.
    runs.catch(() => this.#unfinished = undefined);
    return await runs;
  }

  async #readUnfinished(): Promise<readonly RunSummary[]> {
    const { own, isHere } = this.#options;
    const nodes = await readNodes(this.#store);
    const streams = [...nodes.values()]
      .filter((node) => isOnItsOwn(node, nodes) && node.epoch !== own())
      .flatMap(({ epoch }) => [...adoptedBy(epoch, nodes), epoch]);
    const { runs } = await recover(this.#store, streams.map(placesOf));
    return runs
      .filter(({ run, isOver }) => !isOver && !isHere(run.id))
      .map(({ run: { id, accepted }, journal }) =>
        summarize(id, accepted, statusOf(journal))
      );
  }

  async #findIn(
    epochs: readonly number[],
    id: string,
  ): Promise<FoundElsewhere | undefined> {
    const lines = new Map<number, string>();
    let found: number | undefined;
    for (const epoch of epochs) {
      // Nobody who closes waits for all of them.
      this.#closing.signal.throwIfAborted();
      const before = lines.size;
      if (await this.#readLog(epoch, id, lines)) return undefined;
      if (lines.size > before) found = epoch;
    }
    // Behind the logs: what leaves a log meanwhile is in a checkpoint by then.
    const rows = await this.#store.getMany(
      epochs.map((epoch) => [...CHECKPOINTS, epoch, id]),
    );
    for (const row of rows) {
      if (row === undefined) continue;
      const { entries } = row.value as unknown as Checkpoint;
      entries.forEach((text, index) => lines.set(index, text));
      found ??= Number(row.key.at(-2));
    }
    const view = viewOfLines(id, lines);
    return view && found !== undefined ? { view, epoch: found } : undefined;
  }

  /** Reads what a log has of a run. Returns whether it says that the run is over. */
  async #readLog(
    epoch: number,
    id: string,
    lines: Map<number, string>,
  ): Promise<boolean> {
    const decoder = new TextDecoder();
    const log = this.#store.list({ prefix: [...LOG, epoch] });
    for await (const { value } of log) {
      if (!(value instanceof Uint8Array)) continue;
      const text = decoder.decode(value);
      if (!text.includes(id)) continue;
      for (const line of text.split("\n")) {
        if (!line.startsWith(`${id} `)) continue;
        const [, place = ""] = line.split(" ", 2);
        // The archive has it by now.
        if (place === OVER) return true;
        const json = line.slice(id.length + place.length + 2);
        lines.set(Number(place), json);
      }
    }
    return false;
  }

  /** Whether a node may still write: it has neither left nor been adopted. */
  async isAtWork(epoch: number | undefined): Promise<boolean> {
    if (epoch === undefined || !this.#options.isShared) return false;
    const nodes = await readNodes(this.#store);
    const node = nodes.get(epoch);
    return node !== undefined && !node.isLeft &&
      node.adoptedBy === undefined;
  }

  /**
   * Has the node that goes on with a stream do something. False if that is nobody,
   * or this node: then whoever asks should look again where the run is.
   */
  async #ask(epoch: number, request: Request): Promise<boolean> {
    const { own, nextId, clock } = this.#options;
    const nodes = await readNodes(this.#store);
    const holder = holderOf(epoch, nodes);
    if (holder === undefined || holder.epoch === own()) return false;
    if (!isReachable(holder, nodes)) return false;
    const id = nextId();
    const key = [...INBOX, holder.epoch, id];
    const { ok } = await this.#store.commit({
      checks: [
        { key: [...NODES, holder.epoch], version: holder.version },
      ],
      sets: [
        { key, value: request as JsonValue },
        { key: [...BELLS, holder.epoch], value: id },
      ],
    });
    if (!ok) return false;
    const untilMs = clock.elapsed() + ASK_MS_MAX;
    for (let waitMs = 10; clock.elapsed() < untilMs;) {
      await this.pause(waitMs);
      waitMs = Math.min(2 * waitMs, LOOK_MS_MAX);
      const [row, refusal] = await this.#store.getMany([
        key,
        [...REFUSALS, id],
      ]);
      if (row !== undefined) continue;
      if (refusal === undefined) return true;
      const { code, message } = refusal.value as Refusal;
      throw new RefusedError(code, message);
    }
    throw new RetryableError(
      `Cannot ${request.kind} on another node: it has not answered in ` +
        `${ASK_MS_MAX} ms, and may still do it`,
    );
  }

  /**
   * Waits until it is worth to look again.
   *
   * @throws {RetryableError} The engine stops.
   */
  pause(ms: number = LOOK_MS_MAX): Promise<void> {
    return this.#options.clock.sleep(ms, this.#closing.signal);
  }

  /** Whoever waits for another node is told that this one stops. */
  close(): void {
    this.#closing.abort(
      new RetryableError(
        "Cannot reach another node: the engine stops; what it was asked it may still do",
      ),
    );
  }
}

function isReachable(holder: Node, nodes: Nodes): boolean {
  return !holder.isLeft && isOnItsOwn(holder, nodes) &&
    holder.adoptedBy === undefined;
}

/** Its journal as far as there is no gap. */
function viewOfLines(
  id: string,
  lines: ReadonlyMap<number, string>,
): RunView | undefined {
  const entries: Entry[] = [];
  for (let text = lines.get(0); text !== undefined;) {
    entries.push(JSON.parse(text) as Entry);
    text = lines.get(entries.length);
  }
  const [accepted] = entries;
  if (accepted?.kind !== "accepted") return undefined;
  const end = endOf(entries);
  const state = end ?? statusOf(entries);
  const summary = summarize(id, accepted as AcceptedEntry, state);
  return { id, summary, entries, end };
}
