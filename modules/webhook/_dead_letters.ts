/**
 * The webhooks of one sender that could not be delivered, kept until a person
 * decides.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import type { Delivery } from "./_outbox.ts";

/** How many letters a page has at most. */
export const PAGE_MAX = 100;

type Store = Host["store"];
type Entry = NonNullable<Awaited<ReturnType<Store["get"]>>>;
type Write = NonNullable<Parameters<Store["commit"]>[0]["sets"]>[number];

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

/** See the module comment. */
export class DeadLetters {
  readonly #store: Store;
  readonly #clock: Host["effects"]["clock"];
  readonly #name: string;

  constructor(
    { store, effects, name }: Pick<Host, "store" | "effects" | "name">,
  ) {
    this.#store = store;
    this.#clock = effects.clock;
    this.#name = name;
  }

  /** The writes that bury a delivery: put them into the commit that ends it. */
  burial(delivery: Delivery, error: string): readonly Write[] {
    const deadAt = this.#clock.now();
    return [{
      key: this.#key(delivery.id),
      value: { ...delivery, error, deadAt },
    }];
  }

  get(id: string): Promise<Entry | undefined> {
    return this.#store.get(this.#key(id));
  }

  async list(
    { limit = PAGE_MAX, after }: {
      readonly limit?: number | undefined;
      readonly after?: string | undefined;
    } = {},
  ): Promise<DeadLetterPage> {
    const size = Math.min(limit, PAGE_MAX);
    const entries = await Array.fromAsync(
      this.#store.list({ prefix: this.#key() }, {
        limit: size + 1,
        ...(after === undefined ? {} : { after: this.#key(after) }),
      }),
    );
    const letters = entries.slice(0, size).map(letterOf);
    const next = letters.at(-1)?.id;
    return entries.length > size && next !== undefined
      ? { letters, next }
      : { letters };
  }

  #key(...id: readonly string[]) {
    return ["webhook", this.#name, "dead", ...id];
  }
}

/** What is in a row of the outbox, or of a dead letter. */
export function deliveryOf({ value }: Entry): Delivery {
  // Only this folder writes such rows.
  const { id, url, body, headers, attempts, createdAt } =
    value as unknown as Delivery;
  return { id, url, body, headers, attempts, createdAt };
}

function letterOf({ value }: Entry): DeadLetter {
  // Only this file writes such rows.
  const { headers: _, ...letter } = value as unknown as DeadLetter & Delivery;
  return letter;
}
