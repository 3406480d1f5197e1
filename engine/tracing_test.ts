import assert from "node:assert/strict";
import { simulatedEffects } from "./simulation/effects.ts";
import { type FinishedSpan, Tracing } from "./tracing.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER = `00-${TRACE}-00f067aa0ba902b7-01`;

function world({ samples = true }: { readonly samples?: boolean } = {}) {
  const effects = simulatedEffects();
  const tracing = new Tracing(
    effects,
    (value) => JSON.parse(JSON.stringify(value).replaceAll("hunter2", "***")),
  );
  const spans: FinishedSpan[] = [];
  const detach = tracing.attach({
    samples: () => samples,
    take: (span) => void spans.push(span),
  });
  const named = (name: string) => {
    const span = spans.find((span) => span.name === name);
    assert.ok(span, `no span is called ${name}`);
    return span;
  };
  return { effects, tracing, spans, named, detach };
}

Deno.test("a span belongs to the one in which it happens, however deep", async () => {
  const { effects, tracing, named } = world();
  const deep = async () => {
    await effects.clock.turn();
    tracing.span({ name: "inner" }, () => {});
    return 7;
  };
  const outer = tracing.span({ name: "outer" }, () => deep());
  await effects.advance(25);
  assert.equal(await outer, 7);
  assert.equal(named("inner").parentId, named("outer").spanId);
  assert.equal(named("inner").traceId, named("outer").traceId);
  assert.equal(named("outer").parentId, undefined);
  assert.match(named("outer").traceId, /^[0-9a-f]{32}$/);
  assert.match(named("outer").spanId, /^[0-9a-f]{16}$/);
  assert.equal(named("outer").startMs, 1_700_000_000_000);
});

Deno.test("a span ends when its promise settles, and says why it failed", async () => {
  const { effects, tracing, named } = world();
  const work = tracing.span({ name: "slow" }, async () => {
    await effects.clock.sleep(1_500);
    throw new Error("the password is hunter2");
  });
  const failed = assert.rejects(work, /hunter2/);
  await effects.advance(1_500);
  await failed;
  assert.equal(named("slow").endMs - named("slow").startMs, 1_500);
  assert.equal(named("slow").error, "the password is ***");
  assert.throws(
    () =>
      tracing.span({ name: "quick" }, () => {
        throw new TypeError("no");
      }),
    TypeError,
  );
  assert.equal(named("quick").error, "no");
});

Deno.test("a span continues the trace of a caller, and a malformed one is none", () => {
  const { tracing, named } = world();
  tracing.span({ name: "server", parent: CALLER }, () => {
    assert.equal(
      tracing.current,
      `00-${TRACE}-${tracing.current?.split("-")[2]}-01`,
    );
  });
  assert.equal(named("server").traceId, TRACE);
  assert.equal(named("server").parentId, "00f067aa0ba902b7");
  tracing.span({ name: "stranger", parent: "00-what" }, () => {});
  assert.notEqual(named("stranger").traceId, TRACE);
  assert.equal(named("stranger").parentId, undefined);
});

Deno.test("a trace that nobody samples is carried on, and not kept", () => {
  const { tracing, spans } = world({ samples: false });
  tracing.span({ name: "own" }, (span) => {
    assert.match(span.traceparent, /-00$/);
    assert.equal(tracing.current, span.traceparent);
    tracing.span({ name: "inner" }, () => {});
  });
  assert.deepEqual(spans, []);
  // Whoever began a trace decides about all of it.
  tracing.span({ name: "theirs", parent: CALLER }, () => {});
  assert.deepEqual(spans.map(({ name }) => name), ["theirs"]);
});

Deno.test("work that is kept for later goes on in the trace that it came from", () => {
  const { tracing, named } = world();
  let kept: string | undefined;
  tracing.span({ name: "publish" }, () => kept = tracing.current);
  tracing.span({ name: "unrelated" }, () => {
    tracing.within(kept, () => tracing.span({ name: "deliver" }, () => {}));
    tracing.within(undefined, () => {
      assert.equal(tracing.current, undefined);
    });
    tracing.span({ name: "alone", parent: null }, () => {});
  });
  assert.equal(named("deliver").parentId, named("publish").spanId);
  assert.equal(named("alone").parentId, undefined);
  assert.notEqual(named("alone").traceId, named("unrelated").traceId);
});

Deno.test("what outlives its process is begun in one and finished in another", () => {
  const { tracing, named } = world();
  const run = tracing.begin(CALLER);
  const step = { name: "step", parent: run.traceparent };
  tracing.span(step, () => {});
  const other = new Tracing(simulatedEffects());
  const spans: FinishedSpan[] = [];
  other.attach({ samples: () => true, take: (span) => void spans.push(span) });
  other.finish(run, {
    ...{ name: "run", startMs: 1, endMs: 2, attributes: {} },
    error: undefined,
  });
  const [end] = spans;
  assert.equal(end?.traceId, TRACE);
  assert.equal(end?.parentId, "00f067aa0ba902b7");
  assert.equal(end?.spanId, named("step").parentId);
});

Deno.test("nobody is told once the last sink is gone, and work goes on", () => {
  const { tracing, spans, detach } = world();
  detach();
  assert.equal(tracing.active, false);
  assert.equal(tracing.span({ name: "x" }, (span) => span.traceparent), "");
  assert.equal(tracing.current, undefined);
  assert.deepEqual(spans, []);
});
