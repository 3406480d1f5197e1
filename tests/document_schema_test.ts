/** The schema that editors get says what the engine does, for every real type. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse as parseYaml } from "yaml";
import { catalog } from "../catalog.gen.ts";
import { exampleDocument } from "../engine/derive/example.ts";
import type { AnyDefinition } from "../engine/define.ts";
import { documentSchema, load } from "../engine/mod.ts";
import { walk } from "../tools/generate/walk.ts";
import { ROOT } from "./_process.ts";
import { misfits } from "./json_schema_check.ts";

const SCHEMA = documentSchema(catalog);
const COMPAT = fileURLToPath(new URL("./compat/", import.meta.url));

Deno.test("documentSchema() accepts every example", () => {
  const definitions: readonly AnyDefinition[] = [
    ...catalog.modules.values(),
    ...catalog.workflows.values(),
    ...catalog.triggers.values(),
    ...catalog.steps.values(),
  ];
  for (const { type, examples = [] } of definitions) {
    for (const example of examples) {
      assert.deepEqual(misfits(SCHEMA, exampleDocument(example)), [], type);
    }
  }
});

Deno.test("documentSchema() accepts every document under examples/", async () => {
  let documents = 0;
  for await (const path of walk(ROOT, "examples/")) {
    if (!path.endsWith(".yaml")) continue;
    const text = await Deno.readTextFile(join(ROOT, path));
    const document = parseYaml(text, { merge: true });
    assert.deepEqual(misfits(SCHEMA, document), [], path);
    documents++;
  }
  assert.ok(documents > 50, String(documents));
});

Deno.test("documentSchema() refuses what pipelines do not take, at any depth", () => {
  const faults = (...steps: readonly unknown[]) =>
    misfits(SCHEMA, { pipelines: { p: { steps } } })
      .map((fault) => fault.replace("/pipelines/p/steps", ""));
  const say = { id: "say", use: "log", with: { message: "Hello" } };
  assert.deepEqual(faults(say, { ...say, use: "pipeline:p" }), []);
  const level = (text: string) => ({
    ...say,
    with: { message: "", level: text },
  });
  assert.deepEqual(faults(level("${{ input.level }}")), []);
  for (const text of ["loud", "${LEVEL}"]) {
    assert.deepEqual(faults(level(text)), [
      "/0/with/level fits no alternative",
    ]);
  }
  assert.deepEqual(faults({ use: "log" }), ["/0 has no id", "/0 has no with"]);
  assert.deepEqual(faults({ ...say, use: "lgo" }), [
    "/0/use fits no alternative",
  ]);
  assert.deepEqual(faults({ id: "nothing" }), ["/0 fits no alternative"]);
  const typo = { ...say, with: { mesage: "Hello" } };
  const wrong = ["has no message", "must not have mesage"];
  const places: readonly (readonly [unknown, string])[] = [
    [{ id: "a", forEach: "[1]", steps: [typo] }, "/0/steps/0/with"],
    [{ id: "a", parallel: { b: [typo] } }, "/0/parallel/b/0/with"],
    [{ id: "a", switch: [{ steps: [typo] }] }, "/0/switch/0/steps/0/with"],
    [
      { ...say, compensate: { use: "log", with: typo.with } },
      "/0/compensate/with",
    ],
  ];
  for (const [step, place] of places) {
    const found = faults(step).sort();
    assert.deepEqual(found, wrong.map((text) => `${place} ${text}`).sort());
  }
  // It may say what to do in a word as well, so editors cannot tell which is meant.
  assert.deepEqual(faults({ ...say, onError: [typo] }), [
    "/0/onError fits no alternative",
  ]);
});

Deno.test("documentSchema() accepts the documents of the original engine that run", () => {
  let runnable = 0;
  const sources = { env: () => undefined, secrets: new Map<string, string>() };
  for (const { name } of Deno.readDirSync(COMPAT)) {
    if (!name.endsWith(".yaml")) continue;
    const text = Deno.readTextFileSync(COMPAT + name);
    const { plan } = load(text, { catalog, file: name, sources });
    if (!plan) continue;
    runnable++;
    assert.deepEqual(
      misfits(SCHEMA, parseYaml(text, { merge: true })),
      [],
      name,
    );
  }
  assert.ok(runnable >= 7, String(runnable));
});
