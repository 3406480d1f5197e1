/**
 * What it costs that an engine remembers what is measured: dispatches and requests
 * of one engine, which remembers in every second round.
 *
 * @module
 */
import { createCatalog } from "../engine/catalog.ts";
import { defineModule } from "@engine/define.ts";
import type { Meter, Sampler } from "@engine/observe.ts";
import { z } from "zod";
import { systemEffects } from "../engine/effects.ts";
import { boot } from "../engine/engine.ts";
import { HttpServer } from "../engine/services/http_server.ts";
import { StateMachines } from "../engine/services/state_machines.ts";
import { memoryStore } from "../engine/store/memory.ts";
import handler from "../modules/http/handler.ts";
import router from "../modules/http/router.ts";
import server from "../modules/http/server.ts";
import engine from "../modules/statemachine/engine.ts";
import http from "../workflows/types/http.ts";
import statemachine from "../workflows/types/statemachine.ts";

/** How much is measured. */
export interface HistoryMeasureOptions {
  /** @default {150} */
  readonly rounds?: number;
  /** Dispatches or requests a round, on each side. @default {4_000} */
  readonly count?: number;
}

/** Times, divided by those of an engine with nothing at its meter. */
export interface HistoryMeasurement {
  /** With a recorder at the meter. */
  readonly ratio: number;
  /** With nothing as well: so far is chance. */
  readonly control: number;
}

type Work = (count: number) => Promise<void>;

const DOCUMENT = `
modules:
  - { name: server, type: http.server, config: { address: "127.0.0.1:0" } }
  - { name: router, type: http.router }
  - { name: orders, type: http.handler }
  - { name: switches, type: statemachine.engine }
  - { name: meter, type: bench.meter }
workflows:
  http:
    routes: [{ method: GET, path: "/orders/{id}", handler: orders }]
  statemachine:
    engine: switches
    definitions:
      - name: switch
        initialState: "off"
        states: { "off": {}, "on": {} }
        transitions:
          turn_on: { fromState: "off", toState: "on" }
          turn_off: { fromState: "on", toState: "off" }
`;

const INSTANCES = 1_000;
const IN_FLIGHT = 100;

/** Measures both. Takes about a minute. */
export async function measureHistory(
  options: HistoryMeasureOptions = {},
): Promise<
  Readonly<Record<"dispatches" | "requests", HistoryMeasurement>>
> {
  const meters: Meter[] = [];
  await using running = await start(meters);
  const [meter] = meters;
  const recorder = meter?.sampler;
  if (!meter || !recorder) {
    throw new TypeError("Cannot measure: nothing is recorded");
  }
  const measure = async (work: Work) => {
    const withSampler = (sampler: Sampler | undefined): Work => (count) => {
      meter.sampler = sampler;
      return work(count);
    };
    const plain = withSampler(undefined);
    const again = withSampler(undefined);
    // The first comparison is for the compiler.
    await compare(plain, withSampler(recorder), options);
    return {
      control: await compare(plain, again, options),
      ratio: await compare(plain, withSampler(recorder), options),
    };
  };
  return {
    dispatches: await measure(running.dispatch),
    requests: await measure(running.ask),
  };
}

async function start(meters: Meter[]) {
  const effects = systemEffects();
  const probe = defineModule({
    type: "bench.meter",
    summary: "Hands out the meter of its application",
    stability: "experimental",
    config: z.strictObject({}),
    provides: [],
    examples: [],
    create(_, { meter }) {
      meters.push(meter);
      return {};
    },
  });
  const running = await boot({
    catalog: createCatalog([
      ...[server, router, handler, http, engine, statemachine, probe],
    ]),
    documents: [{ file: "bench.yaml", text: DOCUMENT }],
    store: memoryStore({ now: effects.clock.now }),
    ...{ effects, keepsHistory: true, log: () => {} },
    secrets: {
      env: () => undefined,
      file: () => Promise.resolve(undefined),
    },
  });
  const application = running.application("bench");
  const [web] = application?.all(HttpServer) ?? [];
  const [machines] = application?.all(StateMachines) ?? [];
  if (!application || !web || !machines) {
    throw new TypeError("Cannot measure: the engine does not run");
  }
  for (let n = 0; n < INSTANCES; n++) {
    await machines.service.create("switch", `s${n}`, { room: n });
  }
  let next = 0;
  return {
    async dispatch(count: number): Promise<void> {
      const last = next + count;
      const dispatchAll = async () => {
        while (next < last) {
          const n = next++;
          const isOff = Math.floor(n / INSTANCES) % 2 === 0;
          const data = { id: `s${n % INSTANCES}` };
          const transition = isOff ? "turn_on" : "turn_off";
          await application.dispatch("switch", transition, data);
        }
      };
      await Promise.all(Array.from({ length: IN_FLIGHT }, dispatchAll));
    },
    async ask(count: number): Promise<void> {
      const url = "http://localhost/orders/7";
      for (let n = 0; n < count; n++) {
        await web.service.handle(new Request(url), "127.0.0.1");
      }
    },
    [Symbol.asyncDispose]: () => running.stop(),
  };
}

/** The median over pairs of rounds that take turns: what drifts favours nobody. */
async function compare(
  plain: Work,
  other: Work,
  { rounds = 150, count = 4_000 }: HistoryMeasureOptions,
): Promise<number> {
  const ratios: number[] = [];
  for (let round = -rounds / 3; round < rounds; round++) {
    const isFirst = round % 2 === 0;
    const first = await timeOf(isFirst ? plain : other, count);
    const second = await timeOf(isFirst ? other : plain, count);
    if (round < 0) continue;
    ratios.push(isFirst ? second / first : first / second);
  }
  return medianOf(ratios);
}

function medianOf(all: readonly number[]): number {
  return all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? NaN;
}

async function timeOf(work: Work, count: number): Promise<number> {
  // What is due has its turn.
  await new Promise((resolve) => setTimeout(resolve, 1));
  const start = performance.now();
  await work(count);
  return performance.now() - start;
}

if (import.meta.main) {
  for (const [what, found] of Object.entries(await measureHistory())) {
    const { ratio, control } = found;
    console.log(
      `${what}: ${ratio.toFixed(3)} × with a history ` +
        `(${control.toFixed(3)} × without one, either time)`,
    );
  }
}
