import assert from "node:assert/strict";
import { z } from "zod";
import {
  type AnyDefinition,
  defineModule,
  defineService,
  defineWorkflowType,
  type Host,
  ref,
} from "./define.ts";
import { LifecycleError, RefusedError } from "./errors.ts";
import { startApplication, type TestApplication } from "./testing.ts";
import type { SimulatedEffects } from "./simulation/effects.ts";

interface Part {
  readonly version: number;
  use(): number;
}

const Part = defineService<Part>("part", "takes part");

type Hook = "create" | "start" | "wire" | "unwire" | "open" | "close" | "stop";

/** What happened, and what is to go wrong, e.g. `start b`. */
interface World {
  readonly journal: string[];
  readonly broken: Set<string>;
  readonly hosts: Map<string, Host>;
  readonly definitions: readonly AnyDefinition[];
  app(document: string): Promise<TestApplication<SimulatedEffects>>;
  /** The journal since the last call. */
  since(): string;
}

/** A world of modules that write down each step of their lives. */
function world(): World {
  const journal: string[] = [];
  const broken = new Set<string>();
  const hosts = new Map<string, Host>();
  function step(hook: Hook, name: string): void {
    journal.push(`${hook} ${name}`);
    if (broken.has(`${hook} ${name}`)) throw new Error(`${name} is broken`);
  }
  const part = defineModule({
    type: "part",
    summary: "Takes part",
    stability: "stable",
    config: z.strictObject({
      needs: ref(Part).optional().describe("What it uses").meta({
        implied: "never",
      }),
      version: z.int().default(1).describe("Changes it"),
    }),
    provides: [Part],
    examples: [],
    create(config, host) {
      const { name } = host;
      step("create", name);
      hosts.set(name, host);
      return {
        version: config.version,
        use: () => config.needs ? host.use(config.needs).version : 0,
        start: () => Promise.resolve().then(() => step("start", name)),
        wire() {
          step("wire", name);
          return () => step("unwire", name);
        },
        open: () => step("open", name),
        close: () => Promise.resolve().then(() => step("close", name)),
        stop: () => step("stop", name),
      };
    },
  });
  const plain = defineModule({
    type: "plain",
    summary: "Has no life",
    stability: "stable",
    config: z.strictObject({}),
    provides: [],
    examples: [],
    create: () => ({}),
  });
  const flow = defineWorkflowType({
    type: "flow",
    summary: "Ties parts",
    config: z.strictObject({
      names: z.array(z.string()).default([]).describe("What it answers to"),
      answer: z.int().default(0).describe("What it answers"),
    }),
    wire(config, host) {
      step("wire", "flow");
      hosts.set("flow", host);
      return {
        unwire: () => step("unwire", "flow"),
        definitions: config.names,
        execute: (action, data, workflow) =>
          Promise.resolve({ action, data, workflow, answer: config.answer }),
      };
    },
  });
  const definitions = [part, plain, flow];
  return {
    journal,
    broken,
    hosts,
    definitions,
    app: (document) => startApplication({ document, definitions }),
    since: () => journal.splice(0).join(", "),
  };
}

/** Modules of type part, as `name`, `name>dependsOn`, `name@version`. */
function parts(...entries: readonly string[]): string {
  const modules = entries.map((entry) => {
    const [, name, needs, version] =
      /^(\w+)(?:>(\w+))?(?:@(\d+))?$/.exec(entry) ??
        [];
    return {
      name,
      type: "part",
      config: { ...(needs && { needs }), ...(version && { version }) },
      ...(needs && { dependsOn: [needs] }),
    };
  });
  return JSON.stringify({ modules, workflows: { flow: {} } });
}

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
