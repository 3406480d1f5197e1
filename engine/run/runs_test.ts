import assert from "node:assert/strict";
import { RefusedError, RetryableError, TerminalError } from "../errors.ts";
import { FAULTS, faultyStore } from "../../tests/_faulty_store.ts";
import { simulatedEffects } from "../simulation/effects.ts";
import { memoryStore } from "../store/memory.ts";
import { never, startPipelines, untilAborted } from "./_application_test.ts";
import { undoable, work } from "./_compiled_test.ts";
import { keyPlace } from "./places.ts";

const wait = (id: string, wait: Record<string, unknown>, more = {}) => ({
  ...{ id, wait },
  ...more,
});

const refused = (code: string) => (error: unknown) =>
  error instanceof RefusedError && error.code === code;

Deno.test("a run that was accepted goes on in another process, from where it was", async () => {
  const pipelines = {
    p: { steps: [work("a"), wait("w", { for: "10s" }), work("b")] },
  };
  const effects = simulatedEffects();
  const store = memoryStore({ now: effects.clock.now });
  const first = await startPipelines(pipelines, { effects, store });
  const { summary: { id } } = await first.runs.start("p", {});
  await first.pass(4_000);
  // Nobody stops it: it is as if the power had gone.
  await using second = await startPipelines(pipelines, { effects, store });
  await second.pass(5_900);
  assert.deepEqual(second.done, []);
  await second.pass(200);
  assert.deepEqual(second.done, ["b #1"]);
  assert.equal(await second.end(id), null);
  await first.stop();
});

Deno.test("a process that was replaced starts nothing and answers everybody", async () => {
  const pipelines = {
    p: { steps: [work("a")] },
    r: { durability: "result", steps: [work("a")] },
  };
  const effects = simulatedEffects();
  const store = memoryStore({ now: effects.clock.now });
  const first = await startPipelines(pipelines, {
    ...{ effects, store },
    does: untilAborted,
  });
  // It is under way, and nothing of it is in the store.
  const refused = assert.rejects(first.runs.start("r", {}), /another process/);
  await using second = await startPipelines(pipelines, { effects, store });
  await assert.rejects(first.runs.start("p", {}), RetryableError);
  await refused;
  const { summary } = await second.runs.start("p", {});
  await second.pass(0);
  assert.equal(await second.end(summary.id), null);
  await first.stop();
});

Deno.test("a start with durability result is answered when the run is over, and refused when the engine stops first", async () => {
  await using application = await startPipelines({
    p: { durability: "result", steps: [work("a")] },
    slow: { durability: "result", steps: [work("a", { timeout: "1h" })] },
  }, { does: ({ pipeline }) => pipeline === "p" ? 5 : new Promise(() => {}) });
  const { summary } = await application.runs.start("p", {});
  assert.equal(summary.status, "completed");
  const slow = application.runs.start("slow", {});
  const refusal = assert.rejects(slow, RetryableError);
  const stopped = application.stop();
  await application.pass(20_000);
  await stopped;
  await refusal;
});

Deno.test("a second start with an idempotency key is the first one's run, also after its end", async () => {
  await using application = await startPipelines({ p: { steps: [work("a")] } });
  const { runs } = application;
  const options = { idempotencyKey: "k" };
  const [one, two] = await Promise.all([
    runs.start("p", {}, options),
    runs.start("p", {}, options),
  ]);
  await application.pass(1_000);
  const three = await runs.start("p", {}, options);
  assert.equal(one.summary.id, two.summary.id);
  assert.equal(one.summary.id, three.summary.id);
  assert.deepEqual(application.done, ["a #1"]);
});

Deno.test("a start that died between the row of its key and its run is finished by the next", async () => {
  await using application = await startPipelines({ p: { steps: [work("a")] } });
  const { runs, scoped, effects } = application;
  const id = effects.ids.next();
  await scoped.commit({
    sets: [{ key: keyPlace("p", "k"), value: { run: id } }],
  });
  const { summary } = await runs.start("p", {}, { idempotencyKey: "k" });
  assert.equal(summary.id, id);
});

Deno.test("an idempotency key is free again when its run is forgotten", async () => {
  await using application = await startPipelines({
    p: { retention: "1m", steps: [work("a")] },
  });
  const { runs } = application;
  const options = { idempotencyKey: "k" };
  const { summary: { id } } = await runs.start("p", {}, options);
  await application.pass(50_000);
  assert.notEqual(await runs.get(id), undefined);
  await application.pass(20_000);
  assert.equal(await runs.get(id), undefined);
  const next = await runs.start("p", {}, options);
  assert.notEqual(next.summary.id, id);
});

Deno.test("a start is refused without a pipeline, or with a wrong input, and takes no key", async () => {
  await using application = await startPipelines({
    p: { input: { n: "integer" }, steps: [work("a")] },
  });
  const { runs } = application;
  const options = { idempotencyKey: "k" };
  await assert.rejects(runs.start("q", {}, options), refused("not-found"));
  await assert.rejects(
    runs.start("p", { n: "1" }, options),
    refused("invalid-input"),
  );
  await runs.start("p", { n: 1 }, options);
});

Deno.test("a cancel undoes what was done, and what undoes it is not cancelled", async () => {
  const given: boolean[] = [];
  await using application = await startPipelines({
    p: { steps: [undoable("a"), wait("w", { signal: "go" })] },
  }, {
    does: ({ step, signal }) => {
      if (step === "a") return null;
      // It takes a turn, in which the cancel would end it.
      return Promise.resolve().then(() => {
        given.push(signal.aborted);
        return null;
      });
    },
  });
  const { runs } = application;
  const { summary: { id } } = await runs.start("p", {});
  await application.pass(10);
  await runs.cancel(id, "enough");
  await application.pass(10);
  assert.deepEqual(application.done, ["a #1", "a~compensate #1"]);
  assert.deepEqual(given, [false]);
  assert.equal(await application.end(id), "cancelled: enough");
});

Deno.test("a cancel while a run is undone does not end what undoes it", async () => {
  let finish = () => {};
  await using application = await startPipelines({
    p: { steps: [undoable("a"), work("bad", { retry: { attempts: 1 } })] },
  }, {
    does: ({ step, signal }) => {
      if (step === "bad") throw new TerminalError("no");
      if (step === "a") return null;
      return new Promise((resolve, reject) => {
        finish = () => resolve("undone");
        signal.addEventListener("abort", () => reject(signal.reason));
      });
    },
  });
  const { runs } = application;
  const { summary: { id } } = await runs.start("p", {});
  await application.pass(10);
  await runs.cancel(id, "enough");
  finish();
  await application.pass(10);
  const view = await runs.get(id);
  assert.ok(
    view?.entries.some((e) =>
      e.kind === "step.completed" && e.step === "a~compensate"
    ),
  );
  assert.equal(await application.end(id), "failed: no");
});

Deno.test("a cancelled step that does not listen holds its run no longer than its timeout", async () => {
  await using application = await startPipelines({
    p: { steps: [work("a", { timeout: "5s" })] },
  }, { does: never });
  const { summary: { id } } = await application.runs.start("p", {});
  await application.pass(1_000);
  await application.runs.cancel(id, "enough");
  await application.pass(3_900);
  assert.equal(await application.end(id), "running");
  await application.pass(200);
  assert.equal(await application.end(id), "cancelled: enough");
});

Deno.test("a run that is cancelled before its turn does nothing", async () => {
  await using application = await startPipelines({
    p: { concurrency: { limit: 1 }, steps: [work("a", { timeout: "1h" })] },
  }, { does: untilAborted });
  const { runs } = application;
  const first = await runs.start("p", {});
  const { summary: { id } } = await runs.start("p", {});
  assert.equal(await application.end(id), "pending");
  await runs.cancel(id, "enough");
  await application.pass(10);
  assert.equal(await application.end(id), "cancelled: enough");
  assert.equal(application.done.length, 1);
  await runs.cancel(first.summary.id, "enough");
  await application.pass(10);
});

const PARENT = {
  parent: {
    timeout: "1m",
    steps: [{ id: "c", use: "pipeline:child", with: {} }],
  },
  child: { steps: [undoable("x"), wait("w", { signal: "never" })] },
};

Deno.test("a cancel and a timeout end the runs that do steps", async () => {
  for (const stop of ["cancel", "timeout"]) {
    await using application = await startPipelines(PARENT);
    const { runs } = application;
    const { summary: { id } } = await runs.start("parent", {});
    await application.pass(10);
    assert.equal(runs.unfinished, 2);
    if (stop === "cancel") await runs.cancel(id, "enough");
    else await application.pass(60_000);
    await application.pass(10);
    assert.equal(runs.unfinished, 0);
    assert.deepEqual(application.done, ["x #1", "x~compensate #1"]);
  }
});

Deno.test("a cancel reaches the run that does a step also after a crash in between", async () => {
  const effects = simulatedEffects();
  const real = memoryStore({ now: effects.clock.now });
  let dies = Infinity;
  const faulty = faultyStore(
    real,
    (n) => n === dies ? FAULTS["dies right after"] : undefined,
  );
  await startPipelines(PARENT, { effects, store: faulty.store }).then(
    async (first) => {
      const { summary: { id } } = await first.runs.start("parent", {});
      await first.pass(10);
      // The cancel of the parent is durable; that of the child never will be.
      dies = faulty.commits() + 1;
      void first.runs.cancel(id, "enough");
      await faulty.died;
    },
  );
  await using second = await startPipelines(PARENT, { effects, store: real });
  await second.pass(10);
  assert.equal(second.runs.unfinished, 0);
  assert.deepEqual(second.done, ["x~compensate #1"]);
});

Deno.test("a store that cannot be read for a while does not fail a step that is a pipeline", async () => {
  const effects = simulatedEffects();
  const real = memoryStore({ now: effects.clock.now });
  let isDown = false;
  await using application = await startPipelines(
    { ...PARENT, child: { steps: [work("x")] } },
    {
      effects,
      store: {
        ...{ limits: real.limits, watch: real.watch.bind(real) },
        get: (key) => real.get(key),
        getMany: (keys) => real.getMany(keys),
        commit: (batch) => real.commit(batch),
        close: () => real.close(),
        list: (range, options) => {
          if (isDown) throw new Error("The line to the store broke");
          return real.list(range, options);
        },
      },
    },
  );
  isDown = true;
  const { summary: { id } } = await application.runs.start("parent", {});
  await application.pass(1_500);
  assert.equal(await application.end(id), "waiting");
  isDown = false;
  await application.pass(2_000);
  assert.equal(await application.end(id), null);
});

Deno.test("a pipeline as a step yields its output, and fails with its error", async () => {
  await using application = await startPipelines({
    parent: {
      input: { n: "integer" },
      steps: [{
        id: "c",
        use: "pipeline:child",
        with: { n: "${{ input.n }}" },
      }],
    },
    child: { input: { n: "integer" }, steps: [work("x")] },
  }, {
    does: ({ runId }) => {
      if (runId === "") return null;
      return "made";
    },
  });
  const { summary: { id } } = await application.runs.start("parent", { n: 1 });
  await application.pass(100);
  assert.equal(await application.end(id), "made");
});

Deno.test("signal() and cancel() refuse a run that is over, or that nobody knows", async () => {
  await using application = await startPipelines({ p: { steps: [work("a")] } });
  const { runs, effects } = application;
  const { summary: { id } } = await runs.start("p", {});
  await application.pass(1_000);
  await assert.rejects(runs.signal(id, "go", 1), refused("wrong-state"));
  await assert.rejects(runs.cancel(id, "x"), refused("wrong-state"));
  const other = effects.ids.next();
  await assert.rejects(runs.signal(other, "go", 1), refused("not-found"));
});

Deno.test("decide() wants the token of the run, and a step that waits", async () => {
  await using application = await startPipelines({
    p: { steps: [wait("ok", { approval: { title: "Really?" } })] },
  });
  const { runs } = application;
  const { summary: { id }, run } = await runs.start("p", {});
  await application.pass(10);
  const token = run?.accepted.token ?? "";
  const decision = { approved: true, comment: "yes", by: "me" };
  for (const wrong of ["", `${token}0`, "0".repeat(32)]) {
    await assert.rejects(
      runs.decide({ id, step: "ok", token: wrong }, decision),
      refused("not-found"),
    );
  }
  await assert.rejects(
    runs.decide({ id, step: "other", token }, decision),
    refused("wrong-state"),
  );
  await runs.decide({ id, step: "ok", token }, decision);
  await application.pass(100);
  assert.deepEqual(await application.end(id), decision);
});

Deno.test("a pipeline with both bounds full waits without standing still", async () => {
  await using application = await startPipelines({
    p: {
      concurrency: { limit: 1 },
      rateLimit: { limit: 1, per: "5s" },
      steps: [wait("w", { for: "12s" }), work("a")],
    },
  });
  const { runs } = application;
  await runs.start("p", {});
  await runs.start("p", {});
  await application.pass(13_000);
  assert.deepEqual(application.done, ["a #1"]);
  await application.pass(13_000);
  assert.deepEqual(application.done, ["a #1", "a #1"]);
});

Deno.test("an application whose runs are over, or wait for a signal, wakes up for nothing", async () => {
  await using test = await startPipelines({
    work: { steps: [work("a")] },
    wait: { steps: [{ id: "w", wait: { signal: "go" } }] },
  });
  for (let n = 0; n < 5; n++) await test.runs.start("work", {});
  await test.runs.start("wait", {});
  await test.pass(60_000);
  assert.equal(test.runs.unfinished, 1);
  assert.equal(test.effects.timers, 0);
});
