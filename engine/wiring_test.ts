import assert from "node:assert/strict";
import { z } from "zod";
import { defineWorkflowType } from "./define.ts";
import { startApplication } from "./testing.ts";
import set from "../workflows/steps/set.ts";

/** A section that makes one pipeline. */
const maker = defineWorkflowType({
  type: "maker",
  summary: "Makes a pipeline",
  config: z.strictObject({
    id: z.string().describe("What it is called"),
    use: z.string().default("set").describe("What its step does"),
  }),
  wire: ({ id, use }) => ({
    unwire() {},
    pipelines: {
      [id]: {
        steps: [{
          id: "one",
          use,
          with: { values: { greeting: "Hello ${{ input.name }}" } },
        }],
      },
    },
  }),
});

const PIPELINE = {
  steps: [{ id: "own", use: "set", with: { values: { a: 1 } } }],
};

const start = (section: Readonly<Record<string, unknown>>) =>
  startApplication({
    document: {
      workflows: { maker: section },
      pipelines: { written: PIPELINE },
    },
    definitions: [maker, set],
  });

Deno.test("a pipeline that a section makes runs like one of the document", async () => {
  await using app = await start({ id: "made" });
  const running = app.application.dispatch("made", "run", { name: "Ada" }, {
    waitMs: 1_000,
  });
  await app.effects.advance(1_000);
  assert.deepEqual((await running).output, { greeting: "Hello Ada" });
  assert.deepEqual(app.application.workflows(), ["maker", "written", "made"]);
});

Deno.test("a reload replaces the pipelines that sections make", async () => {
  await using app = await start({ id: "made" });
  await app.reload({
    workflows: { maker: { id: "renamed" } },
    pipelines: { written: PIPELINE },
  });
  assert.deepEqual(app.application.workflows(), [
    "maker",
    "written",
    "renamed",
  ]);
  await assert.rejects(app.dispatch("made", "run", {}));
});

Deno.test("a section that makes a pipeline of a taken name, or one that is not valid, is not wired", async () => {
  await assert.rejects(
    start({ id: "written" }),
    /Another pipeline is called "written"/,
  );
  await assert.rejects(
    start({ id: "made", use: "sett" }),
    /The pipeline "made" is not valid: .*"sett"/,
  );
});
