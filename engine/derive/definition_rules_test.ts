import assert from "node:assert/strict";
import { z } from "zod";
import {
  type AnyDefinition,
  defineModule,
  defineTrigger,
  type Example,
} from "../define.ts";
import { brokenRules } from "./definition_rules.ts";

const EXAMPLE: Example = {
  title: "Shown",
  modules: [{ name: "a", type: "toy.sound" }],
};

/** The rules that a definition breaks if this is changed about a sound one. */
function broken(change: {
  readonly config?: z.ZodType;
  readonly type?: string;
  readonly summary?: string;
  readonly inert?: Readonly<Record<string, string>>;
  readonly examples?: readonly Example[];
} = {}): readonly string[] {
  return brokenRules(defineModule({
    type: "toy.sound",
    summary: "Makes a sound",
    stability: "stable",
    config: z.strictObject({ loud: z.boolean().describe("How") }),
    provides: [],
    examples: [EXAMPLE],
    create: () => ({}),
    ...change,
  }));
}

Deno.test("brokenRules() finds nothing wrong with a sound definition", () => {
  assert.deepEqual(broken(), []);
  const trigger: AnyDefinition = defineTrigger({
    type: "toy",
    summary: "Needs no example",
    config: z.strictObject({}),
    wire: () => ({ unwire() {} }),
  });
  assert.deepEqual(brokenRules(trigger), []);
});

Deno.test("brokenRules() wants every field described, at any depth", () => {
  const config = z.strictObject({
    plain: z.string(),
    blank: z.string().describe(" "),
    list: z.array(z.strictObject({ item: z.string() })).describe("List"),
    map: z.record(z.string(), z.strictObject({ entry: z.string() }))
      .describe("Map"),
    either: z.union([z.string(), z.strictObject({ variant: z.string() })])
      .describe("Either"),
  });
  assert.deepEqual(broken({ config }), [
    'does not describe "plain"',
    'does not describe "blank"',
    'does not describe "list[].item"',
    'does not describe "map.*.entry"',
    'does not describe "either.variant"',
  ]);
});

Deno.test("brokenRules() wants strict maps everywhere", () => {
  const loose = z.strictObject({
    inner: z.object({ a: z.string().describe("A") }).describe("Inner"),
    open: z.looseObject({ b: z.string().describe("B") }).describe("Open"),
  });
  assert.deepEqual(broken({ config: loose }), [
    "accepts any key in inner: use z.strictObject",
    "accepts any key in open: use z.strictObject",
  ]);
  assert.deepEqual(broken({ config: z.object({ a: z.int().describe("A") }) }), [
    "accepts any key in the config: use z.strictObject",
  ]);
  assert.deepEqual(broken({ config: z.string() }), [
    "has a config that is no map",
  ]);
});

Deno.test("brokenRules() refuses words that nobody reads", () => {
  const config = z.strictObject({
    a: z.string().describe("A").meta({ colour: "red" }),
    b: z.array(z.string().meta({ refs: ["x"] })).describe("B"),
  });
  assert.deepEqual(broken({ config }), [
    'uses the unknown word "colour" in a',
    'uses the unknown word "refs" in b[]',
  ]);
});

Deno.test("brokenRules() refuses a schema that refers to itself", () => {
  assert.ok(
    broken({ config: z.strictObject({ any: z.json().describe("Any") }) })
      .some((fault) => fault.includes('"$ref"')),
  );
});

Deno.test("brokenRules() refuses transforms, wherever they are", () => {
  const fault = "parses its config into another shape: no transforms";
  for (
    const field of [
      z.string().transform((text) => text.length),
      z.strictObject({ a: z.string().describe("A") }).transform(({ a }) => ({
        b: a,
      })),
      z.array(z.string().transform(Number)),
      z.record(z.string(), z.string().transform(Number)),
      z.string().pipe(z.coerce.number()),
    ]
  ) {
    const config = z.strictObject({ field: field.describe("Changes") });
    assert.ok(broken({ config }).includes(fault));
  }
});

Deno.test("brokenRules() wants inert keys where the schema has none", () => {
  assert.deepEqual(
    broken({
      inert: {
        loud: "it is always loud",
        "steps[].x": "there are none",
        old: "",
        older: "A sentence.",
        fine: "nobody reads it",
      },
    }),
    [
      'has the inert key "loud" in its schema as well',
      'has the inert key "steps[].x" in a place it does not have',
      'gives no reason, or one with a full stop, for the inert key "old"',
      'gives no reason, or one with a full stop, for the inert key "older"',
    ],
  );
});

Deno.test("brokenRules() wants a type and a summary that can be shown", () => {
  assert.deepEqual(broken({ type: "toy.sound", summary: "Makes a sound." }), [
    'has a summary that is no sentence without its full stop: "Makes a sound."',
  ]);
  assert.equal(broken({ summary: "makes a sound" }).length, 1);
  assert.match(
    broken({ type: "Toy-Sound" })[0] ?? "",
    /^has the type "Toy-Sound": write lower case words with dots$/,
  );
});

Deno.test("brokenRules() wants an example of each module, with itself in it", () => {
  assert.deepEqual(broken({ examples: [] }), ["has no example"]);
  const other = { ...EXAMPLE, modules: [{ name: "b", type: "toy.other" }] };
  assert.deepEqual(broken({ examples: [EXAMPLE, other] }), [
    'has an example without itself: "Shown"',
  ]);
});

Deno.test("brokenRules() wants a section's own examples to have the section", () => {
  const faults = (triggers: Example["triggers"]) =>
    brokenRules(defineTrigger({
      type: "toy",
      summary: "Has an example",
      config: z.strictObject({}),
      examples: [{ title: "Shown", modules: [], ...triggers && { triggers } }],
      wire: () => ({ unwire() {} }),
    }));
  assert.deepEqual(faults({ toy: {} }), []);
  assert.deepEqual(faults({ other: {} }), [
    'has an example without itself: "Shown"',
  ]);
});
