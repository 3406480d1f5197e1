import assert from "node:assert/strict";
import type { JsonObject } from "@engine/define.ts";
import { RetryableError } from "@engine/errors.ts";
import { MessageSource } from "@engine/services/message_source.ts";
import { startApplication } from "@engine/testing.ts";
import http from "../../workflows/types/http.ts";
import handler from "./handler.ts";
import router from "./router.ts";
import server from "./server.ts";

type JsonValue = JsonObject[string];

function start(config: Readonly<Record<string, unknown>> = {}, name = "hello") {
  return startApplication({
    document: {
      modules: [
        { name: "web", type: "http.server", config: { address: ":0" } },
        { name: "router", type: "http.router" },
        { name, type: "http.handler", config },
      ],
      workflows: {
        http: {
          routes: ["GET", "POST", "PUT", "PATCH", "DELETE"].map((method) => ({
            method,
            path: "/hello",
            handler: name,
          })),
        },
      },
    },
    definitions: [server, router, handler, http],
  });
}

Deno.test("http.handler answers every method alike", async () => {
  await using app = await start();
  for (const method of ["GET", "POST", "DELETE"]) {
    const response = await app.request(method, "/hello");
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("content-type"), "application/json");
    assert.equal(
      await response.text(),
      '{"handler":"hello","message":"Default handler response","status":"success"}\n',
    );
  }
});

Deno.test("http.handler answers JSON whatever its contentType says", async () => {
  await using app = await start({ contentType: "text/html" }, "a<b>&c");
  const response = await app.request("GET", "/hello");
  assert.equal(response.headers.get("content-type"), "text/html");
  const text = await response.text();
  assert.ok(text.startsWith('{"handler":"a\\u003cb\\u003e\\u0026c",'));
});

Deno.test("http.handler reports the keys of older documents that do nothing", async () => {
  await using app = await start({ method: "POST", path: "/x", status: 201 });
  assert.equal((await app.request("GET", "/hello")).status, 200);
  assert.deepEqual(
    app.logs.filter(({ fields }) => fields.code === "inert-key").length,
    3,
  );
});

Deno.test("http.handler forwards what is written, and waits for it", async () => {
  await using app = await start();
  const seen: JsonValue[] = [];
  const stop = app.service(MessageSource).onProcessed(async (payload) => {
    await Promise.resolve();
    seen.push(payload);
  });
  const bodies = ['{"a":[1]}', "plain", "", "7", "1e999"];
  for (const body of bodies) {
    const response = await app.request("POST", "/hello", { body });
    assert.equal(response.status, 200);
  }
  await app.request("DELETE", "/hello");
  await app.request("GET", "/hello");
  // A number without end has no place in a message but as the text that it is.
  assert.deepEqual(seen, [{ a: [1] }, "plain", null, 7, "1e999", null]);
  stop();
  await app.request("POST", "/hello", { body: "unseen" });
  assert.equal(seen.length, 6);
});

Deno.test("http.handler does not acknowledge what could not be forwarded", async () => {
  await using app = await start();
  const source = app.service(MessageSource);
  source.onProcessed(() => Promise.reject(new Error("the broker is full")));
  const response = await app.request("POST", "/hello", { body: "x" });
  assert.equal(response.status, 500);
  assert.doesNotMatch(await response.text(), /broker/);
});

Deno.test("http.handler asks to come again while a queue is full", async () => {
  await using app = await start();
  app.service(MessageSource).onProcessed(() =>
    Promise.reject(
      new RetryableError("The queue is full", { retryAfterMs: 2_500 }),
    )
  );
  const response = await app.request("POST", "/hello", { body: {} });
  assert.equal(response.status, 503);
  assert.equal(response.headers.get("retry-after"), "3");
  assert.equal((await response.text()).includes("queue"), false);
  const [warning] = app.logs.filter(({ level }) => level === "warn");
  assert.equal(
    warning?.message,
    "Cannot answer POST /hello now: The queue is full",
  );
});

Deno.test("http.handler forwards at most a mebibyte", async () => {
  await using app = await start();
  let count = 0;
  app.service(MessageSource).onProcessed(() => {
    count++;
    return Promise.resolve();
  });
  const body = "x".repeat(1_048_576);
  assert.equal((await app.request("PUT", "/hello", { body })).status, 200);
  const longer = await app.request("PUT", "/hello", { body: `${body}x` });
  assert.equal(longer.status, 413);
  assert.match((await longer.json()).detail, /longer than 1048576 bytes/);
  assert.equal(count, 1);
});
