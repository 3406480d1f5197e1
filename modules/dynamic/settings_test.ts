/** What the config of a component is for, one key at a time. */
import assert from "node:assert/strict";
import { LifecycleError } from "@engine/errors.ts";
import { Executor } from "@engine/services/executor.ts";
import { startApplication } from "@engine/testing.ts";
import component from "./component.ts";
import folder from "./folder.ts";

async function start(config: Readonly<Record<string, unknown>>) {
  const root = await Deno.makeTempDir();
  const app = await startApplication({
    document: {
      modules: [{ name: "part", type: "dynamic.component", config }],
    },
    definitions: [component],
    folder: `${root}/`,
  });
  const { signal } = new AbortController();
  const stop = app.stop;
  return Object.assign(app, {
    run: (params = {}) =>
      app.service(Executor).execute(params, { signal, idempotencyKey: "k" }),
    async [Symbol.asyncDispose]() {
      await stop();
      await Deno.remove(root, { recursive: true });
    },
  });
}

Deno.test("dynamic.component runs the code that stands in the document", async () => {
  await using app = await start({ code: "export const execute = () => 7;" });
  assert.equal(await app.run(), 7);
});

Deno.test("dynamic.component is called by its componentId in logs", async () => {
  const code = "export const execute = (_, ctx) => ctx.log.info('here');";
  await using app = await start({ code, componentId: "the-part" });
  await app.run();
  const line = app.logs.find(({ message }) => message === "here");
  assert.equal(line?.fields.component, "the-part");
});

Deno.test("dynamic.component that is optional keeps no document from starting", async () => {
  await using app = await start({ source: "none.ts", optional: true });
  await assert.rejects(app.run(), /none\.ts/);
  await assert.rejects(
    start({ source: "none.ts", optional: false }),
    LifecycleError,
  );
});

Deno.test("dynamic.component runs as many calls at once as maxConcurrency says", async () => {
  const code = `let running = 0;
    export async function execute() {
      const before = running++;
      await new Promise((resolve) => setTimeout(resolve, 5));
      running--;
      return before;
    }`;
  for (const [maxConcurrency, most] of [[0, 2], [1, 0], [2, 1]] as const) {
    await using app = await start({ code, maxConcurrency });
    const found = await Promise.all([app.run(), app.run(), app.run()]);
    assert.equal(Math.max(...found.map(Number)), most);
  }
});

Deno.test("dynamic.folder hands each of its files all that it grants", async () => {
  const root = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${root}/one.ts`, "export const execute = 1;");
    const shared = {
      requires: ["bus"],
      permissions: {
        net: ["a.example"],
        read: ["r"],
        write: ["w"],
        env: ["E"],
      },
      env: { REGION: "eu" },
      secrets: { TOKEN: "t0ps3cret" },
      maxExecutionTime: "5s",
      maxExecutionTimeSeconds: 5,
      maxConcurrency: 2,
      maxOutputSize: 3,
      isolation: "process",
    };
    const found = await folder.discover?.(
      { ...shared, folder: "." },
      `${root}/`,
    );
    assert.deepEqual(found, [{
      name: "one",
      type: "dynamic.component",
      config: { ...shared, source: "one.ts", optional: true },
    }]);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
