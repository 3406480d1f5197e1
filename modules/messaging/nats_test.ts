import assert from "node:assert/strict";
import { systemEffects } from "@engine/effects.ts";
import { ConfigError } from "@engine/errors.ts";
import { Broker } from "@engine/services/broker.ts";
import { HealthReporter } from "@engine/services/health_reporter.ts";
import { startApplication } from "@engine/testing.ts";
import { advanceUntil } from "../../tests/_advance.ts";
import nats from "./nats.ts";

/** Nothing listens there. */
function nowhere(): string {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return `nats://127.0.0.1:${listener.addr.port}`;
}

function start(config: Readonly<Record<string, unknown>>) {
  return startApplication(applicationOf(config));
}

function applicationOf(config: Readonly<Record<string, unknown>>) {
  return {
    document: {
      modules: [{ name: "events", type: "messaging.nats", config }],
    },
    definitions: [nats],
  };
}

async function problemsOf(config: Readonly<Record<string, unknown>>) {
  try {
    await using _ = await start(config);
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.problems.filter(({ severity }) => severity === "error")
      .map(({ message }) => message);
  }
}

Deno.test("messaging.nats starts where there is no server, and says so", async () => {
  const url = nowhere();
  await using app = await start({ url, requestTimeout: "2s" });
  const { status, message } = await app.service(HealthReporter).health();
  assert.equal(status, "degraded");
  assert.ok(message?.startsWith(`Not connected to ${url}: connection refused`));
  const outcomes: string[] = [];
  void app.service(Broker).publish("a.b", 1)
    .catch((error: Error) => outcomes.push(error.name));
  await app.effects.advance(1_999);
  assert.equal(outcomes.length, 0);
  await advanceUntil(
    app.effects,
    1,
    () => outcomes,
    ["RetryableError"],
  );
});

Deno.test("messaging.nats tries again after initialBackoff, twice as long each time, up to maxBackoff", async () => {
  const waits: number[] = [];
  const has = Promise.withResolvers<void>();
  const effects = systemEffects();
  const { clock } = effects;
  const sleep: typeof clock.sleep = (ms, signal) => {
    if (waits.push(ms) < 5) return Promise.resolve();
    has.resolve();
    return clock.sleep(60_000, signal);
  };
  const config = {
    url: nowhere(),
    initialBackoff: "40ms",
    maxBackoff: "200ms",
  };
  await using _ = await startApplication({
    ...applicationOf(config),
    effects: { ...effects, clock: { ...clock, sleep } },
  });
  await has.promise;
  // Not all at once: each wait is between the half and the whole.
  const bounds = [40, 80, 160, 200, 200];
  for (const [n, ms] of bounds.entries()) {
    const waited = waits[n] ?? 0;
    assert.ok(waited >= ms / 2 && waited <= ms, `${waited}, after ${n}`);
  }
});

Deno.test("messaging.nats refuses what is no topic of NATS before it connects", async () => {
  await using app = await start({ url: nowhere() });
  const broker = app.service(Broker);
  await assert.rejects(broker.publish("a b", 1), /no white space/);
  await assert.rejects(broker.publish("a.*", 1), /those stand in patterns/);
  assert.throws(() => broker.subscribe("a..b", () => {}), /no empty segments/);
});

Deno.test("messaging.nats has a name for each subscription, and lets each go once", async () => {
  await using app = await start({ url: nowhere() });
  const broker = app.service(Broker);
  const one = broker.subscribe("a.*", () => {}, { name: "one" });
  const two = broker.subscribe("a.*", () => {}, { name: "one" });
  const three = broker.subscribe("a.*", () => {});
  for (const end of [one, one, two, three]) end();
  await app.effects.advance(1);
  broker.subscribe("a.*", () => {}, { name: "one" })();
});

Deno.test("messaging.nats accepts a config that makes sense, and no other", async () => {
  const url = "nats://127.0.0.1:1";
  const jetstream = { stream: "orders", subjects: ["order.**"] };
  assert.deepEqual(await problemsOf({ url, jetstream }), []);
  assert.deepEqual(await problemsOf({ url, user: "a", token: "b" }), [
    "There are both a token and a user: NATS takes one of them",
  ]);
  assert.deepEqual(await problemsOf({ url, password: "a" }), [
    "There is a password without a user",
  ]);
  assert.deepEqual(await problemsOf({ url, requestTimeout: "0" }), [
    'The duration "0" must be longer than 0',
  ]);
  assert.deepEqual(
    await problemsOf({ url, jetstream: { ...jetstream, ackWait: "-1s" } }),
    ['The duration "-1s" must be longer than 0'],
  );
  assert.deepEqual(
    await problemsOf({ url, jetstream: { stream: "a", subjects: ["**"] } }),
    ['"**" would take the dead letters of the stream as well'],
  );
  assert.equal((await problemsOf({ url: "http://example.com" })).length, 1);
});

Deno.test("messaging.nats wants no password in an address, and does not show it", async () => {
  const url = "nats://shop:never-in-a-message@127.0.0.1:4222";
  for (const config of [{ url }, { servers: [url] }]) {
    const error = await start(config).then(
      () => undefined,
      (error: unknown) => error,
    );
    assert.ok(error instanceof ConfigError);
    const told = JSON.stringify([error.problems, error.message]);
    assert.match(told, /The address holds a user or a password/);
    assert.ok(!told.includes("never-in-a-message"), told);
  }
});
