import assert from "node:assert/strict";
import { importDirection } from "./import_direction.ts";
import { lintSource } from "./lint_source.ts";

function isAllowed(importer: string, specifier: string, type = false): boolean {
  const keyword = type ? "import type" : "import";
  const source = `${keyword} { x } from "${specifier}";`;
  return lintSource(importDirection, importer, source).length === 0;
}

function assertAllowed(importer: string, specifiers: readonly string[]): void {
  for (const specifier of specifiers) {
    assert.ok(isAllowed(importer, specifier), `${importer} ← ${specifier}`);
  }
}

function assertRefused(importer: string, specifiers: readonly string[]): void {
  for (const specifier of specifiers) {
    assert.ok(!isAllowed(importer, specifier), `${importer} ← ${specifier}`);
  }
}

Deno.test("import-direction lets entry points, tools and tests import anything", () => {
  const anything = ["@engine/run/executor.ts", "node:fs", "yaml"];
  assertAllowed("main.ts", [...anything, "./catalog.gen.ts"]);
  for (const folder of ["cli", "tests", "bench", "tools"]) {
    assertAllowed(`${folder}/a.ts`, [...anything, "../catalog.gen.ts"]);
  }
  assertAllowed("catalog.gen.ts", ["./modules/http/server.ts"]);
  assertAllowed("engine/plan_test.ts", [
    "../modules/http/server.ts",
    "node:fs",
  ]);
});

Deno.test("import-direction keeps the engine below everything else", () => {
  assertAllowed("engine/lifecycle.ts", [
    "./plan.ts",
    "@engine/store/store.ts",
    "../engine/define.ts",
    "node:path",
    "zod",
    "@marcbachmann/cel-js",
  ]);
  assertRefused("engine/lifecycle.ts", [
    "../modules/http/server.ts",
    "../workflows/types/http.ts",
    "../routes/runs.ts",
    "../cli/wfctl.ts",
    "../components/registry.ts",
    "../platform/users.ts",
    "../catalog.gen.ts",
    "../main.ts",
    "@engine/../modules/http/server.ts",
  ]);
});

Deno.test("import-direction keeps the pure parts of the engine pure", () => {
  const pure = [
    "engine/config/parse.ts",
    "engine/plan.ts",
    "engine/expression/check.ts",
    "engine/state/definition.ts",
    "engine/run/machine.ts",
    "engine/meta.ts",
    "engine/service.ts",
    "engine/errors.ts",
    "engine/fingerprint.ts",
    "engine/derive/json_schema.ts",
  ];
  for (const importer of pure) {
    assertAllowed(importer, ["@engine/plan.ts", "@engine/config/problem.ts"]);
    assertAllowed(importer, ["yaml", "zod"]);
    assertRefused(importer, ["node:fs", "node:path"]);
    assertRefused(importer, ["@engine/lifecycle.ts", "@engine/store/store.ts"]);
  }
});

Deno.test("import-direction lets a pure part import types of the whole engine", () => {
  assert.ok(isAllowed("engine/plan.ts", "./define.ts", true));
  assert.ok(!isAllowed("engine/plan.ts", "./define.ts", false));
  assert.ok(!isAllowed("engine/plan.ts", "../modules/http/server.ts", true));
  assert.ok(!isAllowed("engine/plan.ts", "node:fs", true));
});

Deno.test("import-direction refuses Deno where code must run in a browser", () => {
  function uses(path: string, source: string): number {
    return lintSource(importDirection, path, source).length;
  }
  for (const path of ["engine/plan.ts", "islands/canvas.tsx"]) {
    assert.equal(uses(path, "Deno.readTextFileSync('a');"), 1);
    assert.equal(uses(path, "const read = globalThis.Deno;"), 1);
    assert.equal(uses(path, "let file: Deno.FsFile;"), 1);
    assert.equal(uses(path, "const o = { Deno: 1 }; o.Deno; f(o['Deno']);"), 0);
  }
  assert.equal(uses("engine/lifecycle.ts", "Deno.readTextFileSync('a');"), 0);
  assert.equal(uses("engine/plan_test.ts", "Deno.test('a', () => {});"), 0);
});

Deno.test("import-direction gives type definitions the authoring surface only", () => {
  for (
    const importer of [
      "modules/http/middleware/auth.ts",
      "workflows/steps/a.ts",
    ]
  ) {
    assertAllowed(importer, [
      "@engine/define.ts",
      "@engine/service.ts",
      "@engine/meta.ts",
      "@engine/services/broker.ts",
      "@engine/errors.ts",
      "@engine/state/definition.ts",
      "@engine/expression/check.ts",
      "zod",
      "hono/jwt",
      "node:crypto",
    ]);
    assertRefused(importer, [
      "@engine/mod.ts",
      "@engine/effects.ts",
      "@engine/lifecycle.ts",
      "@engine/config/parse.ts",
      "../../routes/runs.ts",
      "../../components/sdk.ts",
      "../../catalog.gen.ts",
    ]);
  }
});

Deno.test("import-direction keeps type definitions from each other", () => {
  const importer = "modules/http/middleware/auth.ts";
  assertRefused(importer, [
    "./cors.ts",
    "../server.ts",
    "../../messaging/broker.ts",
    "../../../workflows/types/http.ts",
    "../../../modules/http/server.ts",
  ]);
  assertRefused("modules/http/_pattern.ts", ["./router.ts"]);
});

Deno.test("import-direction lets a definition use private files at or above it", () => {
  assertAllowed("modules/http/middleware/auth.ts", [
    "./_token.ts",
    "./_token/parse.ts",
    "../_pattern.ts",
    "../../_number.ts",
  ]);
  assertAllowed("modules/http/_router/match.ts", [
    "./trie.ts",
    "../_pattern.ts",
  ]);
  assertRefused("modules/http/middleware/auth.ts", [
    "../_router.ts/../server.ts",
    "../client/_pool.ts",
    "../../messaging/_topic.ts",
    "../../../workflows/_section.ts",
  ]);
  assertRefused("modules/http/server.ts", ["./middleware/_token.ts"]);
});

Deno.test("import-direction orders components, platform, ai and routes", () => {
  assertAllowed("components/broker.ts", [
    "./protocol.ts",
    "@engine/define.ts",
    "@engine/services/broker.ts",
    "@engine/errors.ts",
    "@engine/effects.ts",
  ]);
  assertRefused("components/broker.ts", [
    "@engine/mod.ts",
    "../platform/users.ts",
  ]);
  assertAllowed("platform/users.ts", [
    "@engine/mod.ts",
    "../components/registry.ts",
  ]);
  assertRefused("platform/users.ts", ["@engine/plan.ts", "../routes/runs.ts"]);
  assertAllowed("ai/generate.ts", ["@engine/mod.ts", "../platform/users.ts"]);
  assertRefused("ai/generate.ts", ["@engine/define.ts", "../routes/runs.ts"]);
  assertAllowed("routes/runs.ts", [
    "@engine/mod.ts",
    "../platform/users.ts",
    "../ai/generate.ts",
    "hono",
  ]);
  assertRefused("routes/runs.ts", [
    "@engine/run/executor.ts",
    "../modules/http/server.ts",
    "../catalog.gen.ts",
  ]);
});

Deno.test("import-direction gives islands the pure parts only", () => {
  assertAllowed("islands/canvas.tsx", [
    "./panel.tsx",
    "@engine/plan.ts",
    "@engine/config/parse.ts",
    "preact",
  ]);
  assertRefused("islands/canvas.tsx", [
    "@engine/mod.ts",
    "@engine/store/store.ts",
    "../routes/runs.ts",
    "node:path",
  ]);
});

Deno.test("import-direction looks at every form of import", () => {
  const forms = [
    'import "../modules/a.ts";',
    'import a from "../modules/a.ts";',
    'import type { A } from "../modules/a.ts";',
    'export * from "../modules/a.ts";',
    'export { a } from "../modules/a.ts";',
    'await import("../modules/a.ts");',
    "await import(`../modules/a.ts`);",
    'let a: import("../modules/a.ts").A;',
    'let a: typeof import("../modules/a.ts");',
    'import a = require("../modules/a.ts");',
  ];
  for (const form of forms) {
    assert.deepEqual(lintSource(importDirection, "engine/run.ts", form), [
      'Cannot import "modules/a.ts" from "engine/run.ts": engine/ may not depend on it',
    ], form);
  }
  assert.deepEqual(
    lintSource(
      importDirection,
      "engine/run.ts",
      "export { a }; export const b = 1;",
    ),
    [],
  );
});

Deno.test("import-direction refuses specifiers that hide their target", () => {
  assert.deepEqual(
    lintSource(importDirection, "modules/a.ts", "await import(name);"),
    ["Cannot check an import that is computed: write the specifier as a literal"],
  );
  assertRefused("engine/run.ts", [
    "../../elsewhere.ts",
    "/etc/passwd",
    "file:///etc/passwd",
    "https://example.com/a.ts",
    "data:text/javascript,1",
    "./../modules/a.ts?cached",
  ]);
});

Deno.test("import-direction refuses a file that no layer owns", () => {
  assert.deepEqual(lintSource(importDirection, "plumbing/pipe.ts", "1;"), [
    'Cannot place "plumbing/pipe.ts": no layer owns it',
  ]);
  assert.deepEqual(lintSource(importDirection, "../other/pipe.ts", "1;"), []);
});
