/**
 * What calls of sandboxed components cost: engine → host process → worker and
 * back, by calls at a time and size; and how long starts, swaps and kills take.
 *
 *     deno run -A bench/components.ts
 *
 * @module
 */
import { systemEffects } from "@engine/effects.ts";
import { Logger } from "../engine/log.ts";
import { Broker } from "../components/broker.ts";
import { NO_GRANTS } from "../components/grants.ts";
import { type Isolation, SHARED_BY_MAX } from "../components/hosts.ts";
import { Sandbox } from "../components/sandbox.ts";
import { prepareSource } from "../components/source.ts";

const SECONDS = 2;
const PAUSE_MS = 200;
const IN_FLIGHT = [1, 10, 100, 1_000];
const SIZES = [100, 1_024, 65_536];
const ECHO = "export const execute = (params) => params;";
const SPINS = "export function execute({ spin }) { while (spin); return 1; }";
const NEVER = new AbortController().signal;

async function component(
  source: string,
  isolation: Isolation = "shared",
  executionMs = 30_000,
): Promise<Sandbox> {
  const effects = systemEffects();
  const none = () => Promise.reject(new Error("Nothing is granted"));
  const name = "bench";
  return new Sandbox({
    ...{ name, isolation, executionMs, effects, env: {}, services: {} },
    code: await prepareSource(source, "bench.ts"),
    broker: new Broker({
      ...{ component: name, grants: NO_GRANTS, secrets: {}, effects },
      ...{ files: { read: none, write: none }, service: none },
      ...{ onRefused: () => {}, onUsed: () => {} },
    }),
    log: new Logger(() => {}),
  });
}

function call(sandbox: Sandbox, params: string) {
  return sandbox.call("execute", params, {
    ...{ signal: NEVER, idempotencyKey: "bench" },
  });
}

/** Microseconds a call, so many at a time. */
export async function measureCalls(
  sandbox: Sandbox,
  inFlight: number,
  bytes: number,
): Promise<number> {
  const params = JSON.stringify({ text: "x".repeat(bytes - 11) });
  let done = 0;
  const run = async (ms: number) => {
    const endMs = performance.now() + ms;
    await Promise.all(Array.from({ length: inFlight }, async () => {
      while (performance.now() < endMs) {
        await call(sandbox, params);
        done++;
      }
    }));
  };
  await run(1_000);
  done = 0;
  const startedAt = performance.now();
  await run(SECONDS * 1_000);
  return (performance.now() - startedAt) * 1_000 / done;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}

/** Milliseconds until a component that spins is gone, and until it answers again. */
async function measureKill(): Promise<readonly [number, number]> {
  const limitMs = 100;
  const sandbox = await component(SPINS, "process", limitMs);
  await sandbox.start();
  const pid = sandbox.pid ?? 0;
  const spun = call(sandbox, '{"spin":true}').catch(() => {});
  const goneMs = await timed(async () => {
    await spun;
    while (isRunning(pid)) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
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

function residentMb(pid: number): number {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024;
}

async function measureStarts() {
  const cold: number[] = [];
  const warm: number[] = [];
  for (let n = 0; n < 7; n++) {
    const first = await component(ECHO);
    cold.push(await timed(() => first.start()));
    const second = await component(ECHO);
    // As when a file is saved some time later, and not as when all start at once.
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    warm.push(await timed(() => second.start()));
    await second.stop();
    await first.stop();
  }
  return { coldMs: median(cold), warmMs: median(warm) };
}

/** Milliseconds for the rest of a host's components, and megabytes for each. */
async function measureMany(): Promise<readonly [number, number]> {
  const all = await Promise.all(
    Array.from({ length: SHARED_BY_MAX }, () => component(ECHO)),
  );
  const [first, ...rest] = all;
  await first?.start();
  const pid = first?.pid ?? 0;
  const before = residentMb(pid);
  const ms = await timed(() => Promise.all(rest.map((one) => one.start())));
  const each = (residentMb(pid) - before) / rest.length;
  for (const one of all) await one.stop();
  return [ms, each];
}

if (import.meta.main) {
  const sandbox = await component(ECHO);
  await sandbox.start();
  console.log("| bytes of JSON | at a time | µs a call | calls a second |");
  console.log("| ---: | ---: | ---: | ---: |");
  for (const bytes of SIZES) {
    for (const inFlight of IN_FLIGHT) {
      const us = await measureCalls(sandbox, inFlight, bytes);
      console.log(
        `| ${bytes} | ${inFlight} | ${us.toFixed(1)} | ${
          Math.round(1e6 / us)
        } |`,
      );
    }
  }
  await sandbox.stop();
  const { coldMs, warmMs } = await measureStarts();
  console.log(`start with a new host: ${coldMs.toFixed(0)} ms`);
  console.log(`start in a host that runs: ${warmMs.toFixed(0)} ms`);
  const [goneMs, againMs] = await measureKill();
  console.log(
    `a component that spins is gone ${goneMs.toFixed(0)} ms after its limit, ` +
      `and answers again ${againMs.toFixed(0)} ms later`,
  );
  const [ms, mb] = await measureMany();
  console.log(
    `${SHARED_BY_MAX} components in one host: ${ms.toFixed(0)} ms, ${
      mb.toFixed(1)
    } MB each`,
  );
}
