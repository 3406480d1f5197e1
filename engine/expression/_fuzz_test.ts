/**
 * Generated expressions, as many as you like: none may hang, break the process,
 * or reach what it was not given.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { JsonValue } from "../store/store.ts";
import type { CelVariables } from "./environment.ts";
import { compileExpression } from "./evaluate.ts";
import { ExpressionError } from "./expression_error.ts";

/** How long one expression may take, in milliseconds; it takes far less. */
const EXPRESSION_MS_MAX = 2_000;

const VARIABLES: CelVariables = {
  data: "map",
  count: "number",
  name: "string",
  order: { fields: { total: "number" } },
};

/** The kinds of text that fit together. */
interface Kinds {
  readonly any: string;
  readonly bool: string;
  readonly number: string;
  readonly list: string;
  readonly text: string;
}

type Tie = fc.LetrecTypedTie<Kinds>;

const boolOf = (tie: Tie) =>
  fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom("true", "false", "has(data.a)", "data.flag"),
    fc.tuple(
      tie("bool"),
      fc.constantFrom("&&", "||", "==", "!="),
      tie("bool"),
    )
      .map(([a, op, b]) => `(${a}) ${op} (${b})`),
    fc.tuple(tie("number"), fc.constantFrom("<", ">=", "=="), tie("number"))
      .map(([a, op, b]) => `${a} ${op} ${b}`),
    fc.tuple(
      tie("list"),
      fc.constantFrom("all", "exists", "exists_one"),
      tie("bool"),
    )
      .map(([l, f, b]) => `${l}.${f}(x, ${b} || x == 1)`),
    tie("bool").map((b) => `!(${b})`),
    fc.tuple(tie("any"), tie("list")).map(([a, l]) => `${a} in ${l}`),
    fc.tuple(
      tie("text"),
      fc.constantFrom("startsWith", "endsWith", "contains", "matches"),
      tie("text"),
    )
      .map(([a, f, b]) => `${a}.${f}(${b})`),
  );

const numberOf = (tie: Tie) =>
  fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom("1", "2.5", "-3", "count", "data.n", "0"),
    fc.tuple(
      tie("number"),
      fc.constantFrom("+", "-", "*", "/", "%"),
      tie("number"),
    )
      .map(([a, op, b]) => `${a} ${op} ${b}`),
    fc.tuple(tie("number"), tie("number")).map(([a, b]) => `(${a} - ${b})`),
    tie("number").map((n) => `-(${n})`),
    tie("list").map((l) => `size(${l})`),
    tie("text").map((t) => `size(${t})`),
    tie("text").map((t) => `int(${t})`),
    fc.constantFrom(
      "9223372036854775807",
      "1e308",
      "timestamp('2030-01-01T00:00:00Z').getFullYear()",
      "duration('90m').getMinutes()",
    ),
    fc.tuple(tie("bool"), tie("number"), tie("number"))
      .map(([c, a, b]) => `(${c} ? ${a} : ${b})`),
  );

const listOf = (tie: Tie) =>
  fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom("[]", "[1, 2]", "data.l", "['a', name]"),
    fc.tuple(tie("list"), tie("list")).map(([a, b]) => `(${a} + ${b})`),
    fc.tuple(tie("list"), tie("number")).map(([l, n]) => `${l}.map(x, ${n})`),
    fc.tuple(tie("list"), tie("bool")).map(([l, b]) => `${l}.filter(y, ${b})`),
    fc.array(tie("any"), { maxLength: 3 }).map((items) =>
      `[${items.join(", ")}]`
    ),
  );

const textOf = (tie: Tie) =>
  fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom("name", "''", "'é😀'", "'a' + name", "data.t"),
    fc.tuple(tie("text"), tie("text")).map(([a, b]) => `(${a} + ${b})`),
    tie("any").map((a) => `string(${a})`),
    tie("text").map((t) => `${t}.trim()`),
    fc.tuple(tie("text"), tie("number"))
      .map(([t, n]) => `${t}.substring(${n})`),
    fc.tuple(tie("list"), tie("text")).map(([l, t]) => `${l}.join(${t})`),
  );

const anyOf = (tie: Tie) =>
  fc.oneof(
    { maxDepth: 3 },
    tie("text"),
    fc.tuple(tie("list"), tie("number")).map(([l, n]) => `${l}[${n}]`),
    fc.tuple(tie("text"), tie("text")).map(([a, b]) => `{${a}: 1}[${b}]`),
    fc.constantFrom(
      "data.constructor",
      "data['__proto__']",
      "{'__proto__': 1}",
      "type(data)",
      "order.total",
    ),
    tie("bool"),
    tie("number"),
    tie("list"),
    fc.constantFrom("name", "data", "null", "'text'", "data.?x.orValue(1)"),
    fc.tuple(tie("any"), tie("any")).map(([a, b]) => `{'a': ${a}, 'b': ${b}}`),
    fc.tuple(tie("any"), tie("any")).map(([a, b]) =>
      `cel.bind(z, ${a}, [z, ${b}])`
    ),
  );

/** Texts that are often valid: built from parts that fit together. */
const generated = fc.letrec<Kinds>((tie) => ({
  bool: boolOf(tie),
  number: numberOf(tie),
  list: listOf(tie),
  text: textOf(tie),
  any: anyOf(tie),
}));

const json = fc.jsonValue({ maxDepth: 3 }).map((value) => value as JsonValue);

/** Evaluates generated expressions, each over generated values. */
export function fuzzExpressions(
  { runs, seed }: { readonly runs: number; readonly seed?: number },
): { readonly evaluated: number; readonly slowestMs: number } {
  let evaluated = 0;
  let slowestMs = 0;
  const prototype = Object.getOwnPropertyNames(Object.prototype).join();
  fc.assert(
    fc.property(generated.any, json, json, (text, l, n) => {
      const values = {
        data: { l, n, flag: true, t: "text" },
        count: 2,
        name: "x",
        order: { total: 7 },
      };
      const before = JSON.stringify(values);
      const startedMs = performance.now();
      try {
        const result = compileExpression(text, VARIABLES).evaluate(values);
        assert.deepEqual(JSON.parse(JSON.stringify(result)), result);
        evaluated++;
      } catch (error) {
        assert.ok(error instanceof ExpressionError, String(error));
      }
      const tookMs = performance.now() - startedMs;
      slowestMs = Math.max(slowestMs, tookMs);
      assert.ok(tookMs < EXPRESSION_MS_MAX, `it took ${tookMs} ms`);
      assert.equal(JSON.stringify(values), before);
    }),
    { numRuns: runs, ...seed === undefined ? {} : { seed } },
  );
  assert.equal(Object.getOwnPropertyNames(Object.prototype).join(), prototype);
  return { evaluated, slowestMs };
}
