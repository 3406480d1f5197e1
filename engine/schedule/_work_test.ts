/**
 * What the tests of schedules share: a workflow that keeps what it is asked, a
 * trigger that declares what it is told, and a wall clock that can be set.
 *
 * @module
 */
import { z } from "zod";
import {
  defineTrigger,
  defineWorkflowType,
  type DispatchOptions,
  type JsonObject,
} from "../define.ts";
import type { Effects } from "../effects.ts";
import { RefusedError, RetryableError } from "../errors.ts";
import { simulatedEffects } from "../simulation/effects.ts";
import type { Store } from "../store/store.ts";
import { startApplication } from "../testing.ts";
import type { Declaration } from "./declarations.ts";

/** 2026-01-01T00:00:00Z, a Thursday. */
export const START_MS = Date.UTC(2026, 0, 1);

export const MINUTE_MS = 60_000;

/** One thing that the workflow was asked. */
export interface Asked {
  readonly action: string;
  readonly data: JsonObject;
  readonly options: DispatchOptions | undefined;
}

/** Effects whose wall clock can be set without time passing. */
export function settableEffects(startMs = START_MS) {
  const simulated = simulatedEffects({ startMs });
  let offsetMs = 0;
  const effects: Effects = {
    ...simulated,
    clock: {
      ...simulated.clock,
      now: () => simulated.clock.now() + offsetMs,
    },
  };
  return {
    ...effects,
    advance: simulated.advance,
    /** Sets the wall clock forward, or back. */
    set: (ms: number) => void (offsetMs += ms),
  };
}

/** What can be hung on purpose, and let go. */
export interface Gate {
  opened: Promise<void>;
  /** Turns away what asks for "busy". */
  isBusy?: boolean;
}

function workflow(asked: Asked[], gate: Gate) {
  return defineWorkflowType({
    type: "work",
    summary: "Keeps what it is asked",
    config: z.strictObject({}),
    wire: () => ({
      unwire() {},
      async execute(action, data, _workflow, options) {
        asked.push({ action, data, options });
        if (action === "refuse") throw new RefusedError("wrong-state", "no");
        if (action === "fail") throw new Error("broken");
        if (action === "busy" && gate.isBusy) {
          throw new RetryableError("no room");
        }
        if (action === "hang") await gate.opened;
        return {};
      },
    }),
  });
}

const trigger = defineTrigger({
  type: "planned",
  summary: "Declares what it is told",
  config: z.strictObject({
    jobs: z.array(z.unknown()).describe("The declarations"),
  }),
  wire({ jobs }, host) {
    const undo = jobs.map((job) => host.schedules.declare(job as Declaration));
    return { unwire: () => undo.forEach((undoOne) => undoOne()) };
  },
});

/** A schedule of every minute that does something. */
export function job(more: Readonly<Record<string, unknown>> = {}) {
  const when = "every" in more || "at" in more ? {} : { cron: "* * * * *" };
  return {
    id: "job",
    ...when,
    workflow: "work",
    action: "do",
    params: {},
    enabled: true,
    missed: "once",
    overlap: "allow",
    ...more,
  };
}

/** How the tests start an application. */
export interface StartOptions {
  readonly effects?: ReturnType<typeof settableEffects>;
  readonly store?: Store;
  readonly gate?: Gate;
}

/** The document that has these jobs. */
export function documentOf(jobs: readonly unknown[]) {
  return {
    modules: [],
    workflows: { work: {} },
    triggers: { planned: { jobs } },
  };
}

/** Starts an application with these jobs. */
export async function start(
  jobs: readonly unknown[],
  { gate = { opened: Promise.resolve() }, ...options }: StartOptions = {},
) {
  const asked: Asked[] = [];
  const effects = options.effects ?? settableEffects();
  const app = await startApplication({
    document: documentOf(jobs),
    definitions: [workflow(asked, gate), trigger],
    effects,
    ...(options.store ? { store: options.store } : {}),
  });
  const { schedules } = app.application;
  return {
    app,
    asked,
    effects,
    schedules,
    store: app.store,
    /** When it ran, as minutes after the start. */
    minutes: () =>
      asked.map(({ data }) =>
        (Date.parse(String(data.trigger_time)) - START_MS) / MINUTE_MS
      ),
    /** How the runs ended, the oldest first. */
    async ends(id = "job") {
      const { firings } = await schedules.get(id);
      return firings.map(({ status }) => status).reverse();
    },
    [Symbol.asyncDispose]: () => app.stop(),
  };
}
