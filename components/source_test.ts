import assert from "node:assert/strict";
import { prepareSource, SourceError } from "./source.ts";

for (
  const [what, source] of Object.entries({
    "types": "import type { A } from './a.ts';\nexport const a: A = 1 as A;",
    "an enum": "enum A { B = 7 }\nexport const execute = () => A.B;",
    "a parameter property":
      "class P { constructor(readonly x: number) {} }\nexport const p = P;",
    "plain JavaScript": "export const execute = () => 1;",
    "a text that speaks of imports":
      "export const a = 'import x from \"node:fs\"; import(1)'; // import('b')",
  })
) {
  Deno.test(`a source may have ${what}`, async () => {
    const code = await prepareSource(source, "code.ts");
    assert.doesNotMatch(code, /import type|: A\b|readonly/);
  });
}

Deno.test("a source keeps its lines where nothing but types goes", async () => {
  const code = await prepareSource(
    "interface A {\n  b: 1;\n}\nexport const a: A = { b: 1 };",
    "code.ts",
  );
  assert.equal(code.split("\n")[3]?.trim().startsWith("export const a"), true);
});

for (
  const [source, place] of [
    ["import 'node:fs'", "1:1"],
    ["import x from 'npm:zod'", "1:1"],
    ["import { type Stats } from 'node:fs'", "1:1"],
    ["export * from './b.ts'", "1:1"],
    ["export { a } from './b.ts'", "1:1"],
    ["\n  const f = () => import('node:fs');", "2:19"],
    ["const s = `${import('x')}`;", "1:14"],
    ["await import('data:text/javascript,1')", "1:7"],
    ["import fs = require('fs'); export const a = fs;", "1:1"],
    ["export const a = 1;\n//# sourceMappingURL=file:///a.map", "2:1"],
    ["export const a = 1; //@ sourceURL=file:///a.ts", "1:21"],
  ] as const
) {
  Deno.test(`a source may not load code: ${source.trim()}`, async () => {
    await assert.rejects(prepareSource(source, "code.ts"), (error) => {
      assert.ok(error instanceof SourceError);
      assert.match(error.message, /"code\.ts":\d+:\d+: /);
      if (place !== "1:1") assert.ok(error.message.includes(place));
      return true;
    });
  });
}

Deno.test("a source that cannot be read is refused with its place", async () => {
  await assert.rejects(
    prepareSource("const a = 1;\nexport const b = ;", "code.ts"),
    /Cannot read "code\.ts":2:18: Expression expected/,
  );
});

Deno.test("a source that is too long is refused with the limit", async () => {
  await assert.rejects(
    prepareSource(" ".repeat(1_048_577), "code.ts"),
    /1048577 characters, the limit is 1048576 characters/,
  );
});

Deno.test("a source that nests very deep does not exhaust the stack of the check", async () => {
  const deep = `export const a = ${"[".repeat(500)}${"]".repeat(500)};`;
  assert.ok(await prepareSource(deep, "code.ts"));
});

const LONG = `// ${"long ".repeat(1_000)}\n`;

Deno.test("a long source is made ready like a short one", async () => {
  assert.equal(
    await prepareSource(`${LONG}export const a: 1 = 1;`, "code.ts"),
    `${LONG}export const a    = 1;`,
  );
  await assert.rejects(
    prepareSource(`${LONG}export const = 1;`, "code.ts"),
    /^SourceError: Cannot read "code.ts":2:14: /,
  );
});

for (
  const [what, text] of Object.entries({
    "parentheses": `${"(".repeat(100_000)}1${")".repeat(100_000)}`,
    "functions": `${"a=>".repeat(100_000)}1`,
    "signs": `${"!".repeat(200_000)}1`,
    "types": `1 as ${"[".repeat(100_000)}1${"]".repeat(100_000)}`,
  })
) {
  Deno.test(`a source that nests too deep in ${what} is refused, and no more`, async () => {
    await assert.rejects(
      prepareSource(`export const a = ${text};`, "code.ts"),
      SourceError,
    );
  });
}
