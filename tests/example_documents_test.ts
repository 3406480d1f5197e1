/**
 * The documents that people wrote as examples boot in strict mode and answer
 * what the comment on top of each says. The network is a simulated one.
 */
import assert from "node:assert/strict";
import { basename, join } from "node:path";
import { catalog, definitions } from "../catalog.gen.ts";
import { boot, formatProblem, load } from "../engine/mod.ts";
import { simulatedEffects } from "../engine/simulation/effects.ts";
import { memoryStore } from "../engine/store/memory.ts";
import { startApplication } from "../engine/testing.ts";
import { exampleComment, type Question } from "./_example_comment.ts";
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

/** Boots what the comment says and asks what the comment asks. */
async function follow(name: string): Promise<void> {
  const { files, questions } = exampleComment(await read(`examples/${name}`));
  assert.ok(files.includes(`examples/${name}`), "it starts itself");
  assert.ok(questions.length > 0, "there is something to ask");
  const effects = simulatedEffects();
  await using running = new AsyncDisposableStack();
  const apps = [];
  for (const file of files) {
    const app = await startApplication({
      document: await read(file),
      definitions,
      effects,
      folder: FOLDER,
      strict: true,
      id: basename(file, ".yaml"),
    });
    apps.push(running.use(app));
  }
  let token = "";
  for (const question of questions) {
    const heard = apps.map(({ logs }) => logs.length);
    await effects.advance(question.sleepMs);
    const answer = await ask(question, token, effects.network.fetch);
    token = /"token":"([^"]+)"/.exec(answer)?.[1] ?? token;
    await effects.advance(0);
    const lines = apps.flatMap(({ logs }, index) => logs.slice(heard[index]))
      .map(({ message, fields }) => `${fields.module}: ${message}`);
    for (const line of question.logs) {
      assert.ok(lines.includes(line), `${line} is not in ${lines.join("\n")}`);
    }
  }
}

/** The headers and the body of an answer that is as the comment says. */
async function ask(
  { command, method, url, headers, body, status, text }: Question,
  token: string,
  fetch: (url: string, init: RequestInit) => Promise<Response>,
): Promise<string> {
  const filled = Object.entries(headers)
    .map(([name, value]) => [name, value.replace("$TOKEN", token)] as const);
  const response = await fetch(url, {
    method,
    headers: Object.fromEntries(filled),
    ...(body === undefined ? {} : { body }),
  });
  const head = [...response.headers].map((pair) => pair.join(": ")).join("\n");
  const answer = `${head}\n\n${await response.text()}`;
  assert.equal(response.status, status, `${command}\n${answer}`);
  assert.ok(answer.includes(text), `${command}\nhas no ${text} in\n${answer}`);
  return answer;
}

for (const name of await documentNames()) {
  Deno.test(`examples/${name} does what its comment says`, () => follow(name));
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
    await ask(question, "", effects.network.fetch);
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
