import assert from "node:assert/strict";
import fc from "fast-check";
import type { JsonValue } from "../store/store.ts";
import { compileTemplate, hasExpression, type Template } from "./template.ts";

const VARIABLES = { n: "number", name: "string", data: "any" } as const;
const VALUES = { n: 2, name: "Ada", data: { a: [1, null], t: "x" } };

function made(value: JsonValue): Template {
  const template = compileTemplate(value, VARIABLES);
  assert.ok(!Array.isArray(template), JSON.stringify(template));
  return template as Template;
}

for (
  const [value, result] of [
    ["plain", "plain"],
    ["${{ n }}", 2],
    ["${{n*2.0}}", 4],
    ["${{ data.a }}", [1, null]],
    [" ${{ n }}", " 2"],
    ["${{ n }} and ${{ name }}", "2 and Ada"],
    ["${{ data.a }}!", "[1,null]!"],
    ["[${{ data.a[1] }}]", "[]"],
    ["$${{ n }}", "${{ n }}"],
    ["$$${{ n }}", "$${{ n }}"],
    ["${ n } {{ n }} }}", "${ n } {{ n }} }}"],
    ["${{ '}}' }}", "}}"],
    ["${{ {'a': {'b': n}}.a.b }}", 2],
    ['${{ "it\'s \\"}}\\"" }}', 'it\'s "}}"'],
    [["${{ n }}", { deep: "${{ name }}" }], [2, { deep: "Ada" }]],
    [{ "${{ n }}": "a key is no expression" }, {
      "${{ n }}": "a key is no expression",
    }],
    [null, null],
    [5, 5],
  ] as const
) {
  Deno.test(`the template ${JSON.stringify(value)} yields ${JSON.stringify(result)}`, () => {
    assert.deepEqual(made(value as JsonValue).evaluate(VALUES), result);
  });
}

Deno.test("a template without expressions is constant, and the same value each time", () => {
  const value = { a: ["x", { b: 1 }] };
  const template = made(value);
  assert.equal(template.isConstant, true);
  assert.equal(template.evaluate({}), value);
  assert.equal(made({ a: ["${{ n }}"] }).isConstant, false);
});

Deno.test("a template reports every expression that is wrong, with its path and its text", () => {
  const faults = compileTemplate({
    good: "${{ n }}",
    list: ["ok", "a ${{ nn }} b ${{ n + }}"],
    open: "x ${{ n",
  }, VARIABLES);
  assert.ok(Array.isArray(faults));
  assert.deepEqual(
    faults.map(({ path, written }) => [path.join("."), written]),
    [["list.1", "nn"], ["list.1", "n +"], ["open", "x ${{ n"]],
  );
  assert.equal(faults[0]?.error.nearest, "n");
  assert.match(String(faults[2]?.error.message), /"}}" is missing/);
});

Deno.test("a template sets a key called __proto__ as any other", () => {
  const value = JSON.parse('{"__proto__": "${{ n }}", "b": "${{ n }}"}');
  const result = made(value).evaluate(VALUES) as Record<string, unknown>;
  assert.equal(Object.getPrototypeOf(result), Object.prototype);
  assert.deepEqual(Object.entries(result), [["__proto__", 2], ["b", 2]]);
});

Deno.test("hasExpression() tells expressions from what only looks like one", () => {
  assert.equal(hasExpression("a ${{ n }}"), true);
  assert.equal(hasExpression("a $${{ n }}"), false);
  assert.equal(hasExpression("a ${n} {{ n }}"), false);
  assert.throws(() => hasExpression("a ${{ n"), /"}}" is missing/);
});

Deno.test("a template yields any text that has no expression in it as it is", () => {
  const text = fc.string({ unit: "binary" })
    .filter((text) => !text.includes("${{"));
  fc.assert(fc.property(text, fc.jsonValue(), (text, json) => {
    assert.equal(made(text).evaluate(VALUES), text);
    const before = text + "${{ n }}";
    // A dollar in front would escape it.
    if (text !== "" && !text.endsWith("$")) {
      assert.equal(made(before).evaluate(VALUES), `${text}2`);
    }
    const written = JSON.stringify(json);
    if (!written.includes("${{")) {
      assert.deepEqual(made(json as JsonValue).evaluate(VALUES), json);
    }
  }));
});
