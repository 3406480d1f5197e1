import assert from "node:assert/strict";
import auth from "../../modules/auth/modular.ts";
import bearer from "../../modules/http/middleware/auth.ts";
import handler from "../../modules/http/handler.ts";
import router from "../../modules/http/router.ts";
import httpServer from "../../modules/http/server.ts";
import http from "../../workflows/types/http.ts";
import { type Effects, systemEffects } from "../../engine/effects.ts";
import { HealthReporter } from "../../engine/services/health_reporter.ts";
import { simulatedEffects } from "../../engine/simulation/effects.ts";
import { startApplication } from "../../engine/testing.ts";
import { BrowserClient } from "./browser_client.ts";
import { eventually } from "./eventually.ts";
import { type Fault, type OidcServer, serverOfFile } from "./oidc_server.ts";
import { serverTest } from "./server.ts";

const server = await serverOfFile();

const SECRET = "a secret of this test, 32 bytes and more";

const ROUTES = [
  { method: "GET", path: "/auth/{a}", handler: "auth" },
  { method: "POST", path: "/auth/{a}", handler: "auth" },
  { method: "GET", path: "/auth/{a}/{p}", handler: "auth" },
  { method: "GET", path: "/", handler: "page" },
  { method: "GET", path: "/orders", handler: "page", middlewares: ["auth"] },
  { method: "POST", path: "/orders", handler: "page", middlewares: ["auth"] },
  { method: "GET", path: "/api", handler: "page", middlewares: ["tokens"] },
];

/** The same provider twice: it says where its endpoints are, or the document does. */
function providersAt(
  { issuer, clientSecret }: OidcServer,
  more: Record<string, unknown>,
) {
  const allowed = { allowHTTP: true, allowPrivateIPs: true };
  return {
    company: {
      issuer,
      clientID: "shop",
      clientSecret,
      ...allowed,
      roles: { "shop-admins": "admin", staff: "clerk" },
      defaultRole: "guest",
      ...more,
    },
    plain: {
      auth_url: `${issuer}/auth`,
      token_url: `${issuer}/token`,
      user_info_url: `${issuer}/me`,
      client_id: "poster",
      client_secret: clientSecret,
      client_auth: "post",
      scopes: ["openid", "email"],
      ...allowed,
    },
  };
}

/** An application whose users sign in at the provider. */
async function start(
  oidc: OidcServer,
  {
    provider = {},
    effects = systemEffects(),
  }: {
    readonly provider?: Record<string, unknown>;
    readonly effects?: Effects;
  } = {},
) {
  const address = `127.0.0.1:${oidc.applicationPort}`;
  const origin = `http://${address}`;
  const config = {
    publicURL: origin,
    jwt: { secret: SECRET },
    oauth2: { providers: providersAt(oidc, provider) },
  };
  const app = await startApplication({
    document: {
      modules: [
        { name: "server", type: "http.server", config: { address } },
        { name: "router", type: "http.router" },
        { name: "auth", type: "auth.modular", config },
        { name: "tokens", type: "http.middleware.auth" },
        { name: "page", type: "http.handler" },
      ],
      workflows: { http: { routes: ROUTES } },
    },
    definitions: [auth, bearer, handler, router, httpServer, http],
    effects,
  });
  const reporter = app.service(HealthReporter, "auth");
  return {
    origin,
    health: () => reporter.health(),
    logs: app.logs,
    [Symbol.asyncDispose]: () => app.stop(),
  };
}

type App = Awaited<ReturnType<typeof start>>;

const healthy = (app: App) =>
  eventually(app.health, ({ status }) => status === "healthy");

/** Goes to the provider, signs in there, and stops before the way back. */
async function toCallback(
  browser: BrowserClient,
  app: App,
  user = "ada",
  way = "company?returnTo=/orders%3Fpage=2",
): Promise<string> {
  const stop = `${app.origin}/auth/callback/`;
  let { url, response } = await browser.follow(
    `${app.origin}/auth/login/${way}`,
    { stop },
  );
  for (let page = 0; !url.startsWith(stop); page++) {
    const form = await response.text();
    assert.equal(response.status, 200, `${url}: ${form}`);
    const [, action = ""] = /action="([^"]+)"/.exec(form) ?? [];
    const [, prompt = ""] = /name="prompt" value="([^"]+)"/.exec(form) ?? [];
    const body = new URLSearchParams({ prompt, login: user, password: "x" });
    assert.ok(page < 3, form);
    ({ url, response } = await browser.follow(new URL(action, url).href, {
      method: "POST",
      body,
      stop,
    }));
  }
  return url;
}

async function answered(
  response: Response,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const text = await response.text();
  return {
    status: response.status,
    body: text.startsWith("{") ? JSON.parse(text) : { text },
  };
}

serverTest(
  "a browser signs in at a provider, keeps a session, and changes things with its CSRF token",
  server,
  async (oidc) => {
    await using app = await start(oidc);
    await healthy(app);
    const browser = new BrowserClient();
    const get = async (path: string) =>
      await answered(await browser.send(app.origin + path));
    assert.equal((await get("/auth/me")).status, 401);
    assert.equal((await get("/orders")).status, 401);

    const callback = await toCallback(browser, app);
    assert.match(
      browser.cookie("session_id_sign_in")?.header ?? "",
      /HttpOnly; SameSite=Lax/,
    );
    const back = await browser.send(callback);
    assert.equal(back.status, 303);
    assert.equal(back.headers.get("location"), "/orders?page=2");
    const { header = "" } = browser.cookie("session_id") ?? {};
    assert.match(header, /; Path=\/; Max-Age=86400; HttpOnly; SameSite=Lax$/);
    assert.equal(browser.cookie("session_id_sign_in"), undefined);

    const { status, body } = await get("/auth/me");
    assert.equal(status, 200);
    assert.deepEqual(body.user, {
      id: "company:ada",
      email: "ada@example.org",
      name: "ADA",
      role: "admin",
      groups: ["staff", "shop-admins"],
    });
    assert.equal((await get("/orders")).status, 200);

    const post = async (path: string, headers: Record<string, string> = {}) =>
      await answered(
        await browser.send(app.origin + path, { method: "POST", headers }),
      );
    const csrf = { "x-csrf-token": String(body.csrfToken) };
    assert.equal((await post("/orders")).status, 403);
    assert.equal(
      (await post("/orders", { "x-csrf-token": "guess" })).status,
      403,
    );
    assert.equal(
      (await post("/orders", { ...csrf, origin: "http://evil.example.com" }))
        .status,
      403,
    );
    assert.equal(
      (await post("/orders", { ...csrf, origin: app.origin })).status,
      200,
    );
    // The way back works once.
    assert.equal((await answered(await browser.send(callback))).status, 400);
  },
);

serverTest(
  "a session gives tokens, which end with it",
  server,
  async (oidc) => {
    await using app = await start(oidc);
    await healthy(app);
    const browser = new BrowserClient();
    await browser.send(await toCallback(browser, app));
    const me = async () =>
      await answered(await browser.send(`${app.origin}/auth/me`));
    const csrf = { "x-csrf-token": String((await me()).body.csrfToken) };
    const post = async (path: string, headers: Record<string, string> = {}) =>
      await answered(
        await browser.send(app.origin + path, { method: "POST", headers }),
      );
    assert.equal((await post("/auth/refresh")).status, 403);
    const { body: { token } } = await post("/auth/refresh", csrf);
    const api = async () =>
      await answered(
        await fetch(`${app.origin}/api`, {
          headers: { authorization: `Bearer ${token}` },
        }),
      );
    assert.equal((await api()).status, 200);
    assert.equal((await post("/auth/logout")).status, 403);
    const kept = browser.cookie("session_id")?.value ?? "";
    assert.equal((await post("/auth/logout", csrf)).status, 204);
    assert.equal(browser.cookie("session_id"), undefined);
    browser.plant("session_id", kept);
    assert.equal((await me()).status, 401);
    assert.equal((await api()).status, 401);
  },
);

serverTest(
  "roles follow groups, and an address that is not verified is left out",
  server,
  async (oidc) => {
    await using app = await start(oidc);
    await healthy(app);
    const signIn = async (user: string) => {
      const browser = new BrowserClient();
      const back = await browser.send(
        await toCallback(browser, app, user, "company"),
      );
      assert.equal(back.status, 303);
      assert.equal(back.headers.get("location"), "/");
      return (await answered(await browser.send(`${app.origin}/auth/me`))).body
        .user;
    };
    assert.deepEqual(await signIn("bob"), {
      id: "company:bob",
      email: "bob@example.org",
      name: "BOB",
      role: "clerk",
      groups: ["staff"],
    });
    assert.deepEqual(await signIn("eve"), {
      id: "company:eve",
      email: "",
      name: "EVE",
      role: "guest",
    });
  },
);

serverTest(
  "a sign-in gives the browser another session than it had",
  server,
  async (oidc) => {
    await using app = await start(oidc);
    await healthy(app);
    const browser = new BrowserClient();
    browser.plant("session_id", "A".repeat(43));
    await browser.send(await toCallback(browser, app));
    const first = browser.cookie("session_id")?.value ?? "";
    assert.notEqual(first, "A".repeat(43));
    await browser.send(await toCallback(browser, app, "bob"));
    const second = browser.cookie("session_id")?.value ?? "";
    assert.notEqual(second, first);
    const stolen = new BrowserClient();
    stolen.plant("session_id", first);
    assert.equal((await stolen.send(`${app.origin}/auth/me`)).status, 401);
  },
);

serverTest(
  "a provider without discovery signs in with its three URLs",
  server,
  async (oidc) => {
    await using app = await start(oidc);
    const browser = new BrowserClient();
    const callback = await toCallback(browser, app, "bob", "plain");
    assert.equal((await browser.send(callback)).status, 303);
    const me = await answered(await browser.send(`${app.origin}/auth/me`));
    assert.deepEqual(me.body.user, {
      id: "plain:bob",
      email: "bob@example.org",
      name: "",
    });
  },
);

serverTest(
  "a callback is refused unless this browser has begun the sign-in",
  server,
  async (oidc) => {
    await using app = await start(oidc);
    await healthy(app);
    const browser = new BrowserClient();
    const callback = await toCallback(browser, app);
    const stranger = new BrowserClient();
    const refused = async (by: BrowserClient, url: string) => {
      const { status, body } = await answered(await by.send(url));
      assert.equal(status, 400, JSON.stringify(body));
      assert.match(String(body.error), /not begun in this browser/);
    };
    await refused(stranger, callback);
    const forged = new URL(callback);
    forged.searchParams.set("state", "another");
    await refused(browser, forged.href);
    stranger.plant("session_id_sign_in", "eyJhbGciOiJkaXIifQ..x.y.z");
    await refused(stranger, callback);
    // Of the issuer that the way back names, too, only one is right.
    const mixed = new URL(callback);
    mixed.searchParams.set("iss", "http://elsewhere.example.com");
    assert.equal((await browser.send(mixed.href)).status, 401);
    assert.equal((await browser.send(callback)).status, 303);
  },
);

serverTest(
  "an ID token that is not right is not believed",
  server,
  async (oidc) => {
    await using app = await start(oidc);
    await healthy(app);
    const faults: readonly Fault[] = [
      "nonce",
      "issuer",
      "audience",
      "expired",
      "signature",
      "broken",
    ];
    for (const fault of faults) {
      const browser = new BrowserClient();
      const callback = await toCallback(browser, app);
      await oidc.spoil(fault);
      const { status, body } = await answered(await browser.send(callback));
      assert.deepEqual([fault, status, body], [
        fault,
        401,
        { error: "The provider's answer is not valid" },
      ]);
      assert.equal(browser.cookie("session_id"), undefined);
    }
    const warnings = app.logs.filter(({ level }) => level === "warn");
    assert.equal(warnings.length, faults.length, JSON.stringify(warnings));
    // A sign-in that nothing is wrong with still works.
    const browser = new BrowserClient();
    assert.equal(
      (await browser.send(await toCallback(browser, app))).status,
      303,
    );
  },
);

serverTest("a user who says no is told so", server, async (oidc) => {
  await using app = await start(oidc);
  await healthy(app);
  const browser = new BrowserClient();
  const first = await browser.follow(`${app.origin}/auth/login/company`, {
    stop: `${app.origin}/auth/callback/`,
  });
  const [, abort = ""] =
    /href="([^"]+\/abort)"/.exec(await first.response.text()) ?? [];
  const { url } = await browser.follow(new URL(abort, first.url).href, {
    stop: `${app.origin}/auth/callback/`,
  });
  const { status, body } = await answered(await browser.send(url));
  assert.equal(status, 403);
  assert.match(String(body.error), /access_denied/);
});

serverTest(
  "with a wrong client secret nobody signs in, and nothing tells it",
  server,
  async (oidc) => {
    const wrong = "a-wrong-client-secret";
    await using app = await start(oidc, { provider: { clientSecret: wrong } });
    await healthy(app);
    const browser = new BrowserClient();
    const { status, body } = await answered(
      await browser.send(await toCallback(browser, app)),
    );
    assert.equal(status, 502);
    const told = JSON.stringify([body, app.logs]);
    assert.match(told, /invalid_client/);
    assert.ok(!told.includes(wrong) && !told.includes(oidc.clientSecret), told);
  },
);

serverTest(
  "an application runs while its provider is away, and finds it again",
  server,
  async (oidc) => {
    await oidc.kill();
    await using app = await start(oidc);
    const { message } = await eventually(
      app.health,
      ({ message }) => message?.includes("refused") ?? false,
    );
    assert.match(
      message ?? "",
      /^The provider "company": .*Connection refused/i,
    );
    const browser = new BrowserClient();
    const login = () => browser.send(`${app.origin}/auth/login/company`);
    const away = await login();
    assert.equal(away.headers.get("retry-after"), "5");
    assert.deepEqual(await answered(away), {
      status: 503,
      body: { error: 'The provider "company" cannot be reached now' },
    });
    assert.equal((await browser.send(`${app.origin}/`)).status, 200);
    await oidc.start();
    await healthy(app);
    const callback = await toCallback(browser, app);

    // It goes away while somebody is on the way back, and comes back with other keys.
    await oidc.kill();
    assert.equal((await answered(await browser.send(callback))).status, 503);
    assert.equal((await app.health()).status, "degraded");
    await oidc.start();
    await healthy(app);
    const again = new BrowserClient();
    assert.equal((await again.send(await toCallback(again, app))).status, 303);
  },
);

serverTest(
  "a provider that fails or stands still is away, within a time",
  server,
  async (oidc) => {
    const simulated = simulatedEffects();
    const effects = { ...systemEffects(), clock: simulated.clock };
    await using app = await start(oidc, { effects });
    await healthy(app);
    const browser = new BrowserClient();
    const callback = await toCallback(browser, app);
    await oidc.spoil("down");
    assert.equal((await answered(await browser.send(callback))).status, 503);
    await simulated.advance(1_000);
    await healthy(app);
    const second = await toCallback(browser, app);
    await oidc.signal("SIGSTOP");
    try {
      let isDone = false;
      const late = browser.send(second).finally(() => isDone = true);
      await eventually(() => simulated.advance(500), () => isDone);
      assert.equal((await answered(await late)).status, 503);
      assert.match((await app.health()).message ?? "", /the limit is 5000 ms/);
    } finally {
      await oidc.signal("SIGCONT");
    }
  },
);

serverTest(
  "nothing leads to another site after a sign-in",
  server,
  async (oidc) => {
    await using app = await start(oidc);
    await healthy(app);
    const browser = new BrowserClient();
    for (
      const path of [
        "https://evil.example.com",
        "//evil.example.com",
        "/\\evil.example.com",
        "javascript:alert(1)",
        "/..//evil.example.com",
      ]
    ) {
      const query = new URLSearchParams({ returnTo: path });
      const { status } = await answered(
        await browser.send(`${app.origin}/auth/login/company?${query}`),
      );
      assert.equal(status, 400, path);
    }
  },
);
