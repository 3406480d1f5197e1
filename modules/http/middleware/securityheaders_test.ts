import assert from "node:assert/strict";
import { HttpContext } from "@engine/services/http_handler.ts";
import { HttpMiddleware } from "@engine/services/http_middleware.ts";
import { startApplication } from "@engine/testing.ts";
import securityheaders from "./securityheaders.ts";

async function headersWith(
  config: Record<string, unknown>,
  response = new Response("ok"),
): Promise<Headers> {
  await using app = await startApplication({
    document: {
      modules: [{
        name: "security",
        type: "http.middleware.securityheaders",
        config,
      }],
    },
    definitions: [securityheaders],
  });
  const answer = await app.service(HttpMiddleware).process(
    new HttpContext(new Request("http://localhost/")),
    () => Promise.resolve(response),
  );
  return answer.headers;
}

Deno.test("http.middleware.securityheaders sets six headers by default", async () => {
  const headers = await headersWith({});
  assert.equal(headers.get("x-content-type-options"), "nosniff");
  assert.equal(headers.get("x-frame-options"), "DENY");
  assert.equal(
    headers.get("content-security-policy"),
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'",
  );
  assert.equal(
    headers.get("referrer-policy"),
    "strict-origin-when-cross-origin",
  );
  assert.equal(
    headers.get("permissions-policy"),
    "camera=(), microphone=(), geolocation=()",
  );
  assert.equal(
    headers.get("strict-transport-security"),
    "max-age=31536000; includeSubDomains",
  );
});

Deno.test("http.middleware.securityheaders takes its values from the config", async () => {
  const headers = await headersWith({
    contentSecurityPolicy: "default-src 'none'",
    frameOptions: "SAMEORIGIN",
    contentTypeOptions: "",
    hstsMaxAge: 60,
    referrerPolicy: "no-referrer",
    permissionsPolicy: "camera=(self)",
  });
  assert.equal(headers.get("content-security-policy"), "default-src 'none'");
  assert.equal(headers.get("x-frame-options"), "SAMEORIGIN");
  assert.equal(headers.get("x-content-type-options"), "nosniff");
  assert.equal(
    headers.get("strict-transport-security"),
    "max-age=60; includeSubDomains",
  );
  assert.equal(headers.get("referrer-policy"), "no-referrer");
  assert.equal(headers.get("permissions-policy"), "camera=(self)");
});

Deno.test("http.middleware.securityheaders takes 0 as the default and less as none", async () => {
  const zero = await headersWith({ hstsMaxAge: 0 });
  assert.match(zero.get("strict-transport-security") ?? "", /31536000/);
  const less = await headersWith({ hstsMaxAge: -1 });
  assert.equal(less.has("strict-transport-security"), false);
});

Deno.test("http.middleware.securityheaders keeps what the handler has set", async () => {
  const headers = await headersWith(
    {},
    new Response("ok", { headers: { "x-frame-options": "SAMEORIGIN" } }),
  );
  assert.equal(headers.get("x-frame-options"), "SAMEORIGIN");
  assert.equal(headers.get("referrer-policy")?.startsWith("strict"), true);
});

Deno.test("http.middleware.securityheaders works on answers that are fixed", async () => {
  const headers = await headersWith({}, Response.redirect("http://a.example/"));
  assert.equal(headers.get("location"), "http://a.example/");
  assert.equal(headers.get("x-frame-options"), "DENY");
});

Deno.test("http.middleware.securityheaders refuses a value of two lines", async () => {
  await assert.rejects(
    headersWith({ frameOptions: "DENY\r\nSet-Cookie: a=b" }),
    /frameOptions|printable ASCII/,
  );
});
