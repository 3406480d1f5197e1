/**
 * The matches that a handler was given up on: dead letters of the application, as
 * their processor sees them, and keeps them within bounds.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import { RefusedError } from "@engine/errors.ts";
import type {
  DeadLetter,
  PatternMatch,
} from "@engine/services/event_processor.ts";
import type { Delivery, Write } from "./_rows.ts";

/** How long dead letters are kept, in milliseconds: 30 days. */
export const DEAD_LETTER_KEPT_MS = 30 * 86_400_000;

/** Dead letters that are kept; further ones take the place of the oldest. */
export const DEAD_LETTERS_MAX = 1_000;

/** So many more may stand there until the oldest leave all at once. */
export const DEAD_LETTERS_SLACK = 100;

type All = Host["queues"]["deadLetters"];
type Letter = NonNullable<Awaited<ReturnType<All["get"]>>>;
type Payload = Parameters<All["burial"]>[0]["payload"];

/** See the module comment. */
export class DeadLetters {
  readonly #all: All;
  readonly #clock: Host["effects"]["clock"];
  readonly #source: Letter["source"];
  /** How many there may be; some of them may have expired. */
  #count: number | undefined;
  #isTrimming = false;

  constructor(
    { queues, effects, name }: Pick<Host, "queues" | "effects" | "name">,
  ) {
    this.#all = queues.deadLetters;
    this.#clock = effects.clock;
    this.#source = { kind: "event", name };
  }

  /** The writes that bury a delivery: put them into the commit that ends it. */
  burial(
    { match, handler, position, attempt }: Delivery,
    error: string,
  ): readonly Write[] {
    return this.#all.burial({
      source: this.#source,
      // Optional fields are absent or undefined, which JSON treats alike.
      payload: { handler, match } as unknown as Payload,
      error,
      attempts: attempt,
      firstAt: match.matchedAt,
      lastAt: this.#clock.now(),
      origin: { position },
    }).map((write) => ({ ...write, expireInMs: DEAD_LETTER_KEPT_MS }));
  }

  /** Says how letters are delivered once more; returns what takes it back. */
  onReplay(
    again: (
      delivery: Delivery,
    ) => { readonly sets: readonly Write[]; readonly revived: () => void },
  ): () => void {
    const { kind, name } = this.#source;
    const revive = (letter: Letter) => again(this.#deliveryIn(letter));
    return this.#all.onRevive(kind, revive, name);
  }

  /** The oldest first. */
  async *list(limit = Infinity): AsyncGenerator<DeadLetter> {
    let left = limit;
    for (let after: string | undefined = ""; after !== undefined;) {
      const page: Awaited<ReturnType<All["list"]>> = await this.#all.list({
        source: this.#source,
        limit: Math.min(left, DEAD_LETTERS_MAX),
        after,
      });
      for (const letter of page.letters) yield shown(letter);
      left -= page.letters.length;
      after = left > 0 ? page.next : undefined;
    }
  }

  /** Removes the oldest beyond what is kept, once it is worth a look. */
  async trim(): Promise<void> {
    if (this.#count !== undefined) this.#count++;
    const isWorthIt = this.#count === undefined ||
      this.#count > DEAD_LETTERS_MAX + DEAD_LETTERS_SLACK;
    if (this.#isTrimming || !isWorthIt) return;
    this.#isTrimming = true;
    try {
      const count = await this.#all.count(this.#source);
      const over = Math.max(0, count - DEAD_LETTERS_MAX);
      if (over > 0) await this.#removeOldest(over);
      this.#count = count - over;
    } finally {
      this.#isTrimming = false;
    }
  }

  async #removeOldest(limit: number): Promise<void> {
    const { letters } = await this.#all.list({ source: this.#source, limit });
    await Promise.all(
      letters.map(({ id }) =>
        this.#all.purge(id).catch((error) => {
          // Somebody else has dealt with it.
          if (!(error instanceof RefusedError)) throw error;
        })
      ),
    );
  }

  #deliveryIn({ payload, origin }: Letter): Delivery {
    // Only `burial` writes such letters.
    const { handler, match } = payload as unknown as {
      readonly handler: string;
      readonly match: PatternMatch;
    };
    const { position } = origin as { readonly position: number };
    const dueAt = this.#clock.now();
    return { match, handler, position, attempt: 1, dueAt, waitMs: 0 };
  }
}

function shown({ payload, error, attempts, lastAt }: Letter): DeadLetter {
  const { handler, match } = payload as unknown as Pick<
    DeadLetter,
    "handler" | "match"
  >;
  return { match, handler, error, attempts, at: lastAt };
}
