import assert from "node:assert/strict";
import { lintSource } from "./lint_source.ts";
import { noAmbient } from "./no_ambient.ts";

function names(source: string, path = "engine/run/executor.ts"): string[] {
  return lintSource(noAmbient, path, source).map((message) =>
    /^Cannot use (.+) here: a run could not be replayed$/.exec(message)![1]!
  );
}

Deno.test("no-ambient reports time, chance, ids and the network", () => {
  const uses = {
    "Date.now()": "Date.now",
    "new Date()": "new Date() without an argument",
    "Date()": "Date()",
    "Math.random()": "Math.random",
    "crypto.randomUUID()": "crypto.randomUUID",
    "crypto.getRandomValues(new Uint8Array(8))": "crypto.getRandomValues",
    "setTimeout(() => {}, 1)": "setTimeout",
    "setInterval(() => {}, 1)": "setInterval",
    "setImmediate(() => {})": "setImmediate",
    "performance.now()": "performance.now",
    "AbortSignal.timeout(100)": "AbortSignal.timeout",
    "Temporal.Now.instant()": "Temporal.Now",
    'fetch("http://localhost")': "fetch",
    "Deno.serve(() => new Response())": "Deno.serve",
    "Deno.listen({ port: 1 })": "Deno.listen",
    "Deno.listenTls({ port: 1 })": "Deno.listenTls",
  };
  for (const [source, name] of Object.entries(uses)) {
    assert.deepEqual(names(source), [name], source);
  }
});

Deno.test("no-ambient reports a use that is no call", () => {
  assert.deepEqual(names("const clock = { now: Date.now };"), ["Date.now"]);
  assert.deepEqual(names("function f(now = Date.now) {}"), ["Date.now"]);
  assert.deepEqual(names("export const o = { fetch };"), ["fetch"]);
  assert.deepEqual(names("const f = fetch as unknown;"), ["fetch"]);
  assert.deepEqual(names("class A { send = fetch; }"), ["fetch"]);
});

Deno.test("no-ambient reports a use through the global object or a pattern", () => {
  assert.deepEqual(names("globalThis.fetch(url)"), ["fetch"]);
  assert.deepEqual(names("globalThis?.Date?.now()"), ["Date.now"]);
  assert.deepEqual(names("new globalThis.Date()"), [
    "new Date() without an argument",
  ]);
  assert.deepEqual(names('Math["random"]()'), ["Math.random"]);
  assert.deepEqual(names("const { now: read } = Date;"), ["Date.now"]);
  assert.deepEqual(names("const { fetch } = globalThis;"), ["fetch"]);
});

Deno.test("no-ambient reports what Node.js offers of the same kind", () => {
  assert.deepEqual(
    names('import { setTimeout } from "node:timers/promises";'),
    [
      '"node:timers/promises"',
    ],
  );
  assert.deepEqual(names('import { performance } from "node:perf_hooks";'), [
    '"node:perf_hooks"',
  ]);
  assert.deepEqual(
    names('import { createHash, randomBytes } from "node:crypto";'),
    ['randomBytes of "node:crypto"'],
  );
  assert.deepEqual(names('import crypto from "node:crypto";'), [
    'all of "node:crypto"',
  ]);
});

Deno.test("no-ambient accepts what is a function of its arguments", () => {
  assert.deepEqual(
    names("new Date(ms); Date.parse(text); Date.UTC(2020);"),
    [],
  );
  assert.deepEqual(names("Math.max(1, 2); crypto.subtle.digest(a, b);"), []);
  assert.deepEqual(names("clearTimeout(timer); Deno.args; Deno.errors;"), []);
  assert.deepEqual(
    names('import { createHash, type webcrypto } from "node:crypto";'),
    [],
  );
});

Deno.test("no-ambient accepts members and injected values of the same name", () => {
  const sources = [
    "host.effects.network.fetch(url)",
    "effects.clock.now()",
    "class Network { fetch() {} #now = 1 }",
    "const network = { fetch: send, setTimeout() {} };",
    "function send(fetch: (url: string) => void) { fetch(url); }",
    "const send = ({ fetch }: Network) => fetch(url);",
    "const send = ({ fetch: send = x, ...fetch }: Network) => fetch(url);",
    "const { fetch } = host.effects.network; function go() { fetch(url); }",
    'import { fetch } from "@engine/define.ts"; fetch(url);',
    "for (const fetch of fetches) fetch(url);",
    "for (let fetch = first; ; ) fetch(url);",
    "try { go(); } catch (fetch) { log(fetch); }",
    "function fetch() {} fetch();",
    "export const fetch = 1; f(fetch);",
    "switch (a) { case 1: { break; } default: const fetch = 1; f(fetch); }",
    "class A { constructor(readonly fetch: F) { fetch(url); } }",
    "function send([fetch]: [F]) { fetch(url); }",
  ];
  for (const source of sources) assert.deepEqual(names(source), [], source);
});

Deno.test("no-ambient reports the global beside a function that shadows it", () => {
  const source = "function f(fetch: F) { fetch(1); }\nfetch(2);";
  assert.deepEqual(names(source), ["fetch"]);
});

Deno.test("no-ambient looks through what declares nothing", () => {
  const source =
    "export default function () { for (;;) try { a(); } catch { const [, b] = c; fetch(b); } }";
  assert.deepEqual(names(source), ["fetch"]);
});

Deno.test("no-ambient accepts names of types", () => {
  const sources = [
    "type Send = typeof fetch;",
    "let timer: ReturnType<typeof setTimeout>;",
    "interface Network { fetch(url: string): void; }",
    "type F = (fetch: string) => void;",
    "let at: Date;",
  ];
  for (const source of sources) assert.deepEqual(names(source), [], source);
});

Deno.test("no-ambient governs the engine and type definitions only", () => {
  const source = "Date.now()";
  for (const path of ["modules/http/server.ts", "workflows/steps/wait.ts"]) {
    assert.deepEqual(names(source, path), ["Date.now"], path);
  }
  const free = [
    "engine/effects.ts",
    "engine/events_test.ts",
    "modules/http/server_test.ts",
    "routes/runs.ts",
    "cli/wfctl.ts",
  ];
  for (const path of free) assert.deepEqual(names(source, path), [], path);
});

Deno.test("no-ambient names the effect to use", () => {
  const plugin = { name: "tested", rules: { rule: noAmbient } };
  const hints = Deno.lint.runPlugin(
    plugin,
    "engine/events.ts",
    "new Date(); setTimeout(f, 1); crypto.randomUUID();",
  ).map(({ hint }) => hint);
  assert.match(hints[0]!, /Use new Date\(effects\.clock\.now\(\)\)/);
  assert.match(hints[1]!, /Use effects\.clock\.after\(ms, callback\)/);
  assert.match(hints[2]!, /Use effects\.ids\.next\(\)/);
});
