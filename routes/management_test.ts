/**
 * Asks the management surface as a client would, over a running application of
 * small types made here.
 */
import assert from "node:assert/strict";
import { z } from "zod";
import { defineModule } from "../engine/define.ts";
import { memoryStore } from "../engine/store/memory.ts";
import { startApplication } from "../engine/testing.ts";
import { Documents } from "../platform/documents.ts";
import { managementApp } from "./management.ts";

const TOKEN = "the-token-of-this-test";

const lamp = defineModule({
  type: "test.lamp",
  summary: "Shines",
  stability: "stable",
  config: z.strictObject({
    watts: z.int().min(1).describe("How bright").default(40),
    label: z.string().optional().describe("What is written on it"),
  }),
  provides: [],
  examples: [],
  create: () => ({}),
});

const TEXT = `# A lamp
modules:
  - name: lamp # in the hall
    type: test.lamp
    config:
      watts: 60
`;

async function surface() {
  const app = await startApplication({
    document: TEXT,
    definitions: [lamp],
    env: { LABEL: "sesame" },
  });
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/other.yaml`, "modules: []\n");
  const stopping = new AbortController();
  const documents = new Documents(app.engine, memoryStore(), folder);
  const errors: unknown[] = [];
  const management = managementApp({
    engine: app.engine,
    documents,
    ...{ store: app.store, effects: app.effects },
    token: TOKEN,
    signal: stopping.signal,
    onError: (error) => errors.push(error),
  });
  return {
    app,
    stopping,
    folder,
    errors,
    ask: (path: string, init: RequestInit = {}) => {
      const headers = new Headers(init.headers);
      if (!headers.has("authorization")) {
        headers.set("authorization", `Bearer ${TOKEN}`);
      }
      return management.request(path, { ...init, headers });
    },
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await app.stop();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

Deno.test("management refuses everyone without the token", async () => {
  await using it = await surface();
  for (
    const authorization of [
      "",
      "Bearer ",
      "Bearer wrong",
      `Basic ${TOKEN}`,
      TOKEN,
    ]
  ) {
    const response = await it.ask("/api/workflow/status", {
      headers: { authorization },
    });
    assert.equal(response.status, 401, authorization);
    assert.equal(
      response.headers.get("content-type"),
      "application/problem+json",
    );
    assert.match(response.headers.get("www-authenticate") ?? "", /^Bearer/);
  }
});

Deno.test("management answers 404 as a problem for what it does not know", async () => {
  await using it = await surface();
  const response = await it.ask("/api/nothing");
  assert.equal(response.status, 404);
  assert.equal((await response.json()).code, "not-found");
});

Deno.test("GET /api/workflow/status tells what runs", async () => {
  await using it = await surface();
  const status = await (await it.ask("/api/workflow/status")).json();
  assert.equal(status.status, "running");
  assert.equal(status.moduleCount, 1);
  assert.deepEqual(status.applications[0].modules, [
    { name: "lamp", type: "test.lamp", state: "open" },
  ]);
});

Deno.test("GET /api/schema and /api/workflow/modules describe the types", async () => {
  await using it = await surface();
  const schema = await it.ask("/api/schema");
  assert.equal(schema.headers.get("content-type"), "application/schema+json");
  assert.ok((await schema.text()).includes("test.lamp"));
  const modules = await (await it.ask("/api/workflow/modules")).json();
  assert.deepEqual(modules.map(({ type }: { type: string }) => type), [
    "test.lamp",
  ]);
});

Deno.test("GET /api/workflow/modules is packed for those who can unpack it", async () => {
  await using it = await surface();
  const plain = await it.ask("/api/workflow/modules");
  assert.equal(plain.headers.get("content-encoding"), null);
  const packed = await it.ask("/api/workflow/modules", {
    headers: { "accept-encoding": "gzip" },
  });
  assert.equal(packed.headers.get("content-encoding"), "gzip");
  assert.ok(packed.body);
  const unpacked = packed.body.pipeThrough(new DecompressionStream("gzip"));
  assert.equal(await new Response(unpacked).text(), await plain.text());
});

Deno.test("POST /api/workflow/validate reports problems and changes nothing", async () => {
  await using it = await surface();
  const response = await it.ask("/api/workflow/validate", {
    method: "POST",
    body: TEXT.replace("test.lamp", "test.lump"),
  });
  const { valid, problems } = await response.json();
  assert.equal(valid, false);
  assert.equal(problems[0].code, "unknown-type");
  assert.equal(problems[0].line, 4);
  assert.equal(problems[0].nearest, "test.lamp");
});

const PIPELINE = `pipelines:
  greet:
    input: { name: string }
    steps:
      - { id: first, wait: { signal: go } }
      - { id: second, when: steps.first.output == 1, wait: { signal: go } }
`;

Deno.test("POST /api/workflow/scope says what an expression may speak of", async () => {
  await using it = await surface();
  const scopeAt = async (...path: (string | number)[]) => {
    const response = await it.ask("/api/workflow/scope", {
      method: "POST",
      body: JSON.stringify({ text: PIPELINE, path }),
    });
    return (await response.json()).variables;
  };
  const variables = await scopeAt("pipelines", "greet", "steps", 1, "when");
  assert.deepEqual(variables.input, { fields: { name: "string" } });
  assert.deepEqual(Object.keys(variables.steps.fields), ["first"]);
  assert.equal(await scopeAt("modules", 0), undefined);
});

Deno.test("POST /api/workflow/renaming answers with changes, or why not", async () => {
  await using it = await surface();
  const rename = (to: string) =>
    it.ask("/api/workflow/renaming", {
      method: "POST",
      body: JSON.stringify({
        ...{ text: PIPELINE, what: "step", inside: "greet", from: "first", to },
      }),
    });
  const changes = await (await rename("begin")).json();
  assert.deepEqual(
    changes.map(({ value }: { value: unknown }) => value),
    ["begin", "steps.begin.output == 1"],
  );
  const refused = await rename("second");
  assert.equal(refused.status, 400);
  assert.match((await refused.json()).detail, /^Cannot rename: the name "sec/);
});

Deno.test("POST /api/workflow/validate shows no secret, wherever a document puts it", async () => {
  await using it = await surface();
  for (const [field, valid] of [["label", true], ["watts", false]] as const) {
    const response = await it.ask("/api/workflow/validate", {
      method: "POST",
      body: TEXT.replace("watts: 60", `${field}: secret://LABEL`),
    });
    const text = await response.text();
    assert.equal(JSON.parse(text).valid, valid);
    assert.doesNotMatch(text, /sesame/);
    assert.match(text, /\*\*\*/);
  }
});

Deno.test("GET /api/documents lists what runs and what lies in the folder", async () => {
  await using it = await surface();
  const list = await (await it.ask("/api/documents")).json();
  assert.deepEqual(
    list.map((
      { id, running }: { id: string; running: boolean },
    ) => [id, running]),
    [["other", false], ["test", true]],
  );
});

Deno.test("GET /api/documents/{id} gives the bytes, and 304 for the same again", async () => {
  await using it = await surface();
  const response = await it.ask("/api/documents/test");
  assert.equal(await response.text(), TEXT);
  const etag = response.headers.get("etag") ?? "";
  const again = await it.ask("/api/documents/test", {
    headers: { "if-none-match": etag },
  });
  assert.equal(again.status, 304);
  assert.equal((await it.ask("/api/documents/nobody")).status, 404);
  assert.equal((await it.ask("/api/documents/..%2F..%2Fetc")).status, 404);
});

Deno.test("PUT /api/documents/{id} writes only over what was read", async () => {
  await using it = await surface();
  const changed = TEXT.replace("60", "75");
  const put = (headers: Record<string, string>, body = changed) =>
    it.ask("/api/documents/test", { method: "PUT", headers, body });
  const etag = (await it.ask("/api/documents/test")).headers.get("etag") ?? "";
  assert.equal((await put({})).status, 428);
  assert.equal((await put({ "if-match": '"other"' })).status, 412);
  assert.equal((await put({ "if-match": etag }, "modules: [")).status, 422);
  const written = await put({ "if-match": etag });
  assert.equal(written.status, 200);
  assert.equal(await (await it.ask("/api/documents/test")).text(), changed);
  assert.equal((await put({ "if-match": etag })).status, 412);
});

Deno.test("PUT /api/documents/{id} keeps the mode of a file, and follows no link", async () => {
  await using it = await surface();
  const file = `${it.folder}/other.yaml`;
  await Deno.chmod(file, 0o640);
  // What a write that was cut off has left, or somebody has planted.
  await Deno.symlink(`${it.folder}/elsewhere`, `${file}.next`);
  const etag = (await it.ask("/api/documents/other")).headers.get("etag");
  const put = await it.ask("/api/documents/other", {
    method: "PUT",
    headers: { "if-match": etag ?? "" },
    body: TEXT,
  });
  assert.equal(put.status, 200);
  assert.equal(await Deno.readTextFile(file), TEXT);
  assert.equal(((await Deno.lstat(file)).mode ?? 0) & 0o777, 0o640);
  await assert.rejects(Deno.stat(`${it.folder}/elsewhere`));
});

Deno.test("PUT /api/documents/{id} makes a new document that does not run", async () => {
  await using it = await surface();
  const create = () =>
    it.ask("/api/documents/fresh", {
      method: "PUT",
      headers: { "if-none-match": "*" },
      body: TEXT,
    });
  assert.equal((await create()).status, 201);
  assert.equal((await create()).status, 412);
  assert.equal(await Deno.readTextFile(`${it.folder}/fresh.yaml`), TEXT);
  for (const id of [".hidden", "a%2Fb", "%2e%2e", "a".repeat(200)]) {
    const response = await it.ask(`/api/documents/${id}`, {
      method: "PUT",
      headers: { "if-none-match": "*" },
      body: TEXT,
    });
    assert.ok(response.status >= 400 && response.status < 500, id);
  }
});

Deno.test("PUT /api/documents/{id} makes nothing under a name that is taken or is none", async () => {
  await using it = await surface();
  const create = async (id: string) => {
    const answer = await it.ask(`/api/documents/${id}`, {
      method: "PUT",
      headers: { "if-none-match": "*" },
      body: TEXT,
    });
    const { code } = await answer.json();
    return `${answer.status} ${code}`;
  };
  assert.equal(await create("other"), "412 already-exists");
  // Where a disk makes no difference, it would be the same file.
  assert.equal(await create("Other"), "409 already-exists");
  for (const id of ["_hidden", ".env", "a%2Fb", "..%2Fup", "x".repeat(129)]) {
    assert.equal(await create(id), "400 invalid-id", id);
  }
  const names = [...Deno.readDirSync(it.folder)].map(({ name }) => name);
  assert.deepEqual(names, ["other.yaml"]);
});

Deno.test("PUT /api/documents/{id} lets one of two that make the same have it, and notes both", async () => {
  await using it = await surface();
  const create = () =>
    it.ask("/api/documents/fresh", {
      method: "PUT",
      headers: { "if-none-match": "*" },
      body: TEXT,
    });
  const answers = await Promise.all([create(), create()]);
  const statuses = answers.map(({ status }) => status).sort();
  assert.deepEqual(statuses, [201, 412]);
  const audit = JSON.stringify(await (await it.ask("/api/audit")).json());
  for (const status of statuses) {
    assert.ok(audit.includes(`"/api/documents/fresh","status":${status}`));
  }
});

Deno.test("POST /api/workflow/reload starts a document that does not run", async () => {
  await using it = await surface();
  const reload = (id: string) =>
    it.ask(`/api/workflow/reload?document=${id}`, { method: "POST" });
  assert.equal((await reload("nobody")).status, 404);
  assert.equal((await reload("other")).status, 200);
  assert.equal((await reload("other")).status, 200);
  const list = await (await it.ask("/api/documents")).json();
  assert.ok(
    list.every(({ running }: { readonly running: boolean }) => running),
  );
});

Deno.test("GET /api/workflow/example is a document that can be kept as it is", async () => {
  await using it = await surface();
  const text = await (await it.ask("/api/workflow/example")).text();
  assert.match(text, /^modules:$/m);
  assert.doesNotMatch(text, /source:|folder|\.\//);
});

Deno.test("PUT /api/workflow/config applies JSON as a diff and runs after a reload", async () => {
  await using it = await surface();
  const config = await (await it.ask("/api/workflow/config")).json();
  config.modules[0].config.watts = 100;
  const put = await it.ask("/api/workflow/config", {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ modules: config.modules }),
  });
  assert.equal(put.status, 200);
  const kept = await (await it.ask("/api/documents/test")).text();
  assert.equal(kept, TEXT.replace("60", "100"));
  assert.equal(it.app.application.plan.modules[0]?.config.watts, 60);
  const reload = await it.ask("/api/workflow/reload", { method: "POST" });
  assert.deepEqual(await reload.json(), { status: "reloaded", problems: [] });
  assert.equal(it.app.application.plan.modules[0]?.config.watts, 100);
});

Deno.test("PUT /api/workflow/config refuses what is no document", async () => {
  await using it = await surface();
  for (
    const [type, body, status] of [
      ["application/json", "{", 400],
      ["application/json", "[]", 400],
      ["application/json", "null", 400],
      ["application/json", '{"modules":[{"name":"a","type":"nope"}]}', 422],
      ["text/yaml", "modules: {", 422],
      ["text/plain", "hello", 415],
    ] as const
  ) {
    const response = await it.ask("/api/workflow/config", {
      method: "PUT",
      headers: { "content-type": type },
      body,
    });
    assert.equal(response.status, status, body);
  }
  assert.equal(await (await it.ask("/api/documents/test")).text(), TEXT);
});

Deno.test("PUT /api/workflow/config refuses JSON that nests too deep", async () => {
  await using it = await surface();
  for (const levels of [65, 500_000]) {
    const response = await it.ask("/api/workflow/config", {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: `{"modules":${"[".repeat(levels)}${"]".repeat(levels)}}`,
    });
    assert.equal(response.status, 400);
    assert.match((await response.json()).detail, /deeper than 64 levels/);
  }
  assert.deepEqual(it.errors, []);
});

Deno.test("management reads nothing of strangers", async () => {
  await using it = await surface();
  let chunks = 0;
  const body = new ReadableStream({
    pull(controller) {
      chunks++;
      controller.enqueue(new Uint8Array(64 * 1024));
    },
  }, { highWaterMark: 0 });
  const response = await it.ask("/api/workflow/validate", {
    method: "POST",
    headers: { authorization: "Bearer wrong" },
    body,
  });
  assert.equal(response.status, 401);
  assert.equal(chunks, 0);
  await body.cancel().catch(() => {});
});

Deno.test("management refuses a body that is too large", async () => {
  await using it = await surface();
  const response = await it.ask("/api/workflow/validate", {
    method: "POST",
    body: "x".repeat(3 * 1024 * 1024),
  });
  assert.equal(response.status, 413);
});

Deno.test("GET /api/events resumes behind the last event that was seen", async () => {
  await using it = await surface();
  it.app.engine.events.emit("notice", {
    application: "test",
    message: "First",
  });
  const seen = it.app.engine.events.cursor;
  it.app.engine.events.emit("notice", {
    application: "test",
    message: "Second",
  });
  const response = await it.ask("/api/events", {
    headers: { "last-event-id": String(seen) },
  });
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  const reader = response.body!.pipeThrough(new TextDecoderStream())
    .getReader();
  const { value } = await reader.read();
  assert.match(
    value ?? "",
    /^event: notice\ndata: .*"message":"Second".*\nid: 3\n/,
  );
  assert.equal((value ?? "").includes("First"), false);
  await reader.cancel();
});

Deno.test("GET /api/events?recent=1 begins with what is remembered", async () => {
  await using it = await surface();
  it.app.engine.events.emit("notice", {
    application: "test",
    message: "Before",
  });
  const response = await it.ask("/api/events?recent=1");
  const reader = response.body!.pipeThrough(new TextDecoderStream())
    .getReader();
  let text = "";
  while (!text.includes("Before")) text += (await reader.read()).value ?? "";
  assert.match(text, /^event: application\n/);
  assert.equal(text.includes("event: reset"), false);
  await reader.cancel();
});

Deno.test("GET /api/events tells a reader that missed too much to start anew", async () => {
  await using it = await surface();
  const response = await it.ask("/api/events", {
    headers: { "last-event-id": "999999" },
  });
  const reader = response.body!.pipeThrough(new TextDecoderStream())
    .getReader();
  assert.match((await reader.read()).value ?? "", /event: reset/);
  await reader.cancel();
});

Deno.test("GET /docs needs no token and links lead somewhere", async () => {
  await using it = await surface();
  const page = await it.ask("/docs/modules/test.lamp", {
    headers: { authorization: "none" },
  });
  assert.equal(page.status, 200);
  assert.match(await page.text(), /watts/);
  assert.equal((await it.ask("/docs/problems/unknown-type")).status, 200);
  assert.equal((await it.ask("/docs/modules")).status, 200);
  assert.equal((await it.ask("/docs/nothing")).status, 404);
});

Deno.test("GET /docs has every page that a problem links to", async () => {
  await using it = await surface();
  const bad = [
    "modules: {",
    "nothing: 1",
    "modules: [{}]",
    "modules: [{name: a, type: test.lump}]",
    "modules: [{name: a, type: test.lamp, kind: 1, config: {wats: 1}}]",
    "workflows: {ftp: {}}",
    "triggers: {moon: {}}",
    "modules: [{name: a, type: test.lamp, dependsOn: [b]}]",
    "links: [{}]",
  ];
  const pages = new Set<string>();
  for (const body of bad) {
    const answer = await it.ask("/api/workflow/validate", {
      method: "POST",
      body,
    });
    const { problems } = await answer.json();
    assert.ok(problems.length > 0, body);
    for (const { docs } of problems) pages.add(docs);
  }
  for (const path of pages) {
    assert.equal((await it.ask(path)).status, 200, path);
  }
});
