/**
 * What calls of sandboxed components cost: engine → host process → worker and
 * back, by calls at a time and size; how long starts, swaps and kills take; what
 * components hold.
 *
 *     deno run -A bench/components.ts
 *     deno run -A bench/components.ts calls # or starts, names, swaps, crowds
 *
 * @module
 */
import type { Isolation } from "../components/hosts.ts";
import { measureCrowd, measureHost, measureSwaps } from "./component_crowds.ts";
import { measureNamed } from "./component_names.ts";
import {
  call,
  component,
  ECHO,
  measureCalls,
  median,
  pause,
  timed,
} from "./component_parts.ts";

const PAUSE_MS = 500;
const STARTS = 9;
const IN_FLIGHT = [1, 10, 100, 1_000];
const SIZES = [100, 1_024, 65_536];
const SPINS = "export function execute({ spin }) { while (spin); return 1; }";

/** Milliseconds until a component that spins is gone, and until it answers again. */
async function measureKill(): Promise<readonly [number, number]> {
  const limitMs = 100;
  const sandbox = await component(SPINS, "process", limitMs);
  await sandbox.start();
  // As it is in a process that has run for a while: a host is at hand.
  await pause(PAUSE_MS);
  const pid = sandbox.pid ?? 0;
  const spun = call(sandbox, '{"spin":true}').catch(() => {});
  const goneMs = await timed(async () => {
    await spun;
    while (isRunning(pid)) await pause(1);
  });
  const againMs = await timed(() => call(sandbox, "{}").catch(() => {}));
  await sandbox.stop();
  return [goneMs - limitMs, againMs];
}

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}

/** Milliseconds for the first component, and for one that comes later. */
async function measureStarts(isolation: Isolation) {
  const cold: number[] = [];
  const warm: number[] = [];
  for (let n = 0; n < STARTS; n++) {
    const first = await component(ECHO, isolation);
    cold.push(await timed(() => first.start()));
    const second = await component(ECHO, isolation);
    // As when a file is saved some time later, and not as when all start at once.
    await pause(PAUSE_MS);
    warm.push(await timed(() => second.start()));
    await second.stop();
    await first.stop();
  }
  return [median(cold), median(warm)] as const;
}

async function tellCalls(): Promise<void> {
  const sandbox = await component(ECHO);
  await sandbox.start();
  console.log("| bytes of JSON | at a time | µs a call | calls a second |");
  console.log("| ---: | ---: | ---: | ---: |");
  for (const bytes of SIZES) {
    const params = JSON.stringify({ text: "x".repeat(bytes - 11) });
    for (const inFlight of IN_FLIGHT) {
      const us = await measureCalls(() => call(sandbox, params), inFlight);
      console.log(
        `| ${bytes} | ${inFlight} | ${us.toFixed(1)} | ${
          Math.round(1e6 / us)
        } |`,
      );
    }
  }
  await sandbox.stop();
}

async function tellStarts(): Promise<void> {
  const [coldMs, warmMs] = await measureStarts("shared");
  console.log(`start with a new host: ${coldMs.toFixed(0)} ms`);
  console.log(`start in a host that runs: ${warmMs.toFixed(1)} ms`);
  const [, aloneMs] = await measureStarts("process");
  console.log(`start in a host of its own: ${aloneMs.toFixed(1)} ms`);
  const [goneMs, againMs] = await measureKill();
  console.log(
    `a component that spins is gone ${goneMs.toFixed(0)} ms after its limit, ` +
      `and answers again ${againMs.toFixed(0)} ms later`,
  );
}

async function tellNames(): Promise<void> {
  console.log("| name | µs | what |");
  console.log("| --- | ---: | --- |");
  for (const { name, us, what } of await measureNamed()) {
    console.log(`| ${name} | ${us.toFixed(us < 100 ? 1 : 0)} | ${what} |`);
  }
}

async function tellSwaps(): Promise<void> {
  const { calls, failed, pauseMs, swapMs, checkMs } = await measureSwaps();
  console.log(
    `hot swap with 100 calls in flight: ${failed} of ${calls} calls failed, ` +
      `the longest pause ${pauseMs.toFixed(0)} ms, one swap ` +
      `${swapMs.toFixed(0)} ms (types alone: ${checkMs.toFixed(0)} ms)`,
  );
}

async function tellCrowds(): Promise<void> {
  const { fillMs, eachMb, idleMb, spareMb } = await measureHost();
  console.log(
    `a host fills: ${fillMs.toFixed(0)} ms, ${eachMb.toFixed(1)} MB each, ` +
      `${idleMb.toFixed(1)} MB when idle`,
  );
  console.log(`a host at hand: ${spareMb.toFixed(0)} MB`);
  const [ms, mb] = await measureCrowd();
  console.log(
    `200 components at once: ${ms.toFixed(0)} ms, ${mb.toFixed(1)} MB each`,
  );
}

const PARTS = {
  calls: tellCalls,
  starts: tellStarts,
  names: tellNames,
  swaps: tellSwaps,
  crowds: tellCrowds,
};

if (import.meta.main) {
  const [chosen] = Deno.args;
  for (const [name, tell] of Object.entries(PARTS)) {
    if (chosen === undefined || chosen === name) await tell();
  }
}
