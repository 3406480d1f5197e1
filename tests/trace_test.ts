import assert from "node:assert/strict";
import { definitions } from "../catalog.gen.ts";
import { systemEffects } from "../engine/effects.ts";
import { Broker } from "../engine/services/broker.ts";
import { Executor } from "../engine/services/executor.ts";
import { simulatedEffects } from "../engine/simulation/effects.ts";
import { memoryStore } from "../engine/store/memory.ts";
import { startApplication } from "../engine/testing.ts";
import { KeptSpans } from "./_kept_spans.ts";

const SPAN = "00f067aa0ba902b7";

/** The traceparent of a caller; each has a trace of its own. */
const caller = (n: number) =>
  `00-${n.toString(16).padStart(32, "a")}-${SPAN}-01`;
const traceOf = (traceparent: string) => traceparent.split("-")[1];

const KEEPER = { name: "keeper", type: "test.keeper" };
const WEB = [
  KEEPER,
  { name: "web", type: "http.server", config: { address: ":0" } },
  { name: "router", type: "http.router" },
];

interface Setup {
  readonly document: Readonly<Record<string, unknown>>;
  readonly store?: ReturnType<typeof memoryStore>;
}

async function start({ document, store }: Setup) {
  const kept = new KeptSpans();
  const { spans } = kept;
  const told: (string | null)[] = [];
  let answers = () => new Response("ok");
  const effects = simulatedEffects({
    fetch: (input, init) => {
      const request = new Request(input, init);
      told.push(request.headers.get("traceparent"));
      return Promise.resolve(answers());
    },
  });
  const app = await startApplication({
    document,
    definitions: [...definitions, kept.definition],
    effects,
    ...(store === undefined ? {} : { store }),
  });
  return {
    ...{ app, effects, spans, told, tracing: kept.tracing },
    answer: (next: () => Response) => answers = next,
    named(name: string) {
      const span = spans.find((span) => span.name === name);
      const names = spans.map(({ name }) => name).join(", ");
      assert.ok(span, `no span is called ${name}: ${names}`);
      return span;
    },
    [Symbol.asyncDispose]: () => app.stop(),
  };
}

Deno.test("a proxy hands on the trace, with itself in between", async () => {
  await using world = await start({
    document: {
      modules: [...WEB, {
        name: "shop",
        type: "http.simple_proxy",
        config: { targets: { "/": "http://backend.example" } },
      }],
      workflows: {
        http: {
          routes: [{ method: "GET", path: "/{rest...}", handler: "shop" }],
        },
      },
    },
  });
  const headers = { traceparent: caller(1) };
  await (await world.app.request("GET", "/x", { headers })).text();
  const call = world.named("GET");
  assert.equal(world.told[0], `00-${traceOf(caller(1))}-${call.spanId}-01`);
  assert.equal(call.parentId, world.named("workflow.handler.shop").spanId);
  assert.equal(world.named("GET /{rest...}").parentId, SPAN);
});

Deno.test("a webhook belongs to what asked for it, also after a restart and an outage", async () => {
  const store = memoryStore({ now: () => 1_700_000_000_000 });
  const document = {
    modules: [KEEPER, {
      name: "hook",
      type: "webhook.sender",
      config: { url: "https://receiver.example/hooks" },
    }],
    pipelines: {
      tell: {
        steps: [{
          id: "send",
          use: "module:hook.send",
          with: { payload: { a: 1 } },
        }],
      },
    },
  };
  let trace = "";
  {
    await using world = await start({ document, store });
    world.answer(() => new Response(null, { status: 500 }));
    await world.app.dispatch("tell", "run");
    await world.effects.advance(0);
    trace = world.named("workflow.step.send").traceId;
    assert.equal(
      world.named("POST").parentId,
      world.named("workflow.step.send").spanId,
    );
    assert.equal(world.named("POST").error, "HTTP 500");
  }
  await using world = await start({ document, store });
  await world.effects.advance(60_000);
  assert.equal(world.named("POST").traceId, trace);
  assert.equal(traceOf(world.told[0] ?? ""), trace);
});

for (const durability of ["memory", "durable"]) {
  Deno.test(`messages of a ${durability} broker are handled in the trace that published each`, async () => {
    const durable = durability === "durable" ? { durable: true } : {};
    await using world = await start({
      document: {
        modules: [KEEPER, {
          name: "events",
          type: "messaging.broker",
          config: durable,
        }],
      },
    });
    const { tracing } = world;
    const broker = world.app.service(Broker);
    const seen = new Map<unknown, string | undefined>();
    broker.subscribe("order.*", async ({ payload }) => {
      await Promise.resolve();
      seen.set(payload, tracing.current);
    }, { name: "orders" });
    await Promise.all(
      [1, 2, 3].map((n) =>
        tracing.within(caller(n), () => broker.publish("order.paid", n))
      ),
    );
    await broker.publish("order.paid", 4);
    await world.effects.advance(1_000);
    for (const n of [1, 2, 3]) {
      assert.equal(
        traceOf(seen.get(n) ?? ""),
        traceOf(caller(n)),
        `message ${n}`,
      );
    }
    // Nobody has traced who published it: it is a trace of its own.
    const others = [1, 2, 3].map((n) => traceOf(caller(n)));
    assert.ok(!others.includes(traceOf(seen.get(4) ?? "")));
    const processed = world.spans.filter(({ name }) =>
      name === "process orders"
    );
    assert.equal(processed.length, 4);
    assert.equal(processed[0]?.kind, "consumer");
  });
}

Deno.test("runs that begin together stay in their own traces, and inner runs in that of the outer", async () => {
  await using world = await start({
    document: {
      modules: [KEEPER],
      pipelines: {
        outer: {
          input: { n: "number" },
          steps: [
            {
              id: "ask",
              use: "http.request",
              with: { url: "https://a.example" },
            },
            { id: "go", use: "pipeline:inner", with: {} },
            {
              id: "end",
              use: "set",
              with: { values: { n: "${{ input.n }}" } },
            },
          ],
        },
        inner: {
          steps: [{ id: "deep", use: "log", with: { message: "deep" } }],
        },
      },
    },
  });
  const { tracing } = world;
  const all = Array.from({ length: 20 }, (_, n) => n + 1);
  await Promise.all(all.map((n) =>
    tracing.within(
      caller(n),
      () => world.app.dispatch("outer", "run", { n }),
    )
  ));
  await world.effects.advance(1_000);
  for (const n of all) {
    const own = world.spans.filter(({ traceId }) =>
      traceId === traceOf(caller(n))
    );
    const names = own.map(({ name }) => name).toSorted();
    assert.deepEqual(names, [
      "GET",
      "workflow.execute",
      "workflow.execute",
      "workflow.step.ask",
      "workflow.step.deep",
      "workflow.step.end",
    ]);
    const typed = (type: string) =>
      own.find(({ name, attributes }) =>
        name === "workflow.execute" && attributes["workflow.type"] === type
      );
    assert.equal(typed("outer")?.parentId, SPAN);
    assert.equal(typed("inner")?.parentId, typed("outer")?.spanId);
    for (const { name, parentId } of own) {
      if (!name.startsWith("workflow.step.")) continue;
      const of = name === "workflow.step.deep" ? "inner" : "outer";
      assert.equal(parentId, typed(of)?.spanId, name);
    }
  }
});

Deno.test("what a component in its sandbox asks for belongs to the call in which it asks", async () => {
  const told = new Map<string, string>();
  const service = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request) => {
      const { pathname } = new URL(request.url);
      told.set(pathname, request.headers.get("traceparent") ?? "");
      return new Response("ok");
    },
  );
  const address = `127.0.0.1:${service.addr.port}`;
  const kept = new KeptSpans();
  const { spans } = kept;
  const code = `export async function execute({ n }, { fetch }) {
    const response = await fetch("http://${address}/" + n);
    return { text: await response.text() };
  }`;
  await using app = await startApplication({
    document: {
      modules: [KEEPER, {
        name: "asker",
        type: "dynamic.component",
        config: { code, permissions: { net: [address] } },
      }],
    },
    definitions: [...definitions, kept.definition],
    effects: systemEffects(),
  });
  const executor = app.service(Executor);
  const { signal } = new AbortController();
  await Promise.all([1, 2, 3, 4].map((n) =>
    kept.tracing.within(
      caller(n),
      () => executor.execute({ n }, { signal, idempotencyKey: `k${n}` }),
    )
  ));
  for (const n of [1, 2, 3, 4]) {
    assert.equal(traceOf(told.get(`/${n}`) ?? ""), traceOf(caller(n)));
    const [call, component] = ["GET", "workflow.component.asker"].map((name) =>
      spans.find((span) =>
        span.name === name && span.traceId === traceOf(caller(n))
      )
    );
    assert.equal(component?.parentId, SPAN);
    assert.equal(call?.parentId, component?.spanId);
  }
  await service.shutdown();
});
