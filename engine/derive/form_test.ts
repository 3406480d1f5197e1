import assert from "node:assert/strict";
import { z } from "zod";
import {
  type AnyDefinition,
  defineService,
  defineTrigger,
  duration,
  expression,
  path,
  ref,
  secret,
} from "../define.ts";
import { type FormField, formFields } from "./form.ts";

const Lamp = defineService<{ light(): void }>("lamp", "gives light");

function fields(config: z.ZodType): readonly FormField[] {
  const definition: AnyDefinition = defineTrigger({
    type: "toy",
    summary: "Tries the form",
    config,
    wire: () => ({ unwire() {} }),
  });
  return formFields(definition);
}

/** The one field of a config of that shape. */
function field(schema: z.ZodType): FormField {
  const [first] = fields(z.strictObject({ myField: schema }));
  assert.ok(first);
  return first;
}

Deno.test("formFields() says of a field what an editor needs to know", () => {
  assert.deepEqual(
    field(
      z.int().min(1).max(9).default(3).describe("How many").meta({
        unit: "ms",
        examples: [5],
      }),
    ),
    {
      key: "myField",
      path: "myField",
      label: "My field",
      type: "number",
      help: "How many",
      required: false,
      defaultValue: 3,
      examples: [5],
      unit: "ms",
      integer: true,
      minimum: 1,
      maximum: 9,
    },
  );
});

Deno.test("formFields() picks the control from the type and the words", () => {
  for (
    const [schema, type] of [
      [z.string(), "string"],
      [z.number(), "number"],
      [z.boolean(), "boolean"],
      [z.enum(["a", "b"]), "select"],
      [z.literal("a"), "select"],
      [z.union([z.literal(1), z.literal("x")]), "select"],
      [secret(), "secret"],
      [ref(Lamp), "reference"],
      [duration(), "duration"],
      [path(), "path"],
      [expression(), "expression"],
      [z.string().meta({ widget: "code" }), "code"],
      [z.string().meta({ widget: "url" }), "url"],
      [z.strictObject({}), "object"],
      [z.array(z.string()), "list"],
      [z.record(z.string(), z.int()), "map"],
      [z.union([z.string(), z.array(z.string())]), "variants"],
      [z.tuple([z.string(), z.int()]), "json"],
      [z.unknown(), "json"],
      [z.record(z.string(), z.unknown()), "map"],
    ] as const
  ) {
    assert.equal(field(schema).type, type);
    assert.equal(field(schema.optional()).type, type);
  }
});

Deno.test("formFields() leaves out bounds that every number has", () => {
  const { minimum, maximum, integer } = field(z.int());
  assert.deepEqual([minimum, maximum, integer], [undefined, undefined, true]);
  assert.equal(field(z.number()).integer, false);
});

Deno.test("formFields() marks what is required", () => {
  assert.deepEqual(
    fields(z.strictObject({
      a: z.string(),
      b: z.string().optional(),
      c: z.string().default(""),
    })).map(({ required, defaultValue }) => [required, defaultValue]),
    [[true, undefined], [false, undefined], [false, ""]],
  );
});

Deno.test("formFields() takes the title of a field for its label", () => {
  assert.equal(field(z.string().meta({ title: "Mine" })).label, "Mine");
});

Deno.test("formFields() says what a reference may name, and stand for if it is left out", () => {
  const { services, implied } = field(ref(Lamp).optional());
  assert.deepEqual([services, implied], [["lamp"], true]);
  const when = { when: "alarm" };
  assert.equal(field(ref(Lamp, { implied: "never" })).implied, false);
  assert.deepEqual(field(ref(Lamp, { implied: when })).implied, when);
  assert.equal(field(z.array(ref(Lamp))).item?.implied, false);
});

Deno.test("formFields() carries the bounds of text and lists, and scopes", () => {
  const text = field(
    z.string().min(2).max(5).regex(/^a/).meta({ scope: "state" }),
  );
  assert.deepEqual(
    [text.minLength, text.maxLength, text.pattern, text.scope],
    [2, 5, "^a", "state"],
  );
  const list = field(z.array(z.string()).min(1).max(3));
  assert.deepEqual([list.minItems, list.maxItems], [1, 3]);
});

Deno.test("formFields() goes into maps, lists and entries with their paths", () => {
  const paths: string[] = [];
  const visit = (each: FormField): void => {
    paths.push(`${each.path} ${each.type}`);
    for (const inner of each.fields ?? []) visit(inner);
    if (each.item) visit(each.item);
    for (const inner of each.variants ?? []) visit(inner);
  };
  fields(z.strictObject({
    routes: z.array(z.strictObject({
      path: z.string(),
      tags: z.array(z.string()),
    })),
    limits: z.record(z.string(), z.strictObject({ rate: z.int() })),
    nested: z.strictObject({ deep: z.boolean() }),
  })).forEach(visit);
  assert.deepEqual(paths, [
    "routes list",
    "routes[] object",
    "routes[].path string",
    "routes[].tags list",
    "routes[].tags[] string",
    "limits map",
    "limits.* object",
    "limits.*.rate number",
    "nested object",
    "nested.deep boolean",
  ]);
});

Deno.test("formFields() names the keys of a map where they are known", () => {
  const { keys } = field(z.partialRecord(z.enum(["get", "put"]), z.int()));
  assert.deepEqual(keys, ["get", "put"]);
});

Deno.test("formFields() labels each variant, and drops the empty one", () => {
  const labels = (schema: z.ZodType) =>
    field(schema).variants?.map(({ label, type }) => `${label} ${type}`);
  assert.deepEqual(labels(z.union([z.string(), z.array(z.int())])), [
    "String string",
    "List list",
  ]);
  assert.deepEqual(
    labels(z.discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("map"), to: z.string() }),
      z.strictObject({ kind: z.literal("filter") }).meta({
        title: "Keep some",
      }),
    ])),
    ["Map object", "Keep some object"],
  );
  assert.equal(field(z.string().nullable()).type, "string");
  assert.equal(field(z.strictObject({ a: z.int() }).nullable()).type, "object");
  assert.deepEqual(
    labels(z.union([z.string(), z.array(z.int())]).nullable()),
    ["String string", "List list"],
  );
});

Deno.test("formFields() is JSON", () => {
  const made = fields(z.strictObject({
    a: secret(),
    b: z.array(ref(Lamp)),
    c: z.union([z.string(), z.int()]).optional(),
  }));
  assert.deepEqual(JSON.parse(JSON.stringify(made)), made);
});
