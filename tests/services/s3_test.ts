/** What `storage.s3` does with a real server. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { join } from "node:path";
import type { JsonObject } from "../../engine/define.ts";
import { systemEffects } from "../../engine/effects.ts";
import { TerminalError } from "../../engine/errors.ts";
import { Broker } from "../../engine/services/broker.ts";
import { StateMachines } from "../../engine/services/state_machines.ts";
import { NEVER, openBucket } from "./_s3_application.ts";
import { until } from "./eventually.ts";
import { SECRET, serverOfFile } from "./s3_server.ts";
import { serverTest } from "./server.ts";

const server = await serverOfFile();

const MIB = 1024 * 1024;

function bytesOf(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, index) => (index * 31) % 251);
}

serverTest(
  "storage.s3 gives back what was put, as text, JSON and bytes",
  server,
  async (server) => {
    await using world = await openBucket(server, {
      config: { prefix: "a b/" },
    });
    const { act } = world;
    const metadata = { "written-by": "me" };
    await act("put", { key: "text", text: "tea ü", metadata });
    await act("put", { key: "json", json: { total: 5 } });
    await act("put", { key: "base64", base64: btoa("\0\xff") });
    await act("put", { key: "empty", text: "", contentType: "text/html" });
    const { content, modifiedAt, ...text } = await act("get", { key: "text" });
    assert.equal(content, "tea ü");
    assert.ok(Math.abs(modifiedAt - Date.now()) < 60_000);
    assert.equal(text.size, 6);
    assert.match(text.contentType, /^text\/plain; ?charset=utf-8$/);
    assert.deepEqual(text.metadata, metadata);
    const json = await act("get", { key: "json", as: "json" });
    assert.deepEqual(json.content, { total: 5 });
    assert.equal(json.contentType, "application/json");
    const base64 = await act("get", { key: "base64", as: "base64" });
    assert.equal(base64.content, btoa("\0\xff"));
    await assert.rejects(act("get", { key: "base64" }), /as text/);
    assert.equal((await act("get", { key: "empty" })).content, "");
    const head = await act("head", { key: "empty" });
    assert.equal(head.size, 0);
    assert.equal(head.contentType, "text/html");
    assert.deepEqual(await world.keys(), ["base64", "empty", "json", "text"]);
    await act("put", { key: "text", text: "coffee" });
    assert.equal((await act("get", { key: "text" })).content, "coffee");
    await act("delete", { key: "text" });
    await act("delete", { key: "text" });
    await assert.rejects(act("get", { key: "text" }), { code: "not-found" });
    await assert.rejects(act("head", { key: "text" }), { code: "not-found" });
    await assert.rejects(act("get", { key: "json", bytesMax: 3 }), {
      message: /larger than the limit of 3 bytes/,
    });
  },
);

serverTest(
  "storage.s3 takes keys with any characters, but for segments of dots",
  server,
  async (server) => {
    await using world = await openBucket(server, {
      config: { prefix: "p q/" },
    });
    const keys = [
      "it's (1)!*.txt",
      "%41",
      "a b/ü+é&=?#%.json",
      "dir/sub/x;v=1",
      "back\\slash",
      "日本/☕",
      "~tilde:@$,",
      "<tag>&amp;\"'",
    ];
    for (const key of keys) await world.act("put", { key, text: key });
    for (const key of keys) {
      assert.equal((await world.act("get", { key })).content, key);
    }
    assert.deepEqual(new Set(await world.keys()), new Set(keys));
    for (const key of ["a/../b", ".", "x".repeat(1_025)]) {
      await assert.rejects(world.act("put", { key, text: "" }), TerminalError);
    }
  },
);

serverTest(
  "storage.s3 lists page by page, and by folder",
  server,
  async (server) => {
    await using world = await openBucket(server);
    const keys = Array.from({ length: 7 }, (_, index) => `ü b/${index}&+`);
    for (const key of [...keys, "z"]) await world.act("put", { key, text: "" });
    const found: string[][] = [];
    let after: string | undefined;
    do {
      const page = await world.act("list", {
        prefix: "ü b",
        limit: 3,
        ...after && { after },
      });
      found.push(page.objects.map(({ key }: { key: string }) => key));
      after = page.next;
    } while (after !== undefined);
    assert.deepEqual(found.map(({ length }) => length), [3, 3, 1]);
    assert.deepEqual(found.flat(), keys);
    const top = await world.act("list", { delimiter: "/" });
    assert.deepEqual(top.folders, ["ü b/"]);
    assert.deepEqual(top.objects.map(({ key }: JsonObject) => key), ["z"]);
  },
);

serverTest(
  "storage.s3 writes large objects in parts, from a file and from a stream",
  server,
  async (server) => {
    const folder = await Deno.makeTempDir();
    try {
      const config = { partSize: 5 * MIB, multipartThreshold: 6 * MIB };
      await using world = await openBucket(server, {
        config,
        folder: `${folder}/`,
      });
      const content = bytesOf(12 * MIB);
      await Deno.writeFile(join(folder, "report.bin"), content);
      const tag = await world.act("put", { key: "file", file: "report.bin" });
      assert.match(tag.etag, /-3$/, "it has three parts");
      const stream = ReadableStream.from(chunksOf(content, 100_001));
      const options = { contentType: "a/b", signal: NEVER };
      await world.storage.put("stream", stream, options);
      await world.storage.put("bytes", content, options);
      for (const key of ["file", "stream", "bytes"]) {
        const limits = { bytesMax: 16 * MIB, signal: NEVER };
        const got = await world.storage.get(key, limits);
        assert.equal(got?.facts.size, content.length);
        assert.ok(Buffer.from(got.body).equals(content), key);
      }
      await assert.rejects(
        world.act("put", { key: "x", file: "../secret" }),
        TerminalError,
      );
      await assert.rejects(
        world.act("put", { key: "x", file: "absent" }),
        /Cannot read the file "absent": there is none/,
      );
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

serverTest(
  "storage.s3 leaves nothing behind of an upload that breaks off",
  server,
  async (server) => {
    await using world = await openBucket(server, {
      config: { partSize: 5 * MIB },
    });
    async function* broken() {
      yield bytesOf(11 * MIB);
      await Promise.reject(new Error("the source is gone"));
    }
    const options = { contentType: "a/b", signal: NEVER };
    await assert.rejects(
      world.storage.put("half", ReadableStream.from(broken()), options),
      /the source is gone/,
    );
    assert.deepEqual(await world.keys(), []);
    const { AwsClient } = await import("aws4fetch");
    const client = new AwsClient({
      accessKeyId: "the-key",
      secretAccessKey: SECRET,
      service: "s3",
      region: "us-east-1",
    });
    const url = `${server.endpoint}/${world.bucket}?uploads`;
    const answer = await client.fetch(url);
    const uploads = await answer.text();
    assert.equal(answer.status, 200, uploads);
    assert.ok(!uploads.includes("<UploadId>"), uploads);
  },
);

serverTest(
  "a URL that storage.s3 presigns needs no credentials, until it expires",
  server,
  async (server) => {
    await using world = await openBucket(server);
    const key = "a b/ü.txt";
    const write = await world.act("presign", { key, method: "PUT" });
    const put = await fetch(write.url, { method: "PUT", body: "tea" });
    assert.equal(put.status, 200, await put.text());
    const read = await world.act("presign", { key, expiresIn: "1m" });
    const got = await fetch(read.url);
    assert.equal(await got.text(), "tea");
    assert.ok(Math.abs(read.expiresAt - Date.now() - 60_000) < 10_000);
    // It is for one method and one key.
    for (
      const [url, method] of [
        [read.url, "DELETE"],
        [read.url.replace(".txt", ".csv"), "GET"],
      ]
    ) {
      const answer = await fetch(url, { method });
      assert.equal(answer.status, 403, await answer.text());
    }
    const effects = systemEffects();
    const now = () => Date.now() - 3_600_000;
    const past = { ...effects, clock: { ...effects.clock, now } };
    await using earlier = await openBucket(server, { effects: past });
    const old = await earlier.act("presign", { key, expiresIn: "10m" });
    const late = await fetch(old.url.replace(earlier.bucket, world.bucket));
    assert.equal(late.status, 403, await late.text());
    await assert.rejects(world.act("presign", { key, expiresIn: "169h" }), {
      message: /from 1s to 168h/,
    });
  },
);

serverTest(
  "storage.s3 archives messages and transitions",
  server,
  async (server) => {
    await using world = await openBucket(server);
    const { app } = world;
    await app.service(Broker).publish("order.paid", { id: 1 });
    const machines = app.service(StateMachines);
    await machines.create("order", "o1", { total: 5 });
    await machines.fire("o1", "ship");
    await until(async () => (await world.keys()).length === 2);
    const [paid = "", shipped = ""] = await world.keys();
    assert.match(paid, /^order\.paid\/\d{4}-\d\d-\d\d\/\w+\.json$/);
    assert.match(shipped, /^order\.shipped\/.*o1.*\.json$/);
    const message = await world.act("get", { key: paid, as: "json" });
    assert.deepEqual(message.content, { id: 1 });
    assert.equal(message.metadata.topic, "order.paid");
    const event = await world.act("get", { key: shipped, as: "json" });
    assert.equal(event.content.transition, "ship");
    assert.deepEqual(event.content.data, { total: 5 });
  },
);

function* chunksOf(bytes: Uint8Array, length: number) {
  for (let at = 0; at < bytes.length; at += length) {
    yield bytes.subarray(at, at + length);
  }
}
