/** The page about pipelines says what the engine does. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { definitions } from "../catalog.gen.ts";
import {
  ATTEMPTS_DEFAULT,
  EACH_ITEMS_MAX,
  PIPELINE_DEPTH_MAX,
  PIPELINE_STEPS_MAX,
  RETENTION_DEFAULT_MS,
  RETRY_DEFAULT,
  STEP_TIMEOUT_DEFAULT_MS,
} from "../engine/pipeline/grammar.ts";
import { KEY_CHARACTERS_MAX } from "../engine/run/accept.ts";
import { DISPATCH_WAIT_MS_MAX } from "../engine/run/dispatch.ts";
import { STEPS_RUNNING_MAX } from "../engine/run/executor.ts";
import { INPUT_CHARACTERS_MAX } from "../engine/run/input.ts";
import { APPEND_CHARACTERS_MAX } from "../engine/run/log.ts";
import { SIGNALS_KEPT_MAX } from "../engine/run/machine.ts";
import { OUTPUT_CHARACTERS_MAX } from "../engine/run/perform.ts";
import { RUNS_LIVE_MAX } from "../engine/run/runs.ts";
import { WAIT_MS_MAX } from "../engine/run/wait_until.ts";
import type { JsonObject } from "../engine/define.ts";
import { startApplication } from "../engine/testing.ts";
import { IDEMPOTENCY_KEY_CHARACTERS_MAX } from "../workflows/triggers/_run_answer.ts";
import { advanceUntil } from "./_advance.ts";
import { ROOT } from "./_process.ts";

const PAGE = await Deno.readTextFile(join(ROOT, "docs/pipelines.md"));

Deno.test("docs/pipelines.md states every limit as it is", () => {
  const limits = {
    ...{ PIPELINE_STEPS_MAX, PIPELINE_DEPTH_MAX, EACH_ITEMS_MAX },
    ...{ INPUT_CHARACTERS_MAX, OUTPUT_CHARACTERS_MAX, APPEND_CHARACTERS_MAX },
    ...{ KEY_CHARACTERS_MAX, SIGNALS_KEPT_MAX, WAIT_MS_MAX },
    ...{ DISPATCH_WAIT_MS_MAX, STEPS_RUNNING_MAX, RUNS_LIVE_MAX },
  };
  for (const [name, value] of Object.entries(limits)) {
    const row = new RegExp(
      `\\| \`${name}\` +\\| ${value.toLocaleString("en")} `,
    );
    assert.match(PAGE, row);
  }
  assert.ok(PAGE.includes(`(${IDEMPOTENCY_KEY_CHARACTERS_MAX} characters`));
});

Deno.test("docs/pipelines.md states every default as it is", () => {
  assert.equal(ATTEMPTS_DEFAULT, 3);
  assert.deepEqual(RETRY_DEFAULT, {
    ...{ attempts: 3, backoff: "1s", factor: 2, maxBackoff: "1h", jitter: 0.2 },
  });
  assert.equal(STEP_TIMEOUT_DEFAULT_MS, 5 * 60_000);
  assert.equal(RETENTION_DEFAULT_MS, 7 * 86_400_000);
});

Deno.test("docs/pipelines.md shows a pipeline that runs, and is taken back", async () => {
  await using order = await orderOf(PAGE, { items: [], cardToken: "tok" });
  await advanceUntil(order.effects, 0, order.status, "waiting");
  await order.runs.cancel(order.id, "enough");
  await advanceUntil(order.effects, 0, order.status, "cancelled");
  assert.deepEqual(await order.done(), ["pay", "pay~compensate"]);
});

Deno.test("README.md shows a pipeline that runs", async () => {
  const readme = await Deno.readTextFile(join(ROOT, "README.md"));
  const text = readme.slice(readme.indexOf("```yaml\npipelines:"));
  await using order = await orderOf(text, { items: [], city: "Berlin" });
  await advanceUntil(order.effects, 0, order.done, ["pay"]);
  await order.effects.advance(2 * 60_000);
  await advanceUntil(order.effects, 0, order.status, "completed");
  assert.deepEqual(await order.done(), ["pay", "packing", "ship"]);
});

/** Begins an order under the first pipeline that a page shows. */
async function orderOf(page: string, input: JsonObject) {
  const shown = /```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? "";
  const modules = ["payment", "refund", "shipping"].map((name) =>
    `  - { name: ${name}, type: dynamic.component, config: { source: work.ts } }`
  );
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(
    join(folder, "work.ts"),
    `export function execute(_: unknown, ctx: { idempotencyKey: string }) {
      return { id: ctx.idempotencyKey, tracking: ctx.idempotencyKey };
    }`,
  );
  const app = await startApplication({
    document: `modules:\n${modules.join("\n")}\n${shown}`,
    definitions,
    folder: `${folder}/`,
    strict: true,
  });
  const { run } = await app.dispatch("order", "start", input);
  const { runs } = app.application;
  const id = String(run);
  const view = async () => {
    const found = await runs.get(id);
    assert.ok(found);
    return found;
  };
  return {
    ...{ id, runs, effects: app.effects },
    status: async () => (await view()).summary.status,
    /** The steps that are done, in order. */
    async done() {
      return (await view()).entries.flatMap((entry) =>
        entry.kind === "step.completed" ? [entry.step] : []
      );
    },
    async [Symbol.asyncDispose]() {
      await app.stop();
      await Deno.remove(folder, { recursive: true });
    },
  };
}
