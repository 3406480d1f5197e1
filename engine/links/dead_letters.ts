/**
 * Events that a link could not deliver: dead letters of the document that they
 * were for, under the link's id.
 *
 * @module
 */
import { RefusedError } from "../errors.ts";
import type { Application } from "../lifecycle.ts";
import type { DeadLetter, DeadSource } from "../queue/dead_letters.ts";
import { applicationPlace } from "../queue/queues.ts";
import type { JsonValue, Write } from "../store/store.ts";
import type { Parcel } from "./outbox.ts";

/** How many events that were given up are kept of one link: the latest. */
export const DEAD_LETTERS_MAX = 1_000;

type Target = Pick<Application, "id" | "queues">;

/** The writes that bury a parcel, for a commit on the whole store. */
export function burialOf(
  parcel: Parcel,
  { id, queues }: Target,
  { error, at }: { readonly error: string; readonly at: number },
): readonly Write[] {
  const { topic, payload, failures, takenAt, error: _, ...rest } = parcel;
  const writes = queues.deadLetters.burial({
    source: sourceOf(parcel),
    payload: { topic, payload },
    error,
    attempts: failures + 1,
    firstAt: takenAt,
    lastAt: at,
    origin: rest as unknown as JsonValue,
  });
  const place = applicationPlace(id);
  return writes.map((write) => ({ ...write, key: [...place, ...write.key] }));
}

/** Removes the oldest letters of a link beyond what is kept. */
export async function trim(parcel: Parcel, { queues }: Target): Promise<void> {
  const { deadLetters } = queues;
  const source = sourceOf(parcel);
  const limit = await deadLetters.count(source) - DEAD_LETTERS_MAX;
  if (limit <= 0) return;
  for (const { id } of (await deadLetters.list({ source, limit })).letters) {
    await deadLetters.purge(id).catch((error) => {
      // Somebody else has dealt with it.
      if (!(error instanceof RefusedError)) throw error;
    });
  }
}

/**
 * Says how letters go on their way again; returns what takes it back. `take` is
 * given a mark under which it must take a parcel once only.
 */
export function onReplay(
  { queues }: Target,
  { take, wake }: {
    readonly take: (parcel: Parcel, mark: string) => Promise<void>;
    readonly wake: (target: string) => void;
  },
): () => void {
  return queues.deadLetters.onRevive(KIND, (letter) => {
    const parcel = parcelIn(letter);
    return {
      first: () => take(parcel, `letter/${letter.id}`),
      sets: [],
      revived: () => wake(parcel.target),
    };
  });
}

const KIND = "link";

function sourceOf({ link }: Parcel): DeadSource {
  return { kind: KIND, name: link };
}

function parcelIn({ payload, origin, firstAt }: DeadLetter): Parcel {
  // Only `burialOf` writes such letters.
  const what = payload as unknown as Pick<Parcel, "topic" | "payload">;
  const rest = origin as unknown as Omit<Parcel, "topic" | "payload">;
  return { ...rest, ...what, takenAt: firstAt, failures: 0 };
}
