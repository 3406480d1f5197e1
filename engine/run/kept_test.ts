import assert from "node:assert/strict";
import { definitions } from "../../catalog.gen.ts";
import { simulatedEffects } from "../simulation/effects.ts";
import { memoryStore } from "../store/memory.ts";
import type { Batch, Store } from "../store/store.ts";
import { startApplication } from "../testing.ts";
import { RunLog } from "./log.ts";
import { CHECKPOINTS } from "./places.ts";

const document = {
  modules: [],
  pipelines: {
    quick: {
      durability: "result",
      steps: [{ id: "say", use: "log", with: { message: "Hello" } }],
    },
    slow: {
      steps: [
        { id: "say", use: "log", with: { message: "Hello" } },
        { id: "go", wait: { signal: "go" } },
      ],
    },
  },
};

Deno.test("a run with a key is known at every moment, and is begun once", async () => {
  await using app = await startApplication({ document, definitions });
  const { runs } = app.application;
  const key = { idempotencyKey: "k" };
  const { summary } = await runs.start("quick", {}, key);
  assert.equal((await runs.get(summary.id))?.summary.status, "completed");
  const again = await runs.start("quick", {}, key);
  assert.equal(again.summary.id, summary.id);
  const greetings = app.logs.filter(({ message }) => message === "Hello");
  assert.equal(greetings.length, 1);
});

Deno.test("a run is over for those who look once its end is durable", async () => {
  const effects = simulatedEffects();
  const { store, hold } = holding(memoryStore({ now: effects.clock.now }));
  const options = { document, definitions, effects, store };
  await using app = await startApplication(options);
  const { runs } = app.application;
  const { summary: { id } } = await runs.start("slow", {});
  await effects.advance(10);
  const letGo = hold(() => true);
  const signalled = runs.signal(id, "go", null);
  await effects.advance(10);
  letGo.next();
  await signalled;
  await effects.advance(0);
  const early = await runs.get(id);
  assert.notEqual(early?.summary.status, "completed");
  assert.equal(early?.entries.at(-1)?.kind, "signal");
  letGo.all();
  await effects.advance(10);
  assert.equal((await runs.get(id))?.summary.status, "completed");
});

Deno.test("a run that ends while it is copied out of the log leaves no copy", async () => {
  const effects = simulatedEffects();
  const inner = memoryStore({ now: effects.clock.now });
  const { store, hold } = holding(inner);
  const options = { document, definitions, effects, store };
  await using app = await startApplication(options);
  const { runs } = app.application;
  const { summary: { id } } = await runs.start("slow", {});
  const isCopy = ({ sets = [] }: Batch) =>
    sets.some(({ key }) => key[3] === CHECKPOINTS[1]);
  const letGo = hold(isCopy);
  // So many segments make the oldest ones be emptied.
  for (let count = 0; count < 300; count++) await runs.start("slow", {});
  await effects.advance(1_100);
  await runs.signal(id, "go", null);
  await effects.advance(10);
  letGo.all();
  await effects.advance(5_000);
  assert.equal((await runs.get(id))?.summary.status, "completed");
  const copies: unknown[] = [];
  const prefix = ["app", "test", ...CHECKPOINTS];
  for await (const { key } of inner.list({ prefix })) copies.push(key.at(-1));
  assert.ok(copies.length > 0, "runs that wait are copied");
  assert.ok(!copies.includes(id));
});

Deno.test("the log keeps a segment for a run from the moment it is written", async () => {
  const { clock } = simulatedEffects();
  const key = ["owner"];
  const log = new RunLog({
    ...{ store: memoryStore({ now: clock.now }), clock, prefix: ["log"] },
    ...{ archive: ["archive"], epoch: 1 },
    fence: { key, version: undefined },
    onError: (message) => assert.fail(message),
    onFenced: () => assert.fail("fenced"),
  });
  const text = `${"x".repeat(40_000)}\n`;
  let taken: readonly unknown[] = [];
  await Promise.all([
    log.append(text, (segment) => segment.pins++),
    log.append(text, () => taken = log.takeUnpinned(10)),
  ]);
  assert.equal(log.length, 2);
  assert.deepEqual(taken, []);
});

/** A store that holds back the commits that it is told to, until they may go. */
function holding(inner: Store) {
  let isHeld: (batch: Batch) => boolean = () => false;
  const held: (() => void)[] = [];
  const store: Store = {
    limits: inner.limits,
    get: (key) => inner.get(key),
    getMany: (keys) => inner.getMany(keys),
    list: (range, options) => inner.list(range, options),
    watch: (keys, signal) => inner.watch(keys, signal),
    close: () => inner.close(),
    async commit(batch) {
      if (isHeld(batch)) {
        await new Promise<void>((resolve) => held.push(resolve));
      }
      return await inner.commit(batch);
    },
  };
  return {
    store,
    hold(which: (batch: Batch) => boolean) {
      isHeld = which;
      return {
        next: () => held.shift()?.(),
        all() {
          isHeld = () => false;
          for (const resolve of held.splice(0)) resolve();
        },
      };
    },
  };
}
