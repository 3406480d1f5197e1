import assert from "node:assert/strict";
import { checkExpression } from "./check.ts";
import {
  type CelVariables,
  EXPRESSION_CHARACTERS_MAX,
  EXPRESSION_DEPTH_MAX,
  EXPRESSION_NODES_MAX,
} from "./environment.ts";

const VARIABLES: CelVariables = {
  data: "map",
  state: "string",
  count: "number",
  order: {
    fields: { total: "number", customer: { fields: { name: "string" } } },
  },
};

Deno.test("checkExpression() accepts what is valid", () => {
  for (
    const text of [
      "data.amount > 3",
      "state == 'new' && count > 1",
      "order.customer.name != ''",
      "data.a.exists(x, data.b.all(y, y == x))",
      "data.a.filter(x, x).filter(x, x).all(x, x)",
    ]
  ) {
    assert.equal(checkExpression(text, VARIABLES), undefined, text);
  }
});

Deno.test("checkExpression() places an unknown variable and names the nearest", () => {
  const error = checkExpression(
    "data.amount > 3 &&\n  stat == 'new'",
    VARIABLES,
  );
  assert.equal(error?.kind, "type");
  assert.equal(error?.message, 'No variable is called "stat"');
  assert.equal(error?.nearest, "state");
  assert.deepEqual([error?.offset, error?.line, error?.column], [21, 2, 3]);
});

Deno.test("checkExpression() names the nearest field and function", () => {
  const field = checkExpression("order.customer.nmae == 'x'", VARIABLES);
  assert.equal(field?.message, 'No field is called "nmae"');
  assert.equal(field?.nearest, "name");
  const call = checkExpression("siez(data) > 1", VARIABLES);
  assert.equal(call?.message, 'No function is called "siez"');
  assert.equal(call?.nearest, "size");
});

Deno.test("checkExpression() places an error of syntax", () => {
  const error = checkExpression("count >", VARIABLES);
  assert.equal(error?.kind, "syntax");
  assert.deepEqual([error?.line, error?.column], [1, 8]);
});

Deno.test("checkExpression() reports types that do not fit", () => {
  const error = checkExpression("state > count", VARIABLES);
  assert.equal(error?.kind, "type");
  assert.equal(error?.message, "No such overload: string > double");
});

for (
  const [text, message] of [
    ["state.matches('^(a+)+$')", /Cannot use "matches"/],
    ["data.x.all(v, v.matches('a'))", /Cannot use "matches"/],
    ["data.__proto__", /Cannot select "__proto__"/],
    ["data['constructor']", /Cannot select "constructor"/],
    ["data.?prototype", /Cannot select "prototype"/],
    [
      "data.a.all(x, data.b.all(y, data.c.all(z, x == y)))",
      /deeper than 2 levels/,
    ],
    [
      "data.a.all(x, data.b.map(y, data.c.filter(z, true)) == [])",
      /deeper than 2 levels/,
    ],
    [" ".repeat(EXPRESSION_CHARACTERS_MAX + 1), /limit is 10000/],
    [
      "(".repeat(EXPRESSION_DEPTH_MAX + 1) + "1" +
      ")".repeat(EXPRESSION_DEPTH_MAX + 1),
      /maxDepth/,
    ],
    ["1+".repeat(EXPRESSION_NODES_MAX / 2 + 1) + "1", /maxAstNodes/],
    ["__proto__", /Reserved identifier/],
    ["spend__(1, 1)", /No function is called/],
    ["", /Unexpected token/],
  ] as const
) {
  Deno.test(`checkExpression() refuses ${text.trim().slice(0, 60)} (${message.source})`, () => {
    assert.match(checkExpression(text, VARIABLES)?.message ?? "", message);
  });
}

Deno.test("checkExpression() survives any depth", () => {
  const text = "!".repeat(EXPRESSION_CHARACTERS_MAX - 4) + "true";
  assert.ok(checkExpression(text, VARIABLES));
});
