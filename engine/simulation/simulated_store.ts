/**
 * A store that is reached over a bad line: it answers late, out of order, with
 * failures before and after the deed, or, to a process that is gone, never. What
 * it does, it does at once and wholly, as a store must.
 *
 * @module
 */
import { BREAKPOINTS, BREAKPOINTS_HEAD } from "../run/places.ts";
import type { Key, Store } from "../store/store.ts";
import type { Chance } from "./chance.ts";
import type { Fault } from "./faults.ts";

/** Who asks, and how the world is at the moment. */
export interface Line {
  readonly chance: Chance;
  readonly after: (ms: number, callback: () => void) => void;
  /** Whether whoever asks is still there. */
  readonly isAlive: () => boolean;
  /** Gives an answer to whoever asks, as soon as there is somebody. */
  readonly deliver: (callback: () => void) => void;
  readonly has: (fault: Fault) => boolean;
  /** Whether there are breakpoints: else a look at them takes no time or chance. */
  readonly stops: boolean;
}

/** The store as one process sees it. */
export function simulatedStore(store: Store, line: Line): Store {
  const { chance, after, deliver, has } = line;
  const wait = () => has("slow") ? chance.delay(400) : chance.between(0, 2);

  /** Asks, and answers later; a failure may come before or after the deed. */
  function ask<T>(act: () => Promise<T>, isWrite: boolean): Promise<T> {
    return new Promise((resolve, reject) => {
      // What is dead asks nothing: its promises are left to themselves.
      if (!line.isAlive()) return;
      const fails = has("store") && chance.percent(3);
      const isLost = isWrite && has("ambiguous") && chance.percent(4);
      after(wait(), () => {
        const fail = () =>
          after(
            wait(),
            () =>
              deliver(() => reject(new Error("The line to the store broke"))),
          );
        if (fails) return fail();
        act().then(
          (value) =>
            isLost
              ? fail()
              : after(wait(), () => deliver(() => resolve(value))),
          (error) => after(wait(), () => deliver(() => reject(error))),
        );
      });
    });
  }

  async function* list(...args: Parameters<Store["list"]>) {
    const [range] = args;
    if ("prefix" in range && isIdle(range.prefix, line)) return;
    yield* await ask(() => Array.fromAsync(store.list(...args)), false);
  }

  async function* watch(...args: Parameters<Store["watch"]>) {
    const [[key], signal] = args;
    if (isIdle(key, line)) return await aborted(signal);
    for await (const state of store.watch(...args)) {
      // What is dead hears nothing.
      await new Promise<void>((resolve) =>
        after(wait(), () => deliver(resolve))
      );
      yield state;
    }
  }

  return {
    limits: store.limits,
    get: (key) => ask(() => store.get(key), false),
    getMany: (keys) => ask(() => store.getMany(keys), false),
    list,
    watch,
    // A batch is read when `commit` is called.
    commit: (batch) => {
      const own = {
        checks: [...batch.checks ?? []],
        sets: [...batch.sets ?? []],
        deletes: [...batch.deletes ?? []],
      };
      return ask(() => store.commit(own), true);
    },
    close: () => Promise.resolve(),
  };
}

/**
 * Whether a key is of breakpoints, and there are none: a world without any stays
 * what it was before there were breakpoints at all.
 */
function isIdle(key: Key | undefined, { stops }: Line): boolean {
  const place = key?.[1];
  return !stops &&
    (place === BREAKPOINTS[1] || place === BREAKPOINTS_HEAD[1]);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) =>
    signal.addEventListener("abort", () => resolve(), { once: true })
  );
}
