/** `messaging.nats` with a stream that three real servers keep. */
import assert from "node:assert/strict";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { jetstream, natsApplication } from "./_nats_application.ts";
import { until } from "./eventually.ts";
import { missingProgram, NatsServer } from "./nats_server.ts";
import { freePort, serverOfFile, serverTest } from "./server.ts";

const NAMES = ["a", "b", "c"] as const;
const MESSAGES = 300;

/** Three servers that know each other. */
class Cluster implements AsyncDisposable {
  readonly servers: ReadonlyMap<string, NatsServer>;

  private constructor(servers: ReadonlyMap<string, NatsServer>) {
    this.servers = servers;
  }

  static async start(): Promise<Cluster> {
    const ports = NAMES.map(() => freePort());
    const servers = new Map<string, NatsServer>();
    for (const [n, name] of NAMES.entries()) {
      const cluster = { name, port: ports[n] ?? 0, ports };
      servers.set(name, await NatsServer.make({ cluster }));
    }
    await Promise.all([...servers.values()].map((server) => server.start()));
    return new Cluster(servers);
  }

  get urls(): string[] {
    return [...this.servers.values()].map(({ url }) => url);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.servers.values()) {
      await server[Symbol.asyncDispose]();
    }
  }
}

const cluster = await serverOfFile(missingProgram(), () => Cluster.start());

serverTest(
  "a stream with replicas outlives the server that leads it, and loses nothing",
  cluster,
  async ({ urls, servers }) => {
    const made = jetstream("shared", { replicas: 3 });
    await using app = await natsApplication(
      { servers: urls, jetstream: made, requestTimeout: "2s" },
      [{ topic: "shared.*", handler: "one" }],
    );
    await until(async () => await app.ready() === 200);
    const acknowledged: number[] = [];
    let isKilled: Promise<void> | undefined;
    for (let n = 0; n < MESSAGES; n++) {
      if (n === MESSAGES / 3) isKilled = killLeader(urls, servers);
      await until(() =>
        app.broker.publish("shared.a", n).then(() => true, () => false)
      );
      acknowledged.push(n);
    }
    await isKilled;
    await until(() => {
      const got = new Set(app.got.map(({ message }) => message.payload));
      return acknowledged.every((n) => got.has(n));
    });
    assert.equal(await app.ready(), 200);
  },
);

/** Ends the server that leads the stream, which is on all three. */
async function killLeader(
  urls: readonly string[],
  servers: ReadonlyMap<string, NatsServer>,
): Promise<void> {
  const connection = await connect({ servers: [...urls] });
  try {
    const manager = await jetstreamManager(connection);
    const { config, cluster } = await manager.streams.info("shared");
    assert.equal(config.num_replicas, 3);
    const leader = servers.get(cluster?.leader ?? "");
    assert.ok(leader, `there is no server ${cluster?.leader}`);
    await leader.kill();
  } finally {
    await connection.close();
  }
}
