import assert from "node:assert/strict";
import { catalog } from "../../catalog.gen.ts";
import { load } from "../load.ts";
import { changeDocument } from "./change.ts";
import { renameStep } from "./rename_step.ts";
import { parsed } from "./_corpus_fixture_test.ts";

const ORDER = parsed(`pipelines:
  order:
    input: { id: string, items: list }
    steps:
      - id: pay # at the bank
        use: set
        with: { values: { pay: "steps.pay", paid: true } }
      - id: each
        forEach: "[steps.pay.output]"
        steps:
          - { id: tell, use: log, when: "has(steps.pay.output) && steps.pay.status == 'completed'", with: { message: "\${{ steps.pay.output }} of \${{ input.id }} \${{ steps['pay'].status }}" } }
      - id: ask
        wait: { approval: { title: "\${{ run.links.ask }}: \${{steps.pay.output}}" } }
      - id: way
        switch:
          - when: steps.?pay.hasValue()
            steps: [{ id: in, use: set, with: { values: { a: "\${{ steps.payment" } } }]
    output: "\${{ steps.pay.output }}"
  other:
    steps:
      - { id: pay, use: set, with: { values: { a: 1 } } }
      - { id: again, use: log, with: { message: "\${{ steps.pay.output }}" } }
`);

function renamed(from: string, to: string, document = ORDER): string {
  const changes = renameStep(document, { pipeline: "order", from, to });
  const result = changeDocument(document, changes);
  assert.ok(result.shared === undefined);
  return result.text;
}

Deno.test("renameStep() changes the id and every expression of its pipeline", () => {
  const before = ORDER.text.split("\n");
  const after = renamed("pay", "charge").split("\n");
  assert.deepEqual(
    after.filter((line, index) => line !== before[index])
      .map((line) => line.trim()),
    [
      "- id: charge # at the bank",
      'forEach: "[steps.charge.output]"',
      `- { id: tell, use: log, when: "has(steps.charge.output) && steps.charge.status == 'completed'", with: { message: "\${{ steps.charge.output }} of \${{ input.id }} \${{ steps['charge'].status }}" } }`,
      'wait: { approval: { title: "${{ run.links.ask }}: ${{steps.charge.output}}" } }',
      "- when: steps.?charge.hasValue()",
      'output: "${{ steps.charge.output }}"',
    ],
  );
});

Deno.test("renameStep() changes the link under which a step is decided", () => {
  assert.match(renamed("ask", "decide"), /run\.links\.decide \}\}: /);
});

Deno.test("a step whose name is no word of an expression is put in brackets", () => {
  const document = parsed(`pipelines:
  order:
    steps:
      - { id: b, use: set, with: { values: { c: 1 } } }
      - { id: d, use: log, when: "steps.?b.hasValue()", with: { message: "\${{ steps.b.output }}" } }
`);
  const text = renamed("b", "pay-now", document);
  assert.match(text, /steps\[\?'pay-now'\]\.hasValue\(\)/);
  assert.match(text, /\{\{ steps\['pay-now'\]\.output \}\}/);
  const sources = { env: () => undefined, secrets: new Map<string, string>() };
  const loaded = load(text, { catalog, file: "a.yaml", sources });
  assert.deepEqual(loaded.problems, []);
});

Deno.test("renameStep() refuses a name that is taken, not allowed, or nobody's", () => {
  assert.throws(() => renamed("pay", "tell"), /"tell" of a step is taken/);
  assert.throws(
    () => renamed("pay", "pay now"),
    /a step cannot be called "pay now"; expected a letter, then letters/,
  );
  assert.throws(
    () => renamed("pay", "pay-now"),
    /"pay-now" cannot stand in the expression "has\(steps\.pay\.output\)/,
  );
  assert.throws(() => renamed("nobody", "x"), /no step is called "nobody"/);
});
