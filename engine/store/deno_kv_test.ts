import assert from "node:assert/strict";
import { join } from "node:path";
import { testStore } from "./contract.ts";
import { denoKvStore } from "./deno_kv.ts";

testStore("denoKvStore()", async () => {
  const folder = await Deno.makeTempDir();
  return {
    store: await denoKvStore(join(folder, "test.db")),
    dispose: () => Deno.remove(folder, { recursive: true }),
  };
});

Deno.test("denoKvStore() finds what it wrote before it was closed", async () => {
  await inFolder(async (path) => {
    const first = await denoKvStore(path);
    const result = await first.commit({
      sets: [{ key: ["a"], value: { b: 1 } }],
    });
    await first.close();
    const second = await denoKvStore(path);
    const entry = await second.get(["a"]);
    assert.deepEqual(entry?.value, { b: 1 });
    assert.equal(entry.version, result.ok && result.version);
    await second.close();
  });
});

Deno.test("denoKvStore() refuses a file that this process has open", async () => {
  await inFolder(async (path, folder) => {
    const link = join(folder, "link.db");
    const first = await denoKvStore(path);
    await Deno.symlink(path, link);
    for (const same of [path, link]) {
      await assert.rejects(denoKvStore(same), {
        message:
          `Cannot open store "${same}": process ${Deno.pid} has it open, ` +
          "stop that one or use another data folder (--data)",
      });
    }
    await first.close();
    await (await denoKvStore(link)).close();
  });
});

Deno.test("denoKvStore() says why a file cannot be opened", async () => {
  await inFolder(async (path, folder) => {
    const absent = join(folder, "absent", "test.db");
    await assert.rejects(denoKvStore(absent), {
      message: `Cannot open store "${absent}": folder "${
        join(folder, "absent")
      }" does not exist`,
    });
    await Deno.writeTextFile(
      path,
      "This is a text, and no database at all.\n".repeat(99),
    );
    await assert.rejects(denoKvStore(path), {
      message: `Cannot open store "${path}": file is not a database`,
    });
    // The lock of a failed opening is given back.
    await Deno.remove(path);
    await (await denoKvStore(path)).close();
  });
});

Deno.test("denoKvStore() refuses values that it has not written", async () => {
  await inFolder(async (path) => {
    const kv = await Deno.openKv(path);
    await kv.set(["a"], { foreign: true });
    kv.close();
    const store = await denoKvStore(path);
    await assert.rejects(store.get(["a"]), {
      message: 'Cannot read ["a"]: the value is of Deno KV\'s own form, ' +
        "expected one that this engine has written",
    });
    await store.close();
  });
});

Deno.test("denoKvStore() keeps databases in memory apart", async () => {
  const [first, second] = [
    await denoKvStore(":memory:"),
    await denoKvStore(":memory:"),
  ];
  await first.commit({ sets: [{ key: ["a"], value: 1 }] });
  assert.equal(await second.get(["a"]), undefined);
  await first.close();
  await second.close();
});

async function inFolder(
  run: (path: string, folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(join(folder, "test.db"), folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
