import assert from "node:assert/strict";
import { RefusedError, TerminalError } from "@engine/errors.ts";
import { Actions } from "@engine/services/actions.ts";
import { Broker } from "@engine/services/broker.ts";
import { StateMachines } from "@engine/services/state_machines.ts";
import { simulatedEffects } from "../../engine/simulation/effects.ts";
import { memoryStore } from "../../engine/store/memory.ts";
import { startApplication } from "../../engine/testing.ts";
import messaging from "../../workflows/types/messaging.ts";
import statemachine from "../../workflows/types/statemachine.ts";
import broker from "../messaging/broker.ts";
import engine from "../statemachine/engine.ts";
import { signatureFault } from "../_webhook_signature.ts";
import sender from "./sender.ts";

type Json = Parameters<Broker["publish"]>[1];

const START = 1_700_000_000_000;
const URL = "https://warehouse.example.com/hooks";

const DOCUMENT = (config: Readonly<Record<string, unknown>> = {}) => ({
  modules: [
    { name: "events", type: "messaging.broker" },
    { name: "machine", type: "statemachine.engine" },
    { name: "hook", type: "webhook.sender", config: { url: URL, ...config } },
  ],
  workflows: {
    messaging: { subscriptions: [{ topic: "order.paid", handler: "hook" }] },
    statemachine: {
      engine: "machine",
      hooks: [{ transitions: ["ship"], handler: "hook" }],
      definitions: [{
        name: "order",
        initialState: "new",
        states: { new: {}, shipped: { isFinal: true } },
        transitions: { ship: { fromState: "new", toState: "shipped" } },
      }],
    },
  },
});

type Answer = (request: Request) => Response | Promise<Response>;

interface Options {
  readonly config?: Readonly<Record<string, unknown>>;
  readonly startMs?: number;
  readonly store?: ReturnType<typeof memoryStore>;
}

async function start(answer: Answer, options: Options = {}) {
  const asked: { readonly atMs: number; readonly request: Request }[] = [];
  const effects = simulatedEffects({
    startMs: options.startMs ?? START,
    fetch: (input, init) => {
      const request = new Request(input, init);
      asked.push({ atMs: effects.clock.elapsed(), request: request.clone() });
      return Promise.resolve(answer(request));
    },
  });
  const app = await startApplication({
    document: DOCUMENT(options.config),
    definitions: [sender, broker, engine, messaging, statemachine],
    effects,
    ...(options.store === undefined ? {} : { store: options.store }),
  });
  const act = (action: string, input: Json, key: string) =>
    app.service(Actions, "hook").act(
      action,
      input as Readonly<Record<string, Json>>,
      { signal: new AbortController().signal, idempotencyKey: key },
    ) as Promise<Record<string, Json>>;
  return {
    app,
    asked,
    effects,
    send: (payload: Json, key = "k", rest = {}) =>
      act("send", { payload, ...rest }, key),
    letters: async (input: Json = {}) => {
      const page = await act("dead_letters", input, "");
      return page as { letters: Record<string, Json>[]; next?: string };
    },
    replay: (id: string) => act("replay", { id }, ""),
    [Symbol.asyncDispose]: () => app.stop(),
  };
}

const ok = () => new Response(null, { status: 204 });
const busy = () => new Response("busy", { status: 500 });

Deno.test("webhook.sender sends what a step accepts, signed", async () => {
  await using world = await start(ok, {
    config: { secret: "s3cret", headers: { Authorization: "Bearer t" } },
  });
  const { id, status } = await world.send({ total: 5 }, "k", {
    headers: { "X-Step": "1" },
  });
  assert.equal(status, "pending");
  await world.effects.advance(0);
  assert.equal(world.asked.length, 1);
  const request = world.asked[0]?.request;
  assert.ok(request);
  assert.equal(request.url, URL);
  assert.equal(request.method, "POST");
  assert.equal(request.headers.get("content-type"), "application/json");
  assert.equal(request.headers.get("authorization"), "Bearer t");
  assert.equal(request.headers.get("x-step"), "1");
  assert.equal(request.headers.get("webhook-id"), id);
  assert.equal(request.headers.get("idempotency-key"), id);
  const body = new Uint8Array(await request.arrayBuffer());
  assert.equal(new TextDecoder().decode(body), '{"total":5}');
  const fault = signatureFault(request.headers, body, {
    secret: "s3cret",
    nowMs: START,
  });
  assert.equal(fault, undefined);
});

Deno.test("webhook.sender sends a message and a transition", async () => {
  await using world = await start(ok);
  await world.app.service(Broker).publish("order.paid", { id: 1 });
  const machines = world.app.service(StateMachines);
  await machines.create("order", "o1", { total: 5 });
  await machines.fire("o1", "ship");
  await world.effects.advance(1_000);
  const bodies = await Promise.all(
    world.asked.map(({ request }) => request.json()),
  );
  assert.deepEqual(bodies[0], { id: 1 });
  const { timestamp, ...event } = bodies[1];
  assert.match(timestamp, /^2023-11-14T22:13:20/);
  assert.deepEqual(event, {
    definition: "order",
    instanceId: "o1",
    transition: "ship",
    fromState: "new",
    toState: "shipped",
    data: { total: 5 },
  });
  assert.equal(bodies.length, 2);
});

Deno.test("webhook.sender tries again after waits that double, then gives up", async () => {
  await using world = await start(busy, {
    config: { maxRetries: 4, maxBackoff: "5s" },
  });
  const { id } = await world.send("text");
  for (let second = 0; second < 60; second++) {
    await world.effects.advance(1_000);
  }
  const times = world.asked.map(({ atMs }) => atMs);
  const waits = times.slice(1).map((atMs, index) => atMs - (times[index] ?? 0));
  assert.equal(waits.length, 4);
  for (const [index, longest] of [1_000, 2_000, 4_000, 5_000].entries()) {
    const wait = waits[index] ?? 0;
    assert.ok(wait >= longest / 2 && wait <= longest + 1, `${wait}`);
  }
  const { letters: [letter] } = await world.letters();
  assert.equal(letter?.id, id);
  assert.equal(letter?.body, "text");
  assert.equal(letter?.attempts, 5);
  assert.match(String(letter?.error), /answered 500: busy/);
  assert.equal(letter?.createdAt, START);
  assert.ok(
    world.app.events.some(({ kind, message }) =>
      kind === "notice" && message?.includes("given up after 5 attempts")
    ),
  );
});

Deno.test("webhook.sender waits as long as a receiver asks", async () => {
  const answers = [
    new Response(null, { status: 429, headers: { "retry-after": "120" } }),
    ok(),
  ];
  await using world = await start(() => answers.shift() ?? busy());
  await world.send({});
  await world.effects.advance(119_000);
  assert.equal(world.asked.length, 1);
  await world.effects.advance(1_001);
  assert.equal(world.asked.length, 2);
  await world.effects.advance(600_000);
  assert.equal(world.asked.length, 2);
});

Deno.test("webhook.sender asks again only where a status leaves hope", async () => {
  for (
    const [status, attempts] of [
      [400, 1],
      [401, 1],
      [404, 1],
      [410, 1],
      [408, 2],
      [425, 2],
      [429, 2],
      [502, 2],
    ] as const
  ) {
    await using world = await start(() => new Response(null, { status }), {
      config: { maxRetries: 1 },
    });
    await world.send({});
    await world.effects.advance(5_000);
    assert.equal(world.asked.length, attempts, `${status}`);
    const { letters: [letter] } = await world.letters();
    assert.equal(letter?.attempts, attempts);
    assert.match(String(letter?.error), new RegExp(`answered ${status}`));
  }
});

Deno.test("webhook.sender gives up at once where it may not go", async () => {
  await using world = await start(ok);
  await world.send({}, "k", { url: "http://169.254.169.254/latest" });
  await world.effects.advance(0);
  const { letters: [letter] } = await world.letters();
  assert.match(String(letter?.error), /is not public \(link-local\)/);
  assert.equal(letter?.attempts, 1);
  assert.equal(world.asked.length, 0);
});

Deno.test("webhook.sender does not care how much a receiver answers", async () => {
  await using world = await start(() => new Response("x".repeat(20_000_000)));
  await world.send({});
  await world.effects.advance(100_000);
  assert.equal(world.asked.length, 1);
  assert.deepEqual(await world.letters(), { letters: [] });
});

Deno.test("a dead letter is replayed with all its attempts, once", async () => {
  let answer = busy;
  await using world = await start(() => answer(), {
    config: { maxRetries: 1 },
  });
  const { id } = await world.send({ a: 1 }, "k", { headers: { "x-a": "b" } });
  await world.effects.advance(2_000);
  assert.equal(world.asked.length, 2);
  answer = ok;
  await world.replay(String(id));
  await world.effects.advance(0);
  const last = world.asked.at(-1)?.request;
  assert.equal(world.asked.length, 3);
  assert.equal(last?.headers.get("webhook-id"), id);
  assert.equal(last?.headers.get("x-a"), "b");
  assert.deepEqual(await world.letters(), { letters: [] });
  await assert.rejects(world.replay(String(id)), RefusedError);
});

Deno.test("dead letters come in pages, oldest first, and show no headers", async () => {
  await using world = await start(ok);
  const ids: Json[] = [];
  for (let index = 0; index < 5; index++) {
    const url = "http://10.0.0.1/";
    const headers = { authorization: "secret" };
    const { id } = await world.send(index, `${index}`, { url, headers });
    ids.push(id ?? null);
    await world.effects.advance(1);
  }
  const first = await world.letters({ limit: 3 });
  const second = await world.letters({ limit: 3, after: first.next ?? "" });
  assert.equal(second.next, undefined);
  const letters = [...first.letters, ...second.letters];
  assert.deepEqual(letters.map(({ id }) => id), ids);
  assert.ok(!JSON.stringify(letters).includes("secret"));
});

Deno.test("the same piece of work is one webhook, however often it is accepted", async () => {
  await using world = await start(ok);
  const [one, two] = await Promise.all([
    world.send(1, "a"),
    world.send(1, "a"),
  ]);
  const other = await world.send(1, "b");
  assert.equal(one?.id, two?.id);
  assert.notEqual(one?.id, other.id);
  await world.effects.advance(1_000);
  assert.equal(world.asked.length, 2);
});

Deno.test("what is accepted is delivered after a crash, under its id", async () => {
  const store = memoryStore({ now: () => START });
  const dead = await start(() => new Promise(() => {}), { store });
  const { id } = await dead.send({ a: 1 });
  await dead.effects.advance(0);
  assert.equal(dead.asked.length, 1, "the attempt had begun");
  // It is not stopped: the process is gone, and its claim stands in the store.
  await using next = await start(ok, { store, startMs: START + 1_000 });
  await next.effects.advance(38_000);
  assert.equal(next.asked.length, 0, "the claim of the dead process holds");
  await next.effects.advance(2_000);
  assert.equal(next.asked.length, 1);
  assert.equal(next.asked[0]?.request.headers.get("webhook-id"), id);
  await next.effects.advance(600_000);
  assert.equal(next.asked.length, 1);
});

Deno.test("an attempt that a stop breaks off does not count, and is made at the next start", async () => {
  const store = memoryStore({ now: () => START });
  const first = await start(() => new Promise(() => {}), {
    store,
    config: { maxRetries: 1 },
  });
  await first.send({ a: 1 });
  await first.effects.advance(0);
  const stopped = first.app.stop();
  await first.effects.advance(5_000);
  await stopped;
  assert.equal(first.asked.length, 1);
  await using next = await start(busy, {
    store,
    startMs: START + 5_000,
    config: { maxRetries: 1 },
  });
  await next.effects.advance(2_000);
  assert.equal(next.asked.length, 2);
  assert.equal((await next.letters()).letters[0]?.attempts, 2);
});

Deno.test("a hundred webhooks are delivered, at most sixteen at a time", async () => {
  let underWay = 0;
  let most = 0;
  await using world = await start(async () => {
    most = Math.max(most, ++underWay);
    await world.effects.clock.sleep(10);
    underWay--;
    return ok();
  });
  await Promise.all(
    Array.from({ length: 100 }, (_, index) => world.send(index, `${index}`)),
  );
  for (let turn = 0; turn < 20; turn++) await world.effects.advance(10);
  assert.equal(world.asked.length, 100);
  assert.equal(most, 16);
});

Deno.test("webhook.sender needs a url from somewhere", async () => {
  await using world = await start(ok, { config: { url: undefined } });
  await assert.rejects(world.send({}), TerminalError);
  await world.send({}, "k", { url: URL });
  await world.effects.advance(0);
  assert.equal(world.asked.length, 1);
});

Deno.test("a webhook that is given up is among the application's dead letters, and goes where it came from", async () => {
  let answer = busy;
  await using world = await start(() => answer(), {
    config: { maxRetries: 1 },
  });
  const { id } = await world.send({ a: 1 }, "k", { headers: { "x-a": "b" } });
  await world.effects.advance(2_000);
  const { deadLetters } = world.app.application.queues;
  const { letters: [letter, ...more] } = await deadLetters.list();
  assert.deepEqual(more, []);
  assert.deepEqual([letter?.id, letter?.source, letter?.attempts], [
    ...[id, { kind: "webhook", name: "hook" }, 2],
  ]);
  assert.equal((letter?.payload as Record<string, Json>).body, '{"a":1}');
  answer = ok;
  await deadLetters.replay(String(id));
  await world.effects.advance(0);
  assert.equal(world.asked.length, 3);
  assert.equal(world.asked.at(-1)?.request.headers.get("x-a"), "b");
  assert.deepEqual((await deadLetters.list()).letters, []);
});
