import assert from "node:assert/strict";
import { HttpContext } from "@engine/services/http_handler.ts";
import { gatewayHeaders, rewritten } from "./_gateway_rewrite.ts";

function pathWith(path: string, strip?: string, base?: string): string {
  const rewriting = {
    path_rewriting: { strip_base_path: strip, base_path_rewrite: base },
  };
  return rewritten({ path, query: "?a=1" }, rewriting).path;
}

Deno.test("rewritten() takes away and puts in front, word by word", () => {
  assert.equal(pathWith("/api/users/7"), "/api/users/7");
  assert.equal(pathWith("/api/users/7", "/api"), "/users/7");
  assert.equal(pathWith("/api/users/7", "/api/"), "/users/7");
  assert.equal(pathWith("/apis/users", "/api"), "/apis/users");
  assert.equal(pathWith("/api", "/api"), "/");
  assert.equal(pathWith("/users", undefined, "/v1"), "/v1/users");
  assert.equal(pathWith("/api/users", "/api", "/v1/"), "/v1/users");
  assert.equal(pathWith("/a", "/"), "/a");
});

Deno.test("rewritten() leaves everything where nothing is asked", () => {
  const target = { path: "/a", query: "?b=1" };
  assert.deepEqual(rewritten(target, undefined), target);
  assert.deepEqual(rewritten(target, {}), target);
});

const REQUEST = {
  accept: "text/html",
  "content-type": "application/json",
  cookie: "a=1",
  "user-agent": "test",
  "x-secret": "1",
  "x-tenant": "north",
  "x-forwarded-for": "192.0.2.1",
};

function headersWith(
  config: Parameters<typeof gatewayHeaders>[1],
  rewriting?: Parameters<typeof gatewayHeaders>[2],
): Headers {
  const request = new Request("http://localhost/", { headers: REQUEST });
  return gatewayHeaders(new HttpContext(request), config, rewriting);
}

Deno.test("gatewayHeaders() forwards everything, or what is listed and needed", () => {
  const all = headersWith({
    forward_headers: undefined,
    tenant_id_header: "X-Tenant",
  });
  for (const name of Object.keys(REQUEST)) assert.ok(all.has(name), name);
  const some = headersWith({
    forward_headers: ["User-Agent"],
    tenant_id_header: "X-Tenant",
  });
  for (
    const name of [
      "accept",
      "content-type",
      "user-agent",
      "x-tenant",
      "x-forwarded-for",
    ]
  ) assert.ok(some.has(name), name);
  for (const name of ["cookie", "x-secret"]) assert.ok(!some.has(name), name);
});

Deno.test("gatewayHeaders() lets nobody take the tenant out on the way", () => {
  const request = new Request("http://localhost/", {
    headers: { ...REQUEST, connection: "X-Tenant, X-Secret" },
  });
  const headers = gatewayHeaders(new HttpContext(request), {
    forward_headers: undefined,
    tenant_id_header: "X-Tenant",
  }, undefined);
  assert.equal(headers.get("x-tenant"), "north");
  assert.equal(headers.has("x-secret"), false);
});

Deno.test("gatewayHeaders() removes and sets what a route says", () => {
  const headers = headersWith(
    { forward_headers: undefined, tenant_id_header: "X-Tenant" },
    {
      header_rewriting: {
        remove_headers: ["Cookie", "X-Secret"],
        set_headers: { "X-Secret": "2", "X-Via": "gateway" },
      },
    },
  );
  assert.equal(headers.has("cookie"), false);
  assert.equal(headers.get("x-secret"), "2");
  assert.equal(headers.get("x-via"), "gateway");
});
