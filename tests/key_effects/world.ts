/**
 * The world around an application that is watched: its time is moved, and what is
 * outside answers well, badly or not at all.
 *
 * @module
 */
import { setImmediate } from "node:timers";
import { setTimeout as delay } from "node:timers/promises";
import {
  type Clock,
  type Effects,
  type Network,
  sleepOn,
  timeOrderedIds,
} from "../../engine/effects.ts";
import { simulatedEffects } from "../../engine/simulation/effects.ts";
import type { Sightings } from "./sightings.ts";

/** How the services outside are. */
export type Outside = "well" | "failing" | "silent";

/** A world, and the handles that move it. */
export interface World extends Effects {
  /** @default {"well"} */
  outside: Outside;
  /** How many requests went outside. */
  readonly calls: number;
  /** Lets everything happen for which no time need pass. */
  rest(): Promise<void>;
  /** The same, and what takes a moment of real time ends. */
  calm(): Promise<void>;
  /** Time passes from timer to timer; after very many of them it leaps. */
  pass(ms: number): Promise<void>;
  /** What comes of a promise, with time passing if it needs that. */
  settled<T>(promise: Promise<T>): Promise<T | Error>;
}

/** Rounds of timers that set others for now. */
const ROUNDS_MAX = 40;

/** How many timers fire before time leaps. */
const TIMERS_MAX = 60;

/** How many of them are given a moment of real time. */
const UNHURRIED = 12;

const START_MS = 1_700_000_000_000;

/** How long a promise may take, really, before simulated time passes for it. */
const PATIENCE_MS = 5;

/** A request outside that nobody answers is given up after this time. */
const SILENCE_MS = 3_600_000;

interface Timer {
  readonly dueMs: number;
  readonly order: number;
  readonly callback: () => void;
}

/** A clock, and what moves it. */
interface MovableClock extends Clock {
  /** Fires what is due, in order; what is set meanwhile waits. */
  fire(): boolean;
  /** Goes to the next timer, if it falls due within so many milliseconds. */
  goToNext(withinMs: number): boolean;
  goTo(ms: number): void;
}

function movableClock(sightings: Sightings): MovableClock {
  const timers = new Set<Timer>();
  const delays = new Set<number>();
  let nowMs = START_MS;
  let order = 0;
  const sorted = () =>
    [...timers].sort((a, b) => a.dueMs - b.dueMs || a.order - b.order);
  function after(ms: number, callback: () => void): () => void {
    // How long something waits is seen; how often it does is not the point.
    if (ms > 0 && !delays.has(ms)) {
      delays.add(ms);
      sightings.saw(`a delay of ${ms} ms`, "is waited for");
    }
    const timer = { callback, order: order++, dueMs: nowMs + Math.max(0, ms) };
    timers.add(timer);
    return () => void timers.delete(timer);
  }
  return {
    now: () => nowMs,
    elapsed: () => nowMs - START_MS,
    after,
    sleep: (ms, signal) => sleepOn({ after }, ms, signal),
    turn: () => sleepOn({ after }, 0),
    fire() {
      const due = sorted().filter(({ dueMs }) => dueMs <= nowMs);
      for (const timer of due) {
        // One that fires may cancel another.
        if (timers.delete(timer)) timer.callback();
      }
      return due.length > 0;
    },
    goToNext(withinMs) {
      const [first] = sorted();
      if (first === undefined || first.dueMs > nowMs + withinMs) return false;
      nowMs = Math.max(nowMs, first.dueMs);
      return true;
    },
    goTo: (ms) => void (nowMs = Math.max(nowMs, ms)),
  };
}

/** Makes a world. */
export function watchedWorld(sightings: Sightings): World {
  const clock = movableClock(sightings);
  const state = { outside: "well" as Outside, calls: 0 };
  const { random, network: inside } = simulatedEffects({
    fetch: (input, init) => answer(new Request(input, init)),
  });
  const network: Network = {
    ...inside,
    listen(options, serve) {
      sightings.saw("who listens", options);
      return inside.listen(options, serve);
    },
  };
  async function answer(request: Request): Promise<Response> {
    state.calls++;
    const { method, url, headers, signal } = request;
    const body = await request.text();
    sightings.saw("calls to the outside", {
      ...{ method, url, body, headers: [...headers] },
    });
    if (state.outside === "silent") await clock.sleep(SILENCE_MS, signal);
    return state.outside === "failing"
      ? Response.json({ error: "failing" }, { status: 500 })
      : Response.json({ ok: true, id: "1", url });
  }
  const rest = () => rested(clock);
  async function calm(): Promise<void> {
    await rest();
    await delay(0);
    await rest();
  }
  return {
    ...{ clock, random, network, rest, calm },
    ids: timeOrderedIds(clock, random),
    get calls() {
      return state.calls;
    },
    get outside() {
      return state.outside;
    },
    set outside(outside) {
      state.outside = outside;
    },
    async pass(ms) {
      const untilMs = clock.now() + ms;
      await rest();
      for (let timers = 0; timers < TIMERS_MAX; timers++) {
        if (!clock.goToNext(untilMs - clock.now())) break;
        // The first ones are not hurried: what signs or reads takes real time.
        await (timers < UNHURRIED ? calm() : rest());
      }
      clock.goTo(untilMs);
      await calm();
    },
    settled: (promise) => settled(promise, clock),
  };
}

/** Everything that waits for no time at all goes on. */
async function rested(clock: MovableClock): Promise<void> {
  for (let round = 0; round < ROUNDS_MAX; round++) {
    await turn();
    if (!clock.fire()) break;
  }
  await turn();
}

/** As long as it takes: at once, then in real time, then in the simulated one. */
async function settled<T>(
  promise: Promise<T>,
  clock: MovableClock,
): Promise<T | Error> {
  let outcome: { readonly value: T | Error } | undefined;
  promise.then(
    (value) => outcome = { value },
    (error) => outcome = { value: error },
  );
  for (let round = 0; round < ROUNDS_MAX; round++) {
    await turn();
    if (outcome !== undefined) return outcome.value;
    if (!clock.fire() && round > 4) break;
  }
  for (let round = 0; round < PATIENCE_MS + ROUNDS_MAX; round++) {
    await delay(1);
    if (outcome !== undefined) return outcome.value;
    if (clock.fire() || round < PATIENCE_MS) continue;
    clock.goToNext(Infinity);
  }
  return new Error("Nothing came of it");
}

function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
