import assert from "node:assert/strict";
import { type Preview, previewExpression, previewTemplate } from "./preview.ts";

const OVER = {
  variables: {
    input: { fields: { amount: "number", name: "string", items: "list" } },
    steps: { fields: { pay: { fields: { output: "any" } } } },
  },
  values: {
    input: { amount: 120, name: "Ada", items: [1, 2] },
    steps: { pay: { output: { id: "p-1" } } },
  },
} as const;

const shown = (preview: Preview | undefined) =>
  preview === undefined
    ? undefined
    : preview.kind === "value"
    ? [preview.type, preview.value]
    : preview.kind === "type"
    ? [preview.type, `! ${preview.why}`]
    : [preview.message, preview.line, preview.column, preview.nearest];

for (
  const [text, ...expected] of [
    ["input.amount * 2.0", "number", 240],
    ["input.items.size() == 2", "bool", true],
    ["${{ input.name }}", "text", "Ada"],
    ["steps.pay.output.id", "any", "p-1"],
    ["steps.pay.output.none", "any", "! No such key: none"],
    ["input.amont > 1", 'No field is called "amont"', 1, 7, "amount"],
    ["inptu.amount", 'No variable is called "inptu"', 1, 1, "input"],
    ["${{ inptu.amount }}", 'No variable is called "inptu"', 1, 5, "input"],
    ["true &&\n  nope", 'No variable is called "nope"', 2, 3, undefined],
  ] as const
) {
  Deno.test(`the preview of ${JSON.stringify(text)} is ${expected[1]}`, () => {
    assert.deepEqual(shown(previewExpression(text, OVER)), [...expected]);
  });
}

Deno.test("an expression that does not end is told where it begins to be wrong", () => {
  const preview = previewExpression("input.amount >", OVER);
  assert.equal(preview.kind, "fault");
});

Deno.test("the preview of a value works out each expression in it", () => {
  assert.deepEqual(shown(previewTemplate("Hi ${{ input.name }}!", OVER)), [
    ...["text", "Hi Ada!"],
  ]);
  assert.deepEqual(
    shown(previewTemplate({ a: ["${{ input.amount }}"], b: 1 }, OVER)),
    ["map", { a: [120], b: 1 }],
  );
  assert.deepEqual(shown(previewTemplate("a ${{ input.amont }}", OVER)), [
    ...['No field is called "amont"', 1, 13, "amount"],
  ]);
  assert.deepEqual(shown(previewTemplate("a ${{ input", OVER)), [
    ...['Cannot read the expression: "}}" is missing', 1, 3, undefined],
  ]);
});

Deno.test("a value without an expression has no preview", () => {
  assert.equal(previewTemplate("plain $${{ a }}", OVER), undefined);
  assert.equal(previewTemplate({ a: [null, 1] }, OVER), undefined);
});
