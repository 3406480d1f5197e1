/**
 * How many actions of a workflow one process dispatches in a second: each is a
 * transition of a state machine, committed to a store in memory.
 *
 * @module
 */
import { StateMachines } from "@engine/services/state_machines.ts";
import { systemEffects } from "@engine/effects.ts";
import { startApplication } from "@engine/testing.ts";
import engine from "../modules/statemachine/engine.ts";
import statemachine from "../workflows/types/statemachine.ts";

/** What to measure. */
export interface DispatchOptions {
  /** @default {300_000} */
  readonly dispatches?: number;
  /** @default {100} */
  readonly inFlight?: number;
  /** @default {1_000} */
  readonly instances?: number;
  /** Dispatches before the clock starts, so that the code is compiled. @default {100_000} */
  readonly warmUp?: number;
}

/** What was measured. */
export interface DispatchResult {
  readonly dispatches: number;
  readonly seconds: number;
  readonly perSecond: number;
}

const DOCUMENT = {
  modules: [{ name: "switches", type: "statemachine.engine" }],
  workflows: {
    statemachine: {
      engine: "switches",
      definitions: [{
        name: "switch",
        initialState: "off",
        states: { off: {}, on: {} },
        transitions: {
          turn_on: { fromState: "off", toState: "on" },
          turn_off: { fromState: "on", toState: "off" },
        },
      }],
    },
  },
};

/** Dispatches transitions of many instances, so many at a time. */
export async function measureDispatch(
  options: DispatchOptions = {},
): Promise<DispatchResult> {
  const {
    dispatches = 300_000,
    inFlight = 100,
    instances = 1_000,
    warmUp = 100_000,
  } = options;
  await using app = await startApplication({
    document: DOCUMENT,
    definitions: [engine, statemachine],
    effects: systemEffects(),
  });
  const machines = app.service(StateMachines);
  for (let n = 0; n < instances; n++) {
    await machines.create("switch", `s${n}`, { owner: "bench", room: n });
  }
  let next = 0;
  async function dispatchUntil(last: number): Promise<void> {
    while (next < last) {
      const n = next++;
      const isOff = Math.floor(n / instances) % 2 === 0;
      const data = { id: `s${n % instances}`, by: "bench" };
      await app.dispatch("switch", isOff ? "turn_on" : "turn_off", data);
    }
  }
  function run(last: number): Promise<unknown> {
    return Promise.all(
      Array.from({ length: inFlight }, () => dispatchUntil(last)),
    );
  }
  await run(warmUp);
  const startedMs = performance.now();
  await run(warmUp + dispatches);
  const seconds = (performance.now() - startedMs) / 1_000;
  return { dispatches, seconds, perSecond: Math.round(dispatches / seconds) };
}

if (import.meta.main) {
  for (let round = 1; round <= 3; round++) {
    const { perSecond } = await measureDispatch();
    console.log(`${perSecond} dispatches a second, 100 in flight`);
  }
}
