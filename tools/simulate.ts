/**
 * Lets simulated worlds happen, seed after seed, on as many cores as there are:
 *
 *     deno task sim --seed 1 --runs 10000
 *     deno task sim --seed 4711 --trace        one world, everything that happens
 *     deno task sim --faults crash,store       only these may go wrong
 *
 * Ends with 1 if a world has violated what the engine promises, and says how to
 * see it again.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { type Fault, FAULTS } from "../engine/simulation/faults.ts";
import type { WorldResult } from "../engine/simulation/world.ts";
import { simulate } from "./simulate/one_seed.ts";
import { simulateAll } from "./simulate/workers.ts";

/** How often it says how far it is, in worlds. */
const PROGRESS_EVERY = 500;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seed: { type: "string", default: "1" },
      runs: { type: "string", default: "1000" },
      workers: { type: "string" },
      faults: { type: "string" },
      json: { type: "boolean", default: false },
      trace: { type: "boolean", default: false },
    },
  });
  const seed = wholeNumber("--seed", values.seed);
  const runs = wholeNumber("--runs", values.runs);
  const faults = values.faults === undefined
    ? FAULTS
    : values.faults.split(",").map(fault);
  if (values.trace) {
    const result = await simulate({ seed, faults, onLine: console.log });
    tell(result, faults);
    return result.violations.length > 0 ? 1 : 0;
  }
  const startedMs = performance.now();
  const total = { worlds: 0, runs: 0, happened: 0, failed: [] as number[] };
  const workers = values.workers === undefined
    ? Math.max(1, navigator.hardwareConcurrency)
    : wholeNumber("--workers", values.workers);
  await simulateAll({ seed, runs, faults, workers }, (result) => {
    total.worlds++;
    total.runs += result.runs;
    total.happened += result.happened;
    if (result.violations.length > 0) {
      total.failed.push(result.seed);
      if (!values.json) tell(result, faults);
    }
    if (values.json) console.log(JSON.stringify(result));
    else if (total.worlds % PROGRESS_EVERY === 0) {
      console.log(`${total.worlds} of ${runs} worlds`);
    }
  });
  const seconds = (performance.now() - startedMs) / 1_000;
  if (!values.json) {
    console.log(
      `${total.worlds} worlds with ${total.runs} runs and ${total.happened} events ` +
        `in ${seconds.toFixed(1)} s: ${total.failed.length} violated`,
    );
  }
  return total.failed.length > 0 ? 1 : 0;
}

function tell(result: WorldResult, faults: readonly Fault[]): void {
  const { seed, violations, hash } = result;
  console.log(
    `seed ${seed}: ${result.runs} runs, ${result.happened} events, trace ${hash}, ` +
      `faults: ${result.faults.join(" ") || "none"}`,
  );
  for (const violation of violations) console.log(`  ${violation}`);
  if (violations.length === 0) return;
  const only = faults === FAULTS ? "" : ` --faults ${faults.join(",")}`;
  console.log(`  again: deno task sim --seed ${seed} --trace${only}`);
}

function wholeNumber(option: string, text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new RangeError(
    `Cannot simulate: ${option} is "${text}", expected a whole number`,
  );
}

function fault(name: string): Fault {
  const found = FAULTS.find((fault) => fault === name);
  if (found !== undefined) return found;
  throw new RangeError(
    `Cannot simulate: no fault is called "${name}", expected some of ${
      FAULTS.join(", ")
    }`,
  );
}

if (import.meta.main) Deno.exit(await main());
