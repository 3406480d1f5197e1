import assert from "node:assert/strict";
import type { Document } from "./document.ts";
import { parse } from "./parse.ts";
import type { Path } from "./problem.ts";

function read(text: string): Document {
  const { document } = parse(text, "folder/orders.flow.yaml");
  assert.ok(document);
  return document;
}

/** The text that a problem at a path marks, after its `line:column`. */
function marked(
  document: Document,
  path: Path,
  mark: "key" | "value" = "value",
): string {
  const { start, end } = document.span(path, mark);
  const { line, column } = document.problem({
    code: "invalid-value",
    path,
    mark,
    message: "",
  });
  return `${line}:${column} ${document.text.slice(start, end)}`;
}

Deno.test("Document is called after its file, without folder and ending", () => {
  assert.equal(read("").id, "orders.flow");
  assert.equal(parse("", "C:\\flows\\a.yml").document?.id, "a");
  assert.equal(parse("", "a.json").document?.id, "a");
});

Deno.test("Document marks a value, and the key where that is asked for", () => {
  const document = read("modules:\n  - name: web\n    type: http.server\n");
  assert.equal(marked(document, ["modules", 0, "type"]), "3:11 http.server");
  assert.equal(marked(document, ["modules", 0, "type"], "key"), "3:5 type");
});

Deno.test("Document marks the nearest place above what is absent", () => {
  const document = read("modules:\n  - name: web\n");
  const place = marked(document, ["modules", 0, "config", "address"]);
  assert.equal(place, "2:5 name: web");
  assert.equal(marked(document, ["nothing", "here"]), "1:1 modules:");
});

Deno.test("Document marks the key of a block, and only the first line of other values", () => {
  const document = read(
    "a:\n  b: 1\n  c: 2\nd:\n  - e: 1\n    f: 2\ng: { h: 1,\n  i: 2 }\n",
  );
  assert.equal(marked(document, ["a"]), "1:1 a");
  assert.equal(marked(document, ["a", "absent", "b"]), "1:1 a");
  assert.equal(marked(document, ["d"]), "4:1 d");
  assert.equal(marked(document, ["d", 0]), "5:5 e: 1");
  assert.equal(marked(document, ["d", 0, "absent"]), "5:5 e: 1");
  assert.equal(marked(document, ["g"]), "7:4 { h: 1,");
  assert.equal(marked(read("a:\n  b: 1\n"), []), "1:1 a:");
});

Deno.test("Document marks what an alias leads to where it is written", () => {
  const document = read("a: &x\n  b: 1\nc: *x\n");
  assert.equal(marked(document, ["c"]), "3:4 *x");
  assert.equal(marked(document, ["c", "b"]), "2:6 1");
});

Deno.test("Document marks what a merge key brings in where it is written", () => {
  const document = read(
    "a: &a { x: 1 }\nb: &b { y: 2 }\n" +
      "c:\n  <<: [*a, *b]\n  z: 3\nd:\n  <<: *a\n  x: 4\ne:\n  <<: { w: 5 }\n",
  );
  assert.equal(marked(document, ["c", "x"]), "1:12 1");
  assert.equal(marked(document, ["c", "y"]), "2:12 2");
  assert.equal(marked(document, ["d", "x"]), "8:6 4");
  assert.equal(marked(document, ["e", "w"], "key"), "10:9 w");
});

Deno.test("Document counts columns from 1, in UTF-16 units", () => {
  const document = read('{"ä🙂": {"b": true}}');
  assert.equal(marked(document, ["ä🙂", "b"]), "1:15 true");
});

Deno.test("Document finds keys that are numbers or odd text", () => {
  const document = read('200: ok\n"a b": 2\ntrue: 3\n');
  assert.equal(marked(document, ["200"]), "1:6 ok");
  assert.equal(marked(document, ["a b"]), "2:8 2");
  assert.equal(marked(document, ["true"]), "3:7 3");
});

Deno.test("Document.problem() says where, and links to the page of its code", () => {
  const problem = read("a: 12\n").problem({
    code: "invalid-value",
    path: ["a"],
    message: "No",
    found: undefined,
  });
  assert.deepEqual(problem, {
    code: "invalid-value",
    severity: "error",
    file: "folder/orders.flow.yaml",
    line: 1,
    column: 4,
    endLine: 1,
    endColumn: 6,
    path: "a",
    message: "No",
    docs: "/docs/problems/invalid-value",
  });
});

Deno.test("Document.at() tells what stands at an offset", () => {
  const document = read(
    "a:\n  - b: one\n    c: { d: 2 }\n# said\nx: 3\n",
  );
  const { text: found } = document;
  const standing = (what: string) => {
    const at = document.at(found.indexOf(what));
    return at && `${at.path.join(" ")} ${at.mark}`;
  };
  assert.equal(standing("a:"), "a key");
  assert.equal(standing("b:"), "a 0 b key");
  assert.equal(standing("one"), "a 0 b value");
  assert.equal(standing("d:"), "a 0 c d key");
  assert.equal(standing("2 }"), "a 0 c d value");
  assert.equal(standing("3"), "x value");
  assert.equal(standing("# said"), undefined);
  assert.equal(document.at(10_000), undefined);
});
