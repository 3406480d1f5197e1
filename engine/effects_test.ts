import assert from "node:assert/strict";
import { systemEffects, timeOrderedIds } from "./effects.ts";

const CROCKFORD = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

/** Ids under a clock and a source of chance that the test holds. */
function ids(bytes: (index: number) => number = () => 0) {
  const world = { now: 1_700_000_000_000 };
  const made = timeOrderedIds(
    { now: () => world.now },
    {
      bytes: (count) => Uint8Array.from({ length: count }, (_, i) => bytes(i)),
    },
  );
  return { world, next: () => made.next() };
}

Deno.test("timeOrderedIds() writes 26 characters that begin with the time", () => {
  const { world, next } = ids();
  assert.match(next(), CROCKFORD);
  assert.equal(next().slice(0, 10), "01HF7YAT00");
  world.now = 0;
  assert.equal(ids().next().length, 26);
});

Deno.test("timeOrderedIds() keeps the order within a millisecond and across them", () => {
  const { world, next } = ids((index) => (index * 97) & 255);
  const made: string[] = [];
  for (let ms = 0; ms < 20; ms++) {
    for (let count = 0; count < 2_000; count++) made.push(next());
    world.now++;
  }
  assert.deepEqual(made, made.toSorted());
  assert.equal(new Set(made).size, made.length);
});

Deno.test("timeOrderedIds() carries over into every digit", () => {
  // Only the first digit has room: the first step must carry through all others.
  const { next } = ids((index) => index === 0 ? 0 : 31);
  assert.equal(next().slice(10), `0${"Z".repeat(15)}`);
  assert.equal(next().slice(10), `1${"0".repeat(15)}`);
  assert.equal(next().slice(10), `1${"0".repeat(14)}1`);
});

Deno.test("timeOrderedIds() leaves room to count up, whatever chance says", () => {
  const { next } = ids(() => 255);
  const [first, second] = [next(), next()];
  assert.equal(first.slice(10), `F${"Z".repeat(15)}`);
  assert.ok(second > first);
});

Deno.test("timeOrderedIds() keeps the order when the clock goes back", () => {
  const { world, next } = ids();
  const before = next();
  world.now -= 60_000;
  const after = next();
  assert.ok(after > before);
  assert.equal(after.slice(0, 10), before.slice(0, 10));
});

Deno.test("systemEffects() has a clock that never goes back", () => {
  const { clock } = systemEffects();
  assert.ok(Math.abs(clock.now() - Date.now()) < 1_000);
  const [first, second] = [clock.elapsed(), clock.elapsed()];
  assert.ok(second >= first);
});

/** Waits in real time; a timer of the system clock alone would not keep Deno up. */
async function awake(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

Deno.test("systemEffects() calls back, unless that is cancelled", async () => {
  const { clock } = systemEffects();
  const seen: string[] = [];
  const cancel = clock.after(1, () => seen.push("cancelled"));
  cancel();
  clock.after(0, () => seen.push("after"));
  const slept = clock.sleep(1).then(() => seen.push("slept"));
  await Promise.all([slept, awake(5)]);
  assert.deepEqual(seen, ["after", "slept"]);
});

Deno.test("systemEffects() ends a sleep when its signal aborts", async () => {
  const stop = new AbortController();
  const sleeping = systemEffects().clock.sleep(60_000, stop.signal);
  stop.abort(new Error("enough"));
  await assert.rejects(sleeping, /enough/);
});

Deno.test("systemEffects() takes waits that are longer than a timer can be", async () => {
  const { clock } = systemEffects();
  let calls = 0;
  // A timer of so many milliseconds would wrap around and fire at once.
  const cancel = clock.after(2 ** 31 + 5, () => calls++);
  await awake(5);
  cancel();
  assert.equal(calls, 0);
});

Deno.test("systemEffects() has chance and ids that differ", () => {
  const { random, ids } = systemEffects();
  const bytes = random.bytes(16);
  assert.equal(bytes.length, 16);
  assert.notDeepEqual(bytes, random.bytes(16));
  const float = random.float();
  assert.ok(float >= 0 && float < 1);
  const [first, second] = [ids.next(), ids.next()];
  assert.match(first, CROCKFORD);
  assert.ok(second > first);
});

Deno.test("systemEffects() listens, tells the port, and shuts down", async () => {
  const { network } = systemEffects();
  const listener = network.listen(
    { hostname: "127.0.0.1", port: 0 },
    (request, address) => new Response(`${request.method} from ${address}`),
  );
  assert.ok(listener.port > 0);
  const response = await network.fetch(`http://127.0.0.1:${listener.port}/`);
  assert.equal(await response.text(), "GET from 127.0.0.1");
  assert.throws(
    () =>
      network.listen(
        { hostname: "127.0.0.1", port: listener.port },
        () => new Response(),
      ),
    Deno.errors.AddrInUse,
  );
  await listener.shutdown();
  await assert.rejects(network.fetch(`http://127.0.0.1:${listener.port}/`));
});
