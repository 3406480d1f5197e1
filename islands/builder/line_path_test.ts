import assert from "node:assert/strict";
import { pathOfLine } from "./line_path.ts";

/** The path of the last line of a text. */
function pathOf(text: string): string {
  return pathOfLine(text.split("\n")).join(" ");
}

Deno.test("pathOfLine() finds the maps around a key", () => {
  assert.equal(pathOf("na"), "");
  assert.equal(pathOf("workflows:\n  ht"), "workflows");
  assert.equal(pathOf("a: 1\nb:\n  c:\n    d: 1\n\n    # said\n    e"), "b c");
  assert.equal(pathOf("b:\n  c:\n    d: 1\n  e"), "b");
  assert.equal(pathOf("b:\n  c: 1\ne"), "");
});

Deno.test("pathOfLine() counts the items of lists", () => {
  const modules = "modules:\n  - name: a\n    type: t\n  - name: b\n";
  assert.equal(pathOf(`${modules}    ty`), "modules 1");
  assert.equal(pathOf(`${modules}    config:\n      ad`), "modules 1 config");
  assert.equal(pathOf(`${modules}  - na`), "modules 2");
  assert.equal(
    pathOf(`${modules}    dependsOn:\n      - a\n      - b`),
    [
      "modules 1 dependsOn 1",
    ].join(),
  );
});

Deno.test("pathOfLine() finds lists that stand below their key", () => {
  const modules = "modules:\n- name: a\n  type: t\n- name: b\n";
  assert.equal(pathOf(`${modules}  ty`), "modules 1");
  assert.equal(pathOf(`${modules}  config:\n    ad`), "modules 1 config");
  assert.equal(pathOf(`${modules}pi`), "");
});

Deno.test("pathOfLine() goes through lists in maps in lists", () => {
  assert.equal(
    pathOf(`pipelines:
  order:
    steps:
      - id: a
        parallel:
          left:
            - id: b
              use: set
          right:
            - id: c
              us`),
    "pipelines order steps 0 parallel right 0",
  );
  assert.equal(pathOf("a:\n  - - x: 1\n      y"), "a 0 0");
});

Deno.test("pathOfLine() takes keys out of their quotes", () => {
  assert.equal(
    pathOf('pipelines:\n  "an order":\n    st'),
    "pipelines an order",
  );
});
