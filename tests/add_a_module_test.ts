/**
 * Adding a module type is writing one file. A copy of the types gets a file more;
 * after a run of the generator the new type has its schema, page, form, palette
 * entry, example and behaviour, and no other file was touched.
 */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Catalog } from "../engine/catalog.ts";
import type { AnyDefinition } from "../engine/define.ts";
import { brokenRules } from "../engine/derive/definition_rules.ts";
import { systemEffects } from "../engine/effects.ts";
import { documentSchema, load, palette } from "../engine/mod.ts";
import { startApplication } from "../engine/testing.ts";
import { generate, write } from "../tools/generate.ts";
import { walk } from "../tools/generate/walk.ts";
import { misfits } from "./json_schema_check.ts";
import { runExample } from "./run_example.ts";

const ROOT = join(import.meta.dirname ?? ".", "..");

/** The one file. */
const PARROT = `/**
 * Says what it was taught: the smallest module that answers.
 *
 * @module
 */
import { z } from "zod";
import { defineModule } from "@engine/define.ts";
import { HttpHandler } from "@engine/services/http_handler.ts";

export default defineModule({
  type: "greeting.parrot",
  summary: "Says what it was taught",
  stability: "stable",
  config: z.strictObject({
    phrase: z.string().min(1).describe("What it says"),
    times: z.int().min(1).max(5).default(1).describe("How often it says it"),
  }),
  provides: [HttpHandler],
  examples: [{
    title: "A parrot behind a route",
    modules: [
      { name: "server", type: "http.server", config: { address: ":0" } },
      { name: "router", type: "http.router" },
      {
        name: "polly",
        type: "greeting.parrot",
        config: { phrase: "Hello!", times: 2 },
      },
    ],
    workflows: {
      http: { routes: [{ method: "GET", path: "/say", handler: "polly" }] },
    },
    exchanges: [{
      request: { method: "GET", path: "/say" },
      response: { status: 200, body: "Hello! Hello!" },
    }],
  }],
  create: ({ phrase, times }) => ({
    handle: () => new Response(Array(times).fill(phrase).join(" ")),
  }),
});
`;

/** The types of the project and one more, in a folder that vanishes. */
async function grownTree(): Promise<
  { readonly path: string } & AsyncDisposable
> {
  const path = await Deno.makeTempDir({ prefix: "add_a_module_" });
  for (const folder of ["modules/", "workflows/"]) {
    for await (const file of walk(ROOT, folder)) {
      if (file.endsWith("_test.ts")) continue;
      await Deno.mkdir(dirname(join(path, file)), { recursive: true });
      await Deno.copyFile(join(ROOT, file), join(path, file));
    }
  }
  await Deno.mkdir(join(path, "modules/greeting"));
  await Deno.writeTextFile(join(path, "modules/greeting/parrot.ts"), PARROT);
  // What types build on is found from their own root.
  for (const folder of ["engine", "components"]) {
    await Deno.symlink(join(ROOT, folder), join(path, folder));
  }
  return {
    path,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

Deno.test("one new file makes a type complete", async (t) => {
  await using tree = await grownTree();
  await write(tree.path, await generate(tree.path));
  const read = (path: string) => Deno.readTextFile(join(tree.path, path));
  const { catalog, definitions }: {
    readonly catalog: Catalog;
    readonly definitions: readonly AnyDefinition[];
  } = await import(pathToFileURL(join(tree.path, "catalog.gen.ts")).href);
  const document = (config: unknown) => ({
    modules: [{ name: "polly", type: "greeting.parrot", config }],
  });

  await t.step("it is in the catalog and keeps the rules", () => {
    const definition = catalog.modules.get("greeting.parrot");
    assert.ok(definition);
    assert.deepEqual(brokenRules(definition), []);
  });

  await t.step("it has its schema", () => {
    const schema = documentSchema(catalog);
    assert.deepEqual(misfits(schema, document({ phrase: "Hi" })), []);
    assert.notDeepEqual(
      misfits(schema, document({ phrase: "Hi", times: 6 })),
      [],
    );
    assert.notDeepEqual(misfits(schema, document({})), []);
  });

  await t.step("it has its page, and a line in the index", async () => {
    const page = await read("docs/modules/greeting.parrot.md");
    assert.match(page, /^# greeting\.parrot\n\nSays what it was taught\.\n/);
    assert.match(page, /\| `times` \| whole number from 1 to 5 \| `1` \|/);
    assert.match(page, /curl -i "\$ADDRESS\/say"/);
    assert.match(await read("docs/modules/README.md"), /\[greeting\.parrot\]/);
  });

  await t.step("it has its palette entry and its form", () => {
    const entry = palette(catalog).find(({ type }) =>
      type === "greeting.parrot"
    );
    assert.equal(entry?.category, "greeting");
    assert.deepEqual(
      entry?.configFields.map((
        { key, type, required },
      ) => [key, type, required]),
      [["phrase", "string", true], ["times", "number", false]],
    );
  });

  await t.step("it has its example file and golden plan", async () => {
    const text = await read("examples/modules/greeting.parrot.yaml");
    assert.match(text, /^# A parrot behind a route\.\n/);
    const plan = JSON.parse(
      await read("examples/modules/greeting.parrot.plan.json"),
    );
    const route = plan.edges.find(({ target }: { target: string }) =>
      target === "polly"
    );
    assert.deepEqual([route.kind, route.label], ["route", "GET /say"]);
  });

  await t.step("its mistakes are found, with a link to its page", () => {
    const text = JSON.stringify(document({ phrsae: "Hi" }));
    const sources = {
      env: () => undefined,
      secrets: new Map<string, string>(),
    };
    const { problems } = load(text, { catalog, file: "a.yaml", sources });
    assert.deepEqual(
      problems.map(({ code, nearest, docs }) => [code, nearest, docs]),
      [["unknown-key", "phrase", "/docs/modules/greeting.parrot"]],
    );
  });

  await t.step("its example does what it promises", async () => {
    const [example] = catalog.modules.get("greeting.parrot")?.examples ?? [];
    assert.ok(example);
    assert.deepEqual(await runExample(example, definitions), {
      differences: [],
      exchanges: 1,
    });
  });

  await t.step("it answers over HTTP", async () => {
    await using app = await startApplication({
      document: await read("examples/modules/greeting.parrot.yaml"),
      definitions,
      effects: systemEffects(),
    });
    const [address] = app.engine.addresses();
    const response = await fetch(`${address}/say`);
    assert.equal(response.status, 200);
    assert.equal(await response.text(), "Hello! Hello!");
  });
});
