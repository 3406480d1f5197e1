/**
 * Throws hostile requests at the orders example through real sockets, and
 * mutated documents at the loader. Everything comes from one printed seed.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { catalog, definitions } from "../catalog.gen.ts";
import { systemEffects } from "../engine/effects.ts";
import { load } from "../engine/load.ts";
import { memoryStore } from "../engine/store/memory.ts";
import { startApplication } from "../engine/testing.ts";
import { ROOT } from "./_process.ts";

const REQUESTS = 10_000;
const RAW_CONNECTIONS = 300;
const DOCUMENTS = 3_000;
const IN_FLIGHT = 32;

async function startOrders() {
  const effects = systemEffects();
  return await startApplication({
    document: await Deno.readTextFile(`${ROOT}examples/orders/orders.yaml`),
    definitions,
    effects,
    store: memoryStore({ now: effects.clock.now }),
    env: { ORDERS_ADDRESS: "127.0.0.1:0" },
    folder: `${ROOT}examples/orders/`,
    id: "orders",
  });
}

const nasty = fc.constantFrom(
  "%00",
  "%",
  "%zz",
  "..",
  "%2e%2e",
  "%2f",
  "\\",
  "{id}",
  ":id",
  "__proto__",
  "constructor",
  "a".repeat(3_000),
  "%F0%9F%92%A9",
  "%ff%fe",
  ";",
  "null",
  "-1",
);
const segment = fc.oneof(
  nasty,
  fc.stringMatching(/^[\w.~!$&'()*+,;=:@-]{0,12}$/),
  fc.constantFrom(
    "api",
    "orders",
    "auth",
    "login",
    "register",
    "transition",
    "history",
  ),
);
const path = fc.array(segment, { maxLength: 6 }).map((parts) =>
  `/${parts.join("/")}`
);
const target = fc.oneof(
  path,
  fc.constantFrom(
    "/api/orders",
    "/api/orders/welcome",
    "/api/orders/welcome/transition",
    "/api/auth/login",
    "/api/auth/register",
    "/api/auth/refresh",
    "/api/auth/profile",
  ),
);
const query = fc.oneof(
  fc.constant(""),
  fc.stringMatching(/^[\w%&=+.-]{0,40}$/).map((text) => `?${text}`),
);
const body = fc.oneof(
  fc.constant(undefined),
  fc.json(),
  fc.string(),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => new Uint8Array(bytes)),
  fc.constantFrom(
    "null",
    "[]",
    '"text"',
    "{",
    '{"__proto__":{"x":1}}',
    '{"transition":{}}',
    '{"transition":"submit","data":[]}',
    '{"email":{},"password":[]}',
    `{"email":"a@b.c","password":"${"p".repeat(5_000)}"}`,
    "[".repeat(5_000),
    `{"a":${"9".repeat(400)}}`,
    "1e999999",
  ),
);
const header = fc.tuple(
  fc.constantFrom(
    "authorization",
    "content-type",
    "x-forwarded-for",
    "x-request-id",
    "if-match",
    "origin",
    "cookie",
    "accept",
    "range",
  ),
  fc.oneof(
    fc.stringMatching(/^[\x21-\x7e]{0,60}$/),
    fc.constantFrom(
      "Bearer ",
      "Bearer a.b.c",
      "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.",
      'application/json; charset="',
      "bytes=0-,1-",
      "wf_session=x; a=b",
      "é",
    ),
  ),
);
const request = fc.record({
  method: fc.constantFrom(
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "DELETE",
    "PATCH",
    "OPTIONS",
    "PURGE",
  ),
  target: fc.tuple(target, query).map(([path, query]) => path + query),
  headers: fc.array(header, { maxLength: 4 }),
  body,
  signedIn: fc.boolean(),
});

Deno.test(`the orders example answers ${REQUESTS} hostile requests with no 5xx`, async () => {
  const seed = crypto.getRandomValues(new Uint32Array(1))[0]! | 0;
  await using app = await startOrders();
  const [address = ""] = app.engine.addresses();
  const login = await fetch(`${address}/api/auth/login`, {
    method: "POST",
    body: '{"email":"ada@example.com","password":"correct horse battery"}',
  });
  const { token } = await login.json();
  const cases = fc.sample(request, { numRuns: REQUESTS, seed });
  let next = 0;
  async function work() {
    for (let index = next++; index < cases.length; index = next++) {
      const { method, target, headers, body, signedIn } = cases[index]!;
      const all = new Headers();
      if (signedIn) all.set("authorization", `Bearer ${token}`);
      for (const [name, value] of headers) all.append(name, value);
      const hasBody = body !== undefined && method !== "GET" &&
        method !== "HEAD";
      const response = await fetch(address + target, {
        method,
        headers: all,
        redirect: "manual",
        ...(hasBody ? { body } : {}),
      });
      const text = await response.text();
      const told = `seed ${seed}: ${method} ${target} ${
        JSON.stringify(body)
      } → ${text}`;
      assert.ok(response.status < 500, `${response.status} ${told}`);
      assert.equal(/\n\s+at .*\.ts/.test(text), false, told);
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, work));
  const healthy = await fetch(`${address}/healthz`);
  assert.equal(healthy.status, 200);
  await healthy.body?.cancel();
});

Deno.test(`the orders example outlives ${RAW_CONNECTIONS} connections that speak no HTTP`, async () => {
  await using app = await startOrders();
  const { hostname, port } = new URL(app.engine.addresses()[0] ?? "");
  const seed = crypto.getRandomValues(new Uint32Array(1))[0]! | 0;
  const line = fc.constantFrom(
    "GET / HTTP/1.1\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
    "POST /api/orders HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "POST /api/orders HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    "GET /\u0000 HTTP/1.1\r\nHost: a\r\n\r\n",
    `GET /${"a".repeat(70_000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
    `GET / HTTP/1.1\r\nHost: a\r\n${"x: y\r\n".repeat(2_000)}\r\n`,
    "GET http://evil.example/ HTTP/1.1\r\nHost: a\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
    "CONNECT evil.example:443 HTTP/1.1\r\nHost: a\r\n\r\n",
  );
  const bytes = fc.oneof(
    line.map((text) => new TextEncoder().encode(text)),
    fc.uint8Array({ maxLength: 300 }).map((bytes) => new Uint8Array(bytes)),
  );
  for (const sent of fc.sample(bytes, { numRuns: RAW_CONNECTIONS, seed })) {
    const connection = await Deno.connect({ hostname, port: Number(port) });
    await connection.write(sent).catch(() => 0);
    connection.close();
  }
  const healthy = await fetch(`http://${hostname}:${port}/healthz`);
  assert.equal(healthy.status, 200, `seed ${seed}`);
  await healthy.body?.cancel();
});

Deno.test(`load() finds a place for what is wrong in ${DOCUMENTS} mutated documents`, async () => {
  const text = await Deno.readTextFile(`${ROOT}examples/orders/orders.yaml`);
  const sources = { env: () => undefined, secrets: new Map<string, string>() };
  const piece = fc.oneof(
    fc.string({ maxLength: 8 }),
    fc.constantFrom(
      "\t",
      "\n",
      ":",
      "- ",
      "{",
      "[",
      "&a ",
      "*a",
      "<<: ",
      "!!js ",
      "\u0000",
      "%",
      "|",
    ),
  );
  const mutation = fc.record({
    at: fc.nat({ max: text.length }),
    removed: fc.nat({ max: 30 }),
    added: piece,
  });
  fc.assert(
    fc.property(mutation, ({ at, removed, added }) => {
      const mutated = text.slice(0, at) + added + text.slice(at + removed);
      const { problems } = load(mutated, { catalog, file: "a.yaml", sources });
      const lines = mutated.split("\n").length;
      for (const { line, column, message } of problems) {
        assert.ok(line >= 1 && line <= lines, `${line} ${message}`);
        assert.ok(column >= 1, message);
      }
    }),
    { numRuns: DOCUMENTS },
  );
});
