import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const WORKER = fileURLToPath(new URL("crash_test_worker.ts", import.meta.url));

/** How often the worker is killed. */
const KILLS = 22;

/** Numbers of one life; no life reaches the end of its own. */
const LIFE_NUMBERS = 1_000_000;

Deno.test("A queue has all that was acknowledged handled, however often it is killed", async () => {
  // A child sends and handles until it is killed, at a random line of its output,
  // each time on what the last one left. In the end one only handles. The pipe
  // still holds what a child had printed before its death.
  const folder = await Deno.makeTempDir();
  const chance = seeded(20_261_127);
  const path = join(folder, "test.db");
  const lines = new Map<string, number[]>();
  try {
    for (let life = 0; life < KILLS; life++) {
      const killAt = 1 + chance(1_500);
      await live([path, `${life * LIFE_NUMBERS}`], lines, killAt);
    }
    await live([path, "0", "drain"], lines, Infinity);
    const of = (verb: string) => lines.get(verb) ?? [];
    assert.deepEqual(lines.get("error"), undefined);
    assert.ok(of("sent").length > 1_000, `only ${of("sent").length} sent`);
    assert.ok(of("published").length > 100);
    assertAll(of("sent"), new Set(of("handled")));
    const logged = [...new Set(of("logged"))];
    assertAll(of("published"), new Set(logged));
    // What was handled again after a kill had been handled in order before.
    assert.deepEqual(logged, logged.toSorted((a, b) => a - b));
    assert.deepEqual(of("dead"), [0]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

function assertAll(wanted: readonly number[], found: ReadonlySet<number>) {
  const lost = wanted.filter((number) => !found.has(number));
  assert.deepEqual(lost, [], `${lost.length} of ${wanted.length} are lost`);
}

/** Runs a worker until it ends, or is killed at a line of its output. */
async function live(
  args: readonly string[],
  lines: Map<string, number[]>,
  killAt: number,
): Promise<void> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", WORKER, ...args],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let read = 0;
  let isKilled = false;
  for await (const line of linesOf(child.stdout)) {
    const [verb = "", number] = line.split(" ");
    const known = lines.get(verb);
    if (known === undefined) lines.set(verb, [Number(number)]);
    else known.push(Number(number));
    if (++read < killAt || isKilled) continue;
    isKilled = true;
    child.kill("SIGKILL");
  }
  const { success } = await child.status;
  assert.equal(success, killAt === Infinity, "how it ends");
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

/** Chance that the seed repeats, as far as the world does. */
function seeded(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor(state / 2 ** 32 * below);
  };
}
