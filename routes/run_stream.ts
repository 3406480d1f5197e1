/**
 * The journal of one run as it grows: server-sent events whose ids are the
 * places of entries, so that a reader goes on where it left.
 *
 * @module
 */
import type { Context } from "hono";
import { type SSEStreamingApi, streamSSE } from "hono/streaming";
import { endOf, type Entry, type Run } from "../engine/mod.ts";
import { HEARTBEAT_MS } from "./events.ts";
import type { ManagementOptions } from "./management.ts";
import type { FoundRun } from "./run_query.ts";
import { shownEntry } from "./run_view.ts";

/**
 * Streams what is durable behind the entry of `Last-Event-ID`, and ends behind
 * the last entry of the run.
 */
export function streamRun(
  context: Context,
  { application, view: { run, entries } }: FoundRun,
  { engine, signal }: Pick<ManagementOptions, "engine" | "signal">,
): Response {
  let next = firstOf(context);
  return streamSSE(context, async (stream) => {
    const write = async (entry: Entry) => {
      const { index, kind, ...data } = shownEntry(entry, next++);
      await stream.writeSSE({
        id: String(index),
        event: kind,
        data: JSON.stringify(engine.redacted({ kind, ...data })),
      });
    };
    if (run === undefined) {
      for (const entry of entries.slice(next)) await write(entry);
      return;
    }
    const watch = new RunWatch(run, stream, signal);
    try {
      while (!watch.isOver) {
        while (next < run.durable && !watch.isOver) {
          const entry = JSON.parse(run.entries[next] ?? "null") as Entry;
          await write(entry);
          if (endOf([entry])) return;
        }
        // It has been shown to its end before, or the engine stops.
        const isGone = application.runs.find(run.id) !== run;
        if (isGone && next >= run.durable) return;
        if (!await watch.woken()) await stream.write(": heartbeat\n\n");
      }
    } finally {
      watch.close();
    }
  });
}

/** The place of the first entry that a reader has not seen. */
function firstOf({ req }: Context): number {
  const seen = Number(req.header("last-event-id") ?? NaN);
  return Number.isInteger(seen) && seen >= 0 ? seen + 1 : 0;
}

/** Wakes whoever streams a run when there is something to look at. */
class RunWatch {
  isOver = false;
  readonly #run: Run;
  readonly #signal: AbortSignal;
  #hasNews = false;
  #wake = () => {};
  readonly #look = () => {
    this.#hasNews = true;
    this.#wake();
  };
  readonly #end = () => {
    this.isOver = true;
    this.#wake();
  };

  constructor(run: Run, stream: SSEStreamingApi, signal: AbortSignal) {
    this.#run = run;
    this.#signal = signal;
    run.watchers.add(this.#look);
    stream.onAbort(this.#end);
    signal.addEventListener("abort", this.#end, { once: true });
    if (signal.aborted) this.#end();
  }

  /** False if nothing has happened for a while. */
  async woken(): Promise<boolean> {
    if (!this.#hasNews && !this.isOver) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, HEARTBEAT_MS);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    const hasNews = this.#hasNews || this.isOver;
    this.#hasNews = false;
    return hasNews;
  }

  close(): void {
    this.#run.watchers.delete(this.#look);
    this.#signal.removeEventListener("abort", this.#end);
  }
}
