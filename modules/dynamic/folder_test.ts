import assert from "node:assert/strict";
import { join } from "node:path";
import { systemEffects } from "@engine/effects.ts";
import { Executor } from "@engine/services/executor.ts";
import { UserCode } from "@engine/services/user_code.ts";
import { startApplication } from "@engine/testing.ts";
import component from "./component.ts";
import folder from "./folder.ts";

/** How long a change may take to be seen, in milliseconds. */
const SEEN_MS = 20_000;

const CODE = (n: number) => `export const execute = () => ${n};`;

async function begin(files: Readonly<Record<string, string>>, config = {}) {
  const root = await Deno.makeTempDir();
  await Deno.mkdir(join(root, "parts"));
  const write = (name: string, text: string) =>
    Deno.writeTextFile(join(root, "parts", name), text);
  for (const [name, text] of Object.entries(files)) await write(name, text);
  const app = await startApplication({
    document: {
      modules: [{
        name: "parts",
        type: "dynamic.folder",
        config: { folder: "parts", ...config },
      }],
    },
    definitions: [component, folder],
    effects: systemEffects(),
    folder: `${root}/`,
  });
  const { signal } = new AbortController();
  return {
    ...{ app, write },
    remove: (name: string) => Deno.remove(join(root, "parts", name)),
    names: () => app.application.all(UserCode).map(({ name }) => name),
    run: (name: string) =>
      app.service(Executor, name).execute({}, { signal, idempotencyKey: "k" }),
    info: (name: string) => app.service(UserCode, name).info(),
    manifest: (name: string) => app.service(UserCode, name).manifest(),
    /** Resolves when something has come to be. */
    async until(holds: () => boolean): Promise<void> {
      const endMs = performance.now() + SEEN_MS;
      while (!holds()) {
        assert.ok(performance.now() < endMs, "nothing has come of it");
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    async [Symbol.asyncDispose]() {
      await app.stop();
      await Deno.remove(root, { recursive: true });
    },
  };
}

Deno.test("dynamic.folder runs each file by its name, with what it grants to all", async () => {
  await using it = await begin({
    "one.ts": CODE(1),
    "two.js": CODE(2),
    "one_test.ts": "no component",
    "types.d.ts": "no component",
    "_shared.ts": "no component",
    "readme.md": "no component",
  }, { permissions: { net: ["a.example"] }, isolation: "process" });
  assert.deepEqual(it.names(), ["one", "two"]);
  assert.deepEqual([await it.run("one"), await it.run("two")], [1, 2]);
  const { permissions, isolation } = it.manifest("one");
  assert.deepEqual([permissions.net, isolation], [["a.example"], "process"]);
});

Deno.test("dynamic.folder runs a file that is dropped into it, and lets go of one that is removed", async () => {
  await using it = await begin({ "one.ts": CODE(1) });
  await it.write("two.ts", CODE(2));
  await it.until(() => it.names().includes("two"));
  assert.equal(await it.run("two"), 2);
  await it.remove("one.ts");
  await it.until(() => !it.names().includes("one"));
  assert.deepEqual(it.names(), ["two"]);
});

Deno.test("dynamic.folder runs the others if a file is broken, and that one when it is mended", async () => {
  await using it = await begin({
    "good.ts": CODE(1),
    "bad.ts": "export const execute = ;",
    "worse.ts": "throw new Error('no luck');",
  });
  assert.equal(await it.run("good"), 1);
  assert.equal(it.info("bad").status, "error");
  assert.match(it.info("bad").error ?? "", /parts\/bad\.ts.*1:24/);
  assert.match(it.info("worse").error ?? "", /no luck/);
  await assert.rejects(it.run("worse"), /Cannot run worse: .*no luck/);
  await it.write("worse.ts", CODE(3));
  await it.until(() => it.info("worse").status === "running");
  assert.equal(await it.run("worse"), 3);
});

Deno.test("dynamic.folder says that there is no such folder, and none outside of the document's", async () => {
  for (const folder of ["nowhere", "../.."]) {
    await assert.rejects(begin({}, { folder }), /nowhere|outside/);
  }
});
