/**
 * The log that the journals of all runs share: one stream of segments under
 * ascending keys. What is appended while a commit is under way goes together
 * into the next one, so that a wait for the disk serves hundreds of runs.
 *
 * A segment is one value of text: a line for each entry, the id of its run in
 * front. Every commit requires that the row of the node is as the node left it:
 * one whose stream was adopted by another writes nothing more.
 *
 * @module
 */
import type { Clock } from "../effects.ts";
import { messageOf, RetryableError } from "../errors.ts";
import type { Check, Key, Store, Write } from "../store/store.ts";

/** Characters of a segment; with some that take two bytes it still is one value. */
const SEGMENT_CHARACTERS = 48_000;

/** Characters of what goes into one commit. */
const COMMIT_CHARACTERS_MAX = 300_000;

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
  /** Must hold for every commit. */
  readonly fence: Check;
  /** Told of attempts that failed; the log goes on trying. */
  readonly onError: (message: string) => void;
  /** Told once that the stream belongs to another. */
  readonly onFenced: () => void;
}

interface Waiting {
  readonly text: string;
  readonly resolve: (segment: Segment) => void;
  readonly reject: (error: unknown) => void;
}

/** Several appends that go into one value. */
interface Filled {
  readonly segment: Segment;
  readonly text: string;
  readonly members: readonly Waiting[];
}

/** See the module comment. */
export class RunLog {
  readonly #options: LogOptions;
  #queue: Waiting[] = [];
  #work: Promise<void> | undefined;
  #next = 1;
  #segments: Segment[] = [];
  /** How many of the oldest are on their way out. */
  #taken = 0;
  #ending: "no" | "closed" | "fenced" = "no";
  readonly #encoder = new TextEncoder();
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
    if (this.#ending !== "fenced") this.#lost([]);
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
   * Appends lines, each with its line end. Resolves once they are durable, with
   * the segment that holds them.
   *
   * @param pin Called before anybody can take the segment for one that no run needs.
   * @throws {FencedError} The stream belongs to another process.
   * @throws {RangeError} The text is longer than `APPEND_CHARACTERS_MAX`.
   */
  append(
    text: string,
    pin: (segment: Segment) => void = () => {},
  ): Promise<Segment> {
    if (this.#ending === "fenced") return Promise.reject(fenced());
    if (this.#ending === "closed") {
      return Promise.reject(
        new Error("Cannot write the journal: it is closed"),
      );
    }
    if (text.length > APPEND_CHARACTERS_MAX) {
      return Promise.reject(
        new RangeError(
          `Cannot write the journal: an entry has ${text.length} characters, ` +
            `the limit is ${APPEND_CHARACTERS_MAX} characters`,
        ),
      );
    }
    return new Promise((resolve, reject) => {
      const written = (segment: Segment) => {
        pin(segment);
        resolve(segment);
      };
      this.#queue.push({ text, resolve: written, reject });
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
  #fill(): Filled[] {
    const filled: Filled[] = [];
    let text = "";
    let members: Waiting[] = [];
    let characters = 0;
    let taken = 0;
    const end = () => {
      if (members.length === 0) return;
      const key = [...this.#options.prefix, this.#next++];
      filled.push({ segment: { key, pins: 0 }, text, members });
      text = "";
      members = [];
    };
    for (const waiting of this.#queue) {
      const { length } = waiting.text;
      if (taken > 0 && characters + length > COMMIT_CHARACTERS_MAX) break;
      if (text.length + length > SEGMENT_CHARACTERS) end();
      text += waiting.text;
      members.push(waiting);
      characters += length;
      taken++;
    }
    end();
    this.#queue = taken === this.#queue.length ? [] : this.#queue.slice(taken);
    return filled;
  }

  async #write(filled: readonly Filled[]): Promise<void> {
    const { store, fence, clock, onError } = this.#options;
    const checks: Check[] = [
      fence,
      ...filled.map(({ segment }) => ({
        key: segment.key,
        version: undefined,
      })),
    ];
    const sets: Write[] = filled.map(({ segment, text }) => ({
      key: segment.key,
      value: this.#encoder.encode(text),
    }));
    for (let waitMs = 50;; waitMs = Math.min(2 * waitMs, RETRY_MS_MAX)) {
      try {
        const { ok } = await store.commit({ checks, sets });
        if (ok || await this.#isWritten(filled)) return this.#written(filled);
        return this.#lost(filled);
      } catch (error) {
        if (error instanceof RangeError || error instanceof TypeError) {
          return this.#giveUp(filled, error);
        }
        // A try that seems to have failed may have written: the next one, which
        // requires that the keys are free, finds that out.
        onError(`Cannot write the journal: ${messageOf(error)}`);
        if (this.#ending === "closed") return this.#giveUp(filled, error);
        await clock.sleep(waitMs);
      }
    }
  }

  /** Whether a conflict is with an earlier try of this very commit. */
  async #isWritten(filled: readonly Filled[]): Promise<boolean> {
    const [first] = filled;
    if (first === undefined) return true;
    const entry = await this.#options.store.get(first.segment.key);
    return entry?.value instanceof Uint8Array &&
      new TextDecoder().decode(entry.value) === first.text;
  }

  #written(filled: readonly Filled[]): void {
    for (const { segment, members } of filled) {
      this.#segments.push(segment);
      for (const { resolve } of members) resolve(segment);
    }
    this.onLonger();
  }

  #lost(filled: readonly Filled[]): void {
    const isNews = this.#ending !== "fenced";
    this.#ending = "fenced";
    this.#giveUp(filled, fenced());
    if (isNews) this.#options.onFenced();
  }

  /** What waits goes as well: a journal must have no gap. */
  #giveUp(filled: readonly Filled[], error: unknown): void {
    for (const { members } of filled) {
      for (const member of members) member.reject(error);
    }
    for (const waiting of this.#queue) waiting.reject(error);
    this.#queue = [];
  }
}

function fenced(): FencedError {
  return new FencedError(
    "Cannot write the journal: another process has taken it over",
  );
}
