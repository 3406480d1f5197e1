/** Each form of control in pipelines has a document, which does what it says. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { catalog } from "../catalog.gen.ts";
import { boot } from "../engine/mod.ts";
import { simulatedEffects } from "../engine/simulation/effects.ts";
import { memoryStore } from "../engine/store/memory.ts";
import { followComment } from "./_follow_comment.ts";
import { ROOT } from "./_process.ts";

const FOLDER = "examples/pipelines/";

const names = [...Deno.readDirSync(join(ROOT, FOLDER))]
  .map(({ name }) => name)
  .filter((name) => name.endsWith(".yaml"))
  .sort();

for (const name of names) {
  Deno.test(`${FOLDER}${name} does what its comment says`, () =>
    followComment(`${FOLDER}${name}`));
}

Deno.test("examples/pipelines/signal.yaml goes on when it is sent the signal", () =>
  followComment(`${FOLDER}signal.yaml`, async ({ application, effects }) => {
    const { runs } = application;
    const { summary } = await runs.start("order", { order: "o2" });
    await effects.advance(1_000);
    await runs.signal(summary.id, "paid", { cents: 100 });
    await effects.advance(1_000);
    const end = (await runs.get(summary.id))?.entries.at(-1);
    assert.ok(end?.kind === "completed");
    assert.deepEqual(end.output, { order: "o2", paid: true });
  }));

Deno.test("examples/pipelines/approval.yaml goes on when the boss decides", () =>
  followComment(
    `${FOLDER}approval.yaml`,
    async ({ application, effects, logs }, { RUN = "" }) => {
      const { runs } = application;
      const link = logs.map(({ fields }) =>
        String(fields.link)
      ).find((text) => text.startsWith("/approvals/")) ?? "";
      const [, , id = "", step = "", token = ""] = link.split("/");
      assert.equal(id, RUN);
      const decision = { approved: false, comment: "Too much", by: "Grace" };
      await assert.rejects(runs.decide({ id, step, token: "x" }, decision));
      await runs.decide({ id, step, token }, decision);
      await effects.advance(1_000);
      const end = (await runs.get(id))?.entries.at(-1);
      assert.ok(end?.kind === "completed");
      assert.deepEqual(end.output, { paid: false, by: "Grace" });
    },
  ));

Deno.test("examples/pipelines/ can be started as one folder: no two documents share a port", async () => {
  const effects = simulatedEffects();
  const engine = await boot({
    catalog,
    documents: await Promise.all(names.map(async (file) => ({
      file,
      text: await Deno.readTextFile(join(ROOT, FOLDER, file)),
      folder: join(ROOT, FOLDER),
    }))),
    store: memoryStore({ now: effects.clock.now }),
    effects,
    log: () => {},
    secrets: { env: () => undefined, file: () => Promise.resolve(undefined) },
    strict: true,
  });
  assert.equal(engine.addresses().length, names.length);
  await engine.stop();
});

Deno.test("examples/README.md lists every document about pipelines", async () => {
  const index = await Deno.readTextFile(join(ROOT, "examples/README.md"));
  for (const name of names) {
    assert.ok(index.includes(`[${name}](pipelines/${name})`), name);
  }
});
