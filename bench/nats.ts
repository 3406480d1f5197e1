/**
 * Measures what `messaging.nats` carries, from publisher to handler, against the
 * bare client library that does the same by hand: core NATS, and JetStream with an
 * acknowledgement of every message at both ends. Starts a server of its own.
 *
 *     deno run -A bench/nats.ts
 *
 * @module
 */
import { z } from "zod";
import {
  AckPolicy,
  type Consumer,
  jetstream,
  jetstreamManager,
} from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { defineModule } from "../engine/define.ts";
import { systemEffects } from "../engine/effects.ts";
import { Broker } from "../engine/services/broker.ts";
import { MessageHandler } from "../engine/services/message_handler.ts";
import { startApplication } from "../engine/testing.ts";
import nats from "../modules/messaging/nats.ts";
import { NatsServer } from "../tests/services/nats_server.ts";
import messaging from "../workflows/types/messaging.ts";

/** How many messages one round of core NATS carries. */
const CORE_MESSAGES = 100_000;

/** How many messages one round of JetStream carries. */
const STREAM_MESSAGES = 20_000;

/** How many are published at a time. */
const IN_FLIGHT = 500;

/** Rounds alternate, and the fastest of each side counts: noise only adds. */
const ROUNDS = 12;

const PAYLOAD = { orderId: "o-1", note: "x".repeat(200) };

/** One side of a comparison: so many messages, from the first to the last. */
type Carry = (count: number) => Promise<void>;

/** Both sides, in messages a second. */
export interface NatsFigures {
  readonly bare: number;
  readonly module: number;
}

/** Calls back when so many have come. */
class Arrivals {
  #left = 0;
  #done = () => {};

  expect(count: number): Promise<void> {
    this.#left = count;
    return new Promise((resolve) => this.#done = resolve);
  }

  arrived(): void {
    if (--this.#left === 0) this.#done();
  }
}

/** Measures both in turn. */
async function compare(
  count: number,
  bare: Carry,
  module: Carry,
): Promise<NatsFigures> {
  const best = { bare: 0, module: 0 };
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [side, carry] of [["bare", bare], ["module", module]] as const) {
      const start = performance.now();
      await carry(count);
      const rate = count * 1_000 / (performance.now() - start);
      // The first round warms up.
      if (round > 0) best[side] = Math.max(best[side], rate);
    }
  }
  return best;
}

/** The same to both: so many at a time, each batch when the server has the last. */
async function inBatches(
  count: number,
  publish: (size: number) => Promise<unknown>,
): Promise<void> {
  for (let sent = 0; sent < count; sent += IN_FLIGHT) await publish(IN_FLIGHT);
}

function bareCore(connection: NatsConnection): Carry {
  const arrivals = new Arrivals();
  connection.subscribe("bare.order", {
    callback: (_error, message) => {
      message.json();
      arrivals.arrived();
    },
  });
  return async (count) => {
    const all = arrivals.expect(count);
    await inBatches(count, (size) => {
      for (let n = 0; n < size; n++) {
        connection.publish("bare.order", JSON.stringify(PAYLOAD));
      }
      return connection.flush();
    });
    await all;
  };
}

async function bareStream(connection: NatsConnection): Promise<Carry> {
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name: "bare", subjects: ["bare.>"] });
  await manager.consumers.add("bare", {
    durable_name: "bare",
    ack_policy: AckPolicy.Explicit,
    max_ack_pending: 10_000,
  });
  const client = jetstream(connection);
  const arrivals = new Arrivals();
  void consumeAll(await client.consumers.get("bare", "bare"), arrivals);
  return async (count) => {
    const all = arrivals.expect(count);
    await inBatches(count, (size) =>
      Promise.all(Array.from(
        { length: size },
        () =>
          client.publish("bare.order", JSON.stringify(PAYLOAD), {
            msgID: crypto.randomUUID(),
          }),
      )));
    await all;
  };
}

async function consumeAll(
  consumer: Consumer,
  arrivals: Arrivals,
): Promise<void> {
  const messages = await consumer.consume({ max_messages: IN_FLIGHT });
  for await (const message of messages) {
    message.json();
    message.ack();
    arrivals.arrived();
  }
}

/** Runs with an application that has the module and one handler. */
async function withModule<T>(
  config: Readonly<Record<string, unknown>>,
  run: (carry: Carry) => Promise<T>,
): Promise<T> {
  const arrivals = new Arrivals();
  const taker = defineModule({
    type: "bench.taker",
    summary: "Counts messages",
    stability: "stable",
    config: z.strictObject({}),
    provides: [MessageHandler],
    examples: [],
    create: () => ({ receive: () => arrivals.arrived() }),
  });
  await using app = await startApplication({
    document: {
      modules: [
        { name: "events", type: "messaging.nats", config },
        { name: "taker", type: "bench.taker" },
      ],
      workflows: {
        messaging: {
          broker: "events",
          subscriptions: [{ topic: "module.order", handler: "taker" }],
        },
      },
    },
    definitions: [nats, messaging, taker],
    effects: systemEffects(),
  });
  const broker = app.service(Broker);
  return await run(async (count) => {
    const all = arrivals.expect(count);
    await inBatches(count, (size) =>
      Promise.all(Array.from(
        { length: size },
        () => broker.publish("module.order", PAYLOAD),
      )));
    await all;
  });
}

/** Measures both, in about thirty seconds. */
export async function measureNats(): Promise<
  { readonly core: NatsFigures; readonly stream: NatsFigures }
> {
  await using server = await NatsServer.make();
  await server.start();
  const { url } = server;
  // As the module has it, without a stack for each request.
  const connection = await connect({ servers: url, noAsyncTraces: true });
  const bare = bareCore(connection);
  const core = await withModule(
    { url },
    (module) => compare(CORE_MESSAGES, bare, module),
  );
  const bareKept = await bareStream(connection);
  const stream = await withModule(
    { url, jetstream: { stream: "module", subjects: ["module.*"] } },
    (module) => compare(STREAM_MESSAGES, bareKept, module),
  );
  await connection.close();
  return { core, stream };
}

function describe(what: string, { bare, module }: NatsFigures): string {
  const rate = (value: number) => Math.round(value).toLocaleString("en");
  return `${what}: ${rate(module)} messages a second through the module, ` +
    `${rate(bare)} by the bare client: ${Math.round(module * 100 / bare)} %`;
}

if (import.meta.main) {
  const { core, stream } = await measureNats();
  console.log(describe("core NATS", core));
  console.log(describe("JetStream", stream));
}
