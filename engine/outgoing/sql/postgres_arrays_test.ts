import assert from "node:assert/strict";
import { readArray, writeArray } from "./postgres_arrays.ts";

const asItIs = (value: unknown) => value;

Deno.test("readArray() reads items, lists in lists, NULL and what is quoted", () => {
  const cases: readonly [string, unknown][] = [
    ["{}", []],
    ["{1,2,NULL}", [1, 2, null]],
    ["{{1,2},{3,NULL}}", [[1, 2], [3, null]]],
    ["[0:1]={1,2}", [1, 2]],
    ["{{},{}}", [[], []]],
  ];
  for (const [text, items] of cases) {
    assert.deepEqual(readArray(text, ",", Number), items, text);
  }
  assert.deepEqual(
    readArray('{a,"NULL","b \\"c\\" \\\\","{,}",""}', ",", asItIs),
    ["a", "NULL", 'b "c" \\', "{,}", ""],
  );
  assert.deepEqual(readArray("{(1,1),(0,0);(2,2),(1,1)}", ";", asItIs), [
    "(1,1),(0,0)",
    "(2,2),(1,1)",
  ]);
});

Deno.test("readArray() refuses a text that has no end", () => {
  for (const text of ["", "{", '{"a', "{1,", '{"a\\', "{{1}"]) {
    assert.throws(() => readArray(text, ",", asItIs), /it ends at/, text);
  }
});

Deno.test("writeArray() writes what readArray() reads", () => {
  const items = [["a", null], ['b "c"', "\\"], ["{,}", ""], ["NULL", "ü"]];
  const text = writeArray(items);
  assert.deepEqual(readArray(text, ",", asItIs), items);
  assert.equal(writeArray([]), "{}");
  assert.equal(
    writeArray([1, true, { a: "b" }]),
    '{"1","true","{\\"a\\":\\"b\\"}"}',
  );
});
