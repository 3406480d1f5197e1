import assert from "node:assert/strict";
import { RefusedError } from "../errors.ts";
import { startPipelines } from "./_application_test.ts";
import { work } from "./_compiled_test.ts";

const refused = (code: string) => (error: unknown) =>
  error instanceof RefusedError && error.code === code;

const ONCE = { retry: { attempts: 1 } };

Deno.test("a fork takes over what was done before a step, and does it and the rest anew", async () => {
  let isBroken = true;
  await using application = await startPipelines({
    p: { steps: [work("a"), work("b", ONCE), work("c")] },
  }, {
    does: ({ step }) => {
      if (step === "b" && isBroken) throw new Error("no");
      return step;
    },
  });
  const { runs, done } = application;
  const { summary: { id } } = await runs.start("p", {});
  await application.pass(1_000);
  isBroken = false;
  const fork = await runs.fork(id, { fromStep: "b" });
  await application.pass(1_000);
  assert.deepEqual(done, ["a #1", "b #1", "b #1", "c #1"]);
  assert.equal(await application.end(fork.summary.id), "c");
  assert.equal(await runs.supersededBy(id), fork.summary.id);
  assert.deepEqual((await runs.get(fork.summary.id))?.summary.fork, {
    run: id,
    step: "b",
  });
});

Deno.test("a fork goes past a signal, a step that failed and went on, and a retry", async () => {
  await using application = await startPipelines({
    p: {
      steps: [
        { id: "w", wait: { signal: "go" } },
        work("bad", { onError: "continue", ...ONCE }),
        work("again", { retry: { attempts: 2, backoff: "10ms" } }),
        work("last"),
      ],
      output: "${{ [steps.w.output, steps.bad.status] }}",
    },
  }, {
    does: ({ step, attempt }) => {
      if (step === "bad" || step === "again" && attempt === 1) {
        throw new Error("no");
      }
      return step;
    },
  });
  const { runs, done } = application;
  const { summary: { id } } = await runs.start("p", {});
  await application.pass(10);
  await runs.signal(id, "go", 5);
  await application.pass(1_000);
  done.length = 0;
  const fork = await runs.fork(id, { fromStep: "last" });
  await application.pass(1_000);
  assert.deepEqual(done, ["last #1"]);
  assert.deepEqual(await application.end(fork.summary.id), [5, "failed"]);
});

Deno.test("a fork does anew what was under way beside the step", async () => {
  await using application = await startPipelines({
    p: {
      steps: [{
        id: "both",
        parallel: {
          left: [work("l", { retry: { attempts: 2, backoff: "1s" } })],
          right: [work("r"), work("r2")],
        },
      }],
    },
  }, {
    does: ({ step, attempt }) => {
      if (step === "l" && attempt === 1) throw new Error("no");
      return step;
    },
  });
  const { runs, done } = application;
  const { summary: { id } } = await runs.start("p", {});
  await application.pass(5_000);
  done.length = 0;
  const fork = await runs.fork(id, { fromStep: "r2" });
  await application.pass(5_000);
  assert.deepEqual(done, ["l #1", "r2 #1", "l #2"]);
  assert.deepEqual(await application.end(fork.summary.id), {
    left: "l",
    right: "r2",
  });
});

Deno.test("a fork may have another input, which is checked", async () => {
  await using application = await startPipelines({
    p: {
      input: { n: "integer" },
      steps: [work("a"), work("b")],
      output: "${{ input.n }}",
    },
  });
  const { runs } = application;
  const { summary: { id } } = await runs.start("p", { n: 1 });
  await application.pass(100);
  await assert.rejects(
    runs.fork(id, { fromStep: "b", input: { n: "x" } }),
    refused("invalid-input"),
  );
  const fork = await runs.fork(id, { fromStep: "b", input: { n: 2 } });
  await application.pass(100);
  assert.equal(await application.end(fork.summary.id), 2);
});

Deno.test("a fork is refused from a step that the run did not come to, and of no run", async () => {
  await using application = await startPipelines({
    p: { steps: [work("a"), work("b", { when: "false" })] },
  });
  const { runs, effects } = application;
  const { summary: { id } } = await runs.start("p", {});
  await application.pass(100);
  await assert.rejects(
    runs.fork(id, { fromStep: "b" }),
    /the steps before it do not lead there/,
  );
  await assert.rejects(
    runs.fork(effects.ids.next(), { fromStep: "a" }),
    refused("not-found"),
  );
});
