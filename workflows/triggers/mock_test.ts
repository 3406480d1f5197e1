import assert from "node:assert/strict";
import { z } from "zod";
import { defineWorkflowType, type JsonObject } from "@engine/define.ts";
import { startApplication } from "@engine/testing.ts";
import mock from "./mock.ts";

async function start(dispatch: readonly Readonly<Record<string, unknown>>[]) {
  const asked: [string, JsonObject][] = [];
  const recorder = defineWorkflowType({
    type: "test",
    summary: "Keeps what it is asked",
    config: z.strictObject({}),
    wire: () => ({
      unwire() {},
      execute(action, data) {
        asked.push([action, data]);
        return Promise.resolve({});
      },
    }),
  });
  const app = await startApplication({
    document: { workflows: { test: {} }, triggers: { mock: { dispatch } } },
    definitions: [mock, recorder],
  });
  return { app, asked };
}

Deno.test("mock runs workflows in order of time, and says that it is for tests", async () => {
  const { app, asked } = await start([
    { workflow: "test", action: "late", afterMs: 500, data: { n: 2 } },
    { workflow: "test", action: "now", data: { n: 1 } },
    { workflow: "nothing", action: "x", afterMs: 100 },
  ]);
  await app.effects.advance(499);
  assert.deepEqual(asked, [["now", { n: 1 }]]);
  await app.effects.advance(1);
  assert.deepEqual(asked, [["now", { n: 1 }], ["late", { n: 2 }]]);
  const said = app.logs.map(({ message }) => message);
  assert.ok(said.some((message) => /for tests only/.test(message)));
  assert.ok(
    said.includes('mock nothing.x failed: No workflow is called "nothing"'),
  );
  await app.stop();
});

Deno.test("mock runs nothing once its document has stopped", async () => {
  const { app, asked } = await start([
    { workflow: "test", action: "late", afterMs: 500 },
  ]);
  await app.stop();
  await app.effects.advance(1_000);
  assert.deepEqual(asked, []);
});
