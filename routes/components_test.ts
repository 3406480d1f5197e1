import assert from "node:assert/strict";
import { catalog } from "../catalog.gen.ts";
import { Engine } from "../engine/engine.ts";
import { systemEffects } from "../engine/effects.ts";
import type { Store } from "../engine/store/store.ts";
import { memoryStore } from "../engine/store/memory.ts";
import { Documents } from "../platform/documents.ts";
import { managementApp } from "./management.ts";

const TOKEN = "the-token-of-this-test";

const DOCUMENT = `modules:
  - name: own
    type: dynamic.component
    config:
      code: "export const execute = () => 'own';"
pipelines:
  call:
    steps:
      - { id: it, use: "component:own" }
`;

/** Gives its number, and refuses amounts below zero. */
const CODE = (n: number) =>
  `export const contract = {
  optionalInputs: { amount: { type: "float", default: 1 } },
};
export function execute({ amount }: { amount: number }) {
  if (amount < 0) throw new Error("Cannot take " + amount);
  return { n: ${n}, amount };
}
`;

interface Surface extends AsyncDisposable {
  readonly engine: Engine;
  readonly logs: readonly string[];
  /** The status and the body. */
  ask(
    method: string,
    path?: string,
    body?: unknown,
    // deno-lint-ignore no-explicit-any -- whatever comes
  ): Promise<{ status: number; body: any; headers: Headers }>;
}

async function surface(
  { text = DOCUMENT, store, isShared = false }: {
    readonly text?: string;
    readonly store?: Store;
    readonly isShared?: boolean;
  } = {},
): Promise<Surface> {
  const effects = systemEffects();
  const kept = store ?? memoryStore({ now: effects.clock.now });
  const logs: string[] = [];
  const engine = await Engine.boot({
    ...{ catalog, effects, store: kept, isShared },
    documents: [{ file: "app.yaml", text }],
    log: (_, message) => logs.push(message),
    secrets: { env: () => undefined, file: () => Promise.resolve(undefined) },
  });
  const ending = new AbortController();
  const app = managementApp({
    engine,
    documents: new Documents(engine, kept, undefined),
    ...{ store: kept, effects },
    token: TOKEN,
    signal: ending.signal,
    onError: (error) => {
      throw error;
    },
  });
  return {
    engine,
    logs,
    async ask(method, path, body) {
      const address = `/api/dynamic/components${path ?? ""}`;
      const answer = await app.request(address, {
        method,
        headers: { authorization: `Bearer ${TOKEN}` },
        ...body === undefined ? {} : { body: JSON.stringify(body) },
      });
      const answered = await answer.text();
      const isJson = answer.headers.get("content-type")?.includes("json");
      return {
        status: answer.status,
        headers: answer.headers,
        body: isJson ? JSON.parse(answered) : answered,
      };
    },
    async [Symbol.asyncDispose]() {
      ending.abort();
      await engine.stop();
    },
  };
}

/** What an execution yields. */
async function run(it: Surface, id: string, params = {}) {
  const { status, body } = await it.ask("POST", `/${id}/execute`, { params });
  return status === 200 ? body.result : [status, body.code, body.detail];
}

Deno.test("a component that is sent runs in a host of its own, and can be seen, changed, turned off and removed", async () => {
  await using it = await surface();
  const sent = { id: "till", source: CODE(1) };
  const { status, body, headers } = await it.ask("POST", "", sent);
  assert.equal(status, 201);
  assert.equal(headers.get("location"), "api/dynamic/components/till");
  assert.equal(body.isolation, "process");
  assert.equal(body.status, "running");
  assert.equal(body.source, CODE(1));
  assert.deepEqual(await run(it, "till"), { n: 1, amount: 1 });

  const all = await it.ask("GET");
  assert.deepEqual(all.body.map(({ id }: { id: string }) => id), [
    "own",
    "till",
  ]);
  assert.equal(all.body[1].source, undefined, "a list is short");

  const changed = await it.ask("PUT", "/till", { source: CODE(2) });
  assert.equal(changed.status, 200);
  assert.deepEqual(await run(it, "till"), { n: 2, amount: 1 });
  const versions = await it.ask("GET", "/till/versions");
  assert.deepEqual(
    versions.body.map(({ version }: { version: number }) => version),
    [2, 1],
  );
  const diff = await it.ask("GET", "/till/versions/2/diff");
  assert.match(diff.body, /^- {2}return \{ n: 1, amount \};$/m);
  assert.match(diff.body, /^\+ {2}return \{ n: 2, amount \};$/m);

  assert.equal((await it.ask("POST", "/till/stop")).body.status, "stopped");
  assert.deepEqual(await run(it, "till"), [
    503,
    "unavailable",
    "Cannot run till: it is turned off",
  ]);
  // New code for one that is off is checked, and kept for later.
  assert.equal(
    (await it.ask("PUT", "/till", { source: CODE(3) })).body.status,
    "stopped",
  );
  assert.equal((await it.ask("POST", "/till/start")).body.status, "running");
  assert.deepEqual(await run(it, "till"), { n: 3, amount: 1 });

  const rolled = await it.ask("POST", "/till/rollback", { version: 1 });
  assert.equal(rolled.status, 200);
  assert.deepEqual(await run(it, "till"), { n: 1, amount: 1 });

  assert.equal((await it.ask("DELETE", "/till")).status, 204);
  assert.equal((await it.ask("GET", "/till")).status, 404);
  // Nothing of the old one comes back.
  await it.ask("PUT", "/till", { source: CODE(7) });
  assert.equal((await it.ask("GET", "/till/versions")).body.length, 1);
});

Deno.test("what was sent is there after a restart, as it was", async () => {
  const store = memoryStore({ now: () => Date.now() });
  {
    await using it = await surface({ store });
    const permissions = { net: ["api.example.com"] };
    await it.ask("POST", "", { id: "a", source: CODE(1), permissions });
    await it.ask("POST", "", { id: "b", source: CODE(1), isolation: "shared" });
    await it.ask("PUT", "/a", { source: CODE(2) });
    await it.ask("PUT", "/own", { source: CODE(9) });
    await it.ask("POST", "/b/stop");
  }
  await using it = await surface({ store });
  assert.deepEqual(await run(it, "a"), { n: 2, amount: 1 });
  assert.deepEqual(await run(it, "own"), { n: 9, amount: 1 });
  const { body: own } = await it.ask("GET", "/own");
  assert.equal(own.isOverridden, true);
  const { body: a } = await it.ask("GET", "/a/manifest");
  assert.deepEqual(a.permissions.net, ["api.example.com"]);
  const { body: b } = await it.ask("GET", "/b");
  assert.deepEqual([b.status, b.isolation], ["stopped", "shared"]);
  assert.equal((await it.ask("POST", "/b/start")).status, 200);
  assert.deepEqual(await run(it, "b"), { n: 1, amount: 1 });
});

Deno.test("code in place of the document's holds until the document has other code", async () => {
  const store = memoryStore({ now: () => Date.now() });
  await using it = await surface({ store });
  assert.equal(await run(it, "own"), "own");
  await it.ask("PUT", "/own", { source: CODE(9) });
  assert.deepEqual(await run(it, "own"), { n: 9, amount: 1 });
  await it.engine.reload("app", DOCUMENT.replace("'own'", "'new'"));
  assert.equal(await run(it, "own"), "new");
  const { body } = await it.ask("GET", "/own");
  assert.equal(body.isOverridden, false);
});

Deno.test("a document with room for a component runs before its code is sent", async () => {
  const text = DOCUMENT.replace(/\n {4}config:\n.*\n/, "\n");
  await using it = await surface({ text });
  assert.equal((await it.ask("GET", "/own")).body.status, "unloaded");
  assert.deepEqual(await run(it, "own"), [
    503,
    "unavailable",
    "Cannot run own: it has no code yet",
  ]);
  await it.ask("PUT", "/own", { source: CODE(4) });
  assert.deepEqual(await run(it, "own"), { n: 4, amount: 1 });
});

Deno.test("what is sent and cannot run changes nothing, and the answer says why", async () => {
  await using it = await surface();
  await it.ask("POST", "", { id: "till", source: CODE(1) });
  for (
    const [source, reason] of [
      ["export const execute = ;", /"till":1:24: Expression expected/],
      ["import 'node:fs';", /an import of "node:fs"/],
      [
        "export const execute = (): string => 3;",
        /"till": 1:38 Type 'number' is not assignable .* \(TS2322\)/,
      ],
      ["throw new Error('no luck');", /no luck/],
      ["export function start() { throw new Error('no key'); }", /no key/],
      ["export const contract = { inputs: {} };", /inputs/],
    ] as const
  ) {
    const { status, body } = await it.ask("PUT", "/till", { source });
    assert.equal(status, 422);
    assert.match(body.detail, reason);
    const again = { id: "again", source };
    assert.equal((await it.ask("POST", "", again)).status, 422);
    assert.equal((await it.ask("GET", "/again")).status, 404);
  }
  assert.deepEqual(await run(it, "till"), { n: 1, amount: 1 });
});

Deno.test("an execution answers with the status of what went wrong, and nothing of the code", async () => {
  await using it = await surface();
  const source = `import type { ComponentContext } from "./sdk.ts";
    export const contract = { requiredInputs: { what: "string" } };
    export async function execute(
      { what }: { what: string },
      ctx: ComponentContext,
    ) {
      ctx.log.info("a line of the log");
      if (what === "throw") throw new Error("no stock");
      if (what === "net") await ctx.fetch("https://example.com/");
      if (what === "large") return "x".repeat(2_000_000);
      if (what === "slow") await new Promise(() => {});
      return what;
    }`;
  const sent = { id: "odd", source, maxExecutionTime: "200ms" };
  assert.equal((await it.ask("POST", "", sent)).status, 201);
  assert.equal(await run(it, "odd", { what: "fine" }), "fine");
  for (
    const [params, status, code] of [
      [{}, 422, "contract"],
      [{ what: "throw" }, 422, "failed"],
      [{ what: "net" }, 403, "denied"],
      [{ what: "large" }, 413, "output-too-large"],
      [{ what: "slow" }, 504, "timeout"],
    ] as const
  ) {
    const answer = await it.ask("POST", "/odd/execute", { params });
    assert.deepEqual([answer.status, answer.body.code], [status, code]);
    assert.equal(
      answer.headers.get("content-type"),
      "application/problem+json",
    );
    assert.doesNotMatch(JSON.stringify(answer.body), /a line of|ctx\.fetch/);
  }
});

Deno.test("what must not be sent is refused", async () => {
  await using it = await surface();
  const source = CODE(1);
  for (
    const [body, status, detail] of [
      [{ id: "own", source }, 409, /there already/],
      [{ id: "../etc", source }, 422, /an id is made of/],
      [{ id: "", source }, 422, /an id is made of/],
      [{ source }, 400, /"id"/],
      [{ id: "x" }, 400, /"source"/],
      [{ id: "x", source, isolation: "none" }, 400, /"isolation"/],
      [{ id: "x", source, files: {} }, 400, /files/],
      [{ id: "x", source, secrets: { KEY: "sk-1" } }, 400, /secret:\/\/name/],
      [{ id: "x", source, permissions: { net: ["a b"] } }, 422, /a host/],
      [{ id: "x", source, permissions: { run: ["ls"] } }, 422, /run/],
    ] as const
  ) {
    const answer = await it.ask("POST", "", body);
    const said = JSON.stringify(answer.body);
    assert.equal(answer.status, status, said);
    assert.match(said, detail);
  }
  assert.equal((await it.ask("GET")).body.length, 1);
  const grants = { source, permissions: { net: ["example.com"] } };
  assert.equal((await it.ask("PUT", "/own", grants)).status, 400);
  assert.match(
    (await it.ask("DELETE", "/own")).body.detail,
    /belongs to the document app/,
  );
  for (
    const [method, path] of [
      ["GET", "/nobody"],
      ["DELETE", "/nobody"],
      ["POST", "/nobody/start"],
      ["POST", "/nobody/execute"],
      ["GET", "/own/versions/99"],
    ] as const
  ) {
    assert.equal((await it.ask(method, path)).status, 404, path);
  }
});

Deno.test("a component that the document needs cannot be removed", async () => {
  await using it = await surface();
  await it.ask("POST", "", { id: "till", source: CODE(1) });
  await it.engine.reload(
    "app",
    DOCUMENT.replace("component:own", "component:till"),
  );
  const { status, body } = await it.ask("DELETE", "/till");
  assert.equal(status, 422);
  assert.match(body.detail, /till/);
  assert.deepEqual(await run(it, "till"), { n: 1, amount: 1 });
});

Deno.test("another process with the store has what was sent, without a restart", async () => {
  const store = memoryStore({ now: () => Date.now() });
  await using one = await surface({ store, isShared: true });
  await using other = await surface({ store, isShared: true });
  /** Asks the other until it answers so. */
  async function until(holds: (answer: unknown) => boolean) {
    const endMs = performance.now() + 20_000;
    for (;;) {
      const answer = await run(other, "till");
      if (holds(answer)) return;
      assert.ok(performance.now() < endMs, JSON.stringify(answer));
      // What comes from its host comes between two turns.
      await new Promise((resolve) => setTimeout(resolve));
    }
  }
  const isVersion = (wanted: number) => (answer: unknown) =>
    (answer as { readonly n?: number }).n === wanted;
  const has = (wanted: number) => (answer: unknown) =>
    (answer as readonly unknown[])[0] === wanted;
  await one.ask("POST", "", { id: "till", source: CODE(1) });
  await until(isVersion(1));
  await one.ask("PUT", "/till", { source: CODE(2) });
  await until(isVersion(2));
  await one.ask("POST", "/till/stop");
  await until(has(503));
  await one.ask("DELETE", "/till");
  await until(has(404));
});

Deno.test("GET /api/dynamic/components has what each has done, if it is asked to", async () => {
  await using it = await surface();
  await it.ask("POST", "", { id: "till", source: CODE(1) });
  await run(it, "till");
  await it.ask("PUT", "/till", { source: CODE(2) });
  const { body } = await it.ask("GET", "?details=true");
  const facts = body.map((
    { id, calls, version, added }: Readonly<Record<string, unknown>>,
  ) => ({ id, calls, version, added }));
  assert.deepEqual(facts, [
    { id: "own", calls: 0, version: 1, added: false },
    { id: "till", calls: 1, version: 2, added: true },
  ]);
  // The same code that runs again is a later version.
  await it.ask("POST", "/till/rollback", { version: 1 });
  const one = await it.ask("GET", "/till?details=true");
  assert.deepEqual([one.body.version, one.body.source], [3, CODE(1)]);
  const plain = await it.ask("GET");
  assert.equal(plain.body[1].calls, undefined);
});
