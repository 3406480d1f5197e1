/**
 * What the measurements of components share: components, and how to look at them.
 *
 * @module
 */
import { systemEffects } from "@engine/effects.ts";
import { Logger } from "../engine/log.ts";
import { Broker } from "../components/broker.ts";
import { NO_GRANTS } from "../components/grants.ts";
import type { Isolation } from "../components/hosts.ts";
import { Sandbox } from "../components/sandbox.ts";
import { prepareSource } from "../components/source.ts";

/** Answers what it is given. */
export const ECHO = "export const execute = (params) => params;";

/** Never aborts. */
export const NEVER = new AbortController().signal;

/** A component that is not started. */
export function sandboxOf(
  code: string,
  isolation: Isolation = "shared",
  executionMs = 30_000,
): Sandbox {
  const effects = systemEffects();
  const none = () => Promise.reject(new Error("Nothing is granted"));
  const name = "bench";
  return new Sandbox({
    ...{ name, code, isolation, executionMs, effects, env: {}, services: {} },
    broker: new Broker({
      ...{ component: name, grants: NO_GRANTS, secrets: {}, effects },
      ...{ files: { read: none, write: none }, service: none },
      ...{ onRefused: () => {}, onUsed: () => {} },
    }),
    log: new Logger(() => {}),
  });
}

/** The same of a source. */
export async function component(
  source: string,
  isolation: Isolation = "shared",
  executionMs = 30_000,
): Promise<Sandbox> {
  const code = await prepareSource(source, "bench.ts");
  return sandboxOf(code, isolation, executionMs);
}

export function call(
  sandbox: Sandbox,
  params: string,
  fn = "execute" as const,
) {
  return sandbox.call(fn, params, { signal: NEVER, idempotencyKey: "bench" });
}

/** Milliseconds that something takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Megabytes that a process holds for itself, its part of what is shared included. */
export function heldMb(pid: number): number {
  const rollup = Deno.readTextFileSync(`/proc/${pid}/smaps_rollup`);
  return Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1]) / 1_024;
}

/** Makes calls, so many at a time, and says how long one takes in microseconds. */
export async function measureCalls(
  make: () => Promise<unknown>,
  inFlight: number,
  { warmUpMs = 1_000, ms = 2_000 } = {},
): Promise<number> {
  let done = 0;
  const run = async (ms: number) => {
    const endMs = performance.now() + ms;
    let isOver = false;
    await Promise.all(Array.from({ length: inFlight }, async () => {
      while (!isOver) {
        await make();
        // To look at the clock each time would be a part of what is measured.
        if (++done % 32 === 0) isOver = performance.now() >= endMs;
      }
    }));
  };
  await run(warmUpMs);
  done = 0;
  const startedAt = performance.now();
  await run(ms);
  return (performance.now() - startedAt) * 1_000 / done;
}
