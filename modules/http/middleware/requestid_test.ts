import assert from "node:assert/strict";
import { HttpContext } from "@engine/services/http_handler.ts";
import { HttpMiddleware } from "@engine/services/http_middleware.ts";
import { startApplication } from "@engine/testing.ts";
import requestid, { REQUEST_ID_CHARACTERS_MAX } from "./requestid.ts";

const DOCUMENT = `
modules:
  - name: request-id
    type: http.middleware.requestid
`;

function start() {
  return startApplication({ document: DOCUMENT, definitions: [requestid] });
}

Deno.test("http.middleware.requestid keeps a sane id and shows it to the rest", async () => {
  await using app = await start();
  const middleware = app.service(HttpMiddleware);
  const context = contextOf("order-17/ab_c:1=");
  let seen: string | undefined;
  const response = await middleware.process(context, () => {
    seen = context.requestId;
    return Promise.resolve(new Response("ok"));
  });
  assert.equal(seen, "order-17/ab_c:1=");
  assert.equal(response.headers.get("x-request-id"), "order-17/ab_c:1=");
});

Deno.test("http.middleware.requestid makes a new id where none or a strange one came", async () => {
  await using app = await start();
  const middleware = app.service(HttpMiddleware);
  const strange = [
    undefined,
    "",
    "a b",
    'quote"',
    "<script>",
    "ümlaut",
    "x".repeat(REQUEST_ID_CHARACTERS_MAX + 1),
  ];
  const ids = new Set<string>();
  for (const given of strange) {
    const response = await middleware.process(contextOf(given), answer);
    const id = response.headers.get("x-request-id") ?? "";
    assert.match(id, /^[0-9A-Z]{26}$/);
    ids.add(id);
  }
  assert.equal(ids.size, strange.length);
});

Deno.test("http.middleware.requestid sets the header on answers that cannot be changed", async () => {
  await using app = await start();
  const middleware = app.service(HttpMiddleware);
  const fixed = Response.redirect("http://elsewhere.example/", 302);
  assert.throws(() => fixed.headers.set("a", "b"), TypeError);
  const response = await middleware.process(
    contextOf("id-1"),
    () => Promise.resolve(fixed),
  );
  assert.equal(response.status, 302);
  assert.equal(response.headers.get("location"), "http://elsewhere.example/");
  assert.equal(response.headers.get("x-request-id"), "id-1");
});

function contextOf(id: string | undefined): HttpContext {
  const headers = id === undefined ? {} : { "x-request-id": id };
  return new HttpContext(new Request("http://localhost/", { headers }));
}

function answer(): Promise<Response> {
  return Promise.resolve(new Response("ok"));
}
