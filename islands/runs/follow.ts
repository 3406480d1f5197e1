/**
 * Follows the journal of a run as it grows. The stream is read here, and not by
 * an EventSource: it begins behind what is known already, and no kind of entry,
 * of a later version either, is missed.
 *
 * @module
 */
import type { Entry } from "@engine/run/journal.ts";
import { send } from "../api.ts";

/** How long to wait before a broken stream is asked for again, in milliseconds. */
const AGAIN_MS = 2_000;

/** What a follower is told. */
export interface Follower {
  readonly onEntries: (entries: readonly Entry[]) => void;
  readonly onLost: (isLost: boolean) => void;
}

/**
 * Reads on behind an entry until the stream ends with the run, or for as long as
 * the signal says.
 *
 * @param last The index of the last entry that is known.
 */
export async function followRun(
  id: string,
  last: number,
  { onEntries, onLost, signal }: Follower & { readonly signal: AbortSignal },
): Promise<void> {
  let seen = last;
  while (!signal.aborted) {
    try {
      const answer = await send(`/api/runs/${id}/events`, {
        headers: { "last-event-id": String(seen) },
        signal,
      });
      onLost(false);
      for await (const told of eventsOf(answer)) {
        const entries = told.filter(({ id }) => id > seen);
        if (entries.length === 0) continue;
        seen = entries.at(-1)?.id ?? seen;
        onEntries(entries.map(({ entry }) => entry));
      }
      return;
    } catch {
      if (signal.aborted) return;
      onLost(true);
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }
}

interface Told {
  readonly id: number;
  readonly entry: Entry;
}

/** The entries of a stream, as many at a time as have come together. */
async function* eventsOf(answer: Response): AsyncGenerator<readonly Told[]> {
  if (answer.body === null) return;
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (true) {
    const { done, value } = await reader.read();
    if (done) return;
    text += value;
    const end = text.lastIndexOf("\n\n");
    if (end < 0) continue;
    const blocks = text.slice(0, end).split("\n\n");
    text = text.slice(end + 2);
    yield blocks.flatMap(toldBy);
  }
}

/** One event; nothing if it only shows that the stream is there. */
function toldBy(block: string): readonly Told[] {
  let id: number | undefined;
  const data: string[] = [];
  for (const line of block.split("\n")) {
    if (line.startsWith("id:")) id = Number(line.slice(3));
    if (line.startsWith("data:")) data.push(line.slice(5));
  }
  if (id === undefined || data.length === 0) return [];
  return [{ id, entry: JSON.parse(data.join("\n")) as Entry }];
}
