/**
 * A run whose journal is larger than one commit of the store on disk.
 */
import assert from "node:assert/strict";
import { simulatedEffects } from "../simulation/effects.ts";
import { openStore } from "../store/open.ts";
import { startPipelines } from "./_application_test.ts";
import { work } from "./_compiled_test.ts";

/** Characters of what each step yields. */
const CHARACTERS = 30_000;

/** Steps, which together yield some 2 MB. */
const STEPS = 70;

Deno.test("a run with a journal larger than a commit comes to its end, and is there after a restart", async () => {
  const file = `${await Deno.makeTempDir()}/store`;
  const effects = simulatedEffects();
  const pipelines = {
    p: {
      steps: Array.from({ length: STEPS }, (_, index) => work(`s${index}`)),
    },
  };
  const text = "ä".repeat(CHARACTERS);
  let id = "";
  for (const isFirst of [true, false]) {
    const store = await openStore(file, { now: effects.clock.now });
    const application = await startPipelines(pipelines, {
      ...{ effects, store },
      does: () => text,
    });
    try {
      if (isFirst) {
        id = (await application.runs.start("p", {})).summary.id;
        for (let turn = 0; turn < 200; turn++) {
          await application.pass(10);
          const view = await application.runs.get(id);
          if (view?.summary.status !== "running") break;
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
      }
      const view = await application.runs.get(id);
      assert.equal(view?.summary.status, "completed");
      const whole = JSON.stringify(view?.entries);
      assert.ok(whole.length > STEPS * CHARACTERS, String(whole.length));
    } finally {
      await application.stop();
      await store.close();
    }
  }
});
