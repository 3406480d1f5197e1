/**
 * Runs one hostile component beside a well-behaved one and says everything that
 * it got, sent, stalled, broke or left behind. The tests judge.
 *
 * @module
 */
import { Broker, type BrokerOptions } from "../broker.ts";
import { NO_GRANTS } from "../grants.ts";
import { runningHosts } from "../host_process.ts";
import type { Isolation } from "../hosts.ts";
import { LOAD_MS_MAX, Sandbox } from "../sandbox.ts";
import { prepareSource } from "../source.ts";
import { type Effects, systemEffects } from "../../engine/effects.ts";
import { messageOf } from "../../engine/errors.ts";
import { Logger } from "../../engine/log.ts";
import type { Probe } from "./probe.ts";
import { startSurroundings, type Surroundings } from "./surroundings.ts";

/** How long a component may take to load in a trial, in milliseconds. */
const TRIAL_LOAD_MS = 500;

/** Calls of the neighbour that must succeed after the probe is done. */
const CALLS_AFTERWARDS = 3;

/** How long a trial waits for what must happen, in milliseconds. */
const PATIENCE_MS = 15_000;

/** What a probe achieved. */
export interface Findings {
  /** How its call ended; for people. */
  readonly outcome: string;
  /** What it says that it got. */
  readonly got: unknown;
  /** What came out that must not, and where. */
  readonly leaks: readonly string[];
  /** Why its host was killed or died, each time. */
  readonly deaths: readonly string[];
}

/** What a group of probes did to everybody else. */
export interface Effect {
  /** The longest time in which the engine did nothing else, in milliseconds. */
  readonly stallMs: number;
  /** Errors that nobody caught in the engine: any of them would end it. */
  readonly uncaught: readonly string[];
  /** Calls of the neighbour that were answered as they should be. */
  readonly neighbourCalls: number;
  /** Those that were not. */
  readonly neighbourFaults: readonly string[];
  /** Processes that are still there after everybody has stopped. */
  readonly leftovers: readonly number[];
}

/** Probes that ran at the same time, and what they did together. */
export interface Trial {
  readonly findings: ReadonlyMap<string, Findings>;
  readonly effect: Effect;
}

/** Pieces to compose a sandbox of, where a test takes a protection out. */
export interface Pieces {
  readonly prepare?: (source: string, name: string) => Promise<string>;
  readonly broker?: (options: BrokerOptions, around: Surroundings) => Broker;
  /** Whether the component finds the values of its secrets. */
  readonly hasRealSecrets?: boolean;
  /** How long one call may take, whatever the probe says. */
  readonly executionMs?: number;
  /** How long the trial waits for one call, in milliseconds. */
  readonly patienceMs?: number;
}

const NEIGHBOUR = `
globalThis.ofNeighbour = "neighbour-7f3a";
performance.mark("neighbour-7f3a");
export function execute({ a, b }, ctx) {
  return { sum: a + b, key: ctx.idempotencyKey };
}`;

/** Runs probes at the same time at one level of isolation, beside a neighbour. */
export async function tryProbes(
  probes: readonly Probe[],
  isolation: Isolation,
  pieces: Pieces = {},
): Promise<Trial> {
  const before = new Set(runningHosts());
  const ready: Ready[] = [];
  for (const probe of probes) ready.push(await prepared(probe, pieces));
  const neighbour = await startNeighbour(isolation);
  const watch = watchEngine();
  const found = await Promise.all(
    ready.map((one) => tryProbe(one, isolation, pieces)),
  );
  await neighbour.more(CALLS_AFTERWARDS);
  for (const { stop } of found) await stop();
  await neighbour.stop();
  const leftovers = await remaining(before);
  return {
    findings: new Map(found.map(({ name, findings }) => [name, findings])),
    effect: {
      ...watch.stop(),
      leftovers,
      neighbourCalls: neighbour.count(),
      neighbourFaults: neighbour.faults,
    },
  };
}

/** A probe whose code is read, before anybody looks at the time. */
interface Ready {
  readonly probe: Probe;
  readonly around: Surroundings;
  /** Absent if it was refused. */
  readonly code?: string;
  readonly refusal?: unknown;
}

async function prepared(
  probe: Probe,
  { prepare = prepareSource }: Pieces,
): Promise<Ready> {
  const around = await startSurroundings();
  try {
    const source = around.placed(probe.source);
    return { probe, around, code: await prepare(source, probe.name) };
  } catch (refusal) {
    return { probe, around, refusal };
  }
}

async function tryProbe(
  { probe, around, code, refusal }: Ready,
  isolation: Isolation,
  pieces: Pieces,
) {
  const said: string[] = [];
  const deaths: string[] = [];
  let got: unknown = null;
  let outcome = "";
  let sandbox: Sandbox | undefined;
  let isStarted = false;
  function fail(error: unknown): void {
    outcome = `threw ${messageOf(error).slice(0, 200)}`;
    said.push(messageOf(error), error instanceof Error ? error.name : "");
  }
  try {
    if (code === undefined) throw refusal;
    const made = { code, probe, isolation, around, pieces, said, deaths };
    sandbox = sandboxOf(made);
    await sandbox.start();
    isStarted = true;
  } catch (error) {
    fail(error);
  }
  // A call after one that failed finds a component that works again.
  for (let call = 1; isStarted && call <= probe.calls; call++) {
    if (sandbox === undefined) break;
    try {
      const result = await callOf(sandbox, { ...around.targets, call }, pieces);
      said.push(JSON.stringify(result));
      outcome = `returned ${JSON.stringify(result).slice(0, 200)}`;
      got ??= (result as { got?: unknown } | null)?.got ?? null;
    } catch (error) {
      fail(error);
    }
  }
  const leaks = await around.leaks(said);
  return {
    name: probe.name,
    findings: { outcome, got, leaks, deaths },
    stop: async () => {
      await sandbox?.stop();
      await around.stop();
    },
  };
}

interface Making {
  readonly code: string;
  readonly probe: Probe;
  readonly isolation: Isolation;
  readonly around: Surroundings;
  readonly pieces: Pieces;
  /** Whatever gets out of the component is added to it. */
  readonly said: string[];
  readonly deaths: string[];
}

function sandboxOf(
  { code, probe, isolation, around, pieces, said, deaths }: Making,
): Sandbox {
  const effects = { ...impatientEffects(), network: around.network };
  const note = (...what: unknown[]) => said.push(JSON.stringify(what) ?? "");
  const options: BrokerOptions = {
    component: probe.name,
    grants: { ...NO_GRANTS, ...around.named(probe.grants) },
    secrets: around.secrets,
    effects,
    files: around.files,
    service: (name, method, params) =>
      name === "granted" && method === "echo"
        ? Promise.resolve(params)
        : Promise.reject(new Error(`Cannot use ${name}.${method}`)),
    onRefused: (error) => note("refused", error.message.slice(0, 10_000)),
    onUsed: () => {},
  };
  const broker = pieces.broker?.(options, around) ?? new Broker(options);
  return new Sandbox({
    ...{ name: probe.name, code, isolation, effects },
    env: {},
    services: { granted: ["echo"] },
    broker: pieces.hasRealSecrets
      ? Object.assign(broker, { placeholders: around.secrets })
      : broker,
    executionMs: pieces.executionMs ?? probe.executionMs,
    log: new Logger((level, message, fields) => note(level, message, fields)),
    onKilled: (reason) => {
      note("killed", reason);
      deaths.push(reason);
    },
  });
}

async function callOf(
  sandbox: Sandbox,
  params: Readonly<Record<string, unknown>>,
  { patienceMs = PATIENCE_MS }: Pieces,
): Promise<unknown> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Error(`Cannot wait for more than ${patienceMs} ms`)),
    patienceMs,
  );
  const called = sandbox.call("execute", JSON.stringify(params), {
    signal: NEVER,
    idempotencyKey: `key-${params.call}`,
  });
  called.catch(() => {});
  try {
    return await Promise.race([called, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** The real world, in which nobody waits ten seconds for a component to load. */
function impatientEffects(): Effects {
  const effects = systemEffects();
  const { clock } = effects;
  return {
    ...effects,
    clock: {
      ...clock,
      after: (ms, callback) =>
        clock.after(ms === LOAD_MS_MAX ? TRIAL_LOAD_MS : ms, callback),
    },
  };
}

interface Neighbour {
  readonly faults: readonly string[];
  count(): number;
  /** Resolves after so many further calls, or when one is not answered well. */
  more(calls: number): Promise<void>;
  stop(): Promise<void>;
}

/** A component that adds, and is called all the time. */
async function startNeighbour(isolation: Isolation): Promise<Neighbour> {
  const effects = systemEffects();
  const sandbox = new Sandbox({
    ...{ name: "neighbour", code: NEIGHBOUR, isolation, effects },
    ...{ env: {}, services: {}, executionMs: PATIENCE_MS },
    broker: new Broker({
      ...{ component: "neighbour", grants: NO_GRANTS, secrets: {}, effects },
      files: { read: nothing, write: nothing },
      service: nothing,
      onRefused: () => {},
      onUsed: () => {},
    }),
    log: new Logger(() => {}),
  });
  await sandbox.start();
  const faults: string[] = [];
  let count = 0;
  let isOver = false;
  async function callAlways(): Promise<void> {
    for (let a = 0; !isOver && faults.length === 0; a++) {
      const key = `sum-${a}`;
      try {
        const result = await sandbox.call("execute", `{"a":${a},"b":2}`, {
          signal: NEVER,
          idempotencyKey: key,
        });
        if (JSON.stringify(result) !== `{"sum":${a + 2},"key":"${key}"}`) {
          faults.push(`${a} + 2 is ${JSON.stringify(result)}`);
        }
        count++;
      } catch (error) {
        faults.push(messageOf(error));
      }
      await effects.clock.sleep(1);
    }
  }
  const calling = callAlways();
  return {
    faults,
    count: () => count,
    more: async (calls) => {
      const wanted = count + calls;
      while (count < wanted && faults.length === 0) {
        await effects.clock.sleep(1);
      }
    },
    stop: async () => {
      isOver = true;
      await calling;
      await sandbox.stop();
    },
  };
}

const NEVER = new AbortController().signal;

function nothing(): Promise<never> {
  return Promise.reject(new Error("Cannot do it: nothing is granted"));
}

/** Measures how long the engine is away, and hears what would end it. */
function watchEngine() {
  let stallMs = 0;
  let last = performance.now();
  const uncaught: string[] = [];
  const timer = setInterval(() => {
    const now = performance.now();
    stallMs = Math.max(stallMs, now - last);
    last = now;
  }, 5);
  const hear = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    uncaught.push(messageOf(event.reason));
  };
  globalThis.addEventListener("unhandledrejection", hear);
  return {
    stop() {
      clearInterval(timer);
      globalThis.removeEventListener("unhandledrejection", hear);
      return { stallMs: Math.max(stallMs, performance.now() - last), uncaught };
    },
  };
}

/** The new hosts that do not go away. */
async function remaining(before: ReadonlySet<number>): Promise<number[]> {
  const { clock } = systemEffects();
  const lookUntil = clock.elapsed() + 10_000;
  for (;;) {
    const left = runningHosts().filter((pid) => !before.has(pid));
    if (left.length === 0) return left;
    if (clock.elapsed() > lookUntil) {
      // The next trial begins clean.
      for (const pid of left) Deno.kill(pid, "SIGKILL");
      return left;
    }
    await clock.sleep(10);
  }
}
