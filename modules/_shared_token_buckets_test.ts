import assert from "node:assert/strict";
import fc from "fast-check";
import type { Host } from "@engine/define.ts";
import { simulatedEffects } from "@engine/simulation/effects.ts";
import { memoryStore } from "@engine/store/memory.ts";
import type { Batch, Store } from "@engine/store/store.ts";
import { REFUSED_MS, SharedTokenBuckets } from "./_shared_token_buckets.ts";
import { type BucketOptions, TokenBuckets } from "./_token_buckets.ts";

const ONE_A_SECOND = { perMinute: 60, capacity: 3 };

/** Processes that share buckets, and what they share. */
function world(options: BucketOptions = ONE_A_SECOND, processes = 2) {
  const effects = simulatedEffects();
  const store = memoryStore({ now: effects.clock.now });
  const asked: string[] = [];
  const counting: Pick<Store, "get" | "commit"> = {
    get: (key) => (asked.push("get"), store.get(key)),
    commit: (batch: Batch) => (asked.push("commit"), store.commit(batch)),
  };
  const host = { store: counting, name: "limit", effects } as unknown as Host;
  return {
    ...{ effects, store, asked },
    buckets: Array.from(
      { length: processes },
      () => new SharedTokenBuckets(host, options),
    ),
  };
}

Deno.test("processes that share buckets take from one, and tell the same wait", async () => {
  const { buckets: [a, b], effects } = world();
  assert.equal(await a?.take("k"), 0);
  assert.equal(await b?.take("k"), 0);
  assert.equal(await a?.take("k"), 0);
  assert.equal(await b?.take("k"), 1_000);
  await effects.advance(400);
  assert.equal(await a?.take("k"), 600);
  assert.equal(await b?.take("other"), 0);
  await effects.advance(600);
  assert.equal(await b?.take("k"), 0);
  assert.equal(await a?.take("k"), 1_000);
});

Deno.test("many who ask at once get as many tokens as there are, whichever process they ask", async () => {
  const { buckets } = world({ perMinute: 1, capacity: 10 }, 3);
  const waits = await Promise.all(
    Array.from({ length: 60 }, (_, n) => buckets[n % 3]?.take("k")),
  );
  assert.equal(waits.filter((wait) => wait === 0).length, 10);
});

Deno.test("those who ask while a commit is under way go along in the next", async () => {
  const { buckets: [a], asked } = world({ perMinute: 1, capacity: 1_000 });
  await Promise.all(Array.from({ length: 500 }, () => a?.take("k")));
  assert.ok(asked.length <= 4, String(asked));
});

Deno.test("a token that is given back can be taken in every process", async () => {
  const { buckets: [a, b] } = world({ perMinute: 1, capacity: 1 });
  assert.equal(await a?.take("k"), 0);
  assert.equal(await a?.take("k"), 60_000);
  await a?.refund("k");
  assert.equal(await b?.take("k"), 0);
  await b?.refund("stranger");
  assert.equal(await b?.take("stranger"), 0);
  assert.notEqual(await b?.take("stranger"), 0);
});

Deno.test("a process that has refused sees a second later what another gives back", async () => {
  const { buckets: [a, b], effects } = world({ perMinute: 1, capacity: 1 });
  await b?.take("k");
  assert.equal(await a?.take("k"), 60_000);
  await b?.refund("k");
  await effects.advance(REFUSED_MS);
  assert.equal(await a?.take("k"), 0);
});

Deno.test("a bucket that is full again leaves nothing in the store", async () => {
  const { buckets: [a], effects, store } = world();
  await a?.take("k");
  await effects.advance(1_001);
  await store.commit({});
  assert.deepEqual(await Array.fromAsync(store.list({ prefix: [] })), []);
});

Deno.test("whoever must wait is told so without asking the store again", async () => {
  const { buckets: [a], asked } = world({ perMinute: 1, capacity: 1 });
  await a?.take("k");
  await a?.take("k");
  const { length } = asked;
  for (let n = 0; n < 100; n++) assert.equal(await a?.take("k"), 60_000);
  assert.equal(asked.length, length);
});

Deno.test("a clock that is ahead makes others wait no longer than an empty bucket takes to fill", async () => {
  const { buckets: [a], store, effects } = world();
  const hours = effects.clock.now() + 3_600_000;
  await a?.take("k");
  const [row] = await Array.fromAsync(store.list({ prefix: ["bucket"] }));
  await store.commit({ sets: [{ key: row?.key ?? [], value: hours }] });
  assert.equal(await a?.take("k"), 1_000);
});

Deno.test("a store that fails is told to those who ask, and the next are answered", async () => {
  const { store, effects } = world();
  let isDown = true;
  const line: Pick<Store, "get" | "commit"> = {
    get: (key) =>
      isDown ? Promise.reject(new Error("no line")) : store.get(key),
    commit: (batch) => store.commit(batch),
  };
  const host = { store: line, name: "limit", effects } as unknown as Host;
  const buckets = new SharedTokenBuckets(host, ONE_A_SECOND);
  const both = await Promise.allSettled([buckets.take("k"), buckets.take("k")]);
  assert.deepEqual(both.map(({ status }) => status), ["rejected", "rejected"]);
  isDown = false;
  assert.equal(await buckets.take("k"), 0);
});

Deno.test("buckets that are shared give what buckets of one process give", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 600 }),
      fc.integer({ min: 1, max: 5 }),
      fc.array(
        fc.tuple(
          fc.integer({ min: 0, max: 3_000 }),
          fc.boolean(),
          fc.constantFrom("a", "b"),
          fc.integer({ min: 0, max: 9 }),
        ),
        { maxLength: 40 },
      ),
      async (perMinute, capacity, steps) => {
        const options = { perMinute, capacity };
        const { buckets, effects } = world(options);
        const alone = new TokenBuckets(options);
        for (const [ms, isFirst, key, what] of steps) {
          await effects.advance(ms);
          const shared = buckets[isFirst ? 0 : 1];
          if (what === 0) {
            alone.refund(key);
            await shared?.refund(key);
            await effects.advance(REFUSED_MS);
            continue;
          }
          const expected = alone.take(key, effects.clock.now());
          const found = await shared?.take(key) ?? NaN;
          assert.ok(Math.abs(found - expected) < 1e-3, `${found} ${expected}`);
        }
      },
    ),
    { numRuns: 200 },
  );
});
