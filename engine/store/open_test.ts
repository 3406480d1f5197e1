import assert from "node:assert/strict";
import { join } from "node:path";
import { testStore } from "./contract.ts";
import { openStore } from "./open.ts";

testStore("openStore() of memory:", async () => {
  let time = 1_000;
  return {
    store: await openStore("memory:", { now: () => time }),
    advance: (ms) => time += ms,
  };
}, { hasClock: true });

Deno.test("openStore() opens the file of a path and of kv:", async () => {
  const folder = await Deno.makeTempDir();
  const path = join(folder, "test.db");
  const value = { large: "x".repeat(100_000) };
  for (
    const [url, expected] of [[path, undefined], [`kv:${path}`, value]] as const
  ) {
    const store = await openStore(url, { now });
    assert.deepEqual((await store.get(["a"]))?.value, expected);
    await store.commit({ sets: [{ key: ["a"], value }] });
    await store.close();
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("openStore() makes one commit of many on a file", async () => {
  // Versions tell commits apart: what was merged has one version.
  const folder = await Deno.makeTempDir();
  const store = await openStore(join(folder, "test.db"), { now });
  const results = await Promise.all(
    [1, 2, 3].map((i) => store.commit({ sets: [{ key: ["a", i], value: i }] })),
  );
  const versions = results.map((result) => result.ok && result.version);
  assert.equal(new Set(versions).size, 1);
  await store.close();
  await Deno.remove(folder, { recursive: true });
});

Deno.test("openStore() refuses a URL of no store, and says what it takes", async () => {
  const expected = 'expected "memory:", "kv:PATH" or a path';
  const refused: [string, string][] = [
    ["", "it names no file"],
    ["kv:", "it names no file"],
    ["memory:shared", '"shared" follows "memory:"'],
    ["deploy:eu", '"eu" follows "deploy:"'],
    ["redis://host", '"redis:" is no scheme of a store'],
    ["postgres://host/db", "PostgreSQL is not supported by this build"],
    ["postgresql://host/db", "PostgreSQL is not supported by this build"],
  ];
  for (const [url, reason] of refused) {
    await assert.rejects(openStore(url, { now }), {
      message: `Cannot open store "${url}": ${reason}, ${expected}`,
    });
  }
});

Deno.test("openStore() does not repeat a password", async () => {
  await assert.rejects(
    openStore("postgres://me:secret@host/db", { now }),
    (error: Error) =>
      error.message.includes("postgres://***@host/db") &&
      !error.message.includes("secret"),
  );
});

function now(): number {
  return 0;
}
