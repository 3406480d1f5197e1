/**
 * The sandbox with its real processes. What these tests kill is real.
 *
 * @module
 */
import assert from "node:assert/strict";
import { begin, NEVER } from "./_fixture_test.ts";
import { CallTimeoutError, OutputTooLargeError } from "./sandbox.ts";

const GOOD = `
  let count = 0;
  export const execute = ({ n }) => ({ n: n + 1, count: ++count });`;

/** Spins for as long as it is told to. */
const SPINS = `
  export function execute({ ms }) {
    const end = Date.now() + ms;
    while (Date.now() < end);
    return "over";
  }`;

/**
 * What a component answers after it was killed. A busy machine may take longer to
 * start it than one call may last.
 */
async function answerOf(
  { run, killed }: Awaited<ReturnType<typeof begin>>,
  params: unknown,
): Promise<unknown> {
  for (;;) {
    try {
      const answer = await run(params);
      if (killed.length > 0) return answer;
    } catch (error) {
      if (!(error instanceof CallTimeoutError)) throw error;
    }
  }
}

Deno.test("a sandbox gives each call its own answer, in any number", async () => {
  await using it = await begin(GOOD);
  const all = await Promise.all(
    Array.from({ length: 2_000 }, (_, n) => it.run({ n })),
  );
  all.forEach((answer, n) => assert.equal((answer as { n: number }).n, n + 1));
});

Deno.test("a component that spins past its limit is killed, and answers again", async () => {
  await using it = await begin(SPINS, { executionMs: 300 });
  await assert.rejects(it.run({ ms: 1e9 }), /maxExecutionTime is 300 ms/);
  assert.equal(await answerOf(it, { ms: 0 }), "over");
  assert.match(it.killed[0] ?? "", /code does not answer/);
});

Deno.test("a component that spins when nobody calls it is killed, and answers again", async () => {
  await using it = await begin(`export function execute({ spins }) {
    if (spins) setTimeout(() => { while (true); }, 0);
    return "over";
  }`);
  assert.equal(await it.run({ spins: true }), "over");
  await it.died;
  assert.deepEqual(it.killed, ["code does not answer"]);
  assert.equal(await it.run({}), "over");
});

Deno.test("a component that calculates for long in a call is left at it", async () => {
  await using it = await begin(SPINS, { executionMs: 30_000 });
  assert.equal(await it.run({ ms: 11_000 }), "over");
  assert.deepEqual(it.killed, []);
});

Deno.test("a neighbour of a component that spins loses no call", async () => {
  await using good = await begin(GOOD);
  await using bad = await begin(SPINS, { executionMs: 200 });
  let isOver = false;
  const spun = bad.run({ ms: 1e9 }).catch(() => {});
  const calls = (async () => {
    let n = 0;
    for (; !isOver; n++) {
      assert.equal((await good.run({ n }) as { n: number }).n, n + 1);
    }
    return n;
  })();
  await spun;
  assert.equal(await answerOf(bad, { ms: 0 }), "over");
  isOver = true;
  assert.ok(await calls > 10);
});

Deno.test("a component of its own host takes nobody with it", async () => {
  await using good = await begin(GOOD);
  await using bad = await begin(SPINS, {
    ...{ isolation: "process" as const, executionMs: 200 },
  });
  await assert.rejects(bad.run({ ms: 1e9 }));
  await answerOf(bad, { ms: 0 });
  assert.deepEqual(good.killed, []);
  assert.equal((await good.run({ n: 1 }) as { count: number }).count, 1);
});

Deno.test("a component that takes all memory is killed, and its call fails in the end", async () => {
  await using it = await begin(
    `export function execute() {
      const all = [];
      for (;;) all.push(new Uint8Array(1e7).fill(1));
    }`,
    { executionMs: 20_000 },
  );
  await assert.rejects(it.run(), /its host died 3 times under the call/);
  assert.match(it.killed[0] ?? "", /bytes of memory, the limit is/);
});

Deno.test("a component is told that nobody waits any more", async () => {
  await using it = await begin(`
    export const execute = (_, ctx) => new Promise((resolve) =>
      ctx.signal.addEventListener("abort", () =>
        resolve("told: " + ctx.signal.reason.message)));`);
  const giveUp = new AbortController();
  const call = it.run({}, giveUp.signal);
  giveUp.abort(new Error("enough"));
  assert.equal(await call, "told: enough");
});

Deno.test("a component gets the same chance for the same key", async () => {
  await using it = await begin(
    `export const execute = (_, ctx) => [ctx.random(), ctx.random()];`,
  );
  const first = await it.run({}, NEVER, "a");
  assert.deepEqual(await it.run({}, NEVER, "a"), first);
  assert.notDeepEqual(await it.run({}, NEVER, "b"), first);
});

Deno.test("a result that is too large is refused with the limit", async () => {
  await using it = await begin(
    `export const execute = () => "x".repeat(2_000_000);`,
  );
  await assert.rejects(it.run(), OutputTooLargeError);
  await assert.rejects(it.run(), /the limit is 1048576 characters/);
});

Deno.test("a component that floods the log is cut off, and works", async () => {
  await using it = await begin(`
    export function execute() {
      for (let n = 0; n < 20_000; n++) console.log("line " + n);
      return "done";
    }`);
  assert.equal(await it.run(), "done");
  assert.ok(it.logged.length <= 1_000, `${it.logged.length} lines`);
});

Deno.test("a sandbox that stops refuses what is under way, and leaves no process", async () => {
  const it = await begin(
    `export const execute = () => new Promise(() => {});`,
    { isolation: "process" },
  );
  const call = assert.rejects(it.run(), /code is stopped/);
  await it.sandbox.stop();
  await call;
  await assert.rejects(it.run(), /code is stopped/);
});

Deno.test("init and start run before the first call, also after a kill", async () => {
  await using it = await begin(
    `let state = [];
    export const init = () => void state.push("init");
    export const start = async () => { await null; state.push("start"); };
    export function execute({ spin }) {
      while (spin);
      return state;
    }`,
    { executionMs: 200 },
  );
  assert.deepEqual(await it.run(), ["init", "start"]);
  await assert.rejects(it.run({ spin: true }));
  assert.deepEqual(await answerOf(it, {}), ["init", "start"]);
});

Deno.test("what stays of the platform works in a component", async () => {
  await using it = await begin(`
    export async function execute() {
      const { promise, resolve } = Promise.withResolvers();
      const timer = setInterval(() => { clearInterval(timer); resolve(); }, 1);
      await promise;
      await new Promise((done) => setTimeout(done, 1));
      const digest = await crypto.subtle.digest("SHA-256", new Uint8Array(3));
      const zipped = new Blob(["text"]).stream()
        .pipeThrough(new CompressionStream("gzip"))
        .pipeThrough(new DecompressionStream("gzip"));
      return {
        bytes: digest.byteLength,
        text: await new Response(zipped).text(),
        id: crypto.randomUUID().length,
        url: new URL("a", "https://b.example/").href,
        pattern: new URLPattern({ pathname: "/:x" }).test("https://a/b"),
        clone: structuredClone({ at: new Date(0) }).at.getTime(),
        base: atob(btoa("x")),
        number: new Intl.NumberFormat("en").format(1234.5),
        query: new URLSearchParams("a=1").get("a"),
        json: await new Request("http://a/", { method: "POST", body: "[1]" }).json(),
        aborted: AbortSignal.abort().aborted,
        form: [...new FormData()].length,
        map: Object.groupBy([1, 2, 3], (n) => n % 2 ? "odd" : "even").odd.length,
      };
    }`);
  assert.deepEqual(await it.run(), {
    ...{ bytes: 32, text: "text", id: 36, url: "https://b.example/a" },
    ...{ pattern: true, clone: 0, base: "x", number: "1,234.5", query: "1" },
    ...{ json: [1], aborted: true, form: 0, map: 2 },
  });
});
