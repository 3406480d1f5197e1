import assert from "node:assert/strict";
import { FAULTS, faultyStore } from "../../tests/_faulty_store.ts";
import { simulatedEffects } from "../simulation/effects.ts";
import { memoryStore } from "../store/memory.ts";
import type { Check, Store } from "../store/store.ts";
import { Archive, type Ending } from "./archive.ts";
import {
  APPEND_CHARACTERS_MAX,
  FencedError,
  RunLog,
  type Segment,
} from "./log.ts";

const OWNER = ["owner"];

async function logOf(store: Store = memoryStore()) {
  const effects = simulatedEffects();
  const result = await store.commit({ sets: [{ key: OWNER, value: 1 }] });
  assert.ok(result.ok);
  const fence: Check = { key: OWNER, version: result.version };
  const errors: string[] = [];
  let fenced = 0;
  const log = new RunLog({
    ...{ store, fence, clock: effects.clock, prefix: ["log", 1] },
    ...{ archive: ["archive"], epoch: 1 },
    onError: (message) => errors.push(message),
    onFenced: () => fenced++,
  });
  return {
    ...{ log, errors, effects, store },
    fenced: () => fenced,
    archive: new Archive({ store, prefix: ["archive"] }),
    /** The segments in the store: a number and its text. */
    segments: async () =>
      (await Array.fromAsync(store.list({ prefix: ["log", 1] }))).map((
        { key, value },
      ) => [key.at(-1), new TextDecoder().decode(value as Uint8Array)]),
  };
}

Deno.test("the log puts what is appended at one time into one segment, in order", async () => {
  const { log, segments } = await logOf();
  const held: Segment[] = [];
  const pin = (segment: Segment) => void held.push(segment);
  await Promise.all([log.append("a\n", pin), log.append("b\n", pin)]);
  assert.equal(held.length, 2);
  assert.equal(held[0], held[1]);
  await log.append("c\n");
  assert.deepEqual(await segments(), [[1, "a\nb\n"], [2, "c\n"]]);
  assert.equal(log.length, 2);
});

Deno.test("the log cuts what is too long for a value into segments of one commit, and a longer line stays whole", async () => {
  const { log, segments } = await logOf();
  const texts = ["a", "b", "c"].map((letter) => letter.repeat(30_000) + "\n");
  await Promise.all(
    [...texts, "d".repeat(60_000) + "\n"].map((text) => log.append(text)),
  );
  const lengths = (await segments()).map(([, text]) => String(text).length);
  assert.deepEqual(lengths, [30_001, 30_001, 30_001, 60_001]);
});

Deno.test("the log goes on trying where the store fails before, and sees that it failed after", async () => {
  for (const fault of ["hears of a failure of", "hears of a failure after"]) {
    const faulty = faultyStore(
      memoryStore(),
      (commit) => commit === 2 ? FAULTS[fault] : undefined,
    );
    const { log, effects, segments, errors, fenced } = await logOf(
      faulty.store,
    );
    const written = log.append("a\n");
    await effects.advance(50);
    await written;
    assert.deepEqual(await segments(), [[1, "a\n"]], fault);
    assert.equal(errors.length, 1);
    assert.equal(fenced(), 0);
  }
});

Deno.test("the log of an owner that was replaced writes nothing and refuses all that waits", async () => {
  const store = memoryStore();
  const { log, segments, fenced } = await logOf(store);
  await store.commit({ sets: [{ key: OWNER, value: 2 }] });
  const both = await Promise.allSettled([log.append("a\n"), log.append("b\n")]);
  for (const result of both) {
    assert.ok(
      result.status === "rejected" && result.reason instanceof FencedError,
    );
  }
  await assert.rejects(log.append("c\n"), FencedError);
  assert.equal(fenced(), 1);
  assert.deepEqual(await segments(), []);
});

Deno.test("the log refuses what is longer than one append may be, and goes on", async () => {
  const { log, segments } = await logOf();
  await assert.rejects(
    log.append("x".repeat(APPEND_CHARACTERS_MAX + 1)),
    /4194305 characters, the limit is 4194304 characters/,
  );
  await log.append("a\n");
  assert.equal((await segments()).length, 1);
});

Deno.test("the log writes what waits when it closes, and leaves no gap if it cannot", async () => {
  const whole = await logOf();
  const last = whole.log.append("a\n");
  await whole.log.close();
  await last;
  await assert.rejects(whole.log.append("b\n"), /it is closed/);

  let isDown = false;
  const faulty = faultyStore(
    memoryStore(),
    () => {
      if (!isDown) return undefined;
      // Down for one commit only: what follows it could be written.
      isDown = false;
      return FAULTS["hears of a failure of"];
    },
  );
  const broken = await logOf(faulty.store);
  isDown = true;
  // Too much for one commit: the rest waits for the first.
  const lost = Promise.allSettled(
    Array.from(
      { length: 20 },
      () => broken.log.append("x".repeat(20_000) + "\n"),
    ),
  );
  await broken.log.close();
  for (const { status } of await lost) assert.equal(status, "rejected");
  assert.deepEqual(await broken.segments(), []);
});

Deno.test("the log gives away only segments at its beginning that nobody needs, in their order", async () => {
  const { log } = await logOf();
  const pinned: Segment[] = [];
  for (const letter of ["a", "b", "c", "d"]) {
    await log.append(letter, (segment) => {
      segment.pins++;
      pinned.push(segment);
    });
  }
  assert.deepEqual(log.takeUnpinned(10), []);
  for (const index of [0, 1, 3]) (pinned[index] ?? { pins: 0 }).pins--;
  const numbers = () => log.takeUnpinned(10).map((key) => key.at(-1));
  assert.deepEqual(numbers(), [1, 2]);
  // Until it is known what became of these, no others.
  assert.deepEqual(numbers(), []);
  log.removed(false);
  assert.deepEqual(numbers(), [1, 2]);
  log.removed(true);
  assert.equal(log.length, 2);
  // The newest stays.
  (pinned[2] ?? { pins: 0 }).pins--;
  assert.deepEqual(numbers(), [3]);
});

const ACCEPTED = JSON.stringify({ kind: "accepted", at: 1, pipeline: "p" });
const ENDED = JSON.stringify({ kind: "completed", at: 2, output: null });

/** A run that ends. */
function endingOf(id: string, given: Partial<Ending> = {}): Ending {
  return {
    ...{ id, entries: [ACCEPTED, ENDED], retentionMs: 60_000 },
    ...{ isLogged: true, sets: [], deletes: [], ...given },
  };
}

Deno.test("the log keeps a run that ends and says so, in one commit", async () => {
  const { log, effects, segments, archive, store } = await logOf();
  const [a, b] = [effects.ids.next(), effects.ids.next()];
  await store.commit({ sets: [{ key: ["row"], value: 1 }] });
  const batches: number[] = [];
  const { commit } = store;
  store.commit = (batch) => {
    batches.push(batch.sets?.length ?? 0);
    return commit.call(store, batch);
  };
  await Promise.all([
    log.append(`${b} 0 {}\n`),
    log.end(endingOf(a, {
      sets: [{ key: ["key"], value: a }],
      deletes: [["row"]],
    })),
  ]);
  // A segment, a value of the archive, and what the run brought along.
  assert.deepEqual(batches, [3]);
  assert.deepEqual(await segments(), [[1, `${b} 0 {}\n${a} over\n`]]);
  assert.equal((await archive.get(a))?.summary.status, "completed");
  assert.equal((await store.get(["key"]))?.value, a);
  assert.equal(await store.get(["row"]), undefined);
});

Deno.test("the log has no line for a run of which it has no other", async () => {
  const { log, effects, segments, archive } = await logOf();
  const id = effects.ids.next();
  await log.end(endingOf(id, { isLogged: false }));
  assert.deepEqual(await segments(), []);
  assert.ok(await archive.get(id));
});

Deno.test("the log removes segments that nobody needs with what it writes next", async () => {
  const { log, segments } = await logOf();
  let first: Segment | undefined;
  await log.append("a\n", (segment) => {
    segment.pins++;
    first = segment;
  });
  await log.append("b\n");
  await log.append("c\n");
  assert.equal((await segments()).length, 3);
  if (first !== undefined) first.pins--;
  await log.append("d\n");
  assert.deepEqual(await segments(), [[3, "c\n"], [4, "d\n"]]);
  assert.equal(log.length, 2);
});

Deno.test("the log keeps a run once, whether the store fails before or after", async () => {
  for (const fault of ["hears of a failure of", "hears of a failure after"]) {
    for (const isLogged of [true, false]) {
      const faulty = faultyStore(
        memoryStore(),
        (commit) => commit === 2 || commit === 3 ? FAULTS[fault] : undefined,
      );
      const { log, effects, archive, errors } = await logOf(faulty.store);
      const id = effects.ids.next();
      const ended = log.end(endingOf(id, { isLogged }));
      await effects.advance(50);
      await effects.advance(300);
      await ended;
      const kept = await Array.fromAsync(archive.newestFirst(undefined));
      assert.deepEqual(kept.flat().map(({ summary }) => summary.id), [id]);
      assert.ok(errors.length > 0);
    }
  }
});

Deno.test("the log of an owner that was replaced keeps no run", async () => {
  const { log, effects, archive, store } = await logOf();
  await store.commit({ sets: [{ key: OWNER, value: 2 }] });
  const id = effects.ids.next();
  await assert.rejects(
    log.end(endingOf(id, { isLogged: false })),
    FencedError,
  );
  assert.equal(await archive.get(id), undefined);
});

Deno.test("the log keeps very many runs, and those of many seconds, in commits that the store takes", async () => {
  const { log, effects, archive } = await logOf();
  const ids: string[] = [];
  const ended: Promise<void>[] = [];
  for (let i = 0; i < 1_500; i++) {
    const id = effects.ids.next();
    ids.push(id);
    ended.push(log.end(endingOf(id)));
    if (i % 2 === 0) await effects.advance(1_000);
  }
  await Promise.all(ended);
  const kept = await Array.fromAsync(archive.newestFirst(undefined));
  assert.deepEqual(
    kept.flat().map(({ summary }) => summary.id),
    ids.toReversed(),
  );
});

Deno.test("the log answers many appends in two turns, in their order", async () => {
  const { log, effects } = await logOf();
  const answered: number[] = [];
  const append = async (n: number) => {
    await log.append(`${n}\n`);
    answered.push(n);
  };
  const all = Array.from({ length: 300 }, (_, n) => append(n));
  for (let turn = 0; turn < 200; turn++) await undefined;
  assert.equal(answered.length, 150);
  await effects.advance(0);
  await Promise.all(all);
  assert.deepEqual(answered, Array.from({ length: 300 }, (_, n) => n));
});

Deno.test("the log answers what is durable before what became durable later", async () => {
  const { log } = await logOf();
  const answered: string[] = [];
  for (let n = 0; n < 300; n++) {
    void log.append("x\n").then(() => void answered.push("early"));
  }
  for (let turn = 0; turn < 100; turn++) await undefined;
  // No turn has passed, and another commit ends.
  await log.append("y\n");
  assert.equal(answered.length, 300);
});

Deno.test("the log that closes has answered everything", async () => {
  const { log } = await logOf();
  let answered = 0;
  for (let n = 0; n < 300; n++) {
    void log.append(`${n}\n`).then(() => answered++);
  }
  await log.close();
  await undefined;
  assert.equal(answered, 300);
});
