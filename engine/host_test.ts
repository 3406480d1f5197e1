import assert from "node:assert/strict";
import { Part, parts, world } from "../tests/lifecycle_world.ts";
import { RefusedError } from "./errors.ts";

Deno.test("host.use() follows a reload, and refuses a name that nobody has", async () => {
  const { app, hosts } = world();
  await using running = await app(parts("a", "b"));
  const host = hosts.get("a");
  assert.ok(host);
  assert.equal(host.use<Part>("b").version, 1);
  await running.reload(parts("a", "b@2"));
  assert.equal(hosts.get("a"), host);
  assert.equal(host.use<Part>("b").version, 2);
  assert.throws(() => host.use("nobody"), RefusedError);
});

Deno.test("host.use() of a replaced module finds who took the place of another", async () => {
  // A request that the old module has taken goes on, and the old modules that it
  // would use are stopped.
  const { app, hosts, broken } = world();
  await using running = await app(parts("a>b", "b", "c"));
  const old = hosts.get("a");
  await running.reload(parts("a>b", "b@2"));
  assert.notEqual(hosts.get("a"), old);
  assert.equal(old?.use<Part>("b").version, 2);
  assert.equal(old?.use("a"), running.service(Part, "a"));
  assert.equal(old?.use<Part>("c").version, 1);
  broken.add("open b");
  await assert.rejects(running.reload(parts("a>b", "b@3")));
  assert.equal(hosts.get("a")?.use<Part>("b").version, 2);
});

Deno.test("host tells who provides what, in the order of the document", async () => {
  const { app, hosts } = world();
  await using _ = await app(
    JSON.stringify({
      modules: [
        { name: "a", type: "part", dependsOn: ["z"] },
        { name: "p", type: "plain" },
        { name: "z", type: "part" },
      ],
    }),
  );
  const host = hosts.get("z");
  assert.deepEqual(host?.all(Part).map(({ name }) => name), ["a", "z"]);
  assert.equal(host?.provides("a", Part), true);
  assert.equal(host?.provides("p", Part), false);
  assert.equal(host?.provides("nobody", Part), false);
  assert.equal(host?.application, "test");
  assert.equal(host?.name, "z");
  assert.equal(host?.phase(), "running");
});

Deno.test("host gives each application its own part of the store", async () => {
  const { app, hosts } = world();
  await using running = await app(parts("a"));
  const host = hosts.get("a");
  await host?.store.commit({ sets: [{ key: ["a", 1], value: "x" }] });
  assert.equal((await host?.store.get(["a", 1]))?.value, "x");
  const entry = await running.store.get(["app", "test", "a", 1]);
  assert.equal(entry?.value, "x");
});

Deno.test("host.notify() and host.log say who speaks", async () => {
  const { app, hosts } = world();
  await using running = await app(parts("a"));
  hosts.get("a")?.notify("notice", { message: "look", extra: 1 });
  hosts.get("a")?.log.info("done", { count: 2 });
  const event = running.events.at(-1);
  assert.deepEqual(
    [
      event?.kind,
      event?.application,
      event?.module,
      event?.message,
      event?.extra,
    ],
    ["notice", "test", "a", "look", 1],
  );
  assert.deepEqual(running.logs.at(-1), {
    level: "info",
    message: "done",
    fields: { application: "test", module: "a", count: 2 },
  });
});

Deno.test("dispatch() finds a workflow by its type and by its definitions", async () => {
  const { app } = world();
  await using running = await app("workflows: { flow: { names: [order] } }");
  assert.deepEqual(await running.dispatch("order", "go", { x: 1 }), {
    action: "go",
    data: { x: 1 },
    workflow: "order",
    answer: 0,
  });
  await assert.rejects(running.dispatch("nobody", "go"), {
    name: "RefusedError",
    code: "unknown-workflow",
  });
});

Deno.test("dispatch() finds nothing any more after stop()", async () => {
  const { app } = world();
  const running = await app("workflows: { flow: {} }");
  await running.stop();
  await assert.rejects(running.dispatch("flow", "go"), {
    code: "unknown-workflow",
  });
});
