import assert from "node:assert/strict";
import { costlyWords, repeatsRepetition } from "./_costly_words.ts";

Deno.test("repeatsRepetition() finds patterns that a short text keeps busy", () => {
  const slow = [
    "^(a+)+$",
    "(a*)*b",
    "((ab)+c?)*",
    "(?:x{2,})+",
    "(?<name>\\d+)*",
    "((a)|(b+))+",
    "([\\])]+x)+",
  ];
  for (const pattern of slow) assert.ok(repeatsRepetition(pattern), pattern);
  const fast = [
    "^[a-z]+(-[a-z]{1,9}){0,5}$",
    "a+b+",
    "(abc)+",
    "(a+)?",
    "(a{2})+",
    "\\(a+\\)+",
    "[(a+)+]",
    "(a+){3}",
    "^(?:foo|bar)*$",
    ")",
  ];
  for (const pattern of fast) assert.ok(!repeatsRepetition(pattern), pattern);
});

Deno.test("costlyWords() says where, and leaves data alone", () => {
  const schema = {
    properties: {
      a: { pattern: "(a+)+" },
      tags: { type: "array", uniqueItems: true },
      few: { uniqueItems: true, maxItems: 10 },
    },
    patternProperties: { "(b*)*": {} },
    anyOf: [{ const: { pattern: "(a+)+" } }, { pattern: "a+" }],
    enum: [{ uniqueItems: true }],
  };
  assert.deepEqual(
    costlyWords(schema, ["s"]).map(({ path, severity }) => [
      path.join("."),
      severity,
    ]),
    [
      ["s.patternProperties.(b*)*", undefined],
      ["s.properties.a.pattern", undefined],
      ["s.properties.tags.uniqueItems", "warning"],
    ],
  );
});
