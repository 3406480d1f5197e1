import assert from "node:assert/strict";
import { defineModule } from "@engine/define.ts";
import { Authenticator } from "@engine/services/authenticator.ts";
import { HttpContext } from "@engine/services/http_handler.ts";
import { HttpMiddleware } from "@engine/services/http_middleware.ts";
import { startApplication } from "@engine/testing.ts";
import { z } from "zod";
import { loadHs256, TOKEN_CHARACTERS_MAX } from "../../_hs256.ts";
import auth from "./auth.ts";

/** Knows one token; another one makes it fail. */
const authority = defineModule({
  type: "test.authority",
  summary: "Knows one token",
  stability: "stable",
  config: z.strictObject({ token: z.string().describe("The token") }),
  provides: [Authenticator],
  examples: [],
  create: ({ token }, host) => ({
    authenticate(given) {
      if (given === "explode") throw new Error("Cannot look it up");
      const claims = given === token ? { sub: host.name } : undefined;
      return Promise.resolve(claims);
    },
  }),
});

const SECRET = "the key of two services, 32 bytes and more";

function start(config: Record<string, unknown>, authorities: string[] = []) {
  return startApplication({
    document: {
      modules: [
        { name: "auth", type: "http.middleware.auth", config },
        ...authorities.map((token) => ({
          name: `knows-${token.slice(0, 20)}`,
          type: "test.authority",
          config: { token },
        })),
      ],
    },
    definitions: [auth, authority],
  });
}

/** What the middleware makes of an Authorization header. */
async function attempt(middleware: HttpMiddleware, authorization?: string) {
  const headers = authorization === undefined ? {} : { authorization };
  const context = new HttpContext(
    new Request("http://localhost/", { headers }),
  );
  let hasPassed = false;
  const response = await middleware.process(context, () => {
    hasPassed = true;
    return Promise.resolve(new Response("ok"));
  });
  return {
    hasPassed,
    claims: context.claims,
    status: response.status,
    challenge: response.headers.get("www-authenticate"),
    type: response.headers.get("content-type"),
    text: await response.text(),
  };
}

Deno.test("http.middleware.auth refuses in three ways that can be told apart", async () => {
  await using app = await start({ secretKey: SECRET });
  const middleware = app.service(HttpMiddleware);
  const none = await attempt(middleware);
  const scheme = await attempt(middleware, "Basic eDp5");
  const invalid = await attempt(middleware, "Bearer nonsense");
  for (const refusal of [none, scheme, invalid]) {
    assert.equal(refusal.status, 401);
    assert.equal(refusal.type, "text/plain; charset=utf-8");
    assert.equal(refusal.hasPassed, false);
    assert.equal(refusal.claims, undefined);
  }
  const texts = new Set([none, scheme, invalid].map(({ text }) => text));
  assert.equal(texts.size, 3);
  assert.match(scheme.text, /Bearer/);
  assert.equal(none.challenge, "Bearer");
  assert.equal(invalid.challenge, 'Bearer error="invalid_token"');
});

Deno.test("http.middleware.auth compares the scheme exactly, with one space", async () => {
  await using app = await start({ secretKey: SECRET });
  const middleware = app.service(HttpMiddleware);
  for (const scheme of ["bearer ", "BEARER ", "Bearer\t", "Bearer  ", ""]) {
    const { hasPassed } = await attempt(middleware, scheme + SECRET);
    assert.equal(hasPassed, false, JSON.stringify(scheme));
  }
});

Deno.test("http.middleware.auth lets the secret key pass, with no claims", async () => {
  await using app = await start({ secretKey: SECRET });
  const passed = await attempt(app.service(HttpMiddleware), `Bearer ${SECRET}`);
  assert.equal(passed.status, 200);
  assert.deepEqual(passed.claims, {});
});

Deno.test("http.middleware.auth lets tokens pass that the secret key signed", async () => {
  await using app = await start({ secretKey: SECRET });
  const middleware = app.service(HttpMiddleware);
  const { clock } = app.effects;
  const tokens = await loadHs256({ secret: SECRET, clock });
  const exp = clock.now() / 1_000 + 60;
  const token = await tokens.sign({ sub: "u1", exp });
  const passed = await attempt(middleware, `Bearer ${token}`);
  assert.deepEqual(passed.claims, { sub: "u1", exp });
  await app.effects.advance(60_000);
  assert.equal((await attempt(middleware, `Bearer ${token}`)).status, 401);
  const others = await loadHs256({ secret: `${SECRET}?`, clock });
  const foreign = await others.sign({ sub: "u1" });
  assert.equal((await attempt(middleware, `Bearer ${foreign}`)).status, 401);
});

Deno.test("http.middleware.auth leaves the token of a session to who keeps sessions", async () => {
  // Signed with the key that the application shares with `auth.jwt`, where the
  // session has ended meanwhile: the key alone must not revive it.
  await using app = await start({ secretKey: SECRET }, ["one"]);
  const { clock } = app.effects;
  const tokens = await loadHs256({ secret: SECRET, clock });
  const exp = clock.now() / 1_000 + 60;
  const ended = await tokens.sign({ sub: "u1", exp, sid: "s1" });
  const middleware = app.service(HttpMiddleware);
  assert.equal((await attempt(middleware, `Bearer ${ended}`)).status, 401);
  const service = await tokens.sign({ sub: "u1", exp });
  assert.equal((await attempt(middleware, `Bearer ${service}`)).status, 200);
  // Where no module keeps sessions, the key is all there is to go by.
  await using alone = await start({ secretKey: SECRET });
  const passed = await attempt(
    alone.service(HttpMiddleware),
    `Bearer ${ended}`,
  );
  assert.equal(passed.status, 200);
});

Deno.test("http.middleware.auth asks every module that knows tokens", async () => {
  await using app = await start({}, ["one", "two"]);
  const middleware = app.service(HttpMiddleware);
  const second = await attempt(middleware, "Bearer two");
  assert.deepEqual(second.claims, { sub: "knows-two" });
  assert.equal((await attempt(middleware, "Bearer three")).status, 401);
});

Deno.test("http.middleware.auth goes on to the next module when one fails", async () => {
  await using app = await start({}, ["one", "two"]);
  const refused = await attempt(app.service(HttpMiddleware), "Bearer explode");
  assert.equal(refused.status, 401);
  const told = app.logs.filter(({ level }) => level === "warn")
    .map(({ message }) => message);
  assert.deepEqual(told, [
    "Cannot ask knows-one: Cannot look it up",
    "Cannot ask knows-two: Cannot look it up",
  ]);
});

Deno.test("http.middleware.auth refuses everything where nobody knows a token", async () => {
  await using app = await start({});
  const refused = await attempt(app.service(HttpMiddleware), "Bearer anything");
  assert.equal(refused.status, 401);
});

Deno.test("http.middleware.auth takes another scheme", async () => {
  await using app = await start({ authType: "Token", secretKey: SECRET });
  const middleware = app.service(HttpMiddleware);
  assert.equal((await attempt(middleware, `Token ${SECRET}`)).status, 200);
  const refused = await attempt(middleware, `Bearer ${SECRET}`);
  assert.equal(refused.challenge, "Token");
  assert.equal((await attempt(middleware, "Token x")).challenge, "Token");
});

Deno.test("http.middleware.auth does not read a token that is too long", async () => {
  const token = "x".repeat(TOKEN_CHARACTERS_MAX + 1);
  await using app = await start({}, [token]);
  const refused = await attempt(app.service(HttpMiddleware), `Bearer ${token}`);
  assert.equal(refused.status, 401);
});

Deno.test("http.middleware.auth knows modules that a reload adds", async () => {
  await using app = await start({});
  await app.reload({
    modules: [
      { name: "auth", type: "http.middleware.auth" },
      { name: "late", type: "test.authority", config: { token: "t" } },
    ],
  });
  const passed = await attempt(app.service(HttpMiddleware), "Bearer t");
  assert.deepEqual(passed.claims, { sub: "late" });
});
