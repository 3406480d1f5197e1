import assert from "node:assert/strict";
import { loadToy } from "../tests/toy_catalog.ts";

const LAMP = (key: string) =>
  `modules: [{ name: a, type: toy.lamp, config: { key: ${key} } }]\n`;

Deno.test("load() yields a plan where there are only warnings", () => {
  const { plan, problems, document } = loadToy(
    "modules: [{ name: a, type: toy.lamp, config: { fuse: 1 } }]",
  );
  assert.deepEqual(problems.map(({ severity }) => severity), ["warning"]);
  assert.equal(plan?.id, "toy");
  assert.equal(document?.id, "toy");
});

Deno.test("load() yields no plan where there is an error, and all problems", () => {
  const { plan, problems, document } = loadToy(
    "modules: [{ name: a, type: toy.lamp, config: { fuse: 1, watts: 0 } }, { name: b, type: x }]",
  );
  assert.equal(plan, undefined);
  assert.notEqual(document, undefined);
  assert.deepEqual(problems.map(({ code }) => code), [
    "inert-key",
    "invalid-value",
    "unknown-type",
  ]);
});

Deno.test("load() yields no document for a text that cannot be read", () => {
  const { plan, document, problems } = loadToy("a: [");
  assert.deepEqual([plan, document], [undefined, undefined]);
  assert.ok(problems.length > 0);
});

Deno.test("load() knows the values that must not be shown", () => {
  const shown = (text: string, env = {}) => [
    ...loadToy(text, {
      sources: {
        env: (name) => (env as Record<string, string>)[name],
        secrets: new Map([["secret://key", "from-vault"]]),
      },
    }).secretValues,
  ];
  assert.deepEqual(shown(LAMP("sesame")), ["sesame"]);
  assert.deepEqual(shown(LAMP('"${KEY}"'), { KEY: "from-env" }), ["from-env"]);
  assert.deepEqual(shown(LAMP("secret://key")), ["from-vault"]);
  assert.deepEqual(shown("modules: [{ name: a, type: toy.lamp }]"), []);
});

Deno.test("load() does not show what was found in a secret field", () => {
  const { problems } = loadToy(LAMP("[sesame]"));
  assert.deepEqual(problems.map(({ code }) => code), ["invalid-value"]);
  assert.doesNotMatch(JSON.stringify(problems), /sesame/);
});
