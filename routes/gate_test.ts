import assert from "node:assert/strict";
import { catalog } from "../catalog.gen.ts";
import { Engine } from "../engine/engine.ts";
import { simulatedEffects } from "../engine/simulation/effects.ts";
import { memoryStore } from "../engine/store/memory.ts";
import { Documents } from "../platform/documents.ts";
import { csrfOf, LINK_MS, SESSION_MS, Sessions } from "../platform/sessions.ts";
import { SESSION_COOKIE } from "../engine/mod.ts";
import { CSRF_HEADER } from "./gate.ts";
import { managementApp } from "./management.ts";

const TOKEN = "the-token-of-this-test";
const ORIGIN = "http://127.0.0.1:8800";
const TEXT = "modules: [{ name: router, type: http.router }]\n";

type Headers_ = Readonly<Record<string, string>>;

async function surface(publicUrl?: string) {
  const effects = simulatedEffects();
  const store = memoryStore({ now: effects.clock.now });
  const engine = await Engine.boot({
    ...{ catalog, effects, store },
    documents: [{ file: "app.yaml", text: TEXT }],
    log: () => {},
    secrets: { env: () => undefined, file: () => Promise.resolve(undefined) },
  });
  const sessions = new Sessions({ store, effects });
  const app = managementApp({
    ...{ engine, store, effects, publicUrl },
    documents: new Documents(engine, store, undefined),
    token: TOKEN,
    signal: new AbortController().signal,
    onError: (error) => {
      throw error;
    },
  });
  const ask = (
    method: string,
    path: string,
    headers?: Headers_,
    body?: string,
  ) =>
    app.request(`${ORIGIN}${path}`, {
      method,
      headers: { host: "127.0.0.1:8800", ...headers },
      ...body === undefined ? {} : { body },
    });
  const signIn = (fields: Headers_) =>
    ask("POST", "/sign-in", {
      "content-type": "application/x-www-form-urlencoded",
    }, new URLSearchParams(fields).toString());
  return {
    ...{ effects, sessions, ask, signIn },
    /** The cookie that a sign-in gives. */
    async cookie(): Promise<string> {
      const answer = await signIn({ token: TOKEN });
      const given = answer.headers.get("set-cookie") ?? "";
      return new RegExp(`${SESSION_COOKIE}=([^;]+)`).exec(given)?.[1] ?? "";
    },
    [Symbol.asyncDispose]: () => engine.stop(),
  };
}

/** What a page of the session sends. */
function ofPage(cookie: string): Headers_ {
  return {
    cookie: `${SESSION_COOKIE}=${cookie}`,
    [CSRF_HEADER]: csrfOf(cookie),
    origin: ORIGIN,
    "sec-fetch-site": "same-origin",
  };
}

Deno.test("a browser that signs in with the token has a cookie that scripts cannot read", async () => {
  await using it = await surface();
  const answer = await it.signIn({ token: TOKEN, to: "/runs" });
  assert.equal(answer.status, 303);
  assert.equal(answer.headers.get("location"), "/runs");
  const cookie = answer.headers.get("set-cookie") ?? "";
  assert.match(cookie, /HttpOnly/);
  assert.match(cookie, /SameSite=Strict/);
  assert.doesNotMatch(cookie, /Secure/, "on this machine there is no TLS");
  const wrong = await it.signIn({ token: "another-token-of-this-test" });
  assert.equal(wrong.status, 401);
  assert.equal(wrong.headers.get("set-cookie"), null);
});

Deno.test("the cookie is for TLS alone where people come over it", async () => {
  await using it = await surface("https://flow.example.org");
  const answer = await it.signIn({ token: TOKEN });
  assert.match(answer.headers.get("set-cookie") ?? "", /Secure/);
});

Deno.test("a page of the session may read and change, and the audit log says who it was", async () => {
  await using it = await surface();
  const page = ofPage(await it.cookie());
  assert.equal((await it.ask("GET", "/api/documents", page)).status, 200);
  const put = await it.ask("PUT", "/api/documents/app/layout", page, "{}");
  assert.equal(put.status, 204);
  await it.ask("PUT", "/api/documents/app/layout", {
    authorization: `Bearer ${TOKEN}`,
  }, "[]");
  const log = await (await it.ask("GET", "/api/audit", page)).json();
  assert.deepEqual(
    log.map((entry: Record<string, unknown>) => [entry.method, entry.status]),
    [["PUT", 400], ["PUT", 204]],
  );
  assert.equal(log[0].who, "token");
  assert.match(log[1].who, /^session \S{8}$/);
});

Deno.test("the cookie alone changes nothing, and counts for nobody else's page", async () => {
  await using it = await surface();
  const page = ofPage(await it.cookie());
  const { [CSRF_HEADER]: _, ...without } = page;
  for (
    const [name, headers] of [
      ["no proof", without],
      ["a wrong proof", { ...page, [CSRF_HEADER]: "guessed" }],
      ["another port", { ...page, origin: "http://127.0.0.1:8080" }],
      ["another site", { ...page, "sec-fetch-site": "cross-site" }],
      ["another port, as browsers say it", {
        ...page,
        "sec-fetch-site": "same-site",
      }],
      ["a name that leads here", {
        ...page,
        host: "evil.example:8800",
        origin: "http://evil.example:8800",
      }],
      ["an unknown cookie", ofPage("guessed")],
    ] as const
  ) {
    const put = await it.ask("PUT", "/api/documents/app/layout", headers, "{}");
    assert.equal(put.status, 401, name);
  }
  // Reading needs no proof, but a page of ours.
  const foreign = { ...page, "sec-fetch-site": "same-site" };
  assert.equal((await it.ask("GET", "/api/documents", foreign)).status, 401);
  assert.equal((await it.ask("GET", "/api/documents", without)).status, 200);
});

Deno.test("a session ends by itself, and when somebody signs out", async () => {
  await using it = await surface();
  const page = ofPage(await it.cookie());
  const other = ofPage(await it.cookie());
  assert.equal((await it.ask("POST", "/sign-out", page)).status, 204);
  assert.equal((await it.ask("GET", "/api/documents", page)).status, 401);
  // One that is used goes on.
  await it.effects.advance(SESSION_MS - 1_000);
  assert.equal((await it.ask("GET", "/api/documents", other)).status, 200);
  await it.effects.advance(SESSION_MS - 1_000);
  assert.equal((await it.ask("GET", "/api/documents", other)).status, 200);
  await it.effects.advance(SESSION_MS + 1_000);
  assert.equal((await it.ask("GET", "/api/documents", other)).status, 401);
});

Deno.test("a link lets in once, and not for ever", async () => {
  await using it = await surface();
  const code = await it.sessions.makeCode();
  // To look at it uses nothing up.
  assert.equal((await it.ask("GET", `/sign-in?code=${code}`)).status, 200);
  assert.equal((await it.signIn({ code })).status, 303);
  assert.equal((await it.signIn({ code })).status, 401);
  const late = await it.sessions.makeCode();
  await it.effects.advance(LINK_MS + 1_000);
  assert.equal((await it.signIn({ code: late })).status, 401);
});

Deno.test("a page without a session leads to the sign-in and back, never elsewhere", async () => {
  await using it = await surface();
  const page = await it.ask("GET", "/d/app?node=router");
  assert.equal(page.status, 302);
  assert.equal(
    page.headers.get("location"),
    "/sign-in?to=%2Fd%2Fapp%3Fnode%3Drouter",
  );
  for (
    const to of ["https://evil.example", "//evil.example", "/\\evil.example"]
  ) {
    const answer = await it.signIn({ token: TOKEN, to });
    assert.equal(answer.headers.get("location"), "/", to);
  }
});

Deno.test("a page loads nothing from elsewhere, and no script that stands in it", async () => {
  await using it = await surface();
  const answer = await it.ask("GET", "/sign-in?code=%22%3E%3Cscript%3E");
  const policy = answer.headers.get("content-security-policy") ?? "";
  assert.match(policy, /default-src 'none'/);
  assert.doesNotMatch(policy, /unsafe/);
  const html = await answer.text();
  assert.doesNotMatch(html, /"><script>|style="/);
});
