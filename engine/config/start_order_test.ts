import assert from "node:assert/strict";
import fc from "fast-check";
import { startOrder } from "./start_order.ts";

function order(
  names: string,
  needs: Readonly<Record<string, string>> = {},
): string {
  const map = new Map(
    Object.entries(needs).map(([name, targets]) => [name, [...targets]]),
  );
  const { names: ordered, cycles } = startOrder([...names], map);
  return [ordered.join(""), ...cycles.map((cycle) => cycle.join(""))].join(" ");
}

Deno.test("startOrder() keeps the order where nothing asks for another", () => {
  assert.equal(order("cab"), "cab");
  assert.equal(order(""), "");
});

Deno.test("startOrder() puts what is needed first, once", () => {
  assert.equal(order("abcd", { a: "cb", b: "d", c: "d" }), "dcba");
  assert.equal(order("abc", { b: "c" }), "acb");
});

Deno.test("startOrder() leaves out names that it does not know", () => {
  assert.equal(order("ab", { a: "xb" }), "ba");
});

Deno.test("startOrder() shows each cycle with its way around, and orders the rest", () => {
  assert.equal(order("a", { a: "a" }), "a aa");
  assert.equal(order("abc", { a: "b", b: "c", c: "a" }), "cba abca");
  assert.equal(
    order("abcd", { a: "b", b: "a", c: "d", d: "c" }),
    "badc aba cdc",
  );
  assert.equal(order("xab", { x: "a", a: "b", b: "a" }), "bax aba");
});

Deno.test("startOrder() follows a chain of 100,000 names", () => {
  const names = Array.from({ length: 100_000 }, (_, index) => `m${index}`);
  const needs = new Map(names.map((name, index) => [name, [`m${index + 1}`]]));
  const { names: ordered, cycles } = startOrder(names, needs);
  assert.equal(ordered[0], "m99999");
  assert.equal(ordered.at(-1), "m0");
  assert.deepEqual(cycles, []);
});

Deno.test("startOrder() puts every name behind its needs where there is no cycle", () => {
  const name = fc.constantFrom(..."abcdefgh");
  fc.assert(
    fc.property(
      fc.dictionary(name, fc.array(name, { maxLength: 4 })),
      (given) => {
        const { names, cycles } = startOrder(
          [..."abcdefgh"],
          new Map(Object.entries(given)),
        );
        assert.deepEqual([...names].sort(), [..."abcdefgh"]);
        if (cycles.length > 0) return;
        for (const [source, targets] of Object.entries(given)) {
          for (const target of targets) {
            assert.ok(names.indexOf(target) < names.indexOf(source));
          }
        }
      },
    ),
  );
});
