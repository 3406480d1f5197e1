import assert from "node:assert/strict";
import { misfits } from "../../tests/json_schema_check.ts";
import { toyCatalog } from "../../tests/toy_catalog.ts";
import {
  configSchema,
  documentSchema,
  type PublicSchema,
} from "./document_schema.ts";

const SCHEMA = documentSchema(toyCatalog);

function accepts(document: unknown): boolean {
  return misfits(SCHEMA, document).length === 0;
}

function lamp(config: unknown): unknown {
  return { modules: [{ name: "a", type: "toy.lamp", config }] };
}

function at(schema: PublicSchema, ...path: readonly string[]): PublicSchema {
  return path.reduce<PublicSchema>(
    (part, key) => part[key] as PublicSchema,
    schema,
  );
}

Deno.test("documentSchema() accepts what the engine accepts", () => {
  for (
    const document of [
      { modules: [] },
      { modules: null, workflows: null, triggers: null },
      lamp({ colour: "blue", watts: 5, description: "In the hall" }),
      lamp(null),
      { strict: true, triggers: { sunset: { at: "20:15" } } },
      { lighting: { watts: 5 }, modules: [] },
      { links: [{ source: "a", target: "b" }] },
      {
        modules: [{
          name: "s",
          type: "toy.switch",
          config: { lamp: "a", label: "x" },
          dependsOn: ["a"],
          branches: { true: "b" },
          description: "A switch",
        }],
      },
    ]
  ) assert.deepEqual(misfits(SCHEMA, document), [], JSON.stringify(document));
});

Deno.test("documentSchema() refuses what the engine refuses", () => {
  for (
    const document of [
      {},
      [],
      { modules: 3 },
      { modules: [{ name: "a" }] },
      { modules: [{ type: "toy.lamp" }] },
      { modules: [{ name: "", type: "toy.lamp" }] },
      { modules: [{ name: "a", type: "toy.lmap" }] },
      { modules: [{ name: "a", type: "toy.switch" }] },
      { modules: [{ name: "a", type: "toy.switch", config: null }] },
      { modules: [], workflow: {} },
      { modules: [], strict: "yes" },
      { workflows: { wal: {} } },
      { workflows: { wall: { switches: [{ place: "x" }] } } },
      { triggers: { sunset: {} } },
      lamp({ colr: "red" }),
      lamp({ colour: "pink" }),
      lamp({ watts: 0 }),
      lamp({ watts: "sixty" }),
      lamp({ bulbs: [{ socket: "a", size: 1 }] }),
    ]
  ) assert.equal(accepts(document), false, JSON.stringify(document));
});

Deno.test("documentSchema() accepts variables and text for any value of a module", () => {
  for (
    const config of [
      { colour: "${COLOUR}", watts: "${WATTS:-5}", dimmable: "${DIM}" },
      { watts: "60", dimmable: "true" },
      { key: "secret://lamp", shade: "${SHADE}" },
      { bulbs: [{ socket: "${A}-1", watts: "${B}" }] },
    ]
  ) assert.deepEqual(misfits(SCHEMA, lamp(config)), []);
  const delay = (text: string) => ({
    modules: [{
      name: "s",
      type: "toy.switch",
      config: { lamp: "a", label: "x", delay: text },
    }],
  });
  assert.equal(accepts(delay("${DELAY}")), true);
  assert.equal(accepts(delay("soon")), false);
  assert.equal(accepts({ triggers: { sunset: { at: 5 } } }), false);
});

Deno.test("documentSchema() accepts keys without effect and strikes them out", () => {
  assert.equal(accepts(lamp({ fuse: 1, moods: { m: { music: 2 } } })), true);
  const fuse = at(SCHEMA, "$defs", "modules.toy.lamp", "properties", "fuse");
  assert.deepEqual(fuse, {
    deprecated: true,
    description: "Has no effect: lamps have none",
  });
});

Deno.test("documentSchema() lists the types with their summaries", () => {
  const type = at(SCHEMA, "$defs", "module", "properties", "type");
  assert.deepEqual(type.enum, [
    "toy.lamp",
    "toy.mirror",
    "toy.panel",
    "toy.switch",
  ]);
  assert.equal((type.enumDescriptions as string[])[0], "Gives light");
});

Deno.test("documentSchema() requires a config only where no section can give it", () => {
  const branches = at(SCHEMA, "$defs", "module").allOf as PublicSchema[];
  const required = branches
    .filter((branch) => at(branch, "then").required !== undefined)
    .map((branch) => at(branch, "if", "properties", "type").const);
  assert.deepEqual(required, ["toy.panel", "toy.switch"]);
});

Deno.test("configSchema() writes our own words with x- before them", () => {
  const panel = toyCatalog.modules.get("toy.panel");
  const lampType = toyCatalog.modules.get("toy.lamp");
  assert.ok(panel && lampType);
  const { properties } = configSchema(panel);
  assert.deepEqual((properties as Record<string, PublicSchema>).lamp, {
    type: "string",
    minLength: 1,
    "x-ref": ["toy.lamp"],
    "x-conventional": ["main-lamp"],
    description: "What it shows",
  });
  const key = at(configSchema(lampType), "properties", "key");
  assert.equal(key["x-secret"], true);
  assert.equal(key.writeOnly, true);
  assert.equal(key.secret, undefined);
});

Deno.test("documentSchema() offers each type as its first example has it", () => {
  const lampType = toyCatalog.modules.get("toy.lamp");
  assert.ok(lampType);
  const config = { colour: "blue" };
  const shown = {
    ...lampType,
    examples: [{
      title: "Blue",
      modules: [{ name: "hall", type: "toy.lamp", config }],
    }],
  };
  const schema = documentSchema({
    ...toyCatalog,
    modules: new Map([["toy.lamp", shown]]),
  });
  assert.deepEqual(at(schema, "$defs", "module").defaultSnippets, [{
    label: "toy.lamp",
    description: "Gives light",
    body: { name: "hall", type: "toy.lamp", config },
  }]);
});
