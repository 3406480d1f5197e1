import assert from "node:assert/strict";
import { ConfigError } from "@engine/errors.ts";
import { Actions } from "@engine/services/actions.ts";
import { Authenticator } from "@engine/services/authenticator.ts";
import { HealthReporter } from "@engine/services/health_reporter.ts";
import { simulatedEffects } from "@engine/simulation/effects.ts";
import { memoryStore } from "@engine/store/memory.ts";
import { ADA, SECRET, type Sent, start } from "./_modular_fixture_test.ts";

const HOUR_MS = 3_600_000;

Deno.test("auth.modular registers, signs in, knows who it is, and signs out", async () => {
  await using app = await start();
  const registered = await app.register();
  assert.equal(registered.status, 201);
  assert.match(
    registered.setCookie,
    /^session_id=[\w-]{43}; Path=\/; Max-Age=86400; HttpOnly; SameSite=Lax$/,
  );
  assert.equal(registered.headers.get("cache-control"), "no-store");
  const { cookie, body } = await app.login({ cookie: registered.cookie });
  assert.notEqual(cookie, registered.cookie);
  // The session that the browser had is over.
  assert.equal(
    (await app.send("GET", "/auth/me", { cookie: registered.cookie })).status,
    401,
  );
  const me = await app.send("GET", "/api/auth/me", { cookie });
  assert.equal(me.body.user.email, ADA.email);
  assert.equal(me.body.csrfToken, body.csrfToken);
  assert.equal((await app.pass("GET", { cookie })).claims?.email, ADA.email);
  const csrf = { "x-csrf-token": body.csrfToken };
  const out = await app.send("POST", "/auth/logout", { cookie, headers: csrf });
  assert.equal(out.status, 204);
  assert.match(out.setCookie, /^session_id=; Path=\/; Max-Age=0;/);
  assert.equal((await app.pass("GET", { cookie })).status, 401);
  // Its tokens have ended with it.
  const verify = (token: string) =>
    app.service(Authenticator).authenticate(token);
  assert.equal(await verify(body.token), undefined);
  const renewed = await app.send("POST", "/auth/refresh", {
    body: { refreshToken: body.refreshToken },
  });
  assert.equal(renewed.status, 401);
});

Deno.test("auth.modular gives tokens that others can check", async () => {
  await using app = await start({
    jwt: { secret: SECRET, expiration: "1h", refresh: "2h", issuer: "me" },
  });
  const { body, cookie } = await app.register();
  assert.equal(body.expiresIn, 3_600);
  const authenticator = app.service(Authenticator);
  const claims = await authenticator.authenticate(body.token);
  assert.deepEqual([claims?.iss, claims?.email], ["me", ADA.email]);
  const acted = await app.service(Actions).act(
    "verify",
    { token: body.token },
    {
      signal: new AbortController().signal,
      idempotencyKey: "k",
    },
  );
  assert.equal((acted as { valid: boolean }).valid, true);
  const headers = { authorization: `Bearer ${body.token}` };
  // A token proves by itself that no other site sends it.
  assert.equal((await app.pass("POST", { headers })).status, 200);
  await app.effects.advance(HOUR_MS);
  assert.equal(await authenticator.authenticate(body.token), undefined);
  assert.equal((await app.pass("POST", { headers })).status, 401);
  const { refreshToken } = body;
  const renew = () =>
    app.send("POST", "/auth/refresh", { body: { refreshToken } });
  const renewed = await renew();
  assert.equal(renewed.status, 200);
  assert.ok(await authenticator.authenticate(renewed.body.token));
  // A refresh token works once; a second time ends what it has led to.
  assert.equal((await renew()).status, 401);
  assert.equal(await authenticator.authenticate(renewed.body.token), undefined);
  assert.equal((await app.pass("GET", { cookie })).status, 401);
});

Deno.test("auth.modular ends a session that is not used, and any after a time", async () => {
  await using app = await start({
    session: { max_age: "3h", idleTimeout: "1h", cookie_name: "s" },
  });
  const idle = (await app.register()).cookie;
  const used = (await app.login()).cookie;
  assert.match(used, /^s=/);
  const status = async (cookie: string) =>
    (await app.send("GET", "/auth/me", { cookie })).status;
  for (let minutes = 50; minutes < 180; minutes += 50) {
    await app.effects.advance(50 * 60_000);
    assert.equal(await status(used), 200, `${minutes} minutes`);
  }
  assert.equal(await status(idle), 401);
  await app.effects.advance(30 * 60_000);
  assert.equal(await status(used), 401);
});

Deno.test("auth.modular refuses changes that a page of another site may have made", async () => {
  await using app = await start();
  const { cookie, body } = await app.register();
  const status = async (headers: Record<string, string>, method = "POST") =>
    (await app.pass(method, { cookie, headers })).status;
  const csrf = { "x-csrf-token": body.csrfToken };
  assert.equal(await status({}, "GET"), 200);
  assert.equal(await status({}), 403);
  assert.equal(await status({ "x-csrf-token": "" }), 403);
  assert.equal(await status(csrf), 200);
  assert.equal(await status(csrf, "DELETE"), 200);
  const origins = {
    "http://shop.example.com": 200,
    "https://shop.example.com": 200,
    "http://evil.example.com": 403,
    "http://shop.example.com:81": 403,
    "null": 403,
  };
  for (const [origin, expected] of Object.entries(origins)) {
    assert.equal(await status({ ...csrf, origin }), expected, origin);
  }
  assert.equal(await status({ ...csrf, "sec-fetch-site": "cross-site" }), 403);
  // Nobody is signed in by another site, either.
  const foreign = { headers: { origin: "http://evil.example.com" } };
  assert.equal((await app.login(foreign)).status, 403);
  assert.equal((await app.register(foreign)).status, 403);
});

Deno.test("auth.modular accepts the origin of its publicURL and no other", async () => {
  await using app = await start({ public_url: "https://shop.example.com/api" });
  const login = async (origin: string) =>
    (await app.login({ headers: { origin } })).status;
  assert.equal(await login("https://shop.example.com"), 401);
  assert.equal(await login("http://shop.example.com"), 403);
});

Deno.test("auth.modular makes its cookie secure behind https", async () => {
  await using app = await start();
  const setCookie = async (sent: Sent) => (await app.login(sent)).setCookie;
  await app.register();
  assert.ok(!(await setCookie({})).includes("Secure"));
  const proxied = { headers: { "x-forwarded-proto": "https" } };
  assert.match(await setCookie(proxied), /; Secure$/);
  assert.match(await setCookie({ url: "https://shop.example.com" }), /Secure/);
  await using strict = await start({
    session: {
      secure: true,
      sameSite: "strict",
      path: "/app",
      domain: "x.org",
    },
  });
  assert.match(
    (await strict.register()).setCookie,
    /; Path=\/app; Domain=x\.org; Max-Age=86400; HttpOnly; SameSite=Strict; Secure$/,
  );
});

Deno.test("auth.modular calls its cookie what cookieName says, and takes no other", async () => {
  const world = { store: memoryStore(), effects: simulatedEffects() };
  await using app = await start({}, world);
  const { cookie } = await app.register();
  const [name, value] = cookie.split("=");
  assert.equal(name, "session_id");
  const session = { cookieName: "shop" };
  await using other = await start({ session }, world);
  assert.match((await other.login()).setCookie, /^shop=[\w-]{43};/);
  const status = async (cookie: string) =>
    (await other.send("GET", "/auth/me", { cookie })).status;
  assert.equal(await status(`session_id=${value}`), 401);
  assert.equal(await status(`Shop=${value}`), 401);
  assert.equal(await status(`session_id=x; shop=${value}`), 200);
});

Deno.test("auth.modular asks new passwords for what its rules say", async () => {
  await using app = await start({
    password: {
      min_length: 10,
      requireUpper: true,
      requireLower: true,
      requireDigit: true,
      requireSpecial: true,
    },
  });
  const refusal = async (password: string) =>
    (await app.register({ body: { ...ADA, password } })).body.error;
  assert.match(await refusal("Ab1!"), /at least 10 characters/);
  assert.equal(
    await refusal("aaaaaaaaaa"),
    "The password needs a capital letter, a digit, a character that is no letter or digit",
  );
  assert.equal(await refusal("Correct horse 1"), undefined);
});

Deno.test("auth.modular asks new passwords for minLength characters", async () => {
  const world = { store: memoryStore(), effects: simulatedEffects() };
  const status = async (minLength: number | undefined, password: string) => {
    const rules = minLength === undefined ? {} : { password: { minLength } };
    await using app = await start(rules, world);
    const email = `${password.length}@example.org`;
    return (await app.register({ body: { ...ADA, email, password } })).status;
  };
  assert.equal(await status(undefined, "1234567"), 400);
  assert.equal(await status(undefined, "12345678"), 201);
  assert.equal(await status(3, "12"), 400);
  assert.equal(await status(3, "123"), 201);
  // Characters are counted, of whatever length.
  assert.equal(await status(3, "🙂🙂"), 400);
  // A password of before is still one.
  await using app = await start({ password: { minLength: 12 } }, world);
  const body = { email: "3@example.org", password: "123" };
  assert.equal((await app.login({ body })).status, 200);
});

Deno.test("auth.modular lets nobody register unless it is told to", async () => {
  await using app = await start({ allowRegistration: false });
  assert.equal((await app.register()).status, 403);
  assert.deepEqual((await app.send("GET", "/auth/login")).body, {
    password: true,
    providers: [],
  });
  assert.deepEqual(await app.service(HealthReporter).health(), {
    status: "healthy",
  });
});

Deno.test("auth.modular answers what it does not know with 404, and hostile cookies with 401", async () => {
  await using app = await start();
  for (
    const [method, path] of [
      ["GET", "/auth/logout"],
      ["PUT", "/auth/login"],
      ["GET", "/auth/login/nobody"],
      ["GET", "/auth/callback/nobody"],
      ["POST", "/auth/login/nobody"],
      ["GET", "/auth"],
    ] as const
  ) {
    assert.equal(
      (await app.send(method, path)).status,
      404,
      `${method} ${path}`,
    );
  }
  for (
    const value of ["", "x", "A".repeat(43), "A".repeat(9_000), "=;=", "é"]
  ) {
    const cookie = `a=b; session_id=${encodeURIComponent(value)}`;
    assert.equal((await app.pass("GET", { cookie })).status, 401);
  }
});

Deno.test("auth.modular keeps sessions over a restart", async () => {
  const store = memoryStore();
  let cookie = "";
  {
    await using app = await start({}, { store });
    ({ cookie } = await app.register());
  }
  await using app = await start({}, { store });
  assert.equal((await app.send("GET", "/auth/me", { cookie })).status, 200);
});

Deno.test("auth.modular refuses a config that cannot be safe", async () => {
  const provider = (fields: Record<string, unknown>) => ({
    oauth2: {
      providers: {
        p: { clientID: "c", redirectURL: "https://a/cb", ...fields },
      },
    },
  });
  for (
    const [config, expected] of [
      [{ jwt: {} }, /secret/],
      [{ jwt: { secret: SECRET, expiration: "0s" } }, /jwt\.expiration/],
      [{ session: { idleTimeout: "-1h" } }, /session\.idleTimeout/],
      [{ session: { cookieName: "wf_session" } }, /management pages/],
      [{ session: { sameSite: "none", secure: false } }, /sameSite: none/],
      [provider({}), /needs an issuer, or authURL/],
      [provider({ issuer: "http://i" }), /over http/],
      [
        provider({ issuer: "https://i", clientID: undefined }),
        /needs a clientID/,
      ],
      [
        provider({ issuer: "https://i", redirectURL: undefined }),
        /needs a redirectURL/,
      ],
      [
        provider({ authURL: "https://i", tokenURL: "https://i" }),
        /needs an issuer/,
      ],
    ] as const
  ) {
    await assert.rejects(
      start(config),
      (error) => error instanceof ConfigError && expected.test(error.message),
      String(expected),
    );
  }
});
