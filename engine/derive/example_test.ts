import assert from "node:assert/strict";
import { parse } from "yaml";
import type { Exchange } from "../define.ts";
import { differences, exampleDocument, exampleYaml } from "./example.ts";

const EXAMPLE = {
  title: "Shown",
  modules: [{ name: "a", type: "toy.lamp", config: { colour: "red" } }],
  workflows: { wall: { lamp: "a" } },
  exchanges: [],
};

function compare(
  expected: Partial<Exchange["response"]>,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): readonly string[] {
  return differences({ status: 200, ...expected }, {
    status: 200,
    headers: new Headers(headers),
    body,
  });
}

Deno.test("exampleDocument() is the document, without what is only shown", () => {
  const { title: _, exchanges: __, ...document } = EXAMPLE;
  assert.deepEqual(exampleDocument(EXAMPLE), document);
});

Deno.test("exampleYaml() prints what parses to the same, without aliases", () => {
  const config = { colour: "red" };
  const text = exampleYaml({
    title: "Twice",
    modules: [
      { name: "a", type: "toy.lamp", config },
      { name: "b", type: "toy.lamp", config },
    ],
  });
  assert.doesNotMatch(text, /[&*]/);
  assert.deepEqual(parse(exampleYaml(EXAMPLE)), exampleDocument(EXAMPLE));
});

Deno.test("differences() finds none in the answer that was promised", () => {
  assert.deepEqual(compare({}, "anything"), []);
  assert.deepEqual(compare({ body: "exact" }, "exact"), []);
  assert.deepEqual(compare({ body: "" }, ""), []);
  assert.deepEqual(
    compare({ headers: { "Content-Type": "a" } }, "", {
      "content-type": "a",
      more: "b",
    }),
    [],
  );
});

Deno.test("differences() names each difference", () => {
  assert.deepEqual(
    differences({ status: 201, headers: { etag: "x" }, body: "b" }, {
      status: 500,
      headers: new Headers(),
      body: "c",
    }),
    [
      "status: 500 instead of 201",
      "header etag: null instead of x",
      'body: "c" instead of "b"',
    ],
  );
});

Deno.test("differences() holds JSON against the fields that are stated, at any depth", () => {
  const answer = JSON.stringify({
    id: "1",
    data: { total: 5, tax: 1 },
    tags: ["a"],
  });
  assert.deepEqual(compare({ body: { data: { total: 5 } } }, answer), []);
  assert.deepEqual(
    compare({ body: { data: { total: 6 }, none: null } }, answer),
    [
      "body.data.total: 5 instead of 6",
      "body.none: nothing instead of null",
    ],
  );
  assert.deepEqual(compare({ body: { data: [1] } }, answer), [
    'body.data: {"total":5,"tax":1} instead of [1]',
  ]);
  assert.deepEqual(compare({ body: { toString: 1 } }, answer).length, 1);
});

Deno.test("differences() wants lists of equal length, and each item to match", () => {
  const answer = '[{"id":1,"x":1},{"id":2}]';
  assert.deepEqual(compare({ body: [{ id: 1 }, { id: 2 }] }, answer), []);
  assert.deepEqual(compare({ body: [{ id: 1 }, { id: 3 }] }, answer), [
    "body[1].id: 2 instead of 3",
  ]);
  assert.deepEqual(compare({ body: [{ id: 1 }] }, answer), [
    "body: 2 items instead of 1",
  ]);
  assert.deepEqual(compare({ body: [] }, "[]"), []);
});

Deno.test("differences() wants JSON where JSON is promised", () => {
  assert.deepEqual(compare({ body: { a: 1 } }, "<html>"), [
    'body: "<html>" is no JSON',
  ]);
  assert.deepEqual(compare({ body: null }, "null"), []);
  assert.deepEqual(compare({ body: 5 }, "5"), []);
});
