import assert from "node:assert/strict";
import fc from "fast-check";
import { Authenticator } from "@engine/services/authenticator.ts";
import {
  type Claims,
  HttpContext,
  HttpHandler,
} from "@engine/services/http_handler.ts";
import { simulatedEffects } from "@engine/simulation/effects.ts";
import { memoryStore } from "@engine/store/memory.ts";
import type { Store } from "@engine/store/store.ts";
import { startApplication } from "@engine/testing.ts";
import { loadHs256 } from "../_hs256.ts";
import { SIGN_INS_AT_ONCE } from "./_accounts.ts";
import jwt from "./jwt.ts";

const SECRET = "a secret of this test, 32 bytes and more";

type Start = {
  readonly config?: Record<string, unknown>;
  readonly store?: Store;
};

async function start({ config = {}, store }: Start = {}) {
  const app = await startApplication({
    document: {
      modules: [{
        name: "accounts",
        type: "auth.jwt",
        config: { secret: SECRET, ...config },
      }],
    },
    definitions: [jwt],
    ...(store === undefined ? {} : { store }),
  });
  const handler = app.service(HttpHandler);

  async function send(
    method: string,
    path: string,
    { token, body, address = "192.0.2.1" }: {
      readonly token?: string;
      readonly body?: unknown;
      readonly address?: string;
    } = {},
  ) {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const request = new Request(`http://localhost/api${path}`, {
      method,
      ...(token === undefined
        ? {}
        : { headers: { authorization: `Bearer ${token}` } }),
      ...(body === undefined ? {} : { body: text }),
    });
    const response = await handler.handle(new HttpContext(request, address));
    const answer = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: answer === "" ? undefined : JSON.parse(answer),
    };
  }

  return {
    ...app,
    send,
    claims: (token: string) => app.service(Authenticator).authenticate(token),
    register: (fields: Record<string, unknown> = {}) =>
      send("POST", "/auth/register", { body: { ...ADA, ...fields } }),
    login: (fields: Record<string, unknown> = {}, address = "192.0.2.1") =>
      send("POST", "/auth/login", {
        body: { email: ADA.email, password: ADA.password, ...fields },
        address,
      }),
    refresh: (refreshToken: string) =>
      send("POST", "/auth/refresh", { body: { refreshToken } }),
    [Symbol.asyncDispose]: () => app.stop(),
  };
}

const ADA = {
  email: "ada@example.org",
  name: "Ada",
  password: "correct horse",
};

Deno.test("auth.jwt registers a user and signs the user in", async () => {
  await using app = await start();
  const { status, headers, body } = await app.register({
    email: "  ADA@Example.org ",
  });
  assert.equal(status, 201);
  assert.equal(headers.get("content-type"), "application/json");
  assert.equal(headers.get("cache-control"), "no-store");
  const { id } = body.user;
  assert.deepEqual(body.user, {
    id,
    email: "ada@example.org",
    name: "Ada",
    createdAt: "2023-11-14T22:13:20.000Z",
  });
  assert.equal(body.expiresIn, 86_400);
  const claims = await app.claims(body.token) as Claims;
  const { jti, sid, ...rest } = claims;
  assert.deepEqual(rest, {
    sub: id,
    email: "ada@example.org",
    name: "Ada",
    iss: "workflow",
    iat: 1_700_000_000,
    exp: 1_700_086_400,
  });
  assert.notEqual(jti, sid);
});

Deno.test("auth.jwt never lets those who register give themselves rights", async () => {
  await using app = await start();
  const { status, body } = await app.register({
    role: "admin",
    id: "user-001",
    affiliateId: "a1",
    programIds: ["p1"],
    metadata: { role: "admin" },
    data: { role: "admin" },
    passwordHash: "x",
  });
  assert.equal(status, 201);
  assert.deepEqual(Object.keys(body.user), [
    "id",
    "email",
    "name",
    "createdAt",
  ]);
  assert.notEqual(body.user.id, "user-001");
  const claims = await app.claims(body.token) as Claims;
  for (const name of ["role", "affiliateId", "programIds", "metadata"]) {
    assert.equal(name in claims, false, name);
  }
  const profile = await app.send("GET", "/auth/profile", body);
  assert.equal("role" in profile.body, false);
});

Deno.test("auth.jwt gives an address to one user only, however it is written", async () => {
  await using app = await start();
  assert.equal((await app.register()).status, 201);
  for (const email of ["ada@example.org", " ADA@EXAMPLE.ORG"]) {
    const { status, body } = await app.register({ email });
    assert.equal(status, 409);
    assert.deepEqual(body, {
      error: "The email address is registered already",
    });
  }
});

Deno.test("auth.jwt gives an address to one of those who ask at the same time", async () => {
  await using app = await start();
  const answers = await Promise.all([1, 2, 3].map(() => app.register()));
  const statuses = answers.map(({ status }) => status).toSorted();
  assert.deepEqual(statuses, [201, 409, 409]);
});

Deno.test("auth.jwt refuses registrations that lack something", async () => {
  await using app = await start();
  const refused = [
    [{ email: undefined }, /"email" must be a text/],
    [{ email: 7 }, /"email" must be a text/],
    [{ email: "ada" }, /email address is malformed/],
    [{ password: undefined }, /"password" must be a text/],
    [{ password: "1234567" }, /at least 8 characters/],
    [{ password: "x".repeat(1_025) }, /longer than 1024 bytes/],
    [{ name: 7 }, /"name" must be a text/],
    [{ name: "x".repeat(201) }, /longer than 200/],
  ] as const;
  for (const [fields, message] of refused) {
    const { status, body } = await app.register(fields);
    assert.equal(status, 400, JSON.stringify(fields));
    assert.match(body.error, message);
  }
  assert.equal((await app.register({ name: undefined })).body.user.name, "");
});

Deno.test("auth.jwt takes another length of passwords from the config", async () => {
  await using app = await start({ config: { passwordMinLength: 20 } });
  assert.equal((await app.register()).status, 400);
  assert.equal((await app.register({ password: "x".repeat(20) })).status, 201);
});

Deno.test("auth.jwt signs in with the address in any form and the right password", async () => {
  await using app = await start();
  const { body: { user } } = await app.register();
  const { status, body } = await app.login({ email: " Ada@EXAMPLE.org" });
  assert.equal(status, 200);
  assert.deepEqual(body.user, user);
  assert.equal((await app.claims(body.token))?.sub, user.id);
});

Deno.test("auth.jwt tells nobody whether an address or a password was wrong", async () => {
  await using app = await start();
  await app.register();
  const answers = [
    await app.login({ password: "wrong horse" }),
    await app.login({ email: "bob@example.org" }),
    await app.login({ email: "no address at all" }),
  ];
  for (const { status, body } of answers) {
    assert.equal(status, 401);
    assert.deepEqual(body, answers[0]?.body);
  }
});

Deno.test("auth.jwt refuses attempts to sign in that are malformed", async () => {
  await using app = await start();
  assert.equal((await app.login({ email: undefined })).status, 400);
  assert.equal((await app.login({ password: 7 })).status, 400);
  assert.equal((await app.login({ password: "x".repeat(1_025) })).status, 400);
  assert.equal((await app.login({ password: "" })).status, 400);
});

Deno.test("auth.jwt slows down those who guess, user by user and client by client", async () => {
  await using app = await start();
  await app.register();
  for (let i = 0; i < SIGN_INS_AT_ONCE; i++) {
    assert.equal((await app.login({ password: "guess" })).status, 401);
  }
  const slowed = await app.login();
  assert.equal(slowed.status, 429);
  assert.equal(slowed.headers.get("retry-after"), "12");
  assert.deepEqual(slowed.body, { error: "Too many attempts to sign in" });
  assert.equal((await app.login({}, "192.0.2.2")).status, 200);
  assert.equal((await app.login({ email: "bob@x" })).status, 401);
  await app.effects.advance(12_000);
  assert.equal((await app.login()).status, 200);
});

Deno.test("auth.jwt does not count those who sign in rightly", async () => {
  await using app = await start();
  await app.register();
  for (let i = 0; i < SIGN_INS_AT_ONCE + 5; i++) {
    assert.equal((await app.login()).status, 200);
  }
});

Deno.test("auth.jwt shows and changes the profile of the caller", async () => {
  await using app = await start();
  const { body: { user, token } } = await app.register();
  const profile = await app.send("GET", "/auth/profile", { token });
  assert.equal(profile.status, 200);
  assert.deepEqual(profile.body, user);
  const changed = await app.send("PUT", "/auth/profile", {
    token,
    body: { name: "Ada King", email: "other@x", role: "admin" },
  });
  assert.equal(changed.status, 200);
  assert.deepEqual(changed.body, { ...user, name: "Ada King" });
  const empty = await app.send("PUT", "/auth/profile", {
    token,
    body: { name: "" },
  });
  assert.deepEqual(empty.body, { ...user, name: "Ada King" });
  const login = await app.login();
  assert.equal(login.body.user.name, "Ada King");
  assert.equal((await app.claims(login.body.token))?.name, "Ada King");
});

Deno.test("auth.jwt refuses profiles to those without a valid token", async () => {
  await using app = await start();
  const { clock } = app.effects;
  const tokens = await loadHs256({ secret: SECRET, clock });
  const exp = 1_700_000_100;
  const foreign = await tokens.sign({ sub: "u1", iss: "others", exp });
  const endless = await tokens.sign({ sub: "u1", iss: "workflow" });
  const unknown = await tokens.sign({ sub: "u1", iss: "workflow", exp });
  for (const token of [undefined, "", "x", foreign, endless, unknown]) {
    for (const method of ["GET", "PUT"]) {
      const answer = await app.send(method, "/auth/profile", {
        ...(token === undefined ? {} : { token }),
        ...(method === "PUT" ? { body: { name: "x" } } : {}),
      });
      assert.equal(answer.status, 401, `${method} ${token}`);
      assert.equal(typeof answer.body.error, "string");
      assert.equal(answer.headers.get("www-authenticate"), "Bearer");
    }
  }
});

Deno.test("auth.jwt accepts tokens until they expire", async () => {
  await using app = await start({ config: { tokenExpiry: "10m" } });
  const { body } = await app.register();
  assert.equal(body.expiresIn, 600);
  await app.effects.advance(599_000);
  assert.ok(await app.claims(body.token));
  await app.effects.advance(1_000);
  assert.equal(await app.claims(body.token), undefined);
});

Deno.test("auth.jwt accepts no token without a user", async () => {
  await using app = await start();
  const { clock } = app.effects;
  const tokens = await loadHs256({ secret: SECRET, clock });
  const exp = clock.now() / 1_000 + 60;
  for (const sub of ["", 7, null, ["u1"], { id: "u1" }]) {
    const token = await tokens.sign({ sub, iss: "workflow", exp });
    assert.equal(await app.claims(token), undefined, JSON.stringify(sub));
  }
});

Deno.test("auth.jwt accepts its own issuer only", async () => {
  const store = memoryStore();
  const first = await start({ store });
  const { body: { token } } = await first.register();
  await first.stop();
  await using other = await start({ store, config: { issuer: "orders" } });
  assert.equal(await other.claims(token), undefined);
});

Deno.test("auth.jwt accepts the tokens of another service with the same secret", async () => {
  await using first = await start();
  await using second = await start();
  const { body } = await first.register();
  assert.equal((await second.claims(body.token))?.email, ADA.email);
  const profile = await second.send("GET", "/auth/profile", body);
  assert.equal(profile.status, 401);
});

Deno.test("auth.jwt exchanges a refresh token for new ones", async () => {
  await using app = await start({ config: { tokenExpiry: "10m" } });
  const { body: first } = await app.register();
  await app.effects.advance(600_000);
  assert.equal(await app.claims(first.token), undefined);
  const { status, body } = await app.refresh(first.refreshToken);
  assert.equal(status, 200);
  assert.deepEqual(body.user, first.user);
  assert.notEqual(body.refreshToken, first.refreshToken);
  assert.equal((await app.claims(body.token))?.sub, first.user.id);
  assert.equal((await app.refresh(body.refreshToken)).status, 200);
});

Deno.test("auth.jwt ends a session whose refresh token is used twice", async () => {
  await using app = await start();
  const { body: first } = await app.register();
  const { body: second } = await app.refresh(first.refreshToken);
  assert.ok(await app.claims(second.token));
  assert.equal((await app.refresh(first.refreshToken)).status, 401);
  assert.equal((await app.refresh(second.refreshToken)).status, 401);
  assert.equal(await app.claims(first.token), undefined);
  assert.equal(await app.claims(second.token), undefined);
  const { body: other } = await app.login();
  assert.ok(await app.claims(other.token));
  assert.ok(app.logs.some(({ message }) => /used twice/.test(message)));
});

Deno.test("auth.jwt gives one of two exchanges at the same time nothing", async () => {
  await using app = await start();
  const { body } = await app.register();
  const answers = await Promise.all([
    app.refresh(body.refreshToken),
    app.refresh(body.refreshToken),
  ]);
  const won = answers.filter(({ status }) => status === 200);
  assert.ok(won.length <= 1);
  for (const { body } of won) {
    assert.equal(await app.claims(body.token), undefined);
  }
});

Deno.test("auth.jwt refuses refresh tokens that are expired or were never given", async () => {
  await using app = await start({ config: { refreshTokenExpiry: "1h" } });
  const { body } = await app.register();
  for (const token of ["", "x", "A".repeat(43), body.token]) {
    const refused = await app.refresh(token);
    assert.equal(refused.status, 401, token);
    assert.deepEqual(refused.body, { error: "The refresh token is not valid" });
  }
  assert.equal(
    (await app.send("POST", "/auth/refresh", { body: {} })).status,
    400,
  );
  await app.effects.advance(3_600_000);
  assert.equal((await app.refresh(body.refreshToken)).status, 401);
});

Deno.test("auth.jwt does not take a refresh token for an access token", async () => {
  await using app = await start();
  const { body } = await app.register();
  assert.equal(await app.claims(body.refreshToken), undefined);
});

Deno.test("auth.jwt signs out by access token: the whole session ends", async () => {
  await using app = await start();
  const { body: first } = await app.register();
  const { body: second } = await app.refresh(first.refreshToken);
  const { body: other } = await app.login();
  const answer = await app.send("POST", "/auth/logout", {
    token: second.token,
  });
  assert.equal(answer.status, 204);
  assert.equal(await app.claims(first.token), undefined);
  assert.equal(await app.claims(second.token), undefined);
  assert.equal((await app.refresh(second.refreshToken)).status, 401);
  // Another sign-in of the same user is another session.
  assert.ok(await app.claims(other.token));
  assert.equal((await app.refresh(other.refreshToken)).status, 200);
});

Deno.test("auth.jwt keeps a session ended that began with longer lives", async () => {
  const { clock } = simulatedEffects();
  let now = clock.now;
  const store = memoryStore({ now: () => now() });
  await using before = await start({ store });
  const { body } = await before.register();
  const config = { tokenExpiry: "5m", refreshTokenExpiry: "1h" };
  await using app = await start({ store, config });
  now = app.effects.clock.now;
  const out = { body: { refreshToken: body.refreshToken } };
  assert.equal((await app.send("POST", "/auth/logout", out)).status, 204);
  await app.effects.advance(2 * 60 * 60 * 1_000);
  assert.equal(await app.claims(body.token), undefined);
  assert.equal((await app.refresh(body.refreshToken)).status, 401);
});

Deno.test("auth.jwt signs out by refresh token alone", async () => {
  await using app = await start();
  const { body } = await app.register();
  const { refreshToken } = body;
  const out = { body: { refreshToken } };
  assert.equal((await app.send("POST", "/auth/logout", out)).status, 204);
  assert.equal(await app.claims(body.token), undefined);
  assert.equal((await app.refresh(refreshToken)).status, 401);
});

Deno.test("auth.jwt refuses to sign out those whom it does not know", async () => {
  await using app = await start();
  const attempts = [
    {},
    { token: "x" },
    { body: { refreshToken: "A".repeat(43) } },
  ];
  for (const attempt of attempts) {
    assert.equal((await app.send("POST", "/auth/logout", attempt)).status, 401);
  }
});

Deno.test("auth.jwt remembers users, sessions and revocations over a restart", async () => {
  const store = memoryStore();
  const first = await start({ store });
  const { body: kept } = await first.register();
  const { body: ended } = await first.login();
  await first.send("POST", "/auth/logout", { token: ended.token });
  await first.stop();
  await using second = await start({ store });
  assert.ok(await second.claims(kept.token));
  assert.equal(await second.claims(ended.token), undefined);
  assert.equal((await second.login()).status, 200);
  assert.equal((await second.refresh(kept.refreshToken)).status, 200);
  assert.equal((await second.register()).status, 409);
});

Deno.test("auth.jwt keeps neither passwords nor refresh tokens in the store", async () => {
  const store = memoryStore();
  await using app = await start({ store });
  const { body } = await app.register();
  const rows: string[] = [];
  for await (const { key, value } of store.list({ prefix: [] })) {
    rows.push(JSON.stringify([key, value]));
  }
  assert.ok(rows.length > 0);
  for (const row of rows) {
    assert.doesNotMatch(row, new RegExp(ADA.password));
    assert.ok(!row.includes(body.refreshToken));
    assert.ok(!row.includes(body.token));
  }
});

Deno.test("auth.jwt lets nobody in when the store cannot be asked", async () => {
  const store = memoryStore();
  await using app = await start({ store });
  const { body } = await app.register();
  store.getMany = () => Promise.reject(new Error("Cannot read"));
  assert.equal(await app.claims(body.token), undefined);
  const [line] = app.logs.filter(({ level }) => level === "error");
  assert.match(line?.message ?? "", /Cannot check a token: Cannot read/);
});

Deno.test("auth.jwt answers 404 for everything else", async () => {
  await using app = await start();
  const others = [
    ["GET", "/auth/login"],
    ["POST", "/auth/profile"],
    ["DELETE", "/auth/profile"],
    ["POST", "/auth/unknown"],
    ["POST", "/auth/"],
    ["POST", "/auth/constructor"],
    ["POST", "/login"],
  ] as const;
  for (const [method, path] of others) {
    const { status, body } = await app.send(method, path);
    assert.equal(status, 404, `${method} ${path}`);
    assert.deepEqual(body, { error: "There is nothing here" });
  }
});

Deno.test("auth.jwt answers HEAD for a profile as it answers GET", async () => {
  await using app = await start();
  const { body: { token } } = await app.register();
  const { status } = await app.send("HEAD", "/auth/profile", { token });
  assert.equal(status, 200);
});

Deno.test("auth.jwt does not take the name of a variable for a secret", async () => {
  for (const secret of ["$JWT_SECRET", "$jwt_Secret2"]) {
    await assert.rejects(
      start({ config: { secret } }),
      /The secret is a dollar sign and a name.*|\$\{NAME\}/s,
    );
  }
  const secret = `$${"aB3".repeat(20)}`;
  await using app = await start({ config: { secret } });
  assert.ok(await app.claims((await app.register()).body.token));
});

Deno.test("auth.jwt does not start without a secret, and warns of a short one", async () => {
  await assert.rejects(start({ config: { secret: "" } }), /secret/);
  await using app = await start({ config: { secret: "too short" } });
  const [warning] = app.logs.filter(({ level }) => level === "warn");
  assert.match(warning?.message ?? "", /The secret has 9 bytes/);
  assert.doesNotMatch(warning?.message ?? "", /too short/);
  assert.ok(await app.claims((await app.register()).body.token));
});

Deno.test("auth.jwt refuses tokens that would be born expired", async () => {
  await assert.rejects(
    start({ config: { tokenExpiry: "0s" } }),
    /longer than 0/,
  );
  await assert.rejects(
    start({ config: { refreshTokenExpiry: "-1h" } }),
    /longer than 0/,
  );
});

Deno.test("auth.jwt answers every hostile request with a 4xx and never throws", async () => {
  // The requests carry no usable credentials, so that nothing may succeed.
  await using app = await start();
  const handler = app.service(HttpHandler);
  const end = fc.constantFrom(
    "register",
    "login",
    "refresh",
    "logout",
    "profile",
  );
  const field = fc.constantFrom("email", "password", "name", "refreshToken");
  const object = fc.dictionary(
    fc.oneof(field, fc.string({ unit: "binary" })),
    fc.oneof(fc.jsonValue(), fc.string({ unit: "binary", maxLength: 3 })),
  ).map((value) => JSON.stringify(value));
  const body = fc.oneof(
    { weight: 3, arbitrary: object },
    { weight: 1, arbitrary: fc.json() },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
    { weight: 1, arbitrary: fc.constant("[".repeat(60_000)) },
    { weight: 1, arbitrary: fc.constant("x".repeat(70_000)) },
  );
  const authorization = fc.oneof(
    fc.constant(undefined),
    fc.base64String().map((text) => `Bearer ${text}`),
    fc.array(fc.base64String(), { minLength: 3, maxLength: 3 })
      .map((parts) => `Bearer ${parts.join(".")}`),
    fc.constantFrom("Bearer", "Basic eDp5", `Bearer ${"x".repeat(9_000)}`),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("POST", "PUT"),
      end,
      body,
      authorization,
      async (method, end, body, authorization) => {
        const request = new Request(`http://localhost/auth/${end}`, {
          method,
          body: body as BodyInit,
          headers: authorization === undefined ? {} : { authorization },
        });
        const response = await handler.handle(new HttpContext(request));
        const answer = await response.json();
        // By chance what is sent may be a sound registration.
        if (response.status === 201) return assert.equal(end, "register");
        assert.ok(response.status >= 400 && response.status < 500);
        assert.equal(typeof answer.error, "string");
      },
    ),
    { numRuns: 1_000 },
  );
});

Deno.test("auth.jwt accepts no token but its own, whatever is sent", async () => {
  await using app = await start();
  const { body: { token } } = await app.register();
  const [head = "", claims = "", signature = ""] = token.split(".");
  await fc.assert(fc.asyncProperty(
    fc.nat(),
    fc.constantFrom(..."ABCDEFGHabcdefgh0123-_.=%"),
    async (position, letter) => {
      const at = position % token.length;
      const changed = token.slice(0, at) + letter + token.slice(at + 1);
      if (changed === token || at === token.length - 1) return;
      assert.equal(await app.claims(changed), undefined);
    },
  ));
  for (
    const parts of [[head, claims, ""], [head, "", signature], ["", "", ""]]
  ) assert.equal(await app.claims(parts.join(".")), undefined);
});
