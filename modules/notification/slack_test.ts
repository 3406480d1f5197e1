import assert from "node:assert/strict";
import { systemEffects } from "@engine/effects.ts";
import { RetryableError, TerminalError } from "@engine/errors.ts";
import { Actions } from "@engine/services/actions.ts";
import { Broker } from "@engine/services/broker.ts";
import { HealthReporter } from "@engine/services/health_reporter.ts";
import { MessageHandler } from "@engine/services/message_handler.ts";
import { StateMachines } from "@engine/services/state_machines.ts";
import { simulatedEffects } from "../../engine/simulation/effects.ts";
import { startApplication } from "../../engine/testing.ts";
import messaging from "../../workflows/types/messaging.ts";
import statemachine from "../../workflows/types/statemachine.ts";
import broker from "../messaging/broker.ts";
import engine from "../statemachine/engine.ts";
import { refusal, SlackStub, TOKEN } from "./_slack_stub_test.ts";
import slack from "./slack.ts";

type Json = Parameters<Actions["act"]>[1];

const URL = `https://hooks.slack.example/services/${TOKEN}`;
const NEVER = new AbortController().signal;

const document = (config: Json) => ({
  modules: [
    { name: "events", type: "messaging.broker" },
    { name: "machine", type: "statemachine.engine" },
    {
      name: "tell",
      type: "notification.slack",
      config: { webhookURL: URL, ...config },
    },
  ],
  workflows: {
    messaging: { subscriptions: [{ topic: "order.paid", handler: "tell" }] },
    statemachine: {
      engine: "machine",
      hooks: [{ transitions: ["ship"], handler: "tell" }],
      definitions: [{
        name: "order",
        initialState: "new",
        states: { new: {}, shipped: { isFinal: true } },
        transitions: { ship: { fromState: "new", toState: "shipped" } },
      }],
    },
  },
});

const DEFINITIONS = [slack, broker, engine, messaging, statemachine];

async function start(config: Json = {}) {
  const stub = new SlackStub();
  const atMs: number[] = [];
  const effects = simulatedEffects({
    fetch: (input, init) => {
      atMs.push(effects.clock.elapsed());
      return stub.handle(new Request(input, init));
    },
  });
  const app = await startApplication({
    document: document(config),
    definitions: DEFINITIONS,
    effects,
  });
  return {
    app,
    stub,
    atMs,
    effects,
    send: (input: Json) =>
      app.service(Actions, "tell").act("send", input, {
        signal: NEVER,
        idempotencyKey: "k",
      }),
    health: () => app.service(HealthReporter).health(),
    [Symbol.asyncDispose]: () => app.stop(),
  };
}

/** Lets simulated time pass until the work is over. */
async function over<T>(
  { effects }: Awaited<ReturnType<typeof start>>,
  work: Promise<T>,
): Promise<T> {
  let isOver = false;
  const done = () => isOver = true;
  work.then(done, done);
  while (!isOver) await effects.advance(100);
  return await work;
}

Deno.test("notification.slack posts a message and a transition as text", async () => {
  await using world = await start({ channel: "#orders", username: "bot" });
  await world.app.service(Broker).publish("order.paid", "Tea & <!channel>");
  await world.app.service(Broker).publish("order.paid", { id: 1 });
  const machines = world.app.service(StateMachines);
  await machines.create("order", "o1", { total: 5 });
  await machines.fire("o1", "ship");
  await world.effects.advance(1_000);
  const [plain, ...others] = world.stub.posted;
  const shipped = others.find(({ text }) => String(text).includes("ship"));
  const json = others.find((one) => one !== shipped);
  const from = { channel: "#orders", username: "bot" };
  assert.deepEqual(plain, { text: "Tea &amp; &lt;!channel&gt;", ...from });
  assert.deepEqual(json, { text: '{"id":1}', ...from });
  assert.equal(JSON.parse(String(shipped?.text)).transition, "ship");
});

Deno.test("notification.slack posts what its template says, where data is no markup", async () => {
  await using world = await start({
    text: "<!here> *${{ payload.name }}* on ${{ topic }}, ${{ date }}",
  });
  const name = "<!channel> & co";
  await world.app.service(Broker).publish("order.paid", { name });
  await world.effects.advance(0);
  assert.deepEqual(world.stub.posted, [{
    text: "<!here> *&lt;!channel&gt; &amp; co* on order.paid, 2023-11-14",
  }]);
});

Deno.test("notification.slack sends what a step asks for, with markup if it says so", async () => {
  await using world = await start({ username: "bot" });
  const text = "<https://example.com|more>";
  assert.deepEqual(await world.send({ text }), { sent: true });
  await world.send({ text, markup: true, channel: "#a", username: "me" });
  assert.deepEqual(world.stub.posted, [
    { text: "&lt;https://example.com|more&gt;", username: "bot" },
    { text, channel: "#a", username: "me" },
  ]);
});

Deno.test("notification.slack waits as long as Slack asks, and no shorter", async () => {
  await using world = await start();
  const limited = () => refusal(429, "rate_limited", { "retry-after": "30" });
  world.stub.answers.push(limited);
  await over(world, world.send({ text: "a" }));
  const [first = 0, second = 0] = world.atMs;
  assert.ok(second - first >= 30_000 && second - first < 31_000);
  assert.equal(world.stub.posted.length, 1);
});

Deno.test("notification.slack passes a wait on that is longer than its own", async () => {
  await using world = await start();
  world.stub.answers.push(() =>
    refusal(429, "rate_limited", { "retry-after": "600" })
  );
  await assert.rejects(world.send({ text: "a" }), { retryAfterMs: 600_000 });
  assert.equal(world.stub.asked, 1);
});

Deno.test("notification.slack tries again what fails for now, after waits that grow", async () => {
  await using world = await start();
  const down = () => refusal(500, "rollup_error");
  const lost = () => Promise.reject(new TypeError("connection reset"));
  world.stub.answers.push(down, lost, () => new Response("<html>"));
  await over(world, world.send({ text: "a" }));
  const waits = world.atMs.slice(1)
    .map((at, index) => at - (world.atMs[index] ?? 0));
  assert.equal(waits.length, 3);
  for (const [index, longest] of [1_000, 2_000, 4_000].entries()) {
    const wait = waits[index] ?? 0;
    assert.ok(wait >= longest / 2 && wait <= longest + 1, `${waits}`);
  }
});

Deno.test("notification.slack does not ask twice what is refused for good", async () => {
  const cases: readonly (readonly [Json, string])[] = [
    [{ channel: "#gone" }, "404: channel_not_found"],
    [{ channel: "#old" }, "410: channel_is_archived"],
    [{ webhookURL: `${URL}2` }, "404: no_service"],
  ];
  for (const [config, reason] of cases) {
    await using world = await start(config);
    await assert.rejects(world.send({ text: "a" }), (error) => {
      assert.ok(error instanceof TerminalError);
      assert.equal(
        error.message,
        "Cannot post to Slack: POST https://hooks.slack.example/… answered " +
          reason,
      );
      return true;
    });
    assert.equal(world.stub.asked, 1);
    const { status, message } = await world.health();
    assert.equal(status, "degraded");
    assert.match(message ?? "", new RegExp(reason));
  }
});

Deno.test("notification.slack gives up on a Slack that is slow or talks nonsense", async () => {
  await using world = await start({ maxRetries: 0, timeout: "2s" });
  world.stub.answers.push(
    () => new Promise<Response>(() => {}),
    () => new Response("<html>Welcome</html>"),
    () => Response.redirect("https://elsewhere.example/"),
  );
  const reasons = [
    /Cannot wait for POST .* any longer: the limit is 2000 ms$/,
    /answered 200, and "<html>Welcome<\/html>" instead of "ok"$/,
    /it redirects more than 0 times$/,
  ];
  for (const reason of reasons) {
    await assert.rejects(over(world, world.send({ text: "a" })), (error) => {
      assert.ok(error instanceof Error);
      assert.match(error.message, reason);
      assert.ok(!error.message.includes("never-in-a-message"), error.message);
      return true;
    });
  }
  assert.equal((await world.health()).status, "degraded");
  await world.send({ text: "a" });
  assert.equal((await world.health()).status, "healthy");
});

Deno.test("notification.slack without a URL starts, and says what is missing", async () => {
  await using world = await start({ webhookURL: undefined });
  const message = "Cannot post to Slack: there is no webhookURL";
  assert.deepEqual(await world.health(), { status: "degraded", message });
  await assert.rejects(world.send({ text: "a" }), { message });
  await assert.rejects(
    start({ webhookURL: "not-a-url-but-secret" }),
    (error) =>
      error instanceof Error && !error.message.includes("not-a-url") &&
      error.message.includes("must be a URL"),
  );
  await assert.rejects(start({ text: "${{ topik }}" }), /topik/);
});

Deno.test("notification.slack lets a message that is under way arrive when it stops", async () => {
  const world = await start();
  const { promise, resolve } = Promise.withResolvers<Response>();
  world.stub.answers.push(() => promise);
  const sent = world.send({ text: "a" });
  await world.effects.advance(0);
  const stopped = world.app.stop();
  await world.effects.advance(1_000);
  resolve(new Response("ok"));
  assert.deepEqual(await sent, { sent: true });
  await stopped;
});

Deno.test("every message reaches a stub of Slack that goes away and comes back", async () => {
  const stub = new SlackStub();
  const listen = (port: number) =>
    Deno.serve(
      { hostname: "127.0.0.1", port, onListen: () => {} },
      (request) => stub.handle(request),
    );
  let server = listen(0);
  const { port } = server.addr;
  await using app = await startApplication({
    document: document({
      webhookURL: `http://127.0.0.1:${port}/services/${TOKEN}`,
      allowPrivateIPs: true,
      maxRetries: 0,
    }),
    definitions: DEFINITIONS,
    effects: systemEffects(),
  });
  const handler = app.service(MessageHandler, "tell");
  const receive = async (n: number) =>
    await handler.receive({
      ...{ id: `${n}`, topic: "order.paid", payload: { n } },
      ...{ publishedAt: 0, attempt: 1 },
    });
  await receive(1);
  await server.shutdown();
  await assert.rejects(receive(2), (error) => {
    assert.ok(error instanceof RetryableError);
    assert.match(error.message, /Cannot reach http:\/\/127.0.0.1:\d+\/…/);
    return true;
  });
  server = listen(port);
  await receive(2);
  assert.deepEqual(
    stub.posted.map(({ text }) => text),
    ['{"n":1}', '{"n":2}'],
  );
  await server.shutdown();
});
