/**
 * How the modules of the running document are, told by the engine.
 *
 * @module
 */
import { signal } from "@preact/signals";
import { ApiError, ask } from "../api.ts";
import { within } from "../parts/patience.ts";

/** How one module is. */
export interface Health {
  readonly state: string;
}

/** The state of the application, as the API shows it. */
interface Status {
  readonly applications: readonly {
    readonly id: string;
    readonly phase: string;
    readonly modules: readonly {
      readonly name: string;
      readonly state: string;
    }[];
  }[];
}

/** How often the engine is asked, in milliseconds. */
const EVERY_MS = 3_000;

/** An engine that takes longer is not reached, in milliseconds. */
const PATIENCE_MS = 10_000;

const states = signal<ReadonlyMap<string, Health>>(new Map());

/** The phase of the document's application; absent while it does not run. */
export const phase = signal<string>();

/** Whether the engine answers. */
export const isReached = signal(true);

/** How a module is; absent while it does not run. */
export function useHealth(name: string): Health | undefined {
  return states.value.get(name);
}

let look = (): Promise<void> => Promise.resolve();

/** Asks at once, after something was done that changes how modules are. */
export function lookAgain(): Promise<void> {
  return look();
}

/** Asks now and then, until the result is called. */
export function watchHealth(document: string): () => void {
  let isOver = false;
  // Of another document nothing is known yet.
  phase.value = undefined;
  states.value = new Map();
  async function askStatus(): Promise<void> {
    try {
      const { applications } = await within(
        PATIENCE_MS,
        (signal) => ask<Status>("/api/workflow/status", { signal }),
      );
      if (isOver) return;
      const found = applications.find(({ id }) => id === document);
      phase.value = found?.phase;
      states.value = new Map(
        found?.modules.map(({ name, state }) => [name, { state }]),
      );
      isReached.value = true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      isReached.value = error.status !== 0;
    }
  }
  look = askStatus;
  // One at a time: questions without an answer must not pile up.
  let isAsking = false;
  async function lookOnce(): Promise<void> {
    if (isAsking) return;
    isAsking = true;
    await look().finally(() => isAsking = false);
  }
  void lookOnce();
  const timer = setInterval(() => {
    if (!document_.hidden) void lookOnce();
  }, EVERY_MS);
  return () => {
    isOver = true;
    clearInterval(timer);
  };
}

const document_ = globalThis.document;
