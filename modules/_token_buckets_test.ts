import assert from "node:assert/strict";
import fc from "fast-check";
import { TokenBuckets } from "./_token_buckets.ts";

Deno.test("TokenBuckets.take() gives a new key a full bucket, then tells the wait", () => {
  const buckets = new TokenBuckets({ perMinute: 60, capacity: 3 });
  assert.deepEqual([0, 0, 0].map((now) => buckets.take("a", now)), [0, 0, 0]);
  assert.equal(buckets.take("a", 0), 1_000);
  assert.equal(buckets.take("a", 400), 600);
  assert.equal(buckets.take("a", 1_000), 0);
  assert.equal(buckets.take("a", 1_000), 1_000);
});

Deno.test("TokenBuckets.take() keeps keys apart", () => {
  const buckets = new TokenBuckets({ perMinute: 1, capacity: 1 });
  assert.equal(buckets.take("a", 0), 0);
  assert.equal(buckets.take("b", 0), 0);
  assert.notEqual(buckets.take("a", 0), 0);
});

Deno.test("TokenBuckets.take() never fills a bucket above its capacity", () => {
  const buckets = new TokenBuckets({ perMinute: 60, capacity: 2 });
  buckets.take("a", 0);
  const later = [0, 0, 0].map(() => buckets.take("a", 3_600_000));
  assert.deepEqual(later, [0, 0, 1_000]);
});

Deno.test("TokenBuckets.refund() gives one token back, and none to strangers", () => {
  const buckets = new TokenBuckets({ perMinute: 1, capacity: 1 });
  buckets.take("a", 0);
  buckets.refund("a");
  buckets.refund("stranger");
  assert.equal(buckets.take("a", 0), 0);
  assert.notEqual(buckets.take("a", 0), 0);
  assert.equal(buckets.take("stranger", 0), 0);
  assert.notEqual(buckets.take("stranger", 0), 0);
});

Deno.test("TokenBuckets.take() remembers no more keys than it may", () => {
  const buckets = new TokenBuckets({ perMinute: 1, capacity: 1, keysMax: 10 });
  for (let i = 0; i < 1_000; i++) buckets.take(`client ${i}`, 0);
  assert.ok(buckets.size <= 10, `${buckets.size} keys`);
  assert.notEqual(buckets.take("client 999", 0), 0);
});

Deno.test("TokenBuckets.take() keeps a key that is used while others come and go", () => {
  const buckets = new TokenBuckets({ perMinute: 1, capacity: 1, keysMax: 10 });
  buckets.take("busy", 0);
  // A refused attempt changes nothing, so each one is preceded by a refund.
  for (let i = 0; i < 100; i++) {
    buckets.take(`client ${i}`, 0);
    buckets.refund("busy");
    assert.equal(buckets.take("busy", 0), 0);
  }
  assert.notEqual(buckets.take("busy", 0), 0);
});

Deno.test("TokenBuckets.take() forgets keys whose bucket is full again", () => {
  const buckets = new TokenBuckets({ perMinute: 60, capacity: 1 });
  for (let i = 0; i < 100; i++) buckets.take(`client ${i}`, 0);
  buckets.take("late", 60_000);
  buckets.take("later", 120_000);
  assert.equal(buckets.size, 2);
});

Deno.test("TokenBuckets.take() grants no more than capacity and inflow allow", () => {
  // For every stretch of time between two grants the bound must hold.
  fc.assert(fc.property(
    fc.integer({ min: 1, max: 10 }),
    fc.integer({ min: 1, max: 600 }),
    fc.array(fc.integer({ min: 0, max: 40_000 }), { maxLength: 60 }),
    (capacity, perMinute, gaps) => {
      const buckets = new TokenBuckets({ perMinute, capacity, keysMax: 100 });
      const grants: number[] = [];
      let now = 0;
      for (const gap of gaps) {
        now += gap;
        const waitMs = buckets.take("a", now);
        if (waitMs === 0) grants.push(now);
        else {
          now += waitMs;
          assert.equal(buckets.take("a", now), 0, "the wait was told wrongly");
          grants.push(now);
        }
      }
      grants.forEach((first, i) =>
        grants.slice(i).forEach((last, more) => {
          const allowed = capacity + (last - first) * perMinute / 60_000;
          assert.ok(more + 1 <= allowed + 1e-6);
        })
      );
    },
  ));
});
