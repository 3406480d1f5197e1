import assert from "node:assert/strict";
import { z } from "zod";
import { toyCatalog } from "../tests/toy_catalog.ts";
import { createCatalog } from "./catalog.ts";
import { defineModule, type Host, secret } from "./define.ts";
import { type BootOptions, Engine } from "./engine.ts";
import { ConfigError, RefusedError } from "./errors.ts";
import { simulatedEffects } from "./simulation/effects.ts";
import { memoryStore } from "./store/memory.ts";
import type { LogLine } from "./testing.ts";

function options(
  documents: Readonly<Record<string, string>>,
  more: Partial<BootOptions> = {},
): BootOptions & { readonly lines: LogLine[] } {
  const effects = simulatedEffects();
  const lines: LogLine[] = [];
  return {
    catalog: toyCatalog,
    documents: Object.entries(documents).map(([file, text]) => ({
      file,
      text,
    })),
    store: memoryStore({ now: effects.clock.now }),
    effects,
    log: (level, message, fields) =>
      void lines.push({ level, message, fields }),
    secrets: { env: () => undefined, file: () => Promise.resolve(undefined) },
    lines,
    ...more,
  };
}

const LAMP = "modules: [{ name: a, type: toy.lamp }]";

Deno.test("Engine runs each document as an application of its own", async () => {
  const engine = await Engine.boot(
    options({ "x/one.yaml": LAMP, "two.yml": LAMP }),
  );
  assert.deepEqual(engine.applications.map(({ id }) => id), ["one", "two"]);
  assert.equal(engine.application("two")?.phase, "running");
  assert.equal(engine.application("three"), undefined);
  assert.equal(engine.source("one")?.file, "x/one.yaml");
  await engine.stop();
  assert.deepEqual(engine.applications.map(({ phase }) => phase), [
    "stopped",
    "stopped",
  ]);
});

Deno.test("Engine starts nothing when any document has an error, and tells all", async () => {
  const given = options({
    "one.yaml": LAMP,
    "two.yaml": "modules: 3",
    "three.yaml": "",
  });
  await assert.rejects(Engine.boot(given), (error) => {
    assert.ok(error instanceof ConfigError);
    assert.deepEqual(error.problems.map(({ file }) => file), [
      "two.yaml",
      "three.yaml",
    ]);
    return true;
  });
});

Deno.test("Engine refuses two documents with one id", async () => {
  const given = options({ "a/one.yaml": LAMP, "b/one.yaml": LAMP });
  await assert.rejects(Engine.boot(given), (error) => {
    assert.ok(error instanceof RefusedError);
    assert.match(
      error.message,
      /b\/one\.yaml: its id "one" is that of a\/one\.yaml/,
    );
    return true;
  });
});

Deno.test("Engine logs warnings with their places", async () => {
  const given = options({
    "one.yaml": "modules: [{ name: a, type: toy.lamp, config: { fuse: 1 } }]",
  });
  const engine = await Engine.boot(given);
  assert.deepEqual(given.lines, [{
    level: "warn",
    message: 'one.yaml:1:48 "fuse" has no effect in toy.lamp: lamps have none',
    fields: { code: "inert-key" },
  }]);
  await engine.stop();
});

Deno.test("Engine.reload() keeps the text that runs when the new one cannot", async () => {
  const engine = await Engine.boot(options({ "one.yaml": LAMP }));
  await assert.rejects(engine.reload("one", "modules: 3"), ConfigError);
  await assert.rejects(engine.reload("two", LAMP), { code: "not-found" });
  assert.equal(engine.source("one")?.text, LAMP);
  const warnings = await engine.reload(
    "one",
    "modules: []\nlinks: [{ source: a, target: b }]\n",
  );
  assert.deepEqual(warnings.map(({ code }) => code), ["missing-key"]);
  assert.equal(
    engine.source("one")?.text,
    "modules: []\nlinks: [{ source: a, target: b }]\n",
  );
  await engine.stop();
});

Deno.test("Engine.start() runs a document beside those that run", async () => {
  const engine = await Engine.boot(options({}));
  assert.deepEqual(engine.applications, []);
  assert.deepEqual(await engine.start({ file: "one.yaml", text: LAMP }), []);
  assert.equal(engine.application("one")?.phase, "running");
  await engine.reload("one", `# Again.\n${LAMP}`);
  await engine.stop();
  assert.equal(engine.application("one")?.phase, "stopped");
});

Deno.test("Engine.start() refuses what runs, what has errors, and all after the end", async () => {
  const engine = await Engine.boot(options({ "one.yaml": LAMP }));
  const start = (file: string, text: string) => engine.start({ file, text });
  await assert.rejects(start("one.yaml", LAMP), RefusedError);
  await assert.rejects(start("two.yaml", "modules: 3"), ConfigError);
  assert.deepEqual(engine.applications.map(({ id }) => id), ["one"]);
  await engine.stop();
  await assert.rejects(start("two.yaml", LAMP), /The engine stops/);
});

Deno.test("Engine takes secrets out of every line, and breaks none", async () => {
  let host: Host | undefined;
  const vault = defineModule({
    type: "vault",
    summary: "Keeps a secret",
    stability: "stable",
    config: z.strictObject({ key: secret().describe("The secret") }),
    provides: [],
    examples: [],
    create(_, given) {
      host = given;
      return {};
    },
  });
  for (const key of ["sesame", "12345", 'a"b\\c', "true", "null"]) {
    const given = options({
      "one.yaml": JSON.stringify({
        modules: [{ name: "v", type: "vault", config: { key } }],
      }),
    }, { catalog: createCatalog([vault]) });
    const engine = await Engine.boot(given);
    const fields = {
      text: `<${key}>`,
      deep: [{ key }],
      count: 12_345,
      ok: true,
    };
    host?.log.info(`The key is ${key}`, { ...fields, none: null });
    assert.deepEqual(given.lines.at(-1), {
      level: "info",
      message: "The key is ***",
      fields: {
        application: "one",
        module: "v",
        text: "<***>",
        deep: [{ key: "***" }],
        count: 12_345,
        ok: true,
        none: null,
      },
    });
    await engine.stop();
  }
});

/** Keeps a secret, and a name that may come from one. */
const KEEPER = defineModule({
  type: "keeper",
  summary: "Keeps a secret",
  stability: "stable",
  config: z.strictObject({
    key: secret().describe("The secret"),
    size: z.int().optional().describe("No secret, but it may come from one"),
  }),
  provides: [],
  examples: [],
  create: () => ({}),
});

function keeperOf(config: Record<string, unknown>): string {
  return JSON.stringify({ modules: [{ name: "k", type: "keeper", config }] });
}

Deno.test("Engine takes secrets out of events, the longest first", async () => {
  const telling = defineModule({
    ...KEEPER,
    create: (_, host) => ({
      start: () =>
        host.notify("notice", {
          message: "Refused sesame-street, not sesame",
          reasons: [{ text: "<sesame>" }],
          count: 3,
        }),
    }),
  });
  const given = options({
    "one.yaml": keeperOf({ key: "sesame" }),
    "two.yaml": keeperOf({ key: "sesame-street" }),
  }, { catalog: createCatalog([telling]) });
  const engine = await Engine.boot(given);
  const events = engine.events.since(0) ?? [];
  const [first, second] = events.filter(({ kind }) => kind === "notice");
  assert.equal(second?.message, "Refused ***, not ***");
  assert.deepEqual([second?.reasons, second?.count], [[{ text: "<***>" }], 3]);
  assert.equal(first?.message, "Refused ***, not ***");
  await engine.stop();
});

Deno.test("Engine.load() takes secrets out of problems, and remembers none", async () => {
  const base = options({}, { catalog: createCatalog([KEEPER]) });
  const env = (name: string) => name === "KEY" ? "sesame" : undefined;
  const secrets = { ...base.secrets, env };
  const engine = await Engine.boot({ ...base, secrets });
  const text = keeperOf({ key: "not it", size: "secret://KEY" });
  const { problems } = await engine.load({ file: "one.yaml", text });
  assert.equal(problems.length, 1);
  assert.doesNotMatch(JSON.stringify(problems), /sesame/);
  engine.events.emit("notice", { application: "x", message: "Is it sesame?" });
  assert.equal(engine.events.since(0)?.[0]?.message, "Is it sesame?");
  await engine.stop();
});
