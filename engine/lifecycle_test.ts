import assert from "node:assert/strict";
import { parts, world } from "../tests/lifecycle_world.ts";
import { LifecycleError } from "./errors.ts";

Deno.test("an application starts in order, wires, opens, and stops in reverse", async () => {
  const { app, since } = world();
  const running = await app(parts("a>b", "b"));
  assert.equal(
    since(),
    "create b, create a, start b, start a, wire flow, wire b, wire a, open b, open a",
  );
  assert.equal(running.application.phase, "running");
  assert.deepEqual(running.application.modules(), [
    { name: "b", type: "part", state: "open" },
    { name: "a", type: "part", state: "open" },
  ]);
  await running.stop();
  assert.equal(
    since(),
    "close a, close b, unwire a, unwire b, unwire flow, stop a, stop b",
  );
  assert.equal(running.application.phase, "stopped");
});

Deno.test("an application needs no hook of a module", async () => {
  const { app } = world();
  const running = await app("modules: [{ name: p, type: plain }]");
  await running.stop();
  assert.equal(running.application.modules()[0]?.state, "stopped");
});

Deno.test("an application tells its phases", async () => {
  const { app } = world();
  const running = await app(parts("a"));
  await running.reload(parts("a@2"));
  await running.stop();
  assert.deepEqual(
    running.events.map(({ kind, message }) => `${kind}: ${message}`),
    [
      "application: test is running",
      "application: test is reloaded",
      "application: test is stopped",
    ],
  );
});

for (
  const [fault, expected, undone] of [
    ["create b", /^Cannot create part: b is broken \(module "b"\)$/, ""],
    [
      "start b",
      /^Cannot start part: b is broken \(module "b"\)$/,
      "start a, start b, stop b, stop a",
    ],
    [
      "wire b",
      /^Cannot wire part: b is broken \(module "b"\)$/,
      "start a, start b, start c, wire flow, wire a, wire b, unwire a, unwire flow, " +
      "stop c, stop b, stop a",
    ],
    [
      "wire flow",
      /^Cannot wire flow: flow is broken \(module "flow"\)$/,
      "start a, start b, start c, wire flow, stop c, stop b, stop a",
    ],
    [
      "open b",
      /^Cannot open part: b is broken \(module "b"\)$/,
      "start a, start b, start c, wire flow, wire a, wire b, wire c, open a, open b, " +
      "close b, close a, unwire c, unwire b, unwire a, unwire flow, stop c, stop b, stop a",
    ],
  ] as const
) {
  Deno.test(`an application unwinds in reverse when it cannot ${fault}`, async () => {
    const { app, broken, journal } = world();
    broken.add(fault);
    await assert.rejects(app(parts("a", "b", "c")), (error) => {
      assert.ok(error instanceof LifecycleError);
      assert.match(error.message, expected);
      assert.equal(error.module, fault.split(" ")[1]);
      return true;
    });
    const later = journal.filter((step) => !step.startsWith("create"));
    assert.equal(later.join(", "), undone);
  });
}

Deno.test("an application that cannot start aborts its signal and stops what stops badly", async () => {
  const { app, broken, hosts, since } = world();
  broken.add("start c").add("stop b");
  await assert.rejects(
    app(parts("a", "b", "c")),
    /Cannot start part: c is broken/,
  );
  assert.match(since(), /stop c, stop b, stop a$/);
  assert.equal(hosts.get("a")?.signal.aborted, true);
});

Deno.test("stop() goes on when a module fails, and only logs it", async () => {
  const { app, broken, since } = world();
  const running = await app(parts("a", "b"));
  since();
  broken.add("close b").add("unwire b").add("stop b").add("unwire flow");
  await running.stop();
  assert.equal(
    since(),
    "close b, close a, unwire b, unwire a, unwire flow, stop b, stop a",
  );
  assert.equal(running.application.phase, "stopped");
  const errors = running.logs.filter(({ level }) => level === "error");
  assert.equal(errors.length, 4);
  assert.match(errors[0]?.message ?? "", /^Cannot close part: b is broken/);
  assert.equal(errors[0]?.fields.module, "b");
});

Deno.test("stop() stops once, however often it is called", async () => {
  const { app, since } = world();
  const running = await app(parts("a"));
  since();
  await Promise.all([running.stop(), running.stop()]);
  await running.stop();
  assert.equal(since(), "close a, unwire a, unwire flow, stop a");
});

Deno.test("stop() aborts the signal when nothing is taken in any more", async () => {
  const { app, hosts, journal } = world();
  const running = await app(parts("a"));
  hosts.get("a")?.signal.addEventListener("abort", () => journal.push("abort"));
  await running.stop();
  assert.match(journal.join(", "), /close a, abort, unwire a/);
});
