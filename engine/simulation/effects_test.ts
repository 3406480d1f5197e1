import assert from "node:assert/strict";
import { simulatedEffects } from "./effects.ts";

Deno.test("simulatedEffects() does not move time by itself", async () => {
  const { clock, advance } = simulatedEffects({ startMs: 5_000 });
  assert.deepEqual([clock.now(), clock.elapsed()], [5_000, 0]);
  await advance(250);
  assert.deepEqual([clock.now(), clock.elapsed()], [5_250, 250]);
});

Deno.test("advance() runs what falls due in order, at its own time", async () => {
  const { clock, advance } = simulatedEffects({ startMs: 0 });
  const seen: string[] = [];
  const note = (name: string) => () => seen.push(`${name}@${clock.now()}`);
  clock.after(30, note("c"));
  clock.after(10, note("a"));
  clock.after(10, note("b"));
  clock.after(31, note("late"));
  await advance(30);
  assert.deepEqual(seen, ["a@10", "b@10", "c@30"]);
  await advance(1);
  assert.deepEqual(seen.at(-1), "late@31");
});

Deno.test("advance() runs timers that timers and promises start on the way", async () => {
  const effects = simulatedEffects({ startMs: 0 });
  const { clock } = effects;
  const seen: number[] = [];
  async function tick() {
    await clock.sleep(10);
    seen.push(clock.now());
    await Promise.resolve();
    await clock.sleep(10);
    seen.push(clock.now());
  }
  const done = tick();
  await effects.advance(100);
  await done;
  assert.deepEqual(seen, [10, 20]);
  assert.equal(effects.timers, 0);
});

Deno.test("advance() goes on where a callback moves nothing, at zero milliseconds", async () => {
  const { clock, advance } = simulatedEffects();
  let calls = 0;
  clock.after(0, () => calls++);
  clock.after(-5, () => calls++);
  await advance(0);
  assert.equal(calls, 2);
});

Deno.test("after() can be cancelled, also twice and afterwards", async () => {
  const effects = simulatedEffects();
  let calls = 0;
  const cancel = effects.clock.after(10, () => calls++);
  const later = effects.clock.after(10, () => calls++);
  assert.equal(effects.timers, 2);
  cancel();
  cancel();
  assert.equal(effects.timers, 1);
  await effects.advance(10);
  later();
  assert.equal(calls, 1);
});

Deno.test("sleep() rejects when its signal aborts, and leaves no timer", async () => {
  const effects = simulatedEffects();
  const stop = new AbortController();
  const sleeping = effects.clock.sleep(10, stop.signal);
  stop.abort(new Error("enough"));
  await assert.rejects(sleeping, /enough/);
  await assert.rejects(effects.clock.sleep(10, stop.signal), /enough/);
  assert.equal(effects.timers, 0);
});

Deno.test("simulatedEffects() repeats itself for a seed, and only for that", () => {
  const sample = (seed?: number) => {
    const { random, ids } = simulatedEffects(
      seed === undefined ? {} : { seed },
    );
    return JSON.stringify([random.float(), [...random.bytes(8)], ids.next()]);
  };
  assert.equal(sample(7), sample(7));
  assert.equal(sample(), sample(1));
  assert.notEqual(sample(7), sample(8));
});

Deno.test("float() stays below one and spreads", () => {
  const { random } = simulatedEffects({ seed: 3 });
  const values = Array.from({ length: 10_000 }, () => random.float());
  assert.ok(values.every((value) => value >= 0 && value < 1));
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  assert.ok(Math.abs(mean - 0.5) < 0.02, String(mean));
});

Deno.test("the simulated network reaches nothing outside unless a test opens it", async () => {
  const closed = simulatedEffects().network;
  await assert.rejects(
    closed.fetch("http://a.example/"),
    /Cannot fetch "http:\/\/a.example\/"/,
  );
  await assert.rejects(
    closed.fetch(new Request("http://127.0.0.1:9/")),
    /"http:\/\/127.0.0.1:9\/"/,
  );
  const open = simulatedEffects({
    fetch: (input) =>
      Promise.resolve(new Response(`from ${new Request(input).url}`)),
  }).network;
  const response = await open.fetch("http://a.example/x");
  assert.equal(await response.text(), "from http://a.example/x");
});

Deno.test("the simulated network reaches its own listeners until they shut down", async () => {
  const { network } = simulatedEffects();
  const listener = network.listen(
    { hostname: "127.0.0.1", port: 0 },
    (request, address) =>
      new Response(
        `${request.method} ${new URL(request.url).pathname} ${address}`,
      ),
  );
  const url = `http://localhost:${listener.port}/x`;
  const response = await network.fetch(url, { method: "PUT" });
  assert.equal(await response.text(), "PUT /x 127.0.0.1");
  assert.throws(
    () =>
      network.listen(
        { hostname: "127.0.0.1", port: listener.port },
        () => new Response(),
      ),
    Deno.errors.AddrInUse,
  );
  await listener.shutdown();
  await assert.rejects(network.fetch(url));
});
