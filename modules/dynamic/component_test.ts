import assert from "node:assert/strict";
import { join } from "node:path";
import { TerminalError } from "@engine/errors.ts";
import { Executor } from "@engine/services/executor.ts";
import { StateMachines } from "@engine/services/state_machines.ts";
import { Broker } from "@engine/services/broker.ts";
import { keyedRandom } from "../../components/keyed_random.ts";
import { simulatedEffects } from "@engine/simulation/effects.ts";
import { startApplication } from "@engine/testing.ts";
import http from "../../workflows/types/http.ts";
import messaging from "../../workflows/types/messaging.ts";
import statemachine from "../../workflows/types/statemachine.ts";
import router from "../http/router.ts";
import server from "../http/server.ts";
import broker from "../messaging/broker.ts";
import engine from "../statemachine/engine.ts";
import component from "./component.ts";

const definitions = [
  component,
  server,
  router,
  http,
  broker,
  messaging,
  engine,
  statemachine,
];

type Files = Readonly<Record<string, string>>;

/** A folder with files, and an application whose document lies in it. */
async function start(
  files: Files,
  config: Readonly<Record<string, unknown>> = {},
  rest: Readonly<Record<string, unknown>> & {
    readonly modules?: readonly unknown[];
  } = {},
) {
  const folder = await folderOf(files);
  const effects = simulatedEffects({
    fetch: (input) =>
      Promise.resolve(
        new Response(`fetched ${input instanceof Request ? input.url : input}`),
      ),
  });
  const { modules = [], env, ...sections } = rest;
  const app = await startApplication({
    document: {
      modules: [
        {
          name: "code",
          type: "dynamic.component",
          config: { source: "code.ts", ...config },
        },
        ...modules,
      ],
      ...sections,
    },
    definitions,
    effects,
    folder: `${folder}/`,
    env: env as Files ?? {},
  });
  const stop = app.stop;
  const executor = app.service(Executor);
  return Object.assign(app, {
    folder,
    executor,
    run: (params = {}, signal = new AbortController().signal) =>
      executor.execute(params, { signal, idempotencyKey: "key-1" }),
    async [Symbol.asyncDispose]() {
      await stop();
      await Deno.remove(folder, { recursive: true });
    },
  });
}

async function folderOf(files: Files): Promise<string> {
  const folder = await Deno.makeTempDir();
  for (const [name, text] of Object.entries(files)) {
    await Deno.mkdir(join(folder, name, ".."), { recursive: true });
    await Deno.writeTextFile(join(folder, name), text);
  }
  return folder;
}

/** What a failed start says. */
async function refusal(
  files: Files,
  config: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const folder = await folderOf(files);
  const modules = [{
    name: "code",
    type: "dynamic.component",
    config: { source: "code.ts", ...config },
  }];
  try {
    const options = { document: { modules }, definitions };
    await using _ = await startApplication({
      ...options,
      folder: `${folder}/`,
    });
  } catch (error) {
    return (error as Error).message;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  assert.fail("It started");
}

Deno.test("dynamic.component runs the code beside the document", async () => {
  await using app = await start({
    "code.ts":
      `export const execute = (params: { n: number }) => ({ n: params.n + 1 });`,
  });
  assert.deepEqual(await app.run({ n: 1 }), { n: 2 });
});

for (const isolation of ["shared", "none"]) {
  Deno.test(`dynamic.component gives the same random numbers for the same key with isolation: ${isolation}`, async () => {
    await using app = await start({
      "code.ts":
        `export const execute = (_, ctx) => [ctx.random(), ctx.random()];`,
    }, { isolation });
    const [first, second] = [await app.run(), await app.run()];
    assert.deepEqual(first, second);
    assert.deepEqual(first, Array.from({ length: 2 }, keyedRandom("key-1")));
  });
}

Deno.test("dynamic.component gives no variable of the environment that is not granted, and says so", async () => {
  await using app = await start({
    "code.ts": `
      export const execute = ({ name }, { env }) => ({ value: env(name) });`,
  }, {
    permissions: { env: ["HOME", "NOBODY_SETS_THIS"] },
    env: { REGION: "eu" },
  });
  assert.deepEqual(await app.run({ name: "REGION" }), { value: "eu" });
  assert.deepEqual(await app.run({ name: "HOME" }), {
    value: Deno.env.get("HOME"),
  });
  assert.deepEqual(await app.run({ name: "NOBODY_SETS_THIS" }), {});
  for (const name of ["PATH", "__proto__"]) {
    await assert.rejects(
      app.run({ name }),
      new RegExp(`"${name}" is not granted: add env: \\["${name}"\\]`),
    );
  }
  assert.deepEqual(
    app.logs.filter(({ message }) => message.includes("may not see")).length,
    2,
  );
});

Deno.test("dynamic.component gives each call its context", async () => {
  await using app = await start({
    "code.ts": `
      export async function execute(params, ctx) {
        ctx.log.info("At work", { n: 1 });
        return {
          key: ctx.idempotencyKey,
          leftMs: ctx.deadline - ctx.now() > 4_000,
          random: typeof ctx.random(),
          env: ctx.env("REGION"),
          secret: ctx.secrets.TOKEN.startsWith("secret-"),
          aborted: ctx.signal.aborted,
          fetched: await (await ctx.fetch("http://x.test/")).text(),
          read: new TextDecoder().decode(await ctx.read("data/in.txt")),
          services: Object.keys(ctx.services),
        };
      }`,
    "data/in.txt": "from a file",
  }, {
    env: { REGION: "${REGION}" },
    secrets: { TOKEN: "${TOKEN}" },
    maxExecutionTime: "5s",
    permissions: { net: ["x.test"], read: ["data"] },
  }, { env: { REGION: "eu", TOKEN: "t0ps3cret" } });
  assert.deepEqual(await app.run(), {
    key: "key-1",
    leftMs: true,
    random: "number",
    env: "eu",
    secret: true,
    aborted: false,
    fetched: "fetched http://x.test/",
    read: "from a file",
    services: [],
  });
  const line = app.logs.find(({ message }) => message === "At work");
  assert.equal(line?.fields.component, "code");
});

Deno.test("dynamic.component says aloud that nothing isolates what is to run without a sandbox", async () => {
  await using app = await start(
    { "code.ts": "export function execute() {}" },
    { isolation: "none" },
  );
  assert.equal(app.executor.isolation, "none");
  assert.ok(
    app.logs.some(({ level, message, fields }) =>
      level === "warn" && /in the process of the engine/.test(message) &&
      fields.isolation === "none"
    ),
  );
});

Deno.test("dynamic.component lives: init, start, execute, stop", async () => {
  const files = {
    "code.ts": `
      export const name = () => "the code";
      export function init(services) {
        console.log("init " + Object.keys(services));
      }
      export function start() { console.log("start"); }
      export async function stop() { console.log("stop"); }
      export async function execute(_, ctx) { ctx.log.info("execute"); }`,
  };
  await using app = await start(files, { requires: ["bus", "absent"] }, {
    modules: [{ name: "bus", type: "messaging.broker" }],
  });
  assert.equal(await app.run(), null);
  await app.stop();
  const said = app.logs.filter(({ fields }) => fields.component !== undefined);
  assert.deepEqual(said.map(({ message }) => message), [
    "init bus",
    "start",
    "execute",
    "stop",
  ]);
  await assert.rejects(app.run(), /Cannot run the code: it is not started/);
  assert.ok(
    app.logs.some(({ message }) => /left out: .*"absent"/.test(message)),
  );
});

Deno.test("dynamic.component hands over the modules that it requires", async () => {
  await using app = await start(
    {
      "code.ts": `
      let bus;
      export const init = (services) => void (bus = services.bus);
      export async function execute(params, ctx) {
        await bus.publish({ topic: "one", message: { from: "init" } });
        await ctx.services.bus.publish({ topic: "two", message: 1 });
        return await bus.publish({ message: 1 }).catch(({ message }) => message);
      }`,
    },
    { requires: ["bus"] },
    {
      modules: [{ name: "bus", type: "messaging.broker" }],
    },
  );
  const topics: string[] = [];
  app.service(Broker).subscribe("*", ({ topic }) => void topics.push(topic));
  assert.match(String(await app.run()), /Cannot do bus\.publish: .*topic/s);
  await app.effects.advance(0);
  assert.deepEqual(topics, ["one", "two"]);
});

Deno.test("dynamic.component takes a default export as the component", async () => {
  await using app = await start({
    "code.ts": `export default { execute: () => "from the default" };`,
  });
  assert.equal(await app.run(), "from the default");
});

Deno.test("dynamic.component reads a .go source as the .ts file beside it", async () => {
  await using app = await start({
    "components/checker.ts": `export const execute = () => "ported";`,
  }, { source: "./components/checker.go" });
  assert.equal(await app.run(), "ported");
});

Deno.test("dynamic.component refuses a source that is missing", async () => {
  assert.match(
    await refusal({}, { source: "./components/none.go" }),
    /Cannot find "\.\/components\/none\.ts": there is no \/.*components\/none\.ts .*"code"/,
  );
});

for (
  const source of ["../outside.ts", "/etc/passwd.ts", "a/../../outside.ts"]
) {
  Deno.test(`dynamic.component refuses the source ${source}`, async () => {
    assert.match(
      await refusal({}, { source }),
      /lies outside of the document's folder/,
    );
  });
}

Deno.test("dynamic.component refuses a link that leads out of the folder", async () => {
  const outside = await folderOf({ "code.ts": "export function execute() {}" });
  const folder = await folderOf({});
  await Deno.symlink(join(outside, "code.ts"), join(folder, "code.ts"));
  await Deno.symlink(outside, join(folder, "linked"));
  for (const source of ["code.ts", "linked/code.ts"]) {
    await assert.rejects(
      startApplication({
        document: {
          modules: [{
            name: "code",
            type: "dynamic.component",
            config: { source },
          }],
        },
        definitions,
        folder: `${folder}/`,
      }),
      /lies outside of the document's folder/,
    );
  }
  await Deno.remove(folder, { recursive: true });
  await Deno.remove(outside, { recursive: true });
});

Deno.test("dynamic.component needs a document that lies in a folder", async () => {
  await assert.rejects(
    startApplication({
      document: {
        modules: [{
          name: "code",
          type: "dynamic.component",
          config: { source: "code.ts" },
        }],
      },
      definitions,
    }),
    /Cannot load "code\.ts": the document is no file/,
  );
});

for (
  const [code, message] of [
    ["export const x = 1;", /exports no component/],
    ["export const execute = 3;", /its "execute" is a number/],
    ["export const contract = { inputs: {} };", /"inputs" is not a part of it/],
    ["throw new Error('no luck');", /Cannot load "code\.ts": no luck/],
    [
      "export function init() { throw new Error('no key'); }",
      /Cannot init code: no key/,
    ],
    ["syntax error", /Cannot read "code\.ts":1:8/],
  ] as const
) {
  Deno.test(`dynamic.component refuses to start with: ${code}`, async () => {
    assert.match(await refusal({ "code.ts": code }), message);
  });
}

Deno.test("dynamic.component refuses a source that is no script", async () => {
  assert.match(
    await refusal({ "code.wasm": "" }, { source: "code.wasm" }),
    /expected a file that ends in \.ts/,
  );
});

Deno.test("dynamic.component checks its contract in both directions", async () => {
  await using app = await start({
    "code.ts": `
      export const contract = {
        required_inputs: { items: "slice" },
        optional_inputs: { currency: { type: "string", default: "CHF" } },
        outputs: { available: "bool" },
      };
      export const execute = ({ currency, bad }) => ({ currency, available: bad ?? true });`,
  });
  assert.deepEqual(await app.run({ items: [] }), {
    currency: "CHF",
    available: true,
  });
  await assert.rejects(
    app.run({ currency: 1 }),
    (error) =>
      error instanceof TerminalError &&
      /"items" is missing, expected slice; "currency" is the number 1/.test(
        error.message,
      ),
  );
  await assert.rejects(
    app.run({ items: [], bad: "no" }),
    (error) =>
      error instanceof TerminalError &&
      /"available" is a string/.test(error.message),
  );
});

Deno.test("dynamic.component keeps its hands off what it was given", async () => {
  await using app = await start({
    "code.ts": `export function execute(params) {
      params.items.push(9);
      params.more = true;
      return params;
    }`,
  });
  const params = { items: [1] };
  assert.deepEqual(await app.run(params), { items: [1, 9], more: true });
  assert.deepEqual(params, { items: [1] });
});

Deno.test("dynamic.component limits how long a call may take", async () => {
  await using app = await start({
    "code.ts": `export const execute = (_, ctx) => new Promise((resolve) => {
      ctx.signal.addEventListener("abort", () => ctx.log.info("aborted"));
    });`,
  }, { maxExecutionTimeSeconds: 2, maxExecutionTime: "1h" });
  const call = app.run();
  const outcome = assert.rejects(
    call,
    (error) =>
      !(error instanceof TerminalError) &&
      /Cannot wait for code any longer: .*maxExecutionTime is 2000 ms/.test(
        String(error),
      ),
  );
  await app.effects.advance(2_000);
  await outcome;
  // The component is a process away.
  while (!app.logs.some(({ message }) => message === "aborted")) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
});

Deno.test("dynamic.component has no limits where the document says 0", async () => {
  await using app = await start({
    "code.ts": `export const execute = (_, ctx) =>
      ({ deadline: String(ctx.deadline), ...Object.fromEntries([...Array(2000).keys()].map((k) => ["k" + k, 1])) });`,
  }, { maxExecutionTimeSeconds: 0, maxOutputSize: 0 });
  const result = await app.run() as Record<string, unknown>;
  assert.equal(result.deadline, "undefined");
  assert.equal(Object.keys(result).length, 2_001);
});

Deno.test("dynamic.component limits the size of a result", async () => {
  await using app = await start({
    "code.ts": `export const execute = ({ n }) =>
      Object.fromEntries([...Array(n).keys()].map((k) => ["k" + k, 1]));`,
  }, { maxOutputSize: 3 });
  assert.equal(Object.keys(await app.run({ n: 3 }) as object).length, 3);
  await assert.rejects(
    app.run({ n: 4 }),
    (error) =>
      error instanceof TerminalError &&
      /it has 4 keys, the limit maxOutputSize is 3/.test(error.message),
  );
});

Deno.test("dynamic.component takes only JSON as a result", async () => {
  await using app = await start({
    "code.ts": `export const execute = ({ what }) => ({
      big: 1n,
      fn: () => 1,
      loop: (() => { const a = {}; a.a = a; return a; })(),
      date: { at: new Date(0), gone: undefined },
    })[what];`,
  });
  for (const what of ["big", "fn", "loop"]) {
    await assert.rejects(
      app.run({ what }),
      (error) =>
        error instanceof TerminalError && /it is not JSON/.test(error.message),
    );
  }
  assert.deepEqual(await app.run({ what: "date" }), {
    at: "1970-01-01T00:00:00.000Z",
  });
});

Deno.test("dynamic.component tells errors apart by their names", async () => {
  await using app = await start({
    "code.ts": `export function execute({ how }) {
      if (how === "text") throw "plain text";
      throw Object.assign(new Error("no"), { name: how, retryAfterMs: 5 });
    }`,
  });
  const thrown = async (how: string) => {
    const error = await app.run({ how }).then(
      () => assert.fail(),
      (error) => error,
    );
    return [error.name, error.message, error.retryAfterMs];
  };
  assert.deepEqual(await thrown("TerminalError"), [
    "TerminalError",
    "no",
    undefined,
  ]);
  assert.deepEqual(await thrown("RetryableError"), ["RetryableError", "no", 5]);
  assert.deepEqual(await thrown("Error"), ["Error", "no", undefined]);
  assert.deepEqual(await thrown("text"), ["Error", "plain text", undefined]);
});

Deno.test("dynamic.component cannot run without execute, for good", async () => {
  await using app = await start({ "code.ts": "export function init() {}" });
  await assert.rejects(
    app.run(),
    (error) =>
      error instanceof TerminalError &&
      /exports no "execute"/.test(error.message),
  );
});

Deno.test("dynamic.component writes and reads only inside of the folder", async () => {
  await using app = await start({
    "code.ts": `export async function execute({ path, text }, ctx) {
      await ctx.write(path, text);
      return new TextDecoder().decode(await ctx.read(path));
    }`,
    "sub/x.txt": "",
  }, { permissions: { read: ["."], write: ["."] } });
  await Deno.symlink("/tmp/nowhere-to-be-found", join(app.folder, "dangling"));
  assert.equal(
    await app.run({ path: "sub/out.txt", text: "written" }),
    "written",
  );
  assert.equal(await app.run({ path: "new.txt", text: "again" }), "again");
  for (const path of ["../out.txt", "/tmp/out.txt", "dangling"]) {
    await assert.rejects(
      app.run({ path, text: "x" }),
      /lies outside of the document's folder/,
    );
  }
});

Deno.test("dynamic.component answers requests", async () => {
  await using app = await start(
    {
      "code.ts": `
      export const contract = { requiredInputs: { amount: "float" } };
      export function execute({ amount, id, query: own, request }) {
        const { method, query, body } = request;
        if (amount === 0) return { statusCode: 402, headers: { "x-why": "zero" }, body: "Pay up" };
        if (amount === 1) return { statusCode: 204 };
        if (amount === -2) {
          throw Object.assign(new Error("secret detail"), {
            name: "RetryableError", retryAfterMs: 2500,
          });
        }
        if (amount < 0) throw new Error("secret detail");
        return { amount, id, own, method, query, body };
      }`,
    },
    {},
    {
      modules: [
        { name: "server", type: "http.server", config: { address: ":0" } },
        { name: "router", type: "http.router" },
      ],
      workflows: {
        http: {
          routes: [{ method: "POST", path: "/pay/{id}", handler: "code" }],
        },
      },
    },
  );
  const good = await app.request("POST", "/pay/o1?x=y", {
    body: { amount: 3, id: "forged", query: "mine", request: "forged" },
  });
  assert.equal(good.status, 200);
  assert.deepEqual(await good.json(), {
    amount: 3,
    id: "o1",
    own: "mine",
    method: "POST",
    query: { x: "y" },
    body: { amount: 3, id: "forged", query: "mine", request: "forged" },
  });
  const own = await app.request("POST", "/pay/o1", { body: { amount: 0 } });
  assert.deepEqual([own.status, own.headers.get("x-why"), await own.text()], [
    402,
    "zero",
    "Pay up",
  ]);
  assert.equal(
    (await app.request("POST", "/pay/o1", { body: { amount: 1 } })).status,
    204,
  );
  const bad = await app.request("POST", "/pay/o1", { body: "plain" });
  assert.equal(bad.status, 400);
  assert.match(await bad.text(), /\\"amount\\" is missing/);
  const broken = await app.request("POST", "/pay/o1", { body: { amount: -1 } });
  assert.equal(broken.status, 500);
  assert.doesNotMatch(await broken.text(), /secret detail/);
  const later = await app.request("POST", "/pay/o1", { body: { amount: -2 } });
  assert.deepEqual([later.status, later.headers.get("retry-after")], [
    503,
    "3",
  ]);
  assert.doesNotMatch(await later.text(), /secret detail/);
  const large = await app.request("POST", "/pay/o1", {
    body: "x".repeat(1_048_577),
  });
  assert.equal(large.status, 413);
  for (const body of ['{"amount":1e999}', "[".repeat(101) + "]".repeat(101)]) {
    const unfit = await app.request("POST", "/pay/o1", { body });
    assert.equal(unfit.status, 400);
    assert.match((await unfit.json()).detail, /^The body (nests|holds)/);
  }
});

Deno.test("dynamic.component takes messages", async () => {
  await using app = await start(
    {
      "code.ts": `
      export const execute = (params, ctx) =>
        ctx.write("got.json", JSON.stringify(params));`,
    },
    { permissions: { write: ["got.json"] } },
    {
      modules: [{ name: "bus", type: "messaging.broker" }],
      workflows: {
        messaging: { subscriptions: [{ topic: "orders", handler: "code" }] },
      },
    },
  );
  await app.service(Broker).publish("orders", { id: "o1" });
  await app.stop();
  const got = JSON.parse(await Deno.readTextFile(join(app.folder, "got.json")));
  assert.deepEqual(got, { topic: "orders", id: "o1" });
});

Deno.test("dynamic.component takes transitions, and merges what it returns", async () => {
  await using app = await start(
    {
      "code.ts":
        `export const execute = ({ workflowId, transitionId, total }) =>
      ({ seen: [workflowId, transitionId, total] });`,
    },
    {},
    {
      modules: [{ name: "orders", type: "statemachine.engine" }],
      workflows: {
        statemachine: {
          engine: "orders",
          hooks: [{ handler: "code" }],
          definitions: [{
            name: "order",
            initialState: "new",
            states: { new: {}, paid: {} },
            transitions: { pay: { fromState: "new", toState: "paid" } },
          }],
        },
      },
    },
  );
  const machines = app.service(StateMachines);
  await machines.create("order", "o1", { total: 7 });
  await machines.fire("o1", "pay");
  await machines.idle();
  assert.deepEqual((await machines.get("o1"))?.data, {
    total: 7,
    seen: ["o1", "pay", 7],
  });
});

Deno.test("dynamic.component is known under every name that it provides", async () => {
  await using app = await start(
    { "code.ts": "export const execute = () => ({ seen: true });" },
    { provides: ["code", "old-name"] },
    {
      modules: [
        { name: "server", type: "http.server", config: { address: ":0" } },
        { name: "router", type: "http.router", dependsOn: ["old-name"] },
      ],
      workflows: {
        http: {
          routes: [{ method: "POST", path: "/run", handler: "old-name" }],
        },
      },
    },
  );
  const response = await app.request("POST", "/run");
  assert.deepEqual(await response.json(), { seen: true });
  const edges = app.application.plan.edges.map(({ target }) => target);
  assert.deepEqual(edges, ["code", "code", "router"]);
  assert.deepEqual(
    app.logs.filter(({ fields }) => fields.code !== undefined),
    [],
  );
});
