/**
 * What could not be done in spite of every attempt, kept until a person decides:
 * messages of queues, webhooks, events. Who buries one says how to revive it.
 *
 * @module
 */
import type { Effects } from "../effects.ts";
import { RefusedError } from "../errors.ts";
import type {
  Batch,
  Entry,
  JsonValue,
  Key,
  Store,
  Write,
} from "../store/store.ts";

/** Who could not do it. */
export interface DeadSource {
  /** What kind of sender it is, such as `queue` or `webhook`; no colon in it. */
  readonly kind: string;
  /** Its name in the application. */
  readonly name: string;
}

/** What is kept of work that failed for good. */
export interface DeadWork {
  readonly source: DeadSource;
  readonly payload: JsonValue;
  /** Why the last attempt failed. */
  readonly error: string;
  readonly attempts: number;
  /** When it was first and last tried, in milliseconds since 1970. */
  readonly firstAt: number;
  readonly lastAt: number;
  /** What the source needs beside the payload to revive it. */
  readonly origin?: JsonValue;
}

/** A dead letter. Ids sort by time of burial. */
export interface DeadLetter extends DeadWork {
  readonly id: string;
}

/** A page of dead letters, oldest first. */
export interface DeadLetterPage {
  readonly letters: readonly DeadLetter[];
  /** Pass it as `after` to go on; absent at the end. */
  readonly next?: string;
}

/** How a source takes its work back, in one commit with the end of the letter. */
export interface Revival {
  /**
   * Done before the commit, by a source whose rows stand elsewhere: twice, if the
   * process dies in between, so it must bear that.
   */
  readonly first?: () => Promise<void>;
  readonly sets: readonly Write[];
  /** Called after the commit. */
  readonly revived?: () => void;
}

/** Makes the work of a letter anew. */
export type Revive = (letter: DeadLetter) => Revival;

/** How many letters a page has at most. */
export const PAGE_MAX = 1_000;

/** The text that names a source in addresses: `queue:orders`. */
export function sourceText({ kind, name }: DeadSource): string {
  return `${kind}:${name}`;
}

/** The source that a text names; a text without a colon names none. */
export function parseSource(text: string): DeadSource | undefined {
  const colon = text.indexOf(":");
  if (colon < 1) return undefined;
  return { kind: text.slice(0, colon), name: text.slice(colon + 1) };
}

/** The dead letters of one application. */
export class DeadLetters {
  readonly #store: Store;
  readonly #ids: Effects["ids"];
  readonly #revivers = new Map<string, Revive>();

  constructor(store: Store, { ids }: Pick<Effects, "ids">) {
    this.#store = store;
    this.#ids = ids;
  }

  /**
   * The writes that bury work: put them into the commit that takes it away from
   * where it was, so that it is in exactly one place.
   *
   * @param id One of the source's own, made by `ids`. @default a new one
   */
  burial(work: DeadWork, id = this.#ids.next()): readonly Write[] {
    return [
      { key: rowKey(id), value: work as unknown as JsonValue },
      { key: indexKey(work.source, id), value: null },
    ];
  }

  /** Buries work by itself. */
  async bury(work: DeadWork): Promise<void> {
    // Without checks there is no conflict.
    await this.#store.commit({ sets: this.burial(work) });
  }

  /**
   * Says how letters of a kind of source, or of the one of a name, are revived.
   * The latest word counts; returns what takes it back.
   */
  onRevive(kind: string, revive: Revive, name?: string): () => void {
    const key = name === undefined ? kind : sourceText({ kind, name });
    this.#revivers.set(key, revive);
    return () => {
      if (this.#revivers.get(key) === revive) this.#revivers.delete(key);
    };
  }

  async get(id: string): Promise<DeadLetter | undefined> {
    const entry = await this.#store.get(rowKey(id));
    return entry && letterOf(entry);
  }

  /** Letters, oldest first: of all sources or of one. */
  async list(
    options: {
      readonly source?: DeadSource;
      readonly after?: string;
      /** @default {100} */
      readonly limit?: number;
    } = {},
  ): Promise<DeadLetterPage> {
    const { source, after } = options;
    const limit = Math.min(options.limit ?? 100, PAGE_MAX);
    const place = (id: string) => source ? indexKey(source, id) : rowKey(id);
    const entries = await Array.fromAsync(
      this.#store.list({ prefix: place("").slice(0, -1) }, {
        // One more tells whether there are more.
        limit: limit + 1,
        ...(after === undefined ? {} : { after: place(after) }),
      }),
    );
    const page = entries.slice(0, limit);
    const rows = source === undefined ? page : await this.#store.getMany(
      page.map(({ key }) => rowKey(key.at(-1) as string)),
    );
    const letters = rows.flatMap((row) => row ? [letterOf(row)] : []);
    const last = page.at(-1)?.key.at(-1) as string | undefined;
    return entries.length > limit && last !== undefined
      ? { letters, next: last }
      : { letters };
  }

  /** How many letters a source has. Reads each of them. */
  async count(source: DeadSource): Promise<number> {
    let count = 0;
    const prefix = indexKey(source, "").slice(0, -1);
    for await (const _ of this.#store.list({ prefix })) count++;
    return count;
  }

  /**
   * Gives the work back to its source, with its attempts forgotten, and ends the
   * letter, in one commit.
   *
   * @throws {RefusedError} `not-found`; `wrong-state` if nobody takes it back.
   */
  async replay(id: string): Promise<void> {
    const entry = await this.#entry(id, "replay");
    const letter = letterOf(entry);
    const revive = this.#revivers.get(sourceText(letter.source)) ??
      this.#revivers.get(letter.source.kind);
    if (revive === undefined) {
      throw new RefusedError(
        "wrong-state",
        `Cannot replay dead letter ${id}: nothing here takes back ` +
          `work of "${sourceText(letter.source)}"`,
      );
    }
    const { first, sets, revived } = revive(letter);
    await first?.();
    await this.#end(entry, letter, "replay", sets);
    revived?.();
  }

  /** @throws {RefusedError} `not-found` */
  async purge(id: string): Promise<void> {
    const entry = await this.#entry(id, "purge");
    await this.#end(entry, letterOf(entry), "purge", []);
  }

  /** Replays what a source has; says how many. Ends at those that were there. */
  replayAll(source: DeadSource): Promise<number> {
    return this.#each(source, (id) => this.replay(id));
  }

  /** Purges what a source has; says how many. */
  purgeAll(source: DeadSource): Promise<number> {
    return this.#each(source, (id) => this.purge(id));
  }

  async #each(
    source: DeadSource,
    act: (id: string) => Promise<void>,
  ): Promise<number> {
    // What dies again meanwhile has a later id.
    const end = this.#ids.next();
    let count = 0;
    for (let after = "";;) {
      const page = await this.list({ source, limit: PAGE_MAX, after });
      const due = page.letters.filter(({ id }) => id < end);
      const done = await Promise.all(
        due.map(({ id }) =>
          act(id).then(() => 1, (error) => {
            // Somebody else has dealt with it.
            if (error instanceof RefusedError && error.code === "not-found") {
              return 0;
            }
            throw error;
          })
        ),
      );
      for (const one of done) count += one;
      if (page.next === undefined || page.next >= end) return count;
      after = page.next;
    }
  }

  async #entry(id: string, verb: string): Promise<Entry> {
    const entry = await this.#store.get(rowKey(id));
    if (entry === undefined) throw unknownLetter(id, verb);
    return entry;
  }

  async #end(
    { key, version }: Entry,
    { id, source }: DeadLetter,
    verb: string,
    sets: readonly Write[],
  ): Promise<void> {
    const batch: Batch = {
      checks: [{ key, version }],
      sets,
      deletes: [key, indexKey(source, id)],
    };
    const result = await this.#store.commit(batch);
    // A letter is never written again: a conflict means that it is gone.
    if (!result.ok) throw unknownLetter(id, verb);
  }
}

function unknownLetter(id: string, verb: string): RefusedError {
  return new RefusedError(
    "not-found",
    `Cannot ${verb} dead letter "${id}": there is none of that id`,
  );
}

function rowKey(id: string): Key {
  return ["dead-letter", id];
}

function indexKey({ kind, name }: DeadSource, id: string): Key {
  return ["dead-letter-of", kind, name, id];
}

function letterOf({ key, value }: Entry): DeadLetter {
  // Only this file writes letters.
  return { id: key.at(-1) as string, ...value as unknown as DeadWork };
}
