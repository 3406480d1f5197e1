/**
 * Watches more keys than one call of Deno KV can: several streams become one.
 *
 * @module
 */
import type { Entry } from "./store.ts";

type Stored = readonly Deno.KvEntryMaybe<Uint8Array>[];
type State = readonly (Entry | undefined)[];

/**
 * Yields the entries of all streams as soon as each has said what there is, and
 * again after changes. Ends when the signal aborts or the store closes.
 */
export async function* watchAll(
  open: () => readonly ReadableStream<Stored>[],
  signal: AbortSignal,
  toEntry: (stored: Stored[number]) => Entry | undefined,
): AsyncGenerator<State, void, void> {
  const readers = open().map((stream) => stream.getReader());
  const watch = new Watch(readers.length);
  const stop = () => watch.end();
  signal.addEventListener("abort", stop);
  if (signal.aborted) stop();
  const pumps = readers.map((reader, i) =>
    pump(reader, (stored) => watch.put(i, stored.map(toEntry)))
      .then(stop, (error) => watch.fail(error))
  );
  try {
    let last: State | undefined;
    for (let next = await watch.next(); next; next = await watch.next()) {
      // Deno KV also wakes for a change that leaves all as it was.
      if (last === undefined || !isSame(last, next)) yield next;
      last = next;
    }
  } finally {
    signal.removeEventListener("abort", stop);
    await Promise.allSettled(readers.map((reader) => reader.cancel()));
    await Promise.all(pumps);
  }
}

/** The latest state of each stream, and whether the consumer has seen it. */
class Watch {
  readonly #states: (State | undefined)[];
  #hasChanged: boolean;
  #hasEnded = false;
  #failure: { readonly error: unknown } | undefined = undefined;
  #wake = () => {};

  constructor(count: number) {
    this.#states = Array.from({ length: count });
    // Nothing to watch: what there is to say is known.
    this.#hasChanged = count === 0;
  }

  put(i: number, state: State): void {
    this.#states[i] = state;
    this.#hasChanged = true;
    this.#wake();
  }

  end(): void {
    this.#hasEnded = true;
    this.#wake();
  }

  fail(error: unknown): void {
    this.#failure = { error };
    this.#wake();
  }

  /** The next state of all streams; `undefined` at the end. */
  async next(): Promise<State | undefined> {
    while (true) {
      if (this.#hasEnded) return undefined;
      if (this.#failure !== undefined) throw this.#failure.error;
      if (this.#hasChanged && !this.#states.includes(undefined)) {
        this.#hasChanged = false;
        return this.#states.flatMap((state) => state ?? []);
      }
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }
}

async function pump(
  reader: ReadableStreamDefaultReader<Stored>,
  put: (stored: Stored) => void,
): Promise<void> {
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    put(read.value);
  }
}

function isSame(a: State, b: State): boolean {
  return a.every((entry, i) => entry?.version === b[i]?.version);
}
