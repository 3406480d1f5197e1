/**
 * The log that the journals of all runs share: one stream of segments under
 * ascending keys. What is appended while a commit is under way goes together
 * into the next one, so that a wait for the disk serves hundreds of runs.
 *
 * A segment is one value of text: a line for each entry, the id of its run in
 * front. A run that ends goes to the archive, whole, in the commit that makes its
 * end durable; the log gets a line that says so, if it has entries of the run.
 *
 * Every commit requires that the row of the node is as the node left it: one
 * whose stream was adopted by another writes nothing more.
 *
 * @module
 */
import type { Clock } from "../effects.ts";
import { messageOf, RetryableError } from "../errors.ts";
import type { Check, Key, Store, Write } from "../store/store.ts";
import { type Ending, keptValues } from "./archive.ts";

/** Characters of a segment; with some that take two bytes it still is one value. */
const SEGMENT_CHARACTERS = 48_000;

/** Characters of what goes into one commit, unless one run alone has more. */
const COMMIT_CHARACTERS_MAX = 300_000;

/** Keys that runs which end may take in one commit. */
const COMMIT_KEYS_MAX = 600;

/** Segments that go along in one commit. */
const COMMIT_DELETES_MAX = 200;

/**
 * From so many appends in one commit on, half of them are answered a turn later:
 * what they lead to is worked out while that of the others is on its way to disk.
 */
const HALVED_MIN = 200;

/** Stands for the number of an entry in the line of a run that is over. */
export const OVER = "over";

/** The most that one append may hold, in characters: 4 Mi. */
export const APPEND_CHARACTERS_MAX = 4 * 1024 * 1024;

/** Turns of the microtask queue without a newcomer before a commit starts. */
const QUIET_TURNS = 24;

/** The waits between attempts at a commit, in milliseconds: doubled up to this. */
const RETRY_MS_MAX = 5_000;

/**
 * The stream belongs to another process by now: nothing was written. Whoever
 * asked may ask again.
 */
export class FencedError extends RetryableError {}

/** One value of the log. It may go once no run needs it. */
export interface Segment {
  readonly key: Key;
  /** How many runs have their first entry, or what follows a checkpoint, here. */
  pins: number;
}

/** What a log needs. */
export interface LogOptions {
  readonly store: Store;
  readonly clock: Clock;
  /** The keys of segments are this and a number. */
  readonly prefix: Key;
  /** Runs that are over go to a key that is this, a second, the epoch and a number. */
  readonly archive: Key;
  readonly epoch: number;
  /** Must hold for every commit. */
  readonly fence: Check;
  /** Told of attempts that failed; the log goes on trying. */
  readonly onError: (message: string) => void;
  /** Told once that the stream belongs to another. */
  readonly onFenced: () => void;
}

interface Waiting {
  /** Lines for a segment; "" if the log needs none. */
  readonly text: string;
  /** The run that ends. */
  readonly ending: Ending | undefined;
  readonly pin: (segment: Segment) => void;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
  /** The segment that the lines went into. */
  segment: Segment | undefined;
}

/** What goes into one commit. */
interface Filled {
  readonly segments: readonly Segment[];
  /** At least one, of which the first tells whether the commit has happened. */
  readonly values: readonly Value[];
  readonly sets: readonly Write[];
  /** Of rows that runs which end do not need any more. */
  readonly deletes: readonly Key[];
  readonly members: readonly Waiting[];
}

type Value = Write & { readonly value: Uint8Array };

/** See the module comment. */
export class RunLog {
  readonly #options: LogOptions;
  #queue: Waiting[] = [];
  /** What is durable and not answered yet. */
  #durable: readonly Waiting[] = [];
  #work: Promise<void> | undefined;
  #next = 1;
  #nextKept = 1;
  #segments: Segment[] = [];
  /** How many of the oldest are on their way out. */
  #taken = 0;
  #ending: "no" | "closed" | "fenced" = "no";
  /** Called when there are more segments than before. */
  onLonger: () => void = () => {};

  constructor(options: LogOptions) {
    this.#options = options;
  }

  /**
   * Segments that other nodes have left, oldest first. They come before all that
   * their runs will write here, and behind what is on its way out.
   */
  adopt(segments: readonly Segment[]): void {
    this.#segments = this.#segments.toSpliced(this.#taken, 0, ...segments);
    this.onLonger();
  }

  /** The stream is found to belong to another: nothing more is written. */
  lose(): void {
    if (this.#ending !== "fenced") this.#lost();
  }

  /** How many segments are kept. */
  get length(): number {
    return this.#segments.length;
  }

  /** The oldest segments, which keep all others from going. */
  oldest(count: number): readonly Segment[] {
    return this.#segments.slice(0, count);
  }

  /**
   * Appends lines, each with its line end. Resolves once they are durable.
   *
   * @param pin Given the segment that holds them, before anybody can take it for
   * one that no run needs.
   * @throws {FencedError} The stream belongs to another process.
   * @throws {RangeError} The text is longer than `APPEND_CHARACTERS_MAX`.
   */
  append(
    text: string,
    pin: (segment: Segment) => void = () => {},
  ): Promise<void> {
    if (text.length > APPEND_CHARACTERS_MAX) {
      return Promise.reject(
        new RangeError(
          `Cannot write the journal: an entry has ${text.length} characters, ` +
            `the limit is ${APPEND_CHARACTERS_MAX} characters`,
        ),
      );
    }
    return this.#add(text, undefined, pin);
  }

  /**
   * Keeps a run that ends. Resolves once it is durable: from then on the archive
   * has it, and the log is not needed for it.
   *
   * @throws {FencedError} The stream belongs to another process.
   */
  end(ending: Ending): Promise<void> {
    const text = ending.isLogged ? `${ending.id} ${OVER}\n` : "";
    return this.#add(text, ending, NOTHING);
  }

  #add(
    text: string,
    ending: Ending | undefined,
    pin: (segment: Segment) => void,
  ): Promise<void> {
    if (this.#ending === "fenced") return Promise.reject(fenced());
    if (this.#ending === "closed") {
      return Promise.reject(
        new Error("Cannot write the journal: it is closed"),
      );
    }
    return new Promise((resolve, reject) => {
      const segment = undefined;
      this.#queue.push({ text, ending, pin, resolve, reject, segment });
      this.#work ??= this.#writeAll();
    });
  }

  /**
   * The keys of the oldest segments, if nobody needs them any more. None until it
   * is said with `removed` what became of those that were taken before: segments
   * must go in their order, since a run whose beginning is there must be whole.
   */
  takeUnpinned(most: number): readonly Key[] {
    if (this.#taken > 0) return [];
    // The newest may still be waited for by those that will pin it.
    const end = Math.min(most, this.#segments.length - 1);
    while (this.#taken < end && this.#segments[this.#taken]?.pins === 0) {
      this.#taken++;
    }
    return this.#segments.slice(0, this.#taken).map(({ key }) => key);
  }

  /** Says whether what was taken last is gone from the store. */
  removed(areGone: boolean): void {
    if (areGone) this.#segments.splice(0, this.#taken);
    this.#taken = 0;
  }

  /** Writes what waits and takes nothing more. */
  async close(): Promise<void> {
    if (this.#ending === "no") this.#ending = "closed";
    await this.#work;
    this.#answer();
  }

  async #writeAll(): Promise<void> {
    while (this.#queue.length > 0 && this.#ending !== "fenced") {
      await this.#quiet();
      await this.#write(this.#fill());
    }
    this.#work = undefined;
  }

  async #quiet(): Promise<void> {
    let length = this.#queue.length;
    for (let turn = 0; turn < QUIET_TURNS; turn++) {
      await undefined;
      if (this.#queue.length > length) turn = 0;
      length = this.#queue.length;
    }
  }

  /** Takes from the queue what fits one commit. */
  #fill(): Filled {
    const { prefix, archive, epoch } = this.#options;
    const segments: Segment[] = [];
    const values: Value[] = [];
    const endings: Ending[] = [];
    const sets: Write[] = [];
    const deletes: Key[] = [];
    let text = "";
    let segment: Segment | undefined;
    let characters = 0;
    let keys = 0;
    let taken = 0;
    const end = () => {
      if (segment === undefined) return;
      segments.push(segment);
      values.push({ key: segment.key, value: encoder.encode(text) });
      segment = undefined;
      text = "";
    };
    for (const waiting of this.#queue) {
      const { ending } = waiting;
      let { length } = waiting.text;
      if (ending !== undefined) {
        for (const entry of ending.entries) length += entry.length;
        keys += 1 + ending.sets.length + ending.deletes.length;
      }
      characters += length;
      const isFull = characters > COMMIT_CHARACTERS_MAX ||
        keys > COMMIT_KEYS_MAX;
      if (taken > 0 && isFull) break;
      taken++;
      if (ending !== undefined) {
        endings.push(ending);
        sets.push(...ending.sets);
        deletes.push(...ending.deletes);
      }
      if (waiting.text === "") continue;
      if (text.length + waiting.text.length > SEGMENT_CHARACTERS) end();
      segment ??= { key: [...prefix, this.#next++], pins: 0 };
      waiting.segment = segment;
      text += waiting.text;
    }
    end();
    values.push(...keptValues(
      endings,
      (second) => [...archive, second, epoch, this.#nextKept++],
      this.#options.store.limits.valueBytes,
    ));
    const members = this.#queue.slice(0, taken);
    this.#queue = this.#queue.slice(taken);
    return { segments, values, sets, deletes, members };
  }

  async #write(filled: Filled): Promise<void> {
    const { store, fence, clock, onError } = this.#options;
    const { values: [proof] } = filled;
    if (proof === undefined) return;
    const unneeded = this.takeUnpinned(COMMIT_DELETES_MAX);
    const batch = {
      checks: [fence, { key: proof.key, version: undefined }],
      sets: [...filled.values, ...filled.sets],
      deletes: [...filled.deletes, ...unneeded],
    };
    const settle = (isDone: boolean) => {
      if (unneeded.length > 0) this.removed(isDone);
    };
    for (let waitMs = 50;; waitMs = Math.min(2 * waitMs, RETRY_MS_MAX)) {
      try {
        const { ok } = await store.commit(batch);
        const isDone = ok || await this.#isWritten(proof);
        settle(isDone);
        return isDone ? this.#written(filled) : this.#lost(filled);
      } catch (error) {
        if (error instanceof RangeError || error instanceof TypeError) {
          settle(false);
          return this.#giveUp(filled, error);
        }
        // A try that seems to have failed may have written: the next one, which
        // requires that the key is free, finds that out.
        onError(`Cannot write the journal: ${messageOf(error)}`);
        if (this.#ending === "closed") {
          settle(false);
          return this.#giveUp(filled, error);
        }
        await clock.sleep(waitMs);
      }
    }
  }

  /** Whether a conflict is with an earlier try of this very commit. */
  async #isWritten({ key, value }: Value): Promise<boolean> {
    const entry = await this.#options.store.get(key);
    return entry?.value instanceof Uint8Array &&
      entry.value.length === value.length &&
      entry.value.every((byte, index) => byte === value[index]);
  }

  #written({ segments, members }: Filled): void {
    // Several appends of one run are answered in their order.
    this.#answer();
    this.#segments.push(...segments);
    for (const { segment, pin } of members) {
      if (segment !== undefined) pin(segment);
    }
    this.onLonger();
    const { length } = members;
    const half = length < HALVED_MIN ? length : length >> 1;
    for (let i = 0; i < half; i++) members[i]?.resolve();
    if (half === length) return;
    this.#durable = members.slice(half);
    void this.#options.clock.turn().then(() => this.#answer());
  }

  #answer(): void {
    const durable = this.#durable;
    this.#durable = [];
    for (const { resolve } of durable) resolve();
  }

  #lost(filled?: Filled): void {
    const isNews = this.#ending !== "fenced";
    this.#ending = "fenced";
    this.#giveUp(filled, fenced());
    if (isNews) this.#options.onFenced();
  }

  /** What waits goes as well: a journal must have no gap. */
  #giveUp(filled: Filled | undefined, error: unknown): void {
    this.#answer();
    for (const member of filled?.members ?? []) member.reject(error);
    for (const waiting of this.#queue) waiting.reject(error);
    this.#queue = [];
  }
}

const encoder = new TextEncoder();

function NOTHING(): void {}

function fenced(): FencedError {
  return new FencedError(
    "Cannot write the journal: another process has taken it over",
  );
}
