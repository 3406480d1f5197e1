/**
 * Components that are replaced under load, many at once, and one that has nothing
 * to do.
 *
 * @module
 */
import { systemEffects } from "@engine/effects.ts";
import { Executor } from "@engine/services/executor.ts";
import { UserCode } from "@engine/services/user_code.ts";
import { startApplication } from "@engine/testing.ts";
import { HostProcess, runningHosts } from "../components/host_process.ts";
import { SHARED_BY_MAX } from "../components/hosts.ts";
import { checkTypes } from "../components/type_check.ts";
import dynamicComponent from "../modules/dynamic/component.ts";
import {
  call,
  component,
  ECHO,
  heldMb,
  median,
  NEVER,
  pause,
  timed,
} from "./component_parts.ts";

const SWAPS = 20;
const IN_FLIGHT = 100;
const CROWD = 200;

/** How long a component is left alone before its memory is read. */
const IDLE_MS = 5_000;

/** What comes of replacing a component while it is called. */
export interface SwapFigures {
  readonly calls: number;
  readonly failed: number;
  /** The longest time between two answers, in milliseconds. */
  readonly pauseMs: number;
  /** One swap; the median, in milliseconds. */
  readonly swapMs: number;
  /** What the check of its types takes of that, where nothing else runs. */
  readonly checkMs: number;
}

/** Replaces a component again and again, with 100 calls in flight. */
export async function measureSwaps(): Promise<SwapFigures> {
  const version = (n: number) =>
    `export const execute = async () => { await null; return ${n}; };`;
  const app = await startApplication({
    document: {
      modules: [{
        ...{ name: "code", type: "dynamic.component" },
        config: { code: version(0) },
      }],
    },
    definitions: [dynamicComponent],
    effects: systemEffects(),
  });
  const executor = app.service(Executor);
  let [calls, failed, pauseMs, isOver] = [0, 0, 0, false];
  let answeredAt = performance.now();
  const calling = Promise.all(Array.from({ length: IN_FLIGHT }, async () => {
    while (!isOver) {
      await executor.execute({}, { signal: NEVER, idempotencyKey: "bench" })
        .catch(() => failed++);
      calls++;
      const now = performance.now();
      pauseMs = Math.max(pauseMs, now - answeredAt);
      answeredAt = now;
    }
  }));
  await pause(1_000);
  const code = app.service(UserCode);
  const all: number[] = [];
  pauseMs = 0;
  for (let n = 1; n <= SWAPS; n++) {
    all.push(await timed(() => code.replace(version(n))));
    await pause(100);
  }
  isOver = true;
  await calling;
  await app.stop();
  const checks: number[] = [];
  for (let n = 0; n < 5; n++) {
    const { clock } = systemEffects();
    checks.push(
      await timed(() => checkTypes(version(n), "code.ts", { clock })),
    );
  }
  return {
    ...{ calls, failed, pauseMs, swapMs: median(all) },
    checkMs: median(checks),
  };
}

/** Milliseconds until all of a crowd have answered, and megabytes for each. */
export async function measureCrowd(): Promise<readonly [number, number]> {
  const all = await Promise.all(
    Array.from({ length: CROWD }, () => component(ECHO)),
  );
  const ms = await timed(() =>
    Promise.all(all.map(async (one) => {
      await one.start();
      await call(one, "{}");
    }))
  );
  let heldByAll = 0;
  for (const pid of runningHosts()) heldByAll += heldMb(pid);
  await Promise.all(all.map((one) => one.stop()));
  return [ms, heldByAll / CROWD];
}

/** What a full host takes, and what it holds, in milliseconds and megabytes. */
export interface HostFigures {
  /** Until the others are there, after the first. */
  readonly fillMs: number;
  /** For each of them, at once. */
  readonly eachMb: number;
  /** The same when they have had nothing to do for a while. */
  readonly idleMb: number;
  /** A host at hand, with its worker: nobody is in it. */
  readonly spareMb: number;
}

/** Fills one host, and lets it be. */
export async function measureHost(): Promise<HostFigures> {
  const all = await Promise.all(
    Array.from({ length: SHARED_BY_MAX }, () => component(ECHO)),
  );
  const [first, ...rest] = all;
  await first?.start();
  const pid = first?.pid ?? 0;
  const before = heldMb(pid);
  const fillMs = await timed(() => Promise.all(rest.map((one) => one.start())));
  const eachMb = (heldMb(pid) - before) / rest.length;
  const spare = new HostProcess(systemEffects());
  await pause(IDLE_MS);
  const idleMb = (heldMb(pid) - before) / rest.length;
  const spareMb = heldMb(spare.pid);
  spare.kill("it was measured");
  await spare.ended;
  for (const one of all) await one.stop();
  return { fillMs, eachMb, idleMb, spareMb };
}
