/**
 * Whether the simulation would find a bug: each of these is planted between the
 * engine and its world, and must be found within some seeds.
 */
import assert from "node:assert/strict";
import type { Clock } from "../engine/effects.ts";
import type { Plant } from "../engine/simulation/simulated_process.ts";
import type { Batch, Key, Store, Write } from "../engine/store/store.ts";
import { simulate } from "../tools/simulate/one_seed.ts";

/** Seeds that a planted bug may hide from. */
const SEEDS_MAX = 600;

interface Bug {
  readonly name: string;
  readonly plant: () => Plant;
  /** What must be said of it. */
  readonly found: RegExp;
}

/** A store whose commits are changed on their way. */
function changing(store: Store, change: (batch: Batch) => Batch | undefined) {
  return {
    ...bound(store),
    commit: (batch: Batch) => {
      const changed = change(batch);
      return changed === undefined
        ? Promise.resolve({ ok: true as const, version: "never" })
        : store.commit(changed);
    },
  };
}

function bound(store: Store): Store {
  return {
    limits: store.limits,
    get: (key) => store.get(key),
    getMany: (keys) => store.getMany(keys),
    list: (range, options) => store.list(range, options),
    watch: (keys, signal) => store.watch(keys, signal),
    commit: (batch) => store.commit(batch),
    close: () => store.close(),
  };
}

const isUnder = (place: string) => ({ key }: { readonly key: Key }) =>
  key[1] === place;

const isAdoption = ({ key, value }: Write) =>
  key[1] === "node" &&
  (value as { adoptedBy?: number }).adoptedBy !== undefined;

const BUGS: readonly Bug[] = [
  {
    name: "an owner that was replaced and writes on",
    found: /without being the owner/,
    plant: () => ({
      store: (store) =>
        changing(store, (batch) => ({
          ...batch,
          checks: (batch.checks ?? []).filter(({ key }) =>
            key[1] !== "node" || batch.sets?.some(isUnder("node"))
          ),
        })),
    }),
  },
  {
    name: "a journal that is acknowledged and not written",
    found: /before .* was durable/,
    plant: () => {
      let commits = 0;
      return {
        store: (store) =>
          changing(
            store,
            (batch) =>
              batch.sets?.some(isUnder("log")) && ++commits % 20 === 0
                ? undefined
                : batch,
          ),
      };
    },
  },
  {
    name: "a checkpoint that is acknowledged and not written",
    found: /written, and entry|not found any more|is not kept|own|twice/,
    plant: () => ({
      store: (store) =>
        changing(
          store,
          (batch) =>
            batch.sets?.some(isUnder("checkpoint")) ? undefined : batch,
        ),
    }),
  },
  {
    name: "a timer that is dropped",
    found: /is not over|no answer|not answered/,
    plant: () => {
      let timers = 0;
      const clock = (clock: Clock): Clock => ({
        ...clock,
        after: (ms, callback) =>
          // The timers of waits and retries are legs of a minute at most.
          ms > 100 && ms < 9_000 && ms !== 1_000 && ++timers % 5 === 0
            ? () => {}
            : clock.after(ms, callback),
      });
      return { clock };
    },
  },
  {
    name: "a run that does a step and is not looked for after a restart",
    found: /is not over; it waits for .*waits for run/,
    plant: () => ({
      runs: (runs) => {
        // What was handled before the crash is taken for handled after it.
        const begin = runs.begin.bind(runs);
        runs.begin = () => {
          for (const run of runs.live()) {
            for (const live of run.machine?.live.values() ?? []) {
              if (live.kind === "child") live.isHandled = true;
            }
          }
          begin();
        };
      },
    }),
  },
  {
    name: "an archive that keeps a run twice",
    found: /is kept twice/,
    plant: () => ({
      store: (store) =>
        changing(store, (batch) => {
          const extra = (batch.sets ?? []).filter(isUnder("archive"))
            .map(({ key, ...write }) => ({
              ...write,
              key: [...key.slice(0, -1), -Number(key.at(-1))],
            }));
          return { ...batch, sets: [...batch.sets ?? [], ...extra] };
        }),
    }),
  },
  {
    name: "an idempotency key that is not checked",
    found: /idempotency key|answered with the runs/,
    plant: () => ({
      store: (store) => ({
        ...changing(
          store,
          (batch) =>
            batch.sets?.every(isUnder("key")) ? { sets: batch.sets } : batch,
        ),
        get: (key) =>
          key[1] === "key" ? Promise.resolve(undefined) : store.get(key),
      }),
    }),
  },
  {
    name: "a node that is gone and that nobody adopts",
    found: /nobody has it/,
    plant: () => ({
      store: (store) =>
        changing(
          store,
          ({ sets = [], ...batch }) =>
            sets.length === 1 && sets.some(isAdoption)
              ? undefined
              : { sets, ...batch },
        ),
    }),
  },
  {
    name: "a log that is never shortened",
    found: /The log has \d+ segments/,
    plant: () => ({
      store: (store) =>
        changing(store, (batch) => ({
          ...batch,
          deletes: (batch.deletes ?? []).filter((key) => key[1] !== "log"),
        })),
    }),
  },
  {
    name: "a step that is done although its completion is written",
    found: /done again after its completion|written twice/,
    plant: () => ({
      store: (store) => ({
        ...bound(store),
        // A restart that does not read the newest segment of the log.
        list: async function* (range, options) {
          const entries = await Array.fromAsync(store.list(range, options));
          const isLog = "prefix" in range && range.prefix[1] === "log";
          yield* isLog ? entries.slice(0, -1) : entries;
        },
      }),
    }),
  },
];

for (const { name, plant, found } of BUGS) {
  Deno.test(`the simulation finds ${name}`, async () => {
    for (let seed = 1; seed <= SEEDS_MAX; seed++) {
      const { violations } = await simulate({ seed, plant: plant() });
      if (violations.some((violation) => found.test(violation))) return;
    }
    assert.fail(`not found within ${SEEDS_MAX} seeds`);
  });
}
