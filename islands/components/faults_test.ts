import assert from "node:assert/strict";

// The page that the code runs in, as far as it asks for it.
Object.assign(globalThis, { document: { documentElement: { dataset: {} } } });
const { faultsIn } = await import("./faults.ts");

Deno.test("faultsIn() finds every place that the check of types names", () => {
  const text = "Cannot load \"./a.ts\": 2:8 Type '{ a: string; }' is not " +
    "assignable to type 'number' (TS2322); 10:1 Cannot find name 'x' (TS2304)";
  assert.deepEqual(faultsIn(text), [
    {
      ...{ line: 2, column: 8 },
      message:
        "Type '{ a: string; }' is not assignable to type 'number' (TS2322)",
    },
    { line: 10, column: 1, message: "Cannot find name 'x' (TS2304)" },
  ]);
});

Deno.test("faultsIn() finds the place of what cannot be parsed or used", () => {
  assert.deepEqual(faultsIn('Cannot read "./a.ts":1:36: Expression expected'), [
    { line: 1, column: 36, message: "Expression expected" },
  ]);
  assert.deepEqual(
    faultsIn('Cannot use "./a.ts":2:1: an import of "x": no code'),
    [{ line: 2, column: 1, message: 'an import of "x": no code' }],
  );
});

Deno.test("faultsIn() finds nothing in a text without a place", () => {
  assert.deepEqual(faultsIn("The engine does not answer"), []);
});
