import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { systemEffects } from "../engine/effects.ts";
import { COMPONENT_NAMES } from "./host/component_names.ts";
import { SDK } from "./host/sdk_texts.ts";
import { CHECK_MS_MAX, checkTypes, TypeCheckError } from "./type_check.ts";
import { describeFaults } from "./type_fault.ts";

const { clock } = systemEffects();
const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** What is wrong with a source, a line each. */
async function faultsOf(text: string, file = "code.ts"): Promise<string[]> {
  const faults = await checkTypes(text, file, { clock });
  return faults.map(({ line, column, code, message }) =>
    `${line}:${column} ${code} ${message}`
  );
}

Deno.test("checkTypes() tells a wrong type and its place", async () => {
  assert.deepEqual(
    await faultsOf('const a = "1";\n  export const b: number = a;\n'),
    ["2:16 TS2322 Type 'string' is not assignable to type 'number'"],
  );
});

Deno.test("checkTypes() is strict as a plain deno check is, but for parameters without a type", async () => {
  const found = await faultsOf(`
export function execute(params) { return [1][0].toFixed(); }
class A { a() {} }
export class B extends A { a() {} }
export const c: { d?: string } = { d: undefined };
try { execute(c); } catch (error) { error.message; }
`);
  assert.deepEqual(
    found.map((fault) => fault.split(" ").slice(0, 2).join(" ")),
    ["4:28 TS4114", "6:37 TS18046"],
  );
});

Deno.test("checkTypes() applies the types of the SDK, whatever path leads to it", async () => {
  const found = await faultsOf(`
import type { Component, ComponentContext } from "../../any/sdk.ts";
import type { Contract, Json } from "./sdk.ts";
export const contract: Contract = { outputs: { a: "text" } };
export async function execute(_: unknown, ctx: ComponentContext) {
  await ctx.fetch(1);
  const a: string = ctx.random();
  const b: Json = a as unknown as () => void;
  ctx.log.info("fine", { a, b, c: ctx.now().toFixed() });
}
export default { execute: (params) => ({ ...params }) } satisfies Component;
`);
  assert.deepEqual(
    found.map((fault) => fault.split(" ").slice(0, 2).join(" ")),
    ["4:48 TS2322", "6:19 TS2345", "7:9 TS2322", "8:9 TS2322"],
  );
});

Deno.test("the files of the SDK take types from each other only", () => {
  for (const [path, text] of SDK) {
    for (
      const [, from] of text.matchAll(
        /^(?:import|export) type [^;]*? from "(.+?)"/gm,
      )
    ) {
      const target = new URL(from ?? "", `file://${path}`).pathname;
      assert.ok(SDK.has(target), `${path} takes types from ${target}`);
    }
  }
});

Deno.test("checkTypes() knows every name that a component has", async () => {
  const bootstrap = await Deno.readTextFile(
    new URL("./host/bootstrap.ts", import.meta.url),
  );
  const [kept = ""] = /KEPT = new Set\(\[[^]*?\]\);/.exec(bootstrap) ?? [];
  const names = [...kept.matchAll(/"(\w+)"/g)].map(([, name = ""]) => name);
  assert.deepEqual(names, [...COMPONENT_NAMES]);
  const present = names.filter((name) => name in globalThis);
  assert.deepEqual(
    await faultsOf(`export const all: unknown[] = [${present.join(", ")}];
export const instant: string = Temporal.Now.instant().toString();
export const hex: string = Uint8Array.fromBase64("").toHex();
export const half: number | undefined = new Float16Array(1)[0];
export const isMatch: boolean = new URLPattern({ pathname: "/" }).test("a:");
export const zip = new Response("a").body?.pipeThrough(
  new CompressionStream("gzip"),
);
for (const [name] of new Headers()) name.trim();
for await (const chunk of new ReadableStream<string>()) chunk.trim();
`),
    [],
  );
});

Deno.test("checkTypes() knows no value that a component does not have", async () => {
  const names = ["Deno", "process", "document", "fetch", "name", "postMessage"];
  names.push("WebAssembly", "eval");
  const found = await faultsOf(`export const all = [${names.join(", ")}];`);
  assert.deepEqual(
    found.map((fault) => fault.replace(/^\S+ \S+ /, "")),
    names.map((name) => `Cannot find name '${name}'`),
  );
  const types = ["WebSocket", "SharedArrayBuffer", "Worker"];
  assert.equal((await faultsOf(`export const all = [${types}];`)).length, 3);
});

Deno.test("checkTypes() reads no file that a source names, and takes it for anything", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(
      `${folder}/secret.ts`,
      "export type A = 'secret';",
    );
    const source = `/// <reference path="/etc/passwd" />
/// <reference types="node" />
/// <reference lib="dom" />
import type passwd from "/etc/passwd";
import type { A } from "${folder}/secret.ts";
import type { B } from "file://${folder}/secret.ts";
import type { Stats } from "node:fs";
import type * as fs from "fs";
import type { z } from "npm:zod";
import { note } from "./_book.ts";
export const a: [A, B, passwd, Stats, z.infer<A>, fs.Stats] = [1, 2, 3, 4, 5, 6];
export const b: import("${folder}/secret.ts").A = note(1);
`;
    assert.deepEqual(await faultsOf(source), []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("checkTypes() only reads JavaScript", async () => {
  const text = "export const execute = (a) => a.b - 'c' + Deno.pid;";
  assert.deepEqual(await faultsOf(text, "code.js"), []);
  assert.match(
    (await faultsOf(`${text} const a: number = 1;`, "a/code.mjs")).join(),
    /TS8010 Type annotations can only be used in TypeScript files/,
  );
  assert.match((await faultsOf("const = 1;", "code.js")).join(), /1:7 TS1134/);
});

Deno.test("checkTypes() ends at a type without an end", async () => {
  assert.match(
    (await faultsOf(
      "type Long<T> = T extends unknown ? Long<{ a: T }> : never;\n" +
        "export const a: Long<1> = 1;",
    )).join(),
    /TS2589 Type instantiation is excessively deep and possibly infinite/,
  );
});

Deno.test("checkTypes() says that a source nests too deep", async () => {
  await assert.rejects(
    faultsOf(`export const a = ${"[".repeat(20_000)}${"]".repeat(20_000)};`),
    new TypeCheckError(
      'Cannot check the types of "code.ts": it nests too deep',
      true,
    ),
  );
});

Deno.test("checkTypes() bounds the length of a message", async () => {
  const nested = (type: string) => "{ a: ".repeat(300) + type + "}".repeat(300);
  const [fault = ""] = await faultsOf(
    `export const a: ${nested("1")} = 2 as unknown as ${nested("2")};`,
  );
  assert.match(fault, /^1:14 TS\d+ .{500}…$/);
});

/** A type that is a text of 2^28 characters. */
const LARGE = 'type T0 = "a";\n' +
  Array.from(
    { length: 28 },
    (_, i) => `type T${i + 1} = \`\${T${i}}\${T${i}}\`;\n`,
  ).join("") +
  "export const a: T28 = 1;\n";

Deno.test("checkTypes() says that a check takes too much memory", async () => {
  await assert.rejects(
    faultsOf(LARGE),
    new TypeCheckError(
      'Cannot check the types of "code.ts": it takes more than 512 MiB of memory',
      true,
    ),
  );
});

/** Keeps the compiler busy for longer than any check may take. */
const ENDLESS = `type D = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;
type A = \`\${D}\${D}\${D}\${D}\`;
type Pairs<T, U> = T extends A ? U extends A ? [T, U] : never : never;
export const a: Pairs<A, A> = ["0000", "00000"];
`;

Deno.test("checkTypes() ends a check that takes too long", async () => {
  const limits: number[] = [];
  const early = {
    after(ms: number, callback: () => void) {
      limits.push(ms);
      return clock.after(500, callback);
    },
  };
  await assert.rejects(
    checkTypes(ENDLESS, "code.ts", { clock: early }),
    new TypeCheckError(
      'Cannot check the types of "code.ts": it takes longer than 20000 ms',
      true,
    ),
  );
  assert.deepEqual(limits, [CHECK_MS_MAX]);
});

Deno.test("checkTypes() ends when its signal aborts, and begins no more after", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const reason = new Error("The module stops");
  const early = {
    after(_: number, callback: () => void) {
      clock.after(300, () => controller.abort(reason));
      return clock.after(CHECK_MS_MAX, callback);
    },
  };
  await assert.rejects(
    checkTypes(ENDLESS, "code.ts", { clock: early, signal }),
    reason,
  );
  await assert.rejects(checkTypes("", "code.ts", { clock, signal }), reason);
});

Deno.test("checkTypes() checks one source after the other", async () => {
  const events: string[] = [];
  const watched = {
    after() {
      events.push("begins");
      return () => void events.push("ends");
    },
  };
  await Promise.all([
    checkTypes("", "a.ts", { clock: watched }),
    checkTypes("", "b.ts", { clock: watched }),
  ]);
  assert.deepEqual(events, ["begins", "ends", "begins", "ends"]);
});

Deno.test("describeFaults() tells twenty faults and counts the others", async () => {
  const line = "export const a: string = 1;\n".replace("a", "a$");
  const text = Array.from({ length: 25 }, (_, i) => line.replace("$", `${i}`));
  const faults = await checkTypes(text.join(""), "code.ts", { clock });
  const told = describeFaults("code.ts", faults);
  const first =
    "1:14 Type 'number' is not assignable to type 'string' (TS2322)";
  assert.ok(told.startsWith(`Cannot load "code.ts": ${first}; 2:14 Type `));
  assert.ok(told.endsWith("(TS2322); and 5 more"), told);
  assert.equal(
    describeFaults("code.ts", faults.slice(0, 1)),
    `Cannot load "code.ts": ${first}`,
  );
});

for (const path of globSync("examples/**/components/*.ts", { cwd: ROOT })) {
  // A file that begins so is shared by components, and is none.
  if (/\/_[^/]*$/.test(path)) continue;
  Deno.test(`the types of ${path} fit`, async () => {
    const text = await Deno.readTextFile(`${ROOT}${path}`);
    assert.deepEqual(await faultsOf(text, path), []);
  });
}
