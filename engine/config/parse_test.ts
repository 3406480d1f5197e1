import assert from "node:assert/strict";
import fc from "fast-check";
import { DOCUMENT_CHARACTERS_MAX, parse } from "./parse.ts";
import type { Problem } from "./problem.ts";

function value(text: string): unknown {
  const { document, problems } = parse(text, "a.yaml");
  assert.deepEqual(problems, []);
  return document?.value;
}

/** The problems of a text that cannot be read, as `line:column message`. */
function faults(text: string): string[] {
  const { document, problems } = parse(text, "a.yaml");
  assert.equal(document, undefined);
  return problems.map(({ line, column, message }) =>
    `${line}:${column} ${message}`
  );
}

/** Every problem must mark a place that the text has. */
function assertPlaces(text: string, problems: readonly Problem[]): void {
  const lines = text.split("\n");
  for (const { line, column, endLine, endColumn } of problems) {
    assert.ok(line >= 1 && line <= lines.length, `line ${line}`);
    const characters = lines[line - 1]?.length ?? 0;
    assert.ok(column >= 1 && column <= characters + 1, `column ${column}`);
    assert.ok(endLine > line || (endLine === line && endColumn >= column));
  }
}

Deno.test("parse() reads YAML, JSON, an empty text and a byte order mark", () => {
  assert.deepEqual(value("modules:\n  - name: a\n"), {
    modules: [{ name: "a" }],
  });
  assert.deepEqual(value('{"modules": [{"name": "a"}]}'), {
    modules: [{ name: "a" }],
  });
  assert.equal(value(""), null);
  assert.deepEqual(value("\uFEFFmodules: []\n"), { modules: [] });
});

Deno.test("parse() follows aliases and merge keys", () => {
  const text = "a: &a { x: 1, y: 2 }\nb: *a\nc:\n  <<: *a\n  y: 3\n" +
    "d:\n  <<: [*a, { z: 4 }]\n";
  assert.deepEqual(value(text), {
    a: { x: 1, y: 2 },
    b: { x: 1, y: 2 },
    c: { x: 1, y: 3 },
    d: { x: 1, y: 2, z: 4 },
  });
});

Deno.test("parse() yields plain data whatever tags and directives ask for", () => {
  const text = "%YAML 1.1\n---\na: 2001-01-01\nb: yes\n__proto__: 1\n";
  const { document } = parse(text, "a.yaml");
  const result = document?.value as Record<string, unknown>;
  assert.equal(result.a, "2001-01-01");
  assert.equal(result.b, "yes");
  assert.equal(Object.hasOwn(result, "__proto__"), true);
});

Deno.test("parse() warns of a tag that it does not understand", () => {
  const { document, problems } = parse("a: !!set { b }\nc: !env X\n", "a.yaml");
  assert.deepEqual(document?.value, { a: { b: null }, c: "X" });
  assert.deepEqual(
    problems.map(({ severity, line }) => `${severity} ${line}`),
    ["warning 1", "warning 2"],
  );
});

Deno.test("parse() reports what is wrong with the text, where it is wrong", () => {
  assert.deepEqual(faults("a:\n\tb: 1\n"), [
    "2:1 Tabs are not allowed as indentation",
  ]);
  assert.match(faults("a: [1, 2\nb: 3\n")[0] ?? "", /^2:1 /);
  assert.match(faults("a: 'x\n")[0] ?? "", /^2:1 Missing closing 'quote/);
  assert.deepEqual(faults("a: 1\n---\nb: 2\n"), [
    "2:1 The text holds more than one YAML document",
  ]);
});

Deno.test("parse() reports a line that is indented more than its neighbours where it stands", () => {
  const deeper =
    "This line is indented more than the one before, and so continues its value";
  assert.deepEqual(faults("a:\n  - name: x\n     type: y\n    config: {}\n"), [
    `3:6 ${deeper}`,
  ]);
  assert.deepEqual(faults("a: x\n  y\n   b: z\n"), [`3:4 ${deeper}`]);
  // On one line it is something else.
  assert.match(faults("a: b: c\n")[0] ?? "", /^1:4 Nested mappings/);
});

Deno.test("parse() does not report the empty line before one that is indented badly", () => {
  const rest = "    k: 1\n";
  for (const indent of [" ", "   "]) {
    for (const gap of ["\n\n", "    \n\n", "\r\n\r\n", "\n  # y\n"]) {
      const text = `a:\n  x:\n${rest}${gap}${indent}y:\n${rest}`;
      assert.match(faults(text)[0] ?? "", /^6:\d All mapping items/);
    }
  }
});

Deno.test("parse() says once that the rest of a text stands outside of it", () => {
  const text = " a:\n   - b: 1\nc:\n  d: [1, 2]\ne: {}\n";
  assert.deepEqual(faults(text), ["3:1 Unexpected scalar at node end"]);
});

Deno.test("parse() warns of list items that continue the text before them", () => {
  const text =
    "a:\n  - one\n     - two\n  - three\nb: |\n  - x\nc: 'x\n  - y'\n";
  const { document, problems } = parse(text, "a.yaml");
  assert.deepEqual(document?.value, {
    a: ["one - two", "three"],
    b: "- x\n",
    c: "x - y",
  });
  assert.deepEqual(
    problems.map(({ severity, line, column }) => [severity, line, column]),
    [["warning", 3, 6]],
  );
  assert.deepEqual(value("a: some text\n  that goes -on-\n"), {
    a: "some text that goes -on-",
  });
});

Deno.test("parse() reports a key that stands twice, also as number and text", () => {
  assert.deepEqual(faults("a: 1\nb: 2\na: 3\n"), [
    '3:1 The key "a" stands twice in its map',
  ]);
  assert.deepEqual(faults('1: a\n"1": b\n'), [
    '2:1 The key "1" stands twice in its map',
  ]);
  assert.deepEqual(value("a: { x: 1 }\nb: { x: 2 }\n"), {
    a: { x: 1 },
    b: { x: 2 },
  });
});

Deno.test("parse() reports an alias that leads nowhere or into itself", () => {
  assert.deepEqual(faults("a: *b\nb: &b 1\n"), [
    '1:4 The alias "*b" has no anchor "&b" before it',
  ]);
  assert.deepEqual(faults("a: &a [1, *a]\n"), [
    '1:11 The alias "*a" stands in its own value',
  ]);
  assert.deepEqual(faults("a: &a { b: { <<: *a } }\n").length, 1);
});

Deno.test("parse() reports a merge of what is no map", () => {
  assert.deepEqual(faults("a:\n  <<: 3\n"), [
    '2:7 "<<" can only merge maps into a map',
  ]);
  assert.deepEqual(faults("a: &a [1]\nb:\n  <<: *a\n").length, 1);
  assert.deepEqual(value('a: { "<<": 3 }\n'), { a: { "<<": 3 } });
});

Deno.test("parse() refuses aliases that grow beyond the limit", () => {
  const bomb = "a: &a [1,1,1,1,1,1,1,1,1]\n" +
    [..."bcdefgh"].map((name, index) =>
      `${name}: &${name} [${Array(9).fill(`*${"abcdefg"[index]}`)}]\n`
    ).join("");
  assert.match(faults(bomb)[0] ?? "", /larger than 1000000 values$/);
  const wide = `a: &a [${"1,".repeat(20_000)}]\nb: [${"*a,".repeat(60)}]\n`;
  assert.match(faults(wide)[0] ?? "", /^2:\d+ .* larger than 1000000 values$/);
  const many = `a: &a 1\nb: [${"*a,".repeat(10_001)}]\n`;
  assert.match(faults(many)[0] ?? "", /more than 10000 aliases$/);
});

Deno.test("parse() lets a document share a value a few hundred times", () => {
  const shared = value(`a: &a { x: 1 }\nb: [${"*a,".repeat(500)}]\n`);
  assert.equal((shared as { b: unknown[] }).b.length, 500);
});

Deno.test("parse() refuses values that are nested too deep", () => {
  const deep = "[".repeat(64) + "]".repeat(64);
  assert.notEqual(parse(deep, "a.yaml").document, undefined);
  assert.match(faults(`[${deep}]`)[0] ?? "", /nested deeper than 64 levels$/);
  const chain = Array.from(
    { length: 70 },
    (_, index) => `a${index}: &a${index} [${index ? `*a${index - 1}` : 1}]\n`,
  ).join("");
  assert.match(faults(chain)[0] ?? "", /^64:\d+ .*deeper than 64 levels$/);
});

for (
  const [name, text] of Object.entries({
    "20,000 brackets": "[".repeat(20_000),
    "20,000 pairs of brackets": "[".repeat(20_000) + "]".repeat(20_000),
    "20,000 maps in maps": "{a: ".repeat(20_000),
    "20,000 lists in lists": "- ".repeat(20_000),
    "20,000 question marks": "? ".repeat(20_000),
    "20,000 anchors": "&a ".repeat(20_000),
    "20,000 aliases": "*a ".repeat(20_000),
    "20,000 undefined aliases": `[${"*a,".repeat(20_000)}]`,
    "100,000 colons": ":".repeat(100_000),
  })
) {
  Deno.test(`parse() ends in a problem for ${name}`, () => {
    const { document, problems } = parse(text, "a.yaml");
    assert.equal(document, undefined);
    assert.ok(problems.length > 0);
    assertPlaces(text, problems);
  });
}

Deno.test("parse() takes NUL bytes, lone surrogates and odd line ends as they are", () => {
  for (const text of ["a: \0\n", "a: \ud800\n", "a: 1\r\nb: 2\r\n", "\0"]) {
    const { document, problems } = parse(text, "a.yaml");
    assert.ok(document !== undefined || problems.length > 0);
    assertPlaces(text, problems);
  }
  assert.deepEqual(value("a: 1\r\nb: 2\r\n"), { a: 1, b: 2 });
});

Deno.test("parse() reads a map with 50,000 keys", () => {
  const text = Array.from({ length: 50_000 }, (_, key) => `k${key}: 1`)
    .join("\n");
  assert.equal(Object.keys(value(text) as object).length, 50_000);
});

Deno.test("parse() refuses a text over the limit, and says both numbers", () => {
  const text = "#".repeat(DOCUMENT_CHARACTERS_MAX + 1);
  const [problem] = parse(text, "a.yaml").problems;
  assert.equal(problem?.code, "document-too-large");
  assert.match(problem?.message ?? "", /1048577 .* 1048576/);
  assert.notEqual(parse(text.slice(1), "a.yaml").document, undefined);
});

Deno.test("parse() ends in a document or in problems with places, for any text", () => {
  const yamlish = fc.string({
    unit: fc.constantFrom(
      ...["a", "b", ":", " ", "\n", "-", "[", "]", "{", "}", "&a", "*a", "<<"],
      ...["'", '"', "#", "|", ">", "!", "%", "?", ",", "\t", "\r", "\0", "~"],
    ),
    maxLength: 60,
  });
  fc.assert(
    fc.property(fc.oneof(yamlish, fc.string({ unit: "binary" })), (text) => {
      const { document, problems } = parse(text, "a.yaml");
      assert.ok(document !== undefined || problems.length > 0);
      assertPlaces(text, problems);
    }),
    { numRuns: 1_000 },
  );
});
