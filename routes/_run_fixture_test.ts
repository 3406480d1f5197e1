/**
 * The management surface over pipelines of a simulated world, with a step whose
 * work the test itself does.
 */
import { z } from "zod";
import { type AnyDefinition, defineStep } from "../engine/define.ts";
import {
  type SimulatedEffects,
  simulatedEffects,
} from "../engine/simulation/effects.ts";
import { memoryStore } from "../engine/store/memory.ts";
import type { Store } from "../engine/store/store.ts";
import { createCatalog } from "../engine/catalog.ts";
import { Engine } from "../engine/engine.ts";
import { Documents } from "../platform/documents.ts";
import fail from "../workflows/steps/fail.ts";
import set from "../workflows/steps/set.ts";
import sleep from "../workflows/steps/sleep.ts";
import { managementApp } from "./management.ts";

export const TOKEN = "the-token-of-this-test";

/** One pipeline for everything that a run may wait for. */
export const DOCUMENT = `pipelines:
  quick:
    key: string(input.order)
    steps:
      - { id: total, use: set, with: { values: { total: "\${{ input.price * 2.0 }}" } } }
  doomed:
    steps:
      - { id: first, use: set, with: { values: { a: 1 } } }
      - { id: stop, use: fail, with: { message: "Out of stock", code: stock } }
  signalled:
    steps:
      - { id: before, use: set, with: { values: { n: 1 } } }
      - { id: paid, wait: { signal: paid, timeout: 1h } }
      - { id: after, use: set, with: { values: { got: "\${{ steps.paid.output }}" } } }
  asked:
    steps:
      - { id: approve, wait: { approval: { title: "Refund \${{ input.amount }}?" }, timeout: 1m } }
      - { id: tell, use: set, with: { values: { link: "\${{ run.links.approve }}", ok: "\${{ steps.approve.output.approved }}" } } }
  sleepy:
    timeout: 2h
    steps:
      - { id: pause, use: sleep, with: { for: 30m } }
  outer:
    steps:
      - { id: inner, use: "pipeline:signalled" }
  working:
    steps:
      - { id: work, use: test.work, with: { name: "\${{ input.name }}" }, retry: { attempts: 2, backoff: 10s, jitter: 0 }, timeout: 1m }
  oneAtATime:
    concurrency: { limit: 1 }
    steps:
      - { id: hold, wait: { signal: go } }
`;

/** Work that is under way: the test says how it ends. */
export interface Work {
  readonly name: string;
  readonly end: (output: string) => void;
  readonly fail: (message: string) => void;
}

/** A surface, and the world that it stands in. */
export interface RunSurface extends AsyncDisposable {
  readonly effects: SimulatedEffects;
  readonly store: Store;
  readonly engine: Engine;
  /** What is under way. */
  readonly works: Work[];
  readonly errors: unknown[];
  ask(path: string, init?: RequestInit): Promise<Response>;
  /** The JSON of an answer, which must be as expected. */
  // deno-lint-ignore no-explicit-any -- a test reads what it knows is there.
  json(path: string, init?: RequestInit, status?: number): Promise<any>;
  /** Begins a run and returns its id. */
  start(workflow: string, input?: unknown): Promise<string>;
}

/** What a surface is made of. */
export interface SurfaceOptions {
  readonly documents?: Readonly<Record<string, string>>;
  /** Types beside those that the document above uses. */
  readonly definitions?: readonly AnyDefinition[];
  readonly effects?: SimulatedEffects;
  readonly store?: Store;
  readonly publicUrl?: string;
  /** What `secret://NAME` finds. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts documents by id; by default the one above, as `test`. */
export async function runSurface(
  options: SurfaceOptions = {},
): Promise<RunSurface> {
  const { documents = { test: DOCUMENT }, definitions = [] } = options;
  const { effects = simulatedEffects(), store, publicUrl } = options;
  const works: Work[] = [];
  const kept = store ?? memoryStore({ now: effects.clock.now });
  const engine = await Engine.boot({
    catalog: createCatalog([workStep(works), set, sleep, fail, ...definitions]),
    documents: Object.entries(documents).map(([id, text]) => ({
      file: `${id}.yaml`,
      text,
    })),
    store: kept,
    effects,
    log: () => {},
    secrets: {
      env: (name) => options.env?.[name],
      file: () => Promise.resolve(undefined),
    },
    ...publicUrl === undefined ? {} : { publicUrl },
  });
  const errors: unknown[] = [];
  const stopping = new AbortController();
  const management = managementApp({
    engine,
    documents: new Documents(engine, kept, undefined),
    ...{ store: kept, effects },
    token: TOKEN,
    signal: stopping.signal,
    onError: (error) => errors.push(error),
  });
  const surface: RunSurface = {
    ...{ effects, store: kept, engine, works, errors },
    async ask(path, init = {}) {
      const headers = new Headers(init.headers);
      if (!headers.has("authorization")) {
        headers.set("authorization", `Bearer ${TOKEN}`);
      }
      return await management.request(path, { ...init, headers });
    },
    async json(path, init, status = 200) {
      const response = await surface.ask(path, init);
      const text = await response.text();
      if (response.status !== status) {
        throw new Error(
          `${path}: ${response.status} instead of ${status}: ${text}`,
        );
      }
      return JSON.parse(text);
    },
    async start(workflow, input = {}) {
      const body = JSON.stringify({ workflow, input });
      const started = await surface.json(
        "/api/runs",
        { method: "POST", body },
        202,
      );
      await effects.advance(0);
      return started.run;
    },
    async [Symbol.asyncDispose]() {
      stopping.abort();
      const stopped = engine.stop();
      await effects.advance(10_000);
      await stopped;
    },
  };
  return surface;
}

/** A request that sends JSON, or nothing. */
export function post(body?: unknown): RequestInit {
  return {
    method: "POST",
    ...body === undefined ? {} : { body: JSON.stringify(body) },
  };
}

/** A step that lasts until the test ends it. */
function workStep(works: Work[]) {
  return defineStep({
    type: "test.work",
    summary: "Is done by the test",
    stability: "experimental",
    config: z.strictObject({ name: z.string().describe("What it is called") }),
    output: z.string(),
    examples: [],
    run: ({ name }, { signal }) =>
      new Promise<string>((resolve, reject) => {
        const fail = (message: string) => reject(new Error(message));
        works.push({ name, end: resolve, fail });
        signal.addEventListener("abort", () => reject(signal.reason));
      }),
  });
}
