import assert from "node:assert/strict";
import type { JsonObject } from "@engine/define.ts";
import { compileTemplate } from "@engine/expression/template.ts";
import fc from "fast-check";
import { asExpressions, read, substitute } from "./_substitution.ts";

type Json = NonNullable<JsonObject[string]>;

const STEPS = new Set(["check-customer", "charge"]);

const stepType = {
  fields: { output: "any", status: "string", error: "any" },
} as const;
const VARIABLES = {
  input: "any",
  steps: { fields: { "check-customer": stepType, charge: stepType } },
} as const;

const DATA = {
  id: 7,
  name: "Ada",
  none: null,
  order: { lines: [{ sku: "tea" }], "ship-to": "Paris" },
} as const;

/** What a pipeline makes of a text. */
function evaluated(text: string, charge: Json = { id: "c1", amount: 2.5 }) {
  const written = asExpressions(text, STEPS) as string;
  const template = compileTemplate(written, VARIABLES);
  assert.ok("evaluate" in template, `${written}: ${JSON.stringify(template)}`);
  return template.evaluate({
    input: DATA,
    steps: {
      charge: { output: charge, status: "completed", error: null },
      "check-customer": {
        output: null,
        status: "failed",
        error: { message: "404", code: "error" },
      },
    },
  });
}

const RESULTS = {
  charge: { id: "c1", amount: 2.5 },
  "check-customer": null,
  "check-customer_error": "404",
} as const;

for (
  const [text, value] of [
    ["plain", "plain"],
    ["${data.id}", 7],
    ["${id}", 7],
    ["${data}", DATA],
    ["${data.order.lines[0].sku}", "tea"],
    ["${data.order.lines[1].sku}", null],
    ["${data.order.ship-to}", "Paris"],
    ["${data.missing.deep}", null],
    ["${charge.amount}", 2.5],
    ["${charge}", { id: "c1", amount: 2.5 }],
    ["${check-customer.id}", null],
    ["${check-customer_error}", "404"],
    ["${charge_error}", null],
    ["${data.none || data.name}", "Ada"],
    ["${data.none || charge.id || data.name}", "c1"],
    ['${data.none || "nobody"}', "nobody"],
    ["${data.none || 'nobody'}", "nobody"],
    ["${ data.none || 5 }", 5],
    ["${data.none || null || false}", false],
    ["Order ${data.id} of ${data.name}", "Order 7 of Ada"],
    ["${data.id}${data.id}", "77"],
    ["<${data.none}>", "<>"],
    ["$${data.id} or $$${data.id}$", "$7 or $$7$"],
    ["${data.order.lines}!", '[{"sku":"tea"}]!'],
    ["}} ${data.none || 'x'}}", "}} x}"],
  ] as const
) {
  Deno.test(`"${text}" is ${JSON.stringify(value)}`, () => {
    assert.deepEqual(evaluated(text), value);
    assert.deepEqual(substitute(text, DATA, RESULTS), value);
  });
}

Deno.test("asExpressions() reaches into lists and maps, and leaves all else", () => {
  const value = { a: ["${data.id}", 1, null], b: { c: "x" }, d: true };
  assert.deepEqual(asExpressions(value, STEPS), {
    a: ['${{ input[?"id"].orValue(null) }}', 1, null],
    b: { c: "x" },
    d: true,
  });
});

Deno.test("an expression of a pipeline stays as it is", () => {
  const text = "${{ input.id }} and ${data.id}";
  assert.equal(
    asExpressions(text, STEPS),
    '${{ input.id }} and ${{ input[?"id"].orValue(null) }}',
  );
});

Deno.test("whatever the text and the data, both ways of substitution agree", () => {
  const name = fc.constantFrom("a", "b-c", "d_1");
  const path = fc.tuple(
    fc.constantFrom("data", "charge", "a", "other"),
    fc.array(name, { maxLength: 3 }),
  ).map(([root, names]) => [root, ...names].join("."));
  const inside = fc.array(path, { minLength: 1, maxLength: 3 })
    .map((paths) => `\${${paths.join(" || ")}}`);
  const text = fc.array(
    fc.oneof(inside, fc.constantFrom("x", " ", "$", "{", "}")),
    { maxLength: 4 },
  ).map((parts) => parts.join(""));
  const leaf = fc.oneof(
    fc.constantFrom(null, true, "t", 1, 0, ""),
    fc.dictionary(name, fc.constantFrom(null, 1, "u"), {
      noNullPrototype: true,
    }),
  );
  const record = fc.dictionary(name, leaf, { noNullPrototype: true });
  fc.assert(fc.property(text, record, (text, output) => {
    // "${" that opens nothing, and "${{", are not what is compared here.
    fc.pre(!/\$\{(?![a-z])/.test(text));
    const expected = substitute(text, DATA, { ...RESULTS, charge: output });
    assert.deepEqual(evaluated(text, output as Json), expected);
  }));
});

Deno.test("read() finds what cannot be read, and what is referred to", () => {
  const { faults, references } = read({
    a: ["${a b}", "${}", "${data.x || charge}"],
    "b": "${{ not.ours }} ${x..y}",
  });
  assert.deepEqual(faults, [
    { path: ["a", 0], written: "${a b}" },
    { path: ["a", 1], written: "${}" },
    { path: ["b"], written: "${x..y}" },
  ]);
  assert.deepEqual(references, [
    { path: ["a", 2], name: "data", isDotted: true },
    { path: ["a", 2], name: "charge", isDotted: false },
  ]);
});
