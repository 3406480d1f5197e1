import assert from "node:assert/strict";
import { join } from "node:path";
import { type ChunkedOptions, chunkedValues } from "./chunked.ts";
import { testStore } from "./contract.ts";
import { denoKvStore } from "./deno_kv.ts";
import { groupCommit } from "./group_commit.ts";
import { DENO_KV_LIMITS } from "./limits.ts";
import { memoryStore } from "./memory.ts";
import type { Batch, Committed, Conflict, Key, Store } from "./store.ts";

/** Small, so that values of a few kilobytes are large ones. */
const LIMITS = {
  ...DENO_KV_LIMITS,
  keyBytes: 512,
  valueBytes: 1_000,
  commitBytes: 100_000,
};
const LARGE = "x".repeat(5_000);
const A: Key = ["a"];
const B: Key = ["b"];

testStore("chunkedValues() over memory", () => {
  let time = 1_000;
  const memory = memoryStore({ now: () => time, limits: LIMITS });
  return {
    store: chunkedValues(memory, { maxBytes: 50_000 }),
    advance: (ms) => time += ms,
  };
}, { hasClock: true });

testStore("chunkedValues() over group commit over Deno KV", async () => {
  const folder = await Deno.makeTempDir();
  const kv = await denoKvStore(join(folder, "test.db"));
  return {
    store: chunkedValues(groupCommit(kv), { maxBytes: 300_000 }),
    dispose: () => Deno.remove(folder, { recursive: true }),
  };
});

Deno.test("chunkedValues() takes 16 MiB by default and not a byte more", async () => {
  const store = chunkedValues(memoryStore());
  assert.equal(store.limits.valueBytes, 16 * 1024 * 1024);
  const value = new Uint8Array(store.limits.valueBytes).fill(7);
  value[123_456] = 8;
  await store.commit({ sets: [{ key: A, value }] });
  const found = (await store.get(A))?.value;
  assert.ok(
    found instanceof Uint8Array && found.every((byte, i) => byte === value[i]),
  );
  await assert.rejects(
    store.commit({
      sets: [{ key: B, value: new Uint8Array(value.length + 1) }],
    }),
    {
      name: "RangeError",
      message: 'Cannot set ["b"]: the value has 16777217 bytes, ' +
        "the limit valueBytes is 16777216 bytes",
    },
  );
});

Deno.test("chunkedValues() refuses a maxBytes that cannot be kept", () => {
  for (const maxBytes of [NaN, 1.5, 65_535 * 999 + 1]) {
    assert.throws(() => chunkedValues(memoryStore(), { maxBytes }), {
      name: "RangeError",
      message: `Cannot keep values in chunks: maxBytes is ${maxBytes} bytes, ` +
        "expected at most 65469465 bytes",
    });
  }
});

Deno.test("chunkedValues() leaves no chunks of what is overwritten or deleted", async () => {
  const { store, memory } = opened();
  const writes: Batch[] = [
    { sets: [{ key: A, value: LARGE }, { key: B, value: LARGE }] },
    { sets: [{ key: A, value: `${LARGE}y` }] },
    { sets: [{ key: A, value: "small" }] },
    { sets: [{ key: A, value: LARGE }], deletes: [B] },
    { sets: [{ key: A, value: LARGE }, { key: A, value: [LARGE] }] },
    { sets: [{ key: B, value: LARGE }], deletes: [B] },
    { deletes: [A] },
  ];
  const counts = [];
  for (const batch of writes) {
    assert.equal((await store.commit(batch)).ok, true);
    counts.push((await hidden(memory)).records);
  }
  assert.deepEqual(counts, [2, 2, 1, 1, 1, 1, 0]);
  assert.deepEqual(await hidden(memory), { records: 0, chunks: 0 });
});

Deno.test("chunkedValues() leaves no chunks of a commit that conflicts or is refused", async () => {
  const { store, memory } = opened();
  const sets = [{ key: A, value: LARGE }];
  const stale = { key: B, version: "stale" };
  assert.deepEqual(await store.commit({ checks: [stale], sets }), {
    ok: false,
  });
  assert.deepEqual(await hidden(memory), { records: 0, chunks: 0 });
  // Each large value takes a check, and here there are none left.
  const checks = Array.from({ length: 100 }, (_, i) => ({
    key: ["c", i],
    version: undefined,
  }));
  await assert.rejects(
    store.commit({ checks, sets }),
    /the limit checks is 100/,
  );
  assert.deepEqual(await hidden(memory), { records: 0, chunks: 0 });
  assert.equal(await store.get(A), undefined);
});

Deno.test("chunkedValues() leaves no chunks when writers of one key meet", async () => {
  const { store, memory } = opened();
  await Promise.all(Array.from({ length: 40 }, (_, i) => {
    if (i % 4 === 3) return store.commit({ deletes: [A] });
    const value = i % 4 === 0 ? "small" : LARGE + i;
    return store.commit({ sets: [{ key: i % 5 === 0 ? B : A, value }] });
  }));
  const found = await store.getMany([A, B]);
  const large = found.filter((entry) => `${entry?.value}`.startsWith(LARGE));
  assert.equal((await hidden(memory)).records, large.length);
});

Deno.test("chunkedValues() knows large values that it finds when it opens", async () => {
  const { store, memory } = opened();
  await store.commit({
    sets: [{ key: A, value: LARGE }, { key: B, value: LARGE }],
  });
  const again = chunkedValues(memory);
  assert.equal((await again.get(A))?.value, LARGE);
  await again.commit({ sets: [{ key: A, value: 1 }], deletes: [B] });
  assert.deepEqual(await hidden(memory), { records: 0, chunks: 0 });
});

Deno.test("chunkedValues() is whole or absent wherever a writer dies, and sweeps", async () => {
  // The store beneath fails from its n-th commit on, for every n there is.
  for (let n = 1;; n++) {
    const memory = memoryStore({ limits: LIMITS });
    await chunkedValues(memory).commit({ sets: [{ key: A, value: [LARGE] }] });
    const dying = failing(memory, n);
    const value = "y".repeat(150_000);
    const commit = chunkedValues(dying, { maxBytes: 200_000 })
      .commit({ sets: [{ key: A, value }, { key: B, value: 1 }] });
    const isDone = await commit.then(() => true, () => false);

    const store = chunkedValues(memory);
    const [a, b] = await store.getMany([A, B]);
    if (b === undefined) assert.deepEqual(a?.value, [LARGE]);
    else assert.equal(a?.value, value);
    if (isDone) assert.equal(b?.value, 1);
    await store.sweep();
    assert.equal((await hidden(memory)).records, 1);
    const [again] = await store.getMany([A]);
    assert.deepEqual(again, a);
    await store.commit({ deletes: [A] });
    assert.deepEqual(await hidden(memory), { records: 0, chunks: 0 });
    if (isDone && !dying.hasFailed()) break;
    assert.ok(n < 20);
  }
});

Deno.test("chunkedValues() clears up before its first write", async () => {
  const { memory } = opened();
  const dying = chunkedValues(failing(memory, 3));
  await assert.rejects(dying.commit({ sets: [{ key: A, value: LARGE }] }));
  assert.equal((await hidden(memory)).records, 1);
  await chunkedValues(memory).commit({ sets: [{ key: B, value: 1 }] });
  assert.deepEqual(await hidden(memory), { records: 0, chunks: 0 });
});

Deno.test("chunkedValues() writes again what another process swept too early", async () => {
  // Beneath, a second process sweeps before each of the first commits.
  const memory = memoryStore({ limits: LIMITS });
  const other = chunkedValues(memory);
  let commits = 0;
  let swept = 0;
  const store = chunkedValues({
    ...bound(memory),
    commit: async (batch) => {
      if (commits++ < 10) swept += await other.sweep();
      return await memory.commit(batch);
    },
  }, { maxBytes: 200_000 });
  for (const value of [LARGE, "z".repeat(150_000)]) {
    const result = await store.commit({ sets: [{ key: A, value }] });
    assert.equal(result.ok, true);
    assert.equal((await store.get(A))?.value, value);
    await other.sweep();
    assert.equal((await store.get(A))?.value, value);
  }
  assert.ok(swept > 1, `swept ${swept} times`);
  assert.equal((await hidden(memory)).records, 1);
});

Deno.test("chunkedValues() sweeps nothing that is pointed to in the same moment", async () => {
  // A second process has looked at the owner of some chunks, which pointed nowhere;
  // before it removes them, the writer's last commit makes the owner point to them.
  const memory = memoryStore({ limits: LIMITS });
  const chunksWritten = Promise.withResolvers<void>();
  const isSweeping = Promise.withResolvers<void>();
  const writer = chunkedValues({
    ...bound(memory),
    commit: async (batch) => {
      if (batch.sets?.some(({ key }) => key[0] === "a")) {
        chunksWritten.resolve();
        await isSweeping.promise;
      }
      return await memory.commit(batch);
    },
  });
  const written = writer.commit({ sets: [{ key: A, value: LARGE }] });
  await chunksWritten.promise;
  const sweeper = chunkedValues({
    ...bound(memory),
    commit: async (batch) => {
      isSweeping.resolve();
      await written;
      return await memory.commit(batch);
    },
  });
  assert.equal(await sweeper.sweep(), 0);
  assert.equal((await written).ok, true);
  assert.equal((await writer.get(A))?.value, LARGE);
});

Deno.test("chunkedValues() never reads a torn value while it is written", async () => {
  const { store } = opened({ maxBytes: 200_000 });
  const value = (i: number) => `${i % 10}`.repeat(100_000 + i);
  await store.commit({ sets: [{ key: A, value: value(0) }] });
  let isWriting = true;
  const writer = (async () => {
    for (let i = 1; i < 30; i++) {
      await store.commit({ sets: [{ key: A, value: value(i) }] });
    }
    isWriting = false;
  })();
  let seen = 0;
  while (isWriting) {
    const [listed] = await Array.fromAsync(store.list({ prefix: [] }));
    for (const entry of [listed, await store.get(A)]) {
      const text = entry?.value as string;
      assert.equal(text, value(text.length - 100_000));
      seen++;
    }
  }
  await writer;
  assert.ok(seen > 20, `read ${seen} times`);
});

Deno.test("chunkedValues() says so when chunks are missing", async () => {
  const { store, memory } = opened();
  await store.commit({ sets: [{ key: A, value: LARGE }] });
  const [chunk] = await Array.fromAsync(
    memory.list({ prefix: [new Uint8Array(0), "chunk"] }),
  );
  await memory.commit({ deletes: [chunk?.key ?? []] });
  await assert.rejects(store.get(A), {
    message: 'Cannot read ["a"]: found not all of the 6 chunks of its value',
  });
});

Deno.test("chunkedValues() takes an expiring value whose chunks are gone for expired", async () => {
  const { store, memory } = opened();
  const sets = [{ key: A, value: LARGE, expireInMs: 1_000 }];
  await store.commit({ sets });
  for await (
    const { key } of memory.list({ prefix: [new Uint8Array(0), "chunk"] })
  ) {
    await memory.commit({ deletes: [key] });
  }
  assert.equal(await store.get(A), undefined);
  assert.deepEqual(await Array.fromAsync(store.list({ prefix: [] })), []);
});

Deno.test("chunkedValues() keeps its keys to itself", async () => {
  const { store, memory } = opened();
  await store.commit({
    sets: [{ key: A, value: LARGE }, { key: B, value: 1 }],
  });
  const [reserved] = await Array.fromAsync(memory.list({ prefix: [] }));
  const key = reserved?.key ?? [];
  const message =
    /^Cannot use key \[bytes\(0\), .*\]: keys that start with empty bytes are/;
  const { signal } = new AbortController();
  const uses: (() => Promise<unknown>)[] = [
    () => store.get(key),
    () => store.getMany([A, key]),
    () => store.commit({ checks: [{ key, version: undefined }] }),
    () => store.commit({ sets: [{ key, value: 1 }] }),
    () => store.commit({ deletes: [key] }),
    async () => await Array.fromAsync(store.watch([key], signal)),
    async () =>
      await Array.fromAsync(store.list({ prefix: [] }, { after: key })),
  ];
  for (const use of uses) {
    await assert.rejects(async () => await use(), { message });
  }
  const lists = [
    store.list({ prefix: [] }),
    store.list({ prefix: [] }, { limit: 2 }),
    store.list({ start: [], end: ["z"] }),
    store.list({ start: key, end: ["z"] }),
  ];
  for (const list of lists) {
    assert.deepEqual((await Array.fromAsync(list)).map(({ key }) => key), [
      A,
      B,
    ]);
  }
  const back = await Array.fromAsync(
    store.list({ prefix: [] }, { reverse: true }),
  );
  assert.deepEqual(back.map(({ key }) => key), [B, A]);
  assert.deepEqual(
    await Array.fromAsync(store.list({ prefix: key.slice(0, 1) })),
    [],
  );
});

Deno.test("chunkedValues() passes batches of small values on as they are", async () => {
  const batches: Batch[] = [];
  const memory = memoryStore({ limits: LIMITS });
  const store = chunkedValues({
    ...bound(memory),
    commit: (batch) => {
      batches.push(batch);
      return memory.commit(batch);
    },
  });
  await store.sweep();
  const batch = { sets: [{ key: A, value: { small: true } }], deletes: [B] };
  await store.commit(batch);
  assert.equal(batches.length, 1);
  assert.equal(batches[0], batch);
  // And again, once a large value at the same key has come and gone.
  await store.commit({ sets: [{ key: A, value: LARGE }] });
  await store.commit({ deletes: [A] });
  await store.commit(batch);
  assert.equal(batches.at(-1), batch);
});

function opened(options: ChunkedOptions = {}) {
  const memory = memoryStore({ limits: LIMITS });
  return { memory, store: chunkedValues(memory, options) };
}

async function hidden(store: Store) {
  const count = async (kind: string) =>
    (await Array.fromAsync(store.list({ prefix: [new Uint8Array(0), kind] })))
      .length;
  return { records: await count("record"), chunks: await count("chunk") };
}

/** Throws at the n-th commit and from then on, having done the n-th if n is even. */
function failing(store: Store, n: number): Store & { hasFailed(): boolean } {
  let commits = 0;
  return {
    ...bound(store),
    commit: async (batch): Promise<Committed | Conflict> => {
      commits++;
      if (commits < n || (commits === n && n % 2 === 0)) {
        const result = await store.commit(batch);
        if (commits < n) return result;
      }
      throw new Error("Cannot commit: the process is dead");
    },
    hasFailed: () => commits >= n,
  };
}

function bound(store: Store): Store {
  return {
    limits: store.limits,
    get: (key) => store.get(key),
    getMany: (keys) => store.getMany(keys),
    list: (range, options) => store.list(range, options),
    commit: (batch) => store.commit(batch),
    watch: (keys, signal) => store.watch(keys, signal),
    close: () => store.close(),
  };
}
