/**
 * A component whose file is edited while it is called all the time.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { systemEffects } from "@engine/effects.ts";
import { HEALTH_MS_MAX } from "../../components/sandbox.ts";
import { Executor } from "@engine/services/executor.ts";
import { UserCode } from "@engine/services/user_code.ts";
import { startApplication } from "@engine/testing.ts";
import component from "./component.ts";

/** How long a change may take to be seen, in milliseconds. */
const SEEN_MS = 10_000;

const VERSION = (n: number) =>
  `let calls = 0;
  export const execute = async ({ wait }) => {
    calls++;
    if (wait) await new Promise((resolve) => setTimeout(resolve, wait));
    return ${n};
  };`;

/** A component that is called without a pause. */
async function begin(effects = systemEffects()) {
  const folder = await Deno.makeTempDir();
  const file = join(folder, "code.ts");
  await Deno.writeTextFile(file, VERSION(1));
  const app = await startApplication({
    document: {
      modules: [{
        name: "code",
        type: "dynamic.component",
        config: { source: "code.ts" },
      }],
    },
    definitions: [component],
    effects,
    folder: `${folder}/`,
  });
  const executor = app.service(Executor);
  const { signal } = new AbortController();
  const run = (params = {}) =>
    executor.execute(params, { signal, idempotencyKey: "k" });
  const answers = new Map<unknown, number>();
  const failures: unknown[] = [];
  let isOver = false;
  const calling = Promise.all(Array.from({ length: 4 }, async () => {
    while (!isOver) {
      try {
        const answer = await run();
        answers.set(answer, (answers.get(answer) ?? 0) + 1);
      } catch (error) {
        failures.push(error);
      }
    }
  }));
  return {
    ...{ run, answers, failures, logs: app.logs },
    code: app.service(UserCode),
    edit: (text: string) => Deno.writeTextFile(file, text),
    /** Resolves when something has come to be. */
    async until(holds: () => boolean): Promise<void> {
      const endMs = performance.now() + SEEN_MS;
      while (!holds()) {
        assert.ok(performance.now() < endMs, "nothing has come of it");
        await run();
      }
    },
    async [Symbol.asyncDispose]() {
      isOver = true;
      await calling;
      await app.stop();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

Deno.test("a component that is edited is replaced between two calls, and none fails", async () => {
  await using it = await begin();
  await it.until(() => (it.answers.get(1) ?? 0) > 10);
  // One that is under way ends as it began.
  const slow = it.run({ wait: 1_000 });
  await it.edit(VERSION(2));
  await it.until(() => (it.answers.get(2) ?? 0) > 10);
  assert.equal(await slow, 1);
  const ones = it.answers.get(1);
  await it.run();
  assert.equal(it.answers.get(1), ones, "the old one takes no call any more");
  assert.deepEqual(it.failures, []);
});

Deno.test("a component that is broken by an edit goes on as it was, and says why", async () => {
  await using it = await begin();
  for (
    const [text, reason] of [
      ["export const execute = ;", /"code\.ts":1:24: Expression expected/],
      ["import 'node:fs';", /an import of "node:fs"/],
      ["export const execute = (): string => 3;", /1:38 Type 'number' is not/],
      ["throw new Error('no luck');", /no luck/],
      ["export const contract = 3; export const execute = 1;", /a number/],
      ["export function start() { throw new Error('no key'); }", /no key/],
    ] as const
  ) {
    const said = () =>
      it.logs.filter(({ level, message }) =>
        level === "error" && reason.test(message)
      );
    await it.edit(text);
    await it.until(() => said().length > 0);
    assert.match(said()[0]?.message ?? "", /^The change of "code\.ts" is not/);
  }
  assert.deepEqual([...it.answers.keys()], [1]);
  await it.edit(VERSION(3));
  await it.until(() => (it.answers.get(3) ?? 0) > 0);
  assert.deepEqual(it.failures, []);
});

Deno.test("code that spins when it has started does not take over", async () => {
  const effects = systemEffects();
  const { clock } = effects;
  const after = (ms: number, callback: () => void) =>
    clock.after(ms === HEALTH_MS_MAX ? 300 : ms, callback);
  await using it = await begin({ ...effects, clock: { ...clock, after } });
  await it.edit(`${VERSION(2)}
    export const start = () => void setTimeout(() => { while (true); }, 0);`);
  const said = () => it.logs.find(({ level }) => level === "error")?.message;
  await it.until(() => said() !== undefined);
  assert.equal(
    said(),
    'The change of "code.ts" is not taken over: Cannot load "code.ts": ' +
      "it ends, or does not answer, within 5000 ms of its start",
  );
  assert.deepEqual([...it.answers.keys()], [1]);
  assert.deepEqual(it.failures, []);
});

Deno.test("code that dies when it has started does not take over", async () => {
  await using it = await begin();
  await it.edit(`${VERSION(2)}
    export const start = () =>
      void setTimeout(() => { throw new Error("no luck"); }, 0);`);
  const said = () => it.logs.find(({ level }) => level === "error")?.message;
  await it.until(() => said() !== undefined);
  assert.match(said() ?? "", /^The change of "code\.ts" is not taken over:/);
  assert.deepEqual([...it.answers.keys()], [1]);
  assert.deepEqual(it.failures, []);
});

Deno.test("a version that has run can be run again, until the file changes", async () => {
  await using it = await begin();
  await it.edit(VERSION(2));
  await it.until(() => (it.answers.get(2) ?? 0) > 0);
  const all = await it.code.versions();
  assert.deepEqual(all.map(({ version }) => version), [2, 1]);
  assert.equal(await it.code.text(1), VERSION(1));
  await it.code.rollback(1);
  assert.equal(await it.run(), 1);
  await assert.rejects(it.code.rollback(9), /has no version 9/);
  await it.edit(VERSION(3));
  await it.until(() => (it.answers.get(3) ?? 0) > 0);
  // What ran again is the newest but one.
  const after = await it.code.versions();
  assert.deepEqual(after.map(({ version }) => version), [4, 3, 2, 1]);
  assert.equal(after[1]?.hash, after[3]?.hash);
  assert.deepEqual(it.failures, []);
});
