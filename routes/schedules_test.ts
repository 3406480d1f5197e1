/**
 * Asks for schedules as a client would, over applications whose only workflow
 * keeps what it is asked.
 */
import assert from "node:assert/strict";
import { z } from "zod";
import { createCatalog } from "../engine/catalog.ts";
import { defineTrigger, defineWorkflowType } from "../engine/define.ts";
import { boot } from "../engine/mod.ts";
import { simulatedEffects } from "../engine/simulation/effects.ts";
import { memoryStore } from "../engine/store/memory.ts";
import { Documents } from "../platform/documents.ts";
import { managementApp } from "./management.ts";

const TOKEN = "the-token-of-this-test";
const MINUTE_MS = 60_000;

const trigger = defineTrigger({
  type: "minutely",
  summary: "Asks every minute",
  config: z.strictObject({}),
  wire: (_config, host) => ({
    unwire: host.schedules.declare({
      id: "trigger:minutely",
      cron: "* * * * *",
      workflow: "work",
      action: "do",
      params: {},
      enabled: true,
      missed: "once",
      overlap: "allow",
    }),
  }),
});

async function surface(ids: readonly string[] = ["app"]) {
  const effects = simulatedEffects({ startMs: Date.UTC(2026, 0, 1) });
  const asked: string[] = [];
  const work = defineWorkflowType({
    type: "work",
    summary: "Keeps what it is asked",
    config: z.strictObject({}),
    wire: () => ({
      unwire() {},
      execute(action, _data, _workflow, options) {
        asked.push(`${action} ${options?.idempotencyKey}`);
        if (action === "fail") throw new Error("broken");
        return Promise.resolve({});
      },
    }),
  });
  const engine = await boot({
    catalog: createCatalog([work, trigger]),
    documents: ids.map((id) => ({
      file: `${id}.yaml`,
      text: "workflows: { work: {} }\ntriggers: { minutely: {} }\n",
    })),
    store: memoryStore({ now: effects.clock.now }),
    effects,
    log: () => {},
    secrets: { env: () => undefined, file: () => Promise.resolve(undefined) },
  });
  const stopping = new AbortController();
  const management = managementApp({
    engine,
    documents: new Documents(engine, memoryStore(), undefined),
    ...{ store: memoryStore(), effects },
    token: TOKEN,
    signal: stopping.signal,
    onError: (error) => {
      throw error;
    },
  });
  return {
    effects,
    asked,
    async ask(
      method: string,
      path: string,
      body?: unknown,
      headers: Readonly<Record<string, string>> = {},
    ) {
      const response = await management.request(`/api/schedules${path}`, {
        method,
        headers: { authorization: `Bearer ${TOKEN}`, ...headers },
        ...(body === undefined ? {} : {
          body: typeof body === "string" ? body : JSON.stringify(body),
        }),
      });
      const text = await response.text();
      return {
        status: response.status,
        etag: response.headers.get("etag") ?? "",
        body: text === "" ? undefined : JSON.parse(text),
      };
    },
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await engine.stop();
    },
  };
}

const EVERY = { every: "10m", workflow: "work", action: "do" };

Deno.test("GET /api/schedules shows those of the document and those made here", async () => {
  await using it = await surface();
  await it.ask("POST", "", { id: "mine", ...EVERY, params: { n: 1 } });
  await it.effects.advance(MINUTE_MS);
  const { body } = await it.ask("GET", "");
  assert.deepEqual(
    body.map(({ id, source }: Record<string, string>) => [id, source]),
    [["mine", "api"], ["trigger:minutely", "document"]],
  );
  assert.deepEqual(body[0], {
    id: "mine",
    application: "app",
    source: "api",
    every: "10m",
    workflow: "work",
    action: "do",
    params: { n: 1 },
    enabled: true,
    missed: "once",
    overlap: "allow",
    paused: false,
    nextDueAt: "2026-01-01T00:10:00.000Z",
    lastRun: null,
    createdAt: "2026-01-01T00:00:00.000Z",
    updatedAt: "2026-01-01T00:00:00.000Z",
  });
  assert.deepEqual(body[1].lastRun, {
    dueAt: "2026-01-01T00:01:00.000Z",
    at: "2026-01-01T00:01:00.000Z",
    endedAt: "2026-01-01T00:01:00.000Z",
    status: "success",
    attempt: 1,
    manual: false,
  });
});

Deno.test("/api/schedules/{id} reads, changes by ETag and deletes", async () => {
  await using it = await surface();
  const made = await it.ask("POST", "", { id: "mine", ...EVERY });
  assert.equal(made.status, 201);
  const read = await it.ask("GET", "/mine");
  assert.equal(read.status, 200);
  assert.equal(read.etag, made.etag);
  assert.deepEqual(read.body.history, []);
  const change = { ...EVERY, every: "1h" };
  const match = { "if-match": read.etag };
  const changed = await it.ask("PUT", "/mine", change, match);
  assert.equal(changed.status, 200);
  assert.equal(changed.body.nextDueAt, "2026-01-01T01:00:00.000Z");
  assert.equal((await it.ask("PUT", "/mine", change, match)).status, 412);
  assert.equal((await it.ask("PUT", "/mine", EVERY)).status, 200);
  assert.equal((await it.ask("DELETE", "/mine")).status, 204);
  assert.equal((await it.ask("GET", "/mine")).status, 404);
  assert.equal((await it.ask("DELETE", "/mine")).status, 404);
});

Deno.test("/api/schedules/{id}/run runs now, and the history says how it went", async () => {
  await using it = await surface();
  await it.ask("POST", "", { id: "mine", ...EVERY, action: "fail" });
  const run = await it.ask("POST", "/mine/run");
  assert.equal(run.status, 202);
  assert.equal(run.body.manual, true);
  await it.effects.advance(0);
  assert.deepEqual(it.asked, [`fail ${run.body.idempotencyKey}`]);
  const { body } = await it.ask("GET", "/mine");
  assert.equal(body.history.length, 1);
  assert.equal(body.history[0].status, "failed");
  assert.equal(body.history[0].error, "broken");
});

Deno.test("/api/schedules/{id} pauses and resumes, also one of the document", async () => {
  await using it = await surface();
  const path = `/${encodeURIComponent("trigger:minutely")}`;
  const paused = await it.ask("POST", `${path}/pause`);
  assert.deepEqual([paused.body.paused, paused.body.nextDueAt], [true, null]);
  await it.effects.advance(5 * MINUTE_MS);
  assert.deepEqual(it.asked, []);
  const resumed = await it.ask("POST", `${path}/resume`);
  assert.equal(resumed.body.nextDueAt, "2026-01-01T00:06:00.000Z");
  assert.equal((await it.ask("PUT", path, EVERY)).status, 409);
  assert.equal((await it.ask("DELETE", path)).status, 409);
});

Deno.test("/api/schedules refuses what is wrong, and says what", async () => {
  await using it = await surface();
  await it.ask("POST", "", { id: "mine", ...EVERY });
  for (
    const [body, status, code] of [
      ["{", 422, "invalid-input"],
      [[], 422, "invalid-input"],
      [{ ...EVERY, cron: "@daily" }, 422, "invalid-input"],
      [{ ...EVERY, workflow: "wrok" }, 409, "unknown-workflow"],
      [{ ...EVERY, id: "mine" }, 409, "already-exists"],
    ] as const
  ) {
    const answer = await it.ask("POST", "", body);
    assert.deepEqual([answer.status, answer.body.code], [status, code]);
  }
  for (const path of ["/no/run", "/no/pause", "/no/resume"]) {
    assert.equal((await it.ask("POST", path)).status, 404, path);
  }
  const stranger = await it.ask("GET", "", undefined, { authorization: "" });
  assert.equal(stranger.status, 401);
});

Deno.test("/api/schedules wants to know whose, where several applications run", async () => {
  await using it = await surface(["one", "two"]);
  const unsaid = await it.ask("POST", "", { id: "mine", ...EVERY });
  assert.equal(unsaid.status, 422);
  assert.match(unsaid.body.detail, /\?application=: one, two/);
  const said = await it.ask("POST", "?application=two", {
    id: "mine",
    ...EVERY,
  });
  assert.equal(said.body.application, "two");
  const all = await it.ask("GET", "");
  assert.equal(all.body.length, 3);
  const one = await it.ask("GET", "?application=one");
  assert.equal(one.body.length, 1);
  const mine = (id: string) => it.ask("GET", `/mine?application=${id}`);
  assert.equal((await mine("one")).status, 404);
  assert.equal((await mine("two")).status, 200);
  assert.equal((await mine("three")).status, 404);
});
