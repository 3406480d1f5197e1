import assert from "node:assert/strict";
import { join } from "node:path";
import { testStore } from "./contract.ts";
import { isSharedStore, openStore } from "./open.ts";

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
  const expected = 'expected "memory:", "kv:PATH", a path or ' +
    '"postgres://USER:PASSWORD@HOST:PORT/DATABASE"';
  const refused: [string, string][] = [
    ["", "it names no file"],
    ["kv:", "it names no file"],
    ["memory:shared", '"shared" follows "memory:"'],
    ["deploy:eu", '"eu" follows "deploy:"'],
    ["redis://host", '"redis:" is no scheme of a store'],
  ];
  for (const [url, reason] of refused) {
    await assert.rejects(openStore(url, { now }), {
      message: `Cannot open store "${url}": ${reason}, ${expected}`,
    });
  }
});

Deno.test("openStore() refuses a URL of PostgreSQL that leaves something out", async () => {
  const refused: [string, string][] = [
    [
      "postgres://me@/db",
      "it is no URL (a password has %2F for / and %23 for #)",
    ],
    ["postgres:///db", "it names no host"],
    ["postgresql://host/db", "it names no user"],
    ["postgres://me@host", "it names no database"],
    ["postgres://me@host/", "it names no database"],
    [
      "postgres://me@host/db?statement_timeout=1",
      '"statement_timeout" is none of its options schema, sslmode',
    ],
    [
      "postgres://me@host/db?schema=My-Shop",
      'the schema "My-Shop" is not up to 63 of a-z, 0-9 and _',
    ],
  ];
  for (const [url, reason] of refused) {
    const shown = url.replace("me@", "***@").replace(/\?.*/, "");
    await assert.rejects(openStore(url, { now }), {
      message: `Cannot open store "${shown}": ${reason}, expected ` +
        "postgres://USER:PASSWORD@HOST:PORT/DATABASE?schema=NAME",
    });
  }
});

Deno.test("openStore() does not repeat a password", async () => {
  const urls = [
    "redis://me:secret@host/db",
    "postgres://me:secret@host/db?schema=-",
    "postgres://me:secret@host/?password=secret",
    // None of these is escaped as it must be.
    "postgres://me:se/secret@host/db",
    "postgres://me:se@secret@host",
    "postgres://me:#secret@host/db",
    "postgres://me:?secret@host/db",
    "postgres://me:secret@host:port/db",
  ];
  for (const url of urls) {
    await assert.rejects(
      openStore(url, { now }),
      (error: Error) =>
        error.message.includes("://***@host") &&
        !Deno.inspect(error, { depth: 9 }).includes("secret"),
    );
  }
});

function now(): number {
  return 0;
}

Deno.test("isSharedStore() is true of what several processes may open, and of nothing else", () => {
  const shared = ["postgres://u@h/d", "POSTGRESQL://u@h/d", "deploy:"];
  const alone = ["memory:", "kv:/tmp/a", "/tmp/postgres:", "a.kv"];
  assert.deepEqual(shared.filter((url) => !isSharedStore(url)), []);
  assert.deepEqual(alone.filter(isSharedStore), []);
});
