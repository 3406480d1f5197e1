import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chunkedValues } from "./chunked.ts";
import { denoKvStore } from "./deno_kv.ts";
import type { Store } from "./store.ts";

const WRITER = fileURLToPath(new URL("crash_test_writer.ts", import.meta.url));

Deno.test("openStore() has all that was acknowledged before a SIGKILL", async () => {
  // A child writes until it is killed, three times, each time on what the last one
  // left. Whatever it has printed must be there, and nothing may be half there.
  const folder = await Deno.makeTempDir();
  const path = join(folder, "test.db");
  try {
    // The last child lives until each of its writers has something to lose.
    for (const [lines, writers] of [[50, 1], [400, 1], [1_000, 20]] as const) {
      const counts = new Map<number, number>();
      await writeUntilKilled(path, (read, writer, count) => {
        counts.set(writer, count);
        return read >= lines && counts.size >= writers;
      });
      const kv = await denoKvStore(path);
      const store = chunkedValues(kv);
      await assertAcknowledged(store, counts);
      await store.sweep();
      const large = await store.get(["large"]);
      await assertNoGarbage(kv, large === undefined ? 0 : 1);
      await store.close();
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("denoKvStore() refuses a file that another process has open until it dies", async () => {
  const folder = await Deno.makeTempDir();
  const path = join(folder, "test.db");
  try {
    const child = startWriter(path);
    await child.lines.next();
    await assert.rejects(denoKvStore(path), {
      message:
        `Cannot open store "${path}": process ${child.pid} has it open, ` +
        "stop that one or use another data folder (--data)",
    });
    await child.kill();
    await (await denoKvStore(path)).close();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** Each writer waits for an answer before its next write, so one may be unanswered. */
async function assertAcknowledged(
  store: Store,
  counts: ReadonlyMap<number, number>,
): Promise<void> {
  for (const [writer, count] of counts) {
    if (writer === 0) {
      const text = (await store.get(["large"]))?.value as string;
      const found = parseInt(text);
      assert.ok(found === count || found === count + 1, `${found} of ${count}`);
      assert.equal(text, `${found}:`.padEnd(300_000 + found, "x"));
      continue;
    }
    const found = (await store.get(["count", writer]))?.value as number;
    assert.ok(found === count || found === count + 1, `${found} of ${count}`);
    const rows = await Array.fromAsync(
      store.list({ prefix: ["row", writer] }, { limit: found }),
    );
    const expected = Array.from({ length: found }, (_, i) => i + 1);
    assert.deepEqual(rows.map(({ value }) => value), expected);
  }
}

async function assertNoGarbage(kv: Store, large: number): Promise<void> {
  const records = kv.list({ prefix: [new Uint8Array(0), "record"] });
  assert.equal((await Array.fromAsync(records)).length, large);
  const chunks = kv.list({ prefix: [new Uint8Array(0), "chunk"] });
  assert.equal((await Array.fromAsync(chunks)).length, 5 * large);
}

/** Kills the child when `acknowledge` says that it has had enough lines. */
async function writeUntilKilled(
  path: string,
  acknowledge: (read: number, writer: number, count: number) => boolean,
): Promise<void> {
  const child = startWriter(path);
  let read = 0;
  let killed: Promise<void> | undefined;
  // After the kill the pipe still holds what was printed before it.
  for await (const line of child.lines) {
    const [writer = NaN, count = NaN] = line.split(" ").map(Number);
    if (acknowledge(++read, writer, count)) killed ??= child.kill();
  }
  assert.ok(killed, "the child died by itself");
  await killed;
}

function startWriter(path: string) {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", WRITER, path],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  return {
    pid: child.pid,
    lines: linesOf(child.stdout),
    async kill(): Promise<void> {
      child.kill("SIGKILL");
      await child.status;
    },
  };
}

/** Whole lines only: the last one may be cut off by the kill. */
async function* linesOf(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<string, void, void> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}
