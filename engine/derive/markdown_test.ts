import assert from "node:assert/strict";
import { code, fence, page, table } from "./markdown.ts";

Deno.test("fence() cannot be ended by what is in it", () => {
  assert.equal(fence("yaml", "a: 1\n\n"), "```yaml\na: 1\n```");
  assert.equal(fence("", "x ``` y"), "````\nx ``` y\n````");
});

Deno.test("table() keeps every cell on its line and in its column", () => {
  assert.equal(
    table(["A", "B"], [["a|b", "one\n two"]]),
    "| A | B |\n| --- | --- |\n| a\\|b | one two |",
  );
  assert.equal(table(["A"], []), "");
});

Deno.test("code() holds ticks", () => {
  assert.equal(code("a"), "`a`");
  assert.equal(code("a`b"), "`` a`b ``");
  assert.equal(code(""), "");
});

Deno.test("page() puts an empty line between what there is", () => {
  assert.equal(page("# A", "", "text"), "# A\n\ntext\n");
});
