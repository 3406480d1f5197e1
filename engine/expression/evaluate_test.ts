import assert from "node:assert/strict";
import fc from "fast-check";
import type { JsonValue } from "../store/store.ts";
import { LIST_ITEMS_MAX, STEPS_MAX } from "./budget.ts";
import type { CelVariables } from "./environment.ts";
import { compileExpression, EXPRESSIONS_CACHED } from "./evaluate.ts";
import { ExpressionError } from "./expression_error.ts";
import { fuzzExpressions } from "./_fuzz_test.ts";

const VARIABLES: CelVariables = {
  data: "map",
  count: "number",
  name: "string",
  order: {
    fields: { total: "number", customer: { fields: { id: "string" } } },
  },
};

const VALUES = {
  data: {
    amount: 12.5,
    items: [{ sku: "a", price: 2 }, { sku: "b", price: 3 }],
    tags: ["new", "vip"],
    address: { city: "Basel" },
    note: null,
  },
  count: 3,
  name: "Ada",
  order: { total: 7, customer: { id: "c1" } },
};

function evaluate(
  text: string,
  values: Record<string, JsonValue> = VALUES,
): JsonValue {
  return compileExpression(text, VARIABLES).evaluate(values);
}

for (
  const [text, result] of [
    ["data.amount > 12", true],
    ["count + 1", 4],
    ["1 + count * 2.5", 8.5],
    ["10 / count > 3.3", true],
    ["count % 2 == 1", true],
    ["count == 3 && 3 == count", true],
    ["size(data.items)", 2],
    ["data.items.all(i, i.price > 1)", true],
    ["data.items.map(i, i.price * 2)", [4, 6]],
    ["data.items.filter(i, i.price > 2)", [{ sku: "b", price: 3 }]],
    ["data.items.exists(i, data.tags.exists(t, t == i.sku))", false],
    ["data.?missing.orValue('none')", "none"],
    ["has(data.address.city) && !has(data.zip)", true],
    ["data.note == null", true],
    ["'n=' + string(count)", "n=3"],
    ["'vip' in data.tags", true],
    ["name in ['Ada', 'Bob']", true],
    ["order.total > 5 && order.customer.id == 'c1'", true],
    ["{'total': order.total, 'tags': data.tags + ['x']}", {
      total: 7,
      tags: ["new", "vip", "x"],
    }],
    ["timestamp('2020-01-02T03:04:05Z')", "2020-01-02T03:04:05.000Z"],
    ["duration('90s')", "90s"],
    ["b'abc'", "YWJj"],
    ["optional.none()", null],
    ["optional.of(1u)", 1],
    ["type(1)", "int"],
    ["-0.0", 0],
    ["cel.bind(x, count + 1, x * x)", 16],
    ["data.tags.join('-').upperAscii()", "NEW-VIP"],
  ] as const
) {
  Deno.test(`compileExpression() evaluates ${text}`, () => {
    assert.deepEqual(evaluate(text), result);
  });
}

for (
  const [text, reason] of [
    ["data.missing", /No such key: missing/],
    ["1 / 0", /division by zero/],
    ["1.0 / 0.0", /not a JSON number/],
    ["9223372036854775807", /does not fit a JSON number/],
    ["data.amount.all(x, true)", /cannot be range/],
    ["name + data.amount", /no such overload/],
    ["data.constructor_of.x", /No such key/],
    ["timestamp('tomorrow, perhaps soon')", /ISO 8601/],
  ] as const
) {
  Deno.test(`compileExpression() reports why ${text} fails`, () => {
    assert.throws(
      () => evaluate(text),
      (error) =>
        error instanceof ExpressionError && error.kind === "evaluation" &&
        reason.test(error.message),
    );
  });
}

Deno.test("compileExpression() gives a variable without a value null", () => {
  assert.equal(evaluate("dyn(name) == null", {}), true);
});

Deno.test("compileExpression() keeps the key __proto__ a key", () => {
  const data = JSON.parse(`{"__proto__": {"admin": true}}`);
  const result = evaluate("data", { ...VALUES, data });
  assert.equal(Object.getPrototypeOf(result), Object.prototype);
  assert.equal(JSON.stringify(result), `{"__proto__":{"admin":true}}`);
});

Deno.test("compileExpression() remembers an expression by its text", () => {
  const first = compileExpression("count > 1", VARIABLES);
  assert.equal(compileExpression("count > 1", VARIABLES), first);
  assert.notEqual(compileExpression("count > 1", { count: "number" }), first);
});

Deno.test("compileExpression() forgets the oldest expression", () => {
  const variables = { n: "number" } as const;
  const first = compileExpression("n == 0", variables);
  for (let n = 1; n <= EXPRESSIONS_CACHED; n++) {
    compileExpression(`n == ${n}`, variables);
  }
  assert.notEqual(compileExpression("n == 0", variables), first);
});

const LONG = Array.from({ length: LIST_ITEMS_MAX }, (_, index) => index);

for (
  const [what, text, data] of [
    [
      "two loops over a long list",
      "data.l.all(a, data.l.all(b, a + b >= 0.0))",
      {
        l: LONG,
      },
    ],
    ["a list that doubles", doubling("[1, 2]"), {}],
    ["a text that doubles", doubling("'abcdefgh'"), {}],
    [
      "equality of shared lists",
      `cel.bind(p, ${shared(30)}, cel.bind(q, ${shared(30)}, p == q))`,
      {},
    ],
    ["a sum of many lists", Array(400).fill("data.l").join(" + "), { l: LONG }],
    [
      "a text joined in a loop",
      "data.l.map(a, data.l).map(b, b.map(c, data.t).join())",
      {
        l: LONG.slice(0, 1000),
        t: "x".repeat(1_000_000),
      },
    ],
    ["a text split in a loop", "data.l.map(a, data.t.split(''))", {
      l: LONG,
      t: "x".repeat(10_000),
    }],
    [
      "a loop whose errors are swallowed",
      "data.l.exists(a, data.l.all(b, b >= 0.0) && a < 0.0)",
      {
        l: LONG,
      },
    ],
    ["membership in a loop", "data.l.all(a, a in data.l)", { l: LONG }],
  ] as const
) {
  Deno.test(`compileExpression() bounds the work of ${what}`, () => {
    const startedMs = performance.now();
    assert.throws(
      () => evaluate(text, { ...VALUES, data }),
      (error) =>
        error instanceof ExpressionError && error.kind === "evaluation" &&
        error.message.includes(`${STEPS_MAX} steps`),
    );
    // Without the limit each of these takes minutes or all of the memory.
    assert.ok(performance.now() - startedMs < 5_000);
  });
}

Deno.test("compileExpression() refuses to loop over a list that is too long", () => {
  assert.throws(
    () =>
      evaluate("data.l.all(a, true)", { ...VALUES, data: { l: [...LONG, 1] } }),
    (error) =>
      error instanceof ExpressionError &&
      error.message.includes(`${LIST_ITEMS_MAX} items`),
  );
});

Deno.test("compileExpression() bounds the size of a result", () => {
  assert.throws(
    () =>
      evaluate("data.l.map(a, data.m)", {
        ...VALUES,
        data: { l: LONG, m: LONG.slice(0, 100) },
      }),
    (error) =>
      error instanceof ExpressionError && /100000 values/.test(error.message),
  );
});

function doubling(start: string): string {
  const last = Array.from({ length: 29 }).reduce<string>(
    (inner, _, index) =>
      `cel.bind(v${28 - index}, v${27 - index} + v${27 - index}, ${inner})`,
    "v28",
  );
  return `cel.bind(v-1, ${start}, ${last})`.replaceAll("v-1", "first");
}

function shared(levels: number): string {
  return "[[1]]" + ".map(a, [a, a])".repeat(levels);
}

Deno.test("compileExpression() yields JSON or an ExpressionError for generated expressions", () => {
  const { evaluated } = fuzzExpressions({ runs: 3_000 });
  // The property would hold for nothing but refusals as well.
  assert.ok(evaluated > 500, `only ${evaluated} were evaluated`);
});

Deno.test("compileExpression() yields JSON or an ExpressionError for arbitrary text", () => {
  const token = fc.constantFrom(
    ..."()[]{}.,?:+-*/%!=<>&|'\"\\ \n",
    "data",
    "count",
    "in",
    "has(",
    ".map(",
    ".matches(",
    "__proto__",
    "constructor",
    "1e999",
    "0x",
    "'''",
    "b'\\xff'",
    "r'\\'",
    "\ud800",
    "cel.bind(",
    "timestamp(",
    "type",
    "optional.of(",
  );
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 60 }),
    fc.array(token, { maxLength: 25 }).map((tokens) => tokens.join("")),
  );
  fc.assert(
    fc.property(text, (text) => {
      try {
        const result = compileExpression(text, VARIABLES).evaluate(VALUES);
        assert.deepEqual(JSON.parse(JSON.stringify(result)), result);
      } catch (error) {
        assert.ok(error instanceof ExpressionError, String(error));
        assert.ok(error.line >= 1 && error.column >= 1);
      }
    }),
    { numRuns: 5_000 },
  );
});
