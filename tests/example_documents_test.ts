/**
 * The documents that people wrote as examples boot in strict mode and answer
 * what the comment on top of each says. The network is a simulated one.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { catalog, definitions } from "../catalog.gen.ts";
import { boot, formatProblem, load } from "../engine/mod.ts";
import { simulatedEffects } from "../engine/simulation/effects.ts";
import { memoryStore } from "../engine/store/memory.ts";
import { startApplication } from "../engine/testing.ts";
import { exampleComment } from "./_example_comment.ts";
import { ask, followComment } from "./_follow_comment.ts";
import { ROOT } from "./_process.ts";

const FOLDER = join(ROOT, "examples/");

const read = (path: string) => Deno.readTextFile(join(ROOT, path));

async function documentNames(): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(FOLDER)) {
    if (name.endsWith(".yaml")) names.push(name);
  }
  return names.sort();
}

for (const name of await documentNames()) {
  Deno.test(`examples/${name} does what its comment says`, () =>
    followComment(`examples/${name}`));
}

Deno.test("examples/linked/ does what the comment of links.yaml says", async () => {
  const folder = "examples/linked/";
  const { files, questions } = exampleComment(
    await read(`${folder}links.yaml`),
  );
  assert.deepEqual(files, ["examples/linked"]);
  const effects = simulatedEffects();
  const documents = [];
  for await (const { name } of Deno.readDir(join(ROOT, folder))) {
    if (!name.endsWith(".yaml")) continue;
    documents.push({ file: name, text: await read(folder + name) });
  }
  const lines: string[] = [];
  const engine = await boot({
    catalog,
    documents,
    store: memoryStore({ now: effects.clock.now }),
    effects,
    log: (level, message) =>
      level === "info" || lines.push(`${level} ${message}`),
    secrets: { env: () => undefined, file: () => Promise.resolve(undefined) },
    strict: true,
  });
  for (const question of questions) {
    await ask(question, {}, effects.network.fetch);
    await effects.advance(1);
  }
  assert.equal(questions.length, 4);
  assert.deepEqual(lines, []);
  await engine.stop();
});

Deno.test("examples/orders/orders.yaml boots in strict mode and guards its orders", async () => {
  await using app = await startApplication({
    document: await read("examples/orders/orders.yaml"),
    definitions,
    folder: join(FOLDER, "orders/"),
    strict: true,
  });
  assert.equal((await app.request("GET", "/readyz")).status, 200);
  assert.equal((await app.request("GET", "/api/orders")).status, 401);
});

Deno.test("examples/ can be started as one folder: no two documents share a port", async () => {
  const effects = simulatedEffects();
  const names = await documentNames();
  const engine = await boot({
    catalog,
    documents: await Promise.all(names.map(async (file) => ({
      file,
      text: await read(`examples/${file}`),
      folder: FOLDER,
    }))),
    store: memoryStore({ now: effects.clock.now }),
    effects,
    log: () => {},
    secrets: { env: () => undefined, file: () => Promise.resolve(undefined) },
    strict: true,
  });
  assert.equal(engine.applications.length, names.length);
  assert.equal(engine.addresses().length, names.length);
  await engine.stop();
});

Deno.test("examples/README.md lists every document", async () => {
  const index = await read("examples/README.md");
  for (const name of await documentNames()) {
    assert.ok(index.includes(`[${name}](${name})`), name);
  }
});

Deno.test("README.md shows examples/notes.yaml and the mistake as it is reported", async () => {
  const readme = await read("README.md");
  const shown = /```yaml\n# app\.yaml\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
  const notes = await read("examples/notes.yaml");
  assert.equal(shown, notes.slice(notes.indexOf("modules:")));
  const mistaken = `# app.yaml\n${shown}`.replace("http.router", "http.ruoter");
  const { problems } = load(mistaken, {
    catalog,
    file: "app.yaml",
    sources: { env: () => undefined, secrets: new Map() },
  });
  assert.ok(
    readme.includes(`\`\`\`text\n${problems.map(formatProblem)}\n\`\`\``),
    problems.map(formatProblem).join("\n"),
  );
});
