/**
 * The webhooks of one sender that could not be delivered: dead letters of the
 * application, as this sender sees them.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import { RefusedError } from "@engine/errors.ts";
import type { Delivery } from "./_outbox.ts";

/** How many letters a page has at most. */
export const PAGE_MAX = 100;

type All = Host["queues"]["deadLetters"];
type Letter = NonNullable<Awaited<ReturnType<All["get"]>>>;
type Write = ReturnType<All["burial"]>[number];

/** What a person sees of one. The headers may hold credentials and stay out. */
export type DeadLetter = Omit<Delivery, "headers"> & {
  /** Why the last attempt failed. */
  readonly error: string;
  /** When it was given up, in milliseconds since 1970. */
  readonly deadAt: number;
};

/** A page of letters, oldest first. */
export interface DeadLetterPage {
  readonly letters: readonly DeadLetter[];
  /** Pass it as `after` to go on; absent at the end. */
  readonly next?: string;
}

/** How a delivery comes to be sent once more: what to write, and whom to tell. */
export type SendAgain = (delivery: Delivery) => {
  readonly sets: readonly Write[];
  readonly revived: () => void;
};

/** See the module comment. */
export class DeadLetters {
  readonly #all: All;
  readonly #clock: Host["effects"]["clock"];
  readonly #source: Letter["source"];

  constructor(
    { queues, effects, name }: Pick<Host, "queues" | "effects" | "name">,
  ) {
    this.#all = queues.deadLetters;
    this.#clock = effects.clock;
    this.#source = { kind: "webhook", name };
  }

  /** The writes that bury a delivery: put them into the commit that ends it. */
  burial(delivery: Delivery, error: string): readonly Write[] {
    const { id, url, body, headers, attempts, createdAt } = delivery;
    return this.#all.burial({
      source: this.#source,
      payload: { url, body },
      error,
      attempts,
      firstAt: createdAt,
      lastAt: this.#clock.now(),
      origin: { headers },
    }, id);
  }

  /** Says how letters are sent once more; returns what takes it back. */
  onReplay(sendAgain: SendAgain): () => void {
    const { kind, name } = this.#source;
    const revive = (letter: Letter) => sendAgain(deliveryIn(letter));
    return this.#all.onRevive(kind, revive, name);
  }

  /**
   * Sends a dead letter once more, with all its attempts, under its old id.
   *
   * @throws {RefusedError} `not-found`
   */
  async replay(id: string): Promise<void> {
    const letter = await this.#all.get(id);
    const { kind, name } = this.#source;
    if (letter?.source.kind !== kind || letter.source.name !== name) {
      throw new RefusedError(
        "not-found",
        `Cannot replay "${id}": "${name}" has no such dead letter`,
      );
    }
    await this.#all.replay(id);
  }

  async list(
    { limit = PAGE_MAX, after }: {
      readonly limit?: number | undefined;
      readonly after?: string | undefined;
    } = {},
  ): Promise<DeadLetterPage> {
    const page = await this.#all.list({
      source: this.#source,
      limit: Math.min(limit, PAGE_MAX),
      ...(after === undefined ? {} : { after }),
    });
    return { ...page, letters: page.letters.map(shown) };
  }
}

/** Only `burial` writes such letters. */
function deliveryIn({ id, payload, origin, firstAt }: Letter): Delivery {
  const { url, body } = payload as Pick<Delivery, "url" | "body">;
  const { headers } = origin as Pick<Delivery, "headers">;
  return { id, url, body, headers, attempts: 0, createdAt: firstAt };
}

function shown(letter: Letter): DeadLetter {
  const { headers: _, ...delivery } = deliveryIn(letter);
  const { attempts, error, lastAt } = letter;
  return { ...delivery, attempts, error, deadAt: lastAt };
}
