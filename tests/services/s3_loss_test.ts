/**
 * `storage.s3` with a real server that refuses, is killed, stands still, or is
 * not there yet.
 */
import assert from "node:assert/strict";
import type { JsonObject } from "../../engine/define.ts";
import { RetryableError, TerminalError } from "../../engine/errors.ts";
import { Broker } from "../../engine/services/broker.ts";
import { openBucket } from "./_s3_application.ts";
import { until } from "./eventually.ts";
import { S3Server, SECRET, serverOfFile } from "./s3_server.ts";
import { freePort, serverTest } from "./server.ts";

const server = await serverOfFile();

serverTest(
  "storage.s3 says why it is refused, and never the secret",
  server,
  async (server) => {
    const cases: readonly (readonly [JsonObject, RegExp])[] = [
      [{ secretAccessKey: `${SECRET}-2` }, /SignatureDoesNotMatch/],
      [{ accessKeyId: "nobody" }, /InvalidAccessKeyId/],
      [{ createBucket: false }, /NoSuchBucket/],
    ];
    for (const [config, reason] of cases) {
      await using world = await openBucket(server, { config });
      for (const action of ["get", "head", "delete", "put", "list"]) {
        // This server finds that what is in no bucket is deleted.
        if (action === "delete" && config.createBucket === false) continue;
        const put = action === "put" ? { text: "" } : {};
        const input = action === "list" ? {} : { key: "k", ...put };
        await assert.rejects(world.act(action, input), (error) => {
          assert.ok(error instanceof TerminalError, String(error));
          assert.match(error.message, reason, action);
          return true;
        });
      }
      const { status, message = "" } = await world.health();
      assert.equal(status, "degraded");
      assert.match(message, reason);
      assert.equal(await world.ready(), 503);
      const told = JSON.stringify([world.app.logs, world.app.events, message]);
      assert.ok(!told.includes(SECRET), told);
    }
  },
);

serverTest(
  "what storage.s3 has acknowledged is there after the server was killed under load",
  server,
  async (server) => {
    const config = { maxRetries: 20, maxBackoff: "2s" };
    await using world = await openBucket(server, { config });
    const acknowledged = new Map<string, string>();
    let isOver = false;
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      for (let count = 0; !isOver; count++) {
        const key = `w${writer}/${count}`;
        const { etag } = await world.act("put", { key, json: { key } });
        acknowledged.set(key, etag);
      }
    });
    for (let round = 0; round < 3; round++) {
      const goal = acknowledged.size + 100;
      await until(() => acknowledged.size >= goal);
      await server.kill();
      await server.start();
    }
    isOver = true;
    await Promise.all(writers);
    const keys = new Set(await world.keys());
    assert.ok(acknowledged.size > 300);
    for (const key of acknowledged.keys()) {
      assert.ok(keys.has(key), `${key} is lost`);
    }
    for (const key of [...acknowledged.keys()].slice(-50)) {
      const { content } = await world.act("get", { key, as: "json" });
      assert.deepEqual(content, { key });
    }
  },
);

serverTest(
  "every message of a durable broker is archived, though the server is killed",
  server,
  async (server) => {
    const config = { key: "${{ payload.n }}", maxRetries: 1 };
    await using world = await openBucket(server, { config });
    const bus = world.app.service(Broker);
    const count = 200;
    for (let n = 0; n < count; n++) {
      await bus.publish("order.paid", { n: `${n}` });
      if (n === count / 2) await server.kill();
    }
    await server.start();
    await until(async () => (await world.keys()).length === count);
  },
);

serverTest(
  "storage.s3 starts without its server, says so, and is ready once it is there",
  server,
  async () => {
    const folder = await Deno.makeTempDir({ prefix: "workflow-s3-" });
    await using late = new S3Server(folder, freePort());
    await late.make();
    await using world = await openBucket(late, { config: { maxRetries: 0 } });
    const { status, message = "" } = await world.health();
    assert.equal(status, "degraded");
    assert.match(message, /cannot be reached \(.*refused/i);
    assert.equal(await world.ready(), 503);
    await assert.rejects(
      world.act("put", { key: "a", text: "" }),
      RetryableError,
    );
    await late.start();
    await until(async () => await world.ready() === 200);
    await world.act("put", { key: "a", text: "tea" });
    await late.kill();
    await until(async () => await world.ready() === 503);
    await late.start();
    await until(async () => await world.ready() === 200);
    assert.equal((await world.act("get", { key: "a" })).content, "tea");
  },
);

serverTest(
  "storage.s3 does not wait for a server that stands still longer than its limit",
  server,
  async (server) => {
    const config = { timeout: "300ms", maxRetries: 1, initialBackoff: "10ms" };
    await using world = await openBucket(server, { config });
    await world.act("put", { key: "a", text: "tea" });
    await server.signal("SIGSTOP");
    try {
      await assert.rejects(world.act("get", { key: "a" }), {
        name: "RetryableError",
        message:
          /^Cannot get "a" from "bucket-\d+": .* longer than the limit of 300 ms$/,
      });
      await until(async () => (await world.health()).status === "degraded");
      const { message = "" } = await world.health();
      assert.match(message, /longer than the limit of 1500 ms/);
    } finally {
      await server.signal("SIGCONT");
    }
    await until(async () => await world.ready() === 200);
    assert.equal((await world.act("get", { key: "a" })).content, "tea");
  },
);
