import assert from "node:assert/strict";
import fc from "fast-check";
import { groupCommit } from "./group_commit.ts";
import { encodeKey } from "./key.ts";
import { memoryStore } from "./memory.ts";
import type { Batch, Key, Store, Version } from "./store.ts";

/** One commit of a client. */
interface Step {
  readonly idleTurns: number;
  readonly checks: readonly {
    readonly key: Key;
    readonly how: "read" | "absent";
  }[];
  readonly sets: readonly Key[];
  readonly deletes: readonly Key[];
}

/** What a client asked for and was told; times count the commits beneath. */
interface Call {
  readonly batch: Required<Batch>;
  readonly calledAt: number;
  readonly answeredAt: number;
  readonly version: Version | undefined;
}

type State = ReadonlyMap<
  string,
  { readonly version: Version; readonly value: unknown }
>;

const key: fc.Arbitrary<Key> = fc.nat({ max: 5 }).map((i) => ["k", i]);
const step: fc.Arbitrary<Step> = fc.record({
  idleTurns: fc.nat({ max: 60 }),
  checks: fc.array(
    fc.record({
      key,
      how: fc.constantFrom("read" as const, "absent" as const),
    }),
    { maxLength: 2 },
  ),
  sets: fc.array(key, { maxLength: 2 }),
  deletes: fc.array(key, { maxLength: 1 }),
});
const clients = fc.array(fc.array(step, { minLength: 1, maxLength: 6 }), {
  minLength: 2,
  maxLength: 8,
});

Deno.test("groupCommit() is a serial order of its batches, and every conflict is genuine", async () => {
  // Clients run at once over a store that takes its time. The store beneath numbers
  // its commits, so the order is known: replaying the batches in it, those of one
  // commit in the order of their calls, must make every answer true.
  await fc.assert(
    fc.asyncProperty(
      clients,
      fc.array(fc.nat({ max: 80 }), { minLength: 1, maxLength: 10 }),
      async (programs, delays) => {
        const { calls, memory, mergedMost } = await run(programs, delays);
        const states = replay(calls);
        for (const call of calls) assertGenuine(call, states);
        assertOrder(calls);
        const last = states.at(-1) ?? new Map();
        const found = await Array.fromAsync(memory.list({ prefix: [] }));
        assert.deepEqual(
          found.map((
            { key, value, version },
          ) => [encodeKey(key), { version, value }]),
          [...last].sort(([a], [b]) => a < b ? -1 : 1),
        );
        merged = Math.max(merged, mergedMost);
      },
    ),
    { numRuns: 300 },
  );
  // Else the property would hold for a store that never merges.
  assert.ok(merged > 2, `merged ${merged} batches at most`);
});

let merged = 0;

async function run(
  programs: readonly (readonly Step[])[],
  delays: readonly number[],
) {
  const memory = memoryStore();
  let applied = 0;
  let commits = 0;
  let mergedMost = 0;
  const slow: Store = {
    limits: memory.limits,
    get: (key) => memory.get(key),
    getMany: (keys) => memory.getMany(keys),
    list: (range, options) => memory.list(range, options),
    watch: (keys, signal) => memory.watch(keys, signal),
    close: () => memory.close(),
    commit: async (batch) => {
      const delay = delays[commits++ % delays.length] ?? 0;
      await turns(delay);
      const result = await memory.commit(batch);
      if (result.ok) applied++;
      await turns(delay / 2);
      return result;
    },
  };
  const store = groupCommit(slow);
  const calls: Call[] = [];
  let value = 0;
  await Promise.all(programs.map(async (program) => {
    for (const { idleTurns, checks, sets, deletes } of program) {
      await turns(idleTurns);
      const read = await store.getMany(checks.map(({ key }) => key));
      const batch = {
        checks: checks.map(({ key, how }, i) => ({
          key,
          version: how === "read" ? read[i]?.version : undefined,
        })),
        sets: sets.map((key) => ({ key, value: ++value })),
        deletes,
      };
      const calledAt = applied;
      // Calls are kept in the order in which they are made.
      const at = calls.push({
        batch,
        calledAt,
        answeredAt: -1,
        version: undefined,
      });
      const result = await store.commit(batch);
      const version = result.ok ? result.version : undefined;
      calls[at - 1] = { batch, calledAt, answeredAt: applied, version };
    }
  }));
  const sizes = Map.groupBy(
    calls.filter(({ version }) => version),
    ({ version }) => version,
  );
  for (const group of sizes.values()) {
    mergedMost = Math.max(mergedMost, group.length);
  }
  return { calls, memory, mergedMost };
}

/** The state after each commit beneath; throws if a check did not hold in its turn. */
function replay(calls: readonly Call[]): readonly State[] {
  const states: State[] = [new Map()];
  const count = Math.max(
    0,
    ...calls.map(({ version }) => Number(version ?? 0)),
  );
  for (let number = 1; number <= count; number++) {
    const state = new Map(states.at(-1));
    for (const { batch, version } of calls) {
      if (Number(version ?? 0) !== number || version === undefined) continue;
      assert.ok(
        holds(batch, state),
        "a check of a committed batch did not hold",
      );
      for (const { key, value } of batch.sets) {
        state.set(encodeKey(key), { version, value });
      }
      for (const key of batch.deletes) state.delete(encodeKey(key));
    }
    states.push(state);
  }
  return states;
}

function holds({ checks }: Required<Batch>, state: State): boolean {
  return checks.every(({ key, version }) =>
    state.get(encodeKey(key))?.version === version
  );
}

/** The answer was true at some time between the call and the answer. */
function assertGenuine(call: Call, states: readonly State[]): void {
  const { batch, calledAt, answeredAt, version } = call;
  if (version !== undefined) {
    assert.ok(calledAt < Number(version) && Number(version) <= answeredAt);
    return;
  }
  const during = states.slice(calledAt, answeredAt + 1);
  assert.ok(
    during.some((state) => !holds(batch, state)),
    "a conflict was not genuine",
  );
}

/** Of two calls that share a key that one writes, the earlier comes first. */
function assertOrder(calls: readonly Call[]): void {
  const done = calls.filter(({ version }) => version !== undefined);
  for (const [i, first] of done.entries()) {
    for (const second of done.slice(i + 1)) {
      const [a, b] = [Number(first.version), Number(second.version)];
      if (meets(first.batch, second.batch)) {
        assert.ok(a <= b, "a batch was overtaken");
      }
      if (writes(first.batch).some((id) => writes(second.batch).includes(id))) {
        assert.ok(a < b, "two writes of one key have one version");
      }
    }
  }
}

function meets(a: Required<Batch>, b: Required<Batch>): boolean {
  const all = (batch: Required<Batch>) => [
    ...writes(batch),
    ...batch.checks.map(({ key }) => encodeKey(key)),
  ];
  return writes(a).some((id) => all(b).includes(id)) ||
    writes(b).some((id) => all(a).includes(id));
}

function writes({ sets, deletes }: Required<Batch>): readonly string[] {
  return [...sets.map(({ key }) => key), ...deletes].map(encodeKey);
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await undefined;
}
