import assert from "node:assert/strict";
import { Part, parts, world } from "../tests/lifecycle_world.ts";
import { LifecycleError } from "./errors.ts";

Deno.test("reload() restarts nothing when nothing changed", async () => {
  const { app, since } = world();
  await using running = await app(parts("a>b", "b"));
  since();
  await running.reload(parts("a>b", "b"));
  assert.equal(
    since(),
    "unwire a, unwire b, unwire flow, wire flow, wire b, wire a",
  );
});

Deno.test("reload() restarts what changed, and what uses it", async () => {
  const { app, since } = world();
  await using running = await app(parts("a>b", "b", "c"));
  since();
  await running.reload(parts("a>b", "b@2", "c"));
  assert.equal(
    since(),
    "create b, create a, start b, start a, close a, close b, " +
      "unwire c, unwire a, unwire b, unwire flow, wire flow, wire b, wire a, wire c, " +
      "open b, open a, stop a, stop b",
  );
  assert.equal(running.service(Part, "a").use(), 2);
});

Deno.test("reload() leaves what is used alone when its user changed", async () => {
  const { app, since } = world();
  await using running = await app(parts("a>b", "b"));
  const before = running.service(Part, "b");
  since();
  await running.reload(parts("a>b@2", "b"));
  assert.match(since(), /^create a, start a, close a, /);
  assert.equal(running.service(Part, "b"), before);
});

Deno.test("reload() adds and removes modules, and renames the rest into place", async () => {
  const { app, since } = world();
  await using running = await app(parts("a", "b"));
  since();
  await running.reload(parts("c", "b"));
  const steps = since();
  assert.match(steps, /^create c, start c, close a, unwire b, unwire a, /);
  assert.match(steps, /open c, stop a$/);
  assert.deepEqual(
    running.application.modules().map(({ name, state }) => `${name} ${state}`),
    ["c open", "b open"],
  );
  assert.deepEqual(
    running.application.all(Part).map(({ name }) => name),
    ["c", "b"],
  );
});

Deno.test("reload() wires the sections anew, in one step", async () => {
  const { app } = world();
  const document = (answer: number, name: string) =>
    JSON.stringify({ workflows: { flow: { answer, names: [name] } } });
  await using running = await app(document(1, "old"));
  assert.deepEqual(running.application.workflows(), ["flow", "old"]);
  await running.reload(document(2, "new"));
  assert.deepEqual(running.application.workflows(), ["flow", "new"]);
  assert.equal((await running.dispatch("flow", "go")).answer, 2);
});

for (const fault of ["create b", "start b", "wire b", "open b"]) {
  Deno.test(`reload() keeps the old serving when the new cannot ${fault}`, async () => {
    const { app, broken, since } = world();
    await using running = await app(parts("a>b", "b"));
    const before = running.service(Part, "b");
    since();
    broken.add(fault);
    await assert.rejects(
      running.reload(parts("a>b", "b@2", "c")),
      LifecycleError,
    );
    broken.clear();
    assert.equal(running.service(Part, "b"), before);
    assert.equal(running.service(Part, "a").use(), 1);
    assert.deepEqual(
      running.application.modules().map(({ name, state }) =>
        `${name} ${state}`
      ),
      ["b open", "a open"],
    );
    assert.equal(running.application.phase, "running");
    assert.equal((await running.dispatch("flow", "go")).action, "go");
    since();
    await running.reload(parts("a>b", "b@3"));
    assert.equal(running.service(Part, "a").use(), 3);
  });
}

Deno.test("reload() opens again what it had closed for a change that failed", async () => {
  const { app, broken, since } = world();
  await using running = await app(parts("a>b", "b"));
  since();
  broken.add("open a");
  const reloading = running.reload(parts("a>b", "b@2"));
  await assert.rejects(reloading, (error) => {
    assert.match((error as Error).message, /^Cannot open part: a is broken/);
    return true;
  });
  broken.clear();
  assert.match(
    since(),
    /open b, open a, close a, close b, .*wire b, wire a, open b, open a, stop a, stop b$/,
  );
});

Deno.test("reload() stops the new also where the old cannot open again", async () => {
  const { app, broken, since } = world();
  await using running = await app(parts("a", "b"));
  since();
  // The new b fails at once, and then the old one as well.
  broken.add("open b");
  await assert.rejects(
    running.reload(parts("a", "b@2")),
    /Cannot open part: b/,
  );
  assert.match(since(), /open b, stop b$/);
  assert.ok(
    running.logs.some(({ message }) => /Cannot open part: b/.test(message)),
  );
  assert.equal((await running.dispatch("flow", "go")).action, "go");
});

Deno.test("reload() refuses a document with errors before it touches anything", async () => {
  const { app, since } = world();
  await using running = await app(parts("a"));
  since();
  await assert.rejects(running.reload("modules: [{ name: a, type: nope }]"), {
    name: "ConfigError",
  });
  assert.equal(since(), "");
});

Deno.test("reload() waits its turn, and comes too late after stop()", async () => {
  const { app } = world();
  const running = await app(parts("a"));
  const first = running.reload(parts("a@2"));
  const second = running.reload(parts("a@3"));
  await Promise.all([first, second]);
  assert.equal(running.service(Part, "a").version, 3);
  const stopped = running.stop();
  await assert.rejects(
    running.reload(parts("a@4")),
    /Cannot reload test: it is stopped/,
  );
  await stopped;
});
