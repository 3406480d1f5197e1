import assert from "node:assert/strict";
import { lintSource } from "./lint_source.ts";
import { noDefaultExport } from "./no_default_export.ts";

const FORMS = [
  "export default 1;",
  "export default function run() {}",
  "const a = 1; export { a as default };",
  'export { default } from "./a.ts";',
];

function count(path: string, source: string): number {
  return lintSource(noDefaultExport, path, source).length;
}

Deno.test("no-default-export refuses every form of a default export", () => {
  for (const form of FORMS) {
    assert.equal(count("engine/plan.ts", form), 1, form);
  }
  const others = [
    "tools/gate.ts",
    "routes/runs.ts",
    "modules/http/_pattern.ts",
    "modules/http/server_test.ts",
  ];
  for (const path of others) assert.equal(count(path, FORMS[0]!), 1, path);
});

Deno.test("no-default-export accepts what is found by its path", () => {
  const paths = [
    "modules/http/server.ts",
    "workflows/types/http.ts",
    "tools/lint_plugin.ts",
    "examples/orders/components/risk_tagger.ts",
  ];
  for (const path of paths) {
    for (const form of FORMS) assert.equal(count(path, form), 0, path);
  }
});

Deno.test("no-default-export accepts names", () => {
  const source =
    'export const a = 1; export { b } from "./b.ts"; export * from "./c.ts";';
  assert.equal(count("engine/plan.ts", source), 0);
});
