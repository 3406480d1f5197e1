import assert from "node:assert/strict";
import { withBudget } from "./budget.ts";
import { parseExpression } from "./check.ts";
import { type CelVariables, evaluationEnvironment } from "./environment.ts";
import { meter } from "./metering.ts";

const VARIABLES: CelVariables = { data: "map", a: "any", b: "any", l: "list" };

const VALUES = {
  data: { l: [1, 2, 3], s: "ab", m: { x: 1 }, t: [true, false] },
  a: 2,
  b: -1,
  l: [[1], [2, 3]],
};

for (
  const text of [
    "a - (b - a) - b",
    "a * (b + a) % 3",
    "-(-(a))",
    "- -2",
    "-a.b == 1 || true",
    "!(a == b) && !true || true",
    "(a > 1 ? b : a) + 1",
    "a > 1 ? b > 0 ? 1 : 2 : 3",
    "(true ? false : true) ? 1 : 2",
    "data.s + data.s + 'x' + (data.s + data.s)",
    "l + l + [a - b] + (l + l)",
    "data.l.map(x, x + 1).filter(y, y > 2)",
    "data.l.map(x, x > 1, [x] + [x])",
    "data.l.exists_one(x, x == 2 && (x == 2) == true)",
    "l.map(x, x.map(y, y * (y + 1) - 1))",
    "data.m.all(k, data.m[k] == 1)",
    "data.m == {'x': 1} && data.l == [1, 2, 3] && l.exists(x, x == [1])",
    "l.all(x, [2, 3] in l) && l.exists(x, 1 in [1, 2])",
    "data.l.map(x, string(x)).join('-') + data.s.upperAscii()",
    "data.?none.orValue(data.l.map(x, x)).size()",
    "optional.of(data).?l.hasValue() && l.exists(x, optional.of(x)[?0].value() == 1)",
    "cel.bind(z, data.l + data.l, z.all(x, x in z))",
    "data.l.map(x, has(data.l) ? {'k': [x, -x], \"q\": r'\\n'} : {})",
    "l.map(x, data['s'].split('')[0] + '\\n\\'' + \"\\\"\")",
    "l.map(x, timestamp('2020-01-02T03:04:05Z').getFullYear())",
    "l.map(x, duration('1s') + duration('2s') == duration('3s'))",
    "l.map(x, b'a' + b'b' == b'ab' && 1u + 2u == 3u)",
    "l.filter(x, type(x) == list && type(x) == type(l))",
  ]
) {
  Deno.test(`meter() keeps the meaning of ${text}`, () => {
    const environment = evaluationEnvironment(Object.keys(VARIABLES));
    const metered = meter(parseExpression(text, VARIABLES), text);
    const run = (text: string) => {
      try {
        return environment.parse(text)({ ...VALUES });
      } catch (error) {
        return (error as { code?: string }).code;
      }
    };
    assert.deepEqual(withBudget(() => run(metered)), run(text));
  });
}

Deno.test("meter() leaves an expression alone that cannot grow", () => {
  for (
    const text of ["data.amount > 3 && a + 1 == b", "size(l) - 1", "a == b"]
  ) {
    assert.equal(meter(parseExpression(text, VARIABLES), text), text);
  }
});

Deno.test("meter() nests no deeper for a sum of many terms", () => {
  const text = Array(300).fill("l").join(" + ");
  const metered = meter(parseExpression(text, VARIABLES), text);
  const environment = evaluationEnvironment(Object.keys(VARIABLES));
  const result = withBudget(() => environment.parse(metered)({ ...VALUES }));
  assert.equal(result.length, 600);
});
