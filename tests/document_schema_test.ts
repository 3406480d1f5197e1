/** The schema that editors get says what the engine does, for every real type. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { parse as parseYaml } from "yaml";
import { catalog } from "../catalog.gen.ts";
import { exampleDocument } from "../engine/derive/example.ts";
import { documentSchema, load } from "../engine/mod.ts";
import { misfits } from "./json_schema_check.ts";

const SCHEMA = documentSchema(catalog);
const COMPAT = fileURLToPath(new URL("./compat/", import.meta.url));

Deno.test("documentSchema() accepts every example", () => {
  for (const { type, examples } of catalog.modules.values()) {
    for (const example of examples) {
      assert.deepEqual(misfits(SCHEMA, exampleDocument(example)), [], type);
    }
  }
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
