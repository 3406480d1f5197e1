/** Over real sockets: what matters is where the connection goes. */
import assert from "node:assert/strict";
import { createServer } from "node:net";
import { systemEffects } from "../effects.ts";
import { pinnedFetch } from "./pinned_fetch.ts";

const { network } = systemEffects();

Deno.test("pinnedFetch() connects to the address and names the host", async () => {
  const listener = network.listen(
    { hostname: "127.0.0.1", port: 0 },
    async (request) =>
      Response.json({
        host: request.headers.get("host"),
        method: request.method,
        type: request.headers.get("content-type"),
        body: await request.text(),
      }, { status: 201, headers: { "x-a": "b" } }),
  );
  const url = `http://pinned.example:${listener.port}/x`;
  const response = await pinnedFetch(
    ["127.0.0.1"],
    new Request(url, {
      method: "POST",
      body: "hé",
      headers: { "content-type": "text/plain" },
    }),
  );
  assert.equal(response.status, 201);
  assert.equal(response.headers.get("x-a"), "b");
  assert.deepEqual(await response.json(), {
    host: `pinned.example:${listener.port}`,
    method: "POST",
    type: "text/plain",
    body: "hé",
  });
  await listener.shutdown();
});

Deno.test("pinnedFetch() tries the next address when nobody listens on the first", async () => {
  const listener = network.listen(
    { hostname: "127.0.0.1", port: 0 },
    () => new Response(null, { status: 204 }),
  );
  const url = `http://pinned.example:${listener.port}/`;
  const response = await pinnedFetch(
    ["127.0.0.2", "127.0.0.1"],
    new Request(url),
  );
  assert.equal(response.status, 204);
  await listener.shutdown();
});

Deno.test("pinnedFetch() unpacks what was packed unasked", async () => {
  const listener = network.listen(
    { hostname: "127.0.0.1", port: 0 },
    (request) => {
      assert.equal(request.headers.get("accept-encoding"), "identity");
      const packed = new Blob(["text"]).stream()
        .pipeThrough(new CompressionStream("gzip"));
      return new Response(packed, { headers: { "content-encoding": "gzip" } });
    },
  );
  const response = await pinnedFetch(
    ["127.0.0.1"],
    new Request(`http://pinned.example:${listener.port}/`),
  );
  assert.equal(await response.text(), "text");
  assert.equal(response.headers.get("content-encoding"), null);
  await listener.shutdown();
});

Deno.test("pinnedFetch() follows no redirect and rejects where nobody listens", async () => {
  const listener = network.listen(
    { hostname: "127.0.0.1", port: 0 },
    () => Response.redirect("http://elsewhere.example/"),
  );
  const url = `http://pinned.example:${listener.port}/`;
  const response = await pinnedFetch(["127.0.0.1"], new Request(url));
  assert.equal(response.status, 302);
  await response.body?.cancel();
  await listener.shutdown();
  await assert.rejects(
    pinnedFetch(["127.0.0.1"], new Request(url)),
    /ECONNREFUSED/,
  );
});

Deno.test("pinnedFetch() ends with the reason of its signal", async () => {
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  const { promise: never, resolve: release } = Promise.withResolvers<void>();
  const listener = network.listen(
    { hostname: "127.0.0.1", port: 0 },
    async () => {
      resolve();
      await never;
      return new Response();
    },
  );
  const controller = new AbortController();
  const rejected = assert.rejects(
    pinnedFetch(
      ["127.0.0.1"],
      new Request(`http://pinned.example:${listener.port}/`, {
        signal: controller.signal,
      }),
    ),
    /given up/,
  );
  await asked;
  controller.abort(new Error("given up"));
  await rejected;
  release();
  await listener.shutdown();
});

Deno.test("pinnedFetch() speaks TLS to https, for the name in the URL", async () => {
  const { promise: hello, resolve } = Promise.withResolvers<Uint8Array>();
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", (bytes) => {
      resolve(bytes);
      socket.destroy();
    });
  });
  await new Promise<void>((listening) =>
    server.listen(0, "127.0.0.1", listening)
  );
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  const url = `https://pinned.example:${address.port}/`;
  await assert.rejects(pinnedFetch(["127.0.0.1"], new Request(url)));
  const bytes = await hello;
  assert.equal(bytes[0], 22, "the first record is a TLS handshake");
  assert.ok(new TextDecoder("latin1").decode(bytes).includes("pinned.example"));
  await new Promise((closed) => server.close(closed));
});

Deno.test("the system resolves localhost, and an address to itself", async () => {
  const addresses = await network.resolve("localhost");
  assert.ok(addresses.includes("127.0.0.1") || addresses.includes("::1"));
  assert.deepEqual(await network.resolve("10.1.2.3"), ["10.1.2.3"]);
  await assert.rejects(network.resolve("nothing.invalid"));
});
