/**
 * Sign-in at a provider that does not say where its endpoints are: the document says
 * it, and how the application makes itself known there.
 */
import assert from "node:assert/strict";
import { HealthReporter } from "@engine/services/health_reporter.ts";
import { simulatedEffects } from "@engine/simulation/effects.ts";
import { start } from "./_modular_fixture_test.ts";
import {
  Oauth2Provider,
  PROVIDER,
  type ProviderOptions,
  REDIRECT_URL,
  withProvider,
} from "./_oauth2_provider_fixture_test.ts";

const ORIGIN = new URL(PROVIDER.authURL).origin;

/** An application with a provider, and a browser that signs in there. */
async function startWith(
  config: Readonly<Record<string, unknown>>,
  options: ProviderOptions = {},
) {
  const effects = simulatedEffects();
  const provider = new Oauth2Provider(effects, options);
  const app = await start(config, { effects });

  /** Where the provider sends a browser to; its status if it does not. */
  async function toCallback() {
    const { headers, cookie } = await app.send("GET", "/auth/login/code");
    const { network } = effects;
    const answer = await network.fetch(headers.get("location") ?? "");
    await answer.body?.cancel();
    const callback = answer.headers.get("location");
    return { callback: callback ?? String(answer.status), cookie };
  }

  async function signIn() {
    const { callback, cookie } = await toCallback();
    const { pathname, search } = new URL(callback);
    return await app.send("GET", pathname + search, { cookie });
  }

  return {
    ...app,
    provider,
    toCallback,
    signIn,
    /** Who is signed in then; the status if nobody is. */
    async userId(): Promise<unknown> {
      const { status, cookie } = await signIn();
      if (status !== 303) return status;
      return (await app.send("GET", "/auth/me", { cookie })).body.user.id;
    },
    health: () => app.service(HealthReporter).health(),
  };
}

Deno.test("auth.modular sends browsers to the authURL of a provider", async () => {
  await using app = await startWith(withProvider());
  assert.equal(await app.userId(), "code:7");
  assert.equal(app.provider.asked[0], "GET /authorize");
  assert.equal(app.provider.query.get("tenant"), null);

  const authURL = `${ORIGIN}/other/authorize?tenant=4`;
  await using other = await startWith(withProvider({ authURL }));
  assert.equal(await other.userId(), "code:7");
  assert.equal(other.provider.asked[0], "GET /other/authorize");
  assert.equal(other.provider.query.get("tenant"), "4");

  const nowhere = withProvider({ authURL: `${ORIGIN}/nowhere` });
  await using lost = await startWith(nowhere);
  assert.equal((await lost.toCallback()).callback, "404");
});

Deno.test("auth.modular exchanges a code at the tokenURL of a provider", async () => {
  await using app = await startWith(withProvider());
  assert.equal(await app.userId(), "code:7");
  assert.equal(app.provider.asked[1], "POST /token");

  const tokenURL = `${ORIGIN}/other/token`;
  await using other = await startWith(withProvider({ tokenURL }));
  assert.equal(await other.userId(), "code:7");
  assert.equal(other.provider.asked[1], "POST /other/token");

  const nowhere = withProvider({ tokenURL: `${ORIGIN}/nowhere` });
  await using lost = await startWith(nowhere);
  assert.equal(await lost.userId(), 401);
  assert.ok(!lost.provider.asked.includes("GET /user"));
});

Deno.test("auth.modular asks the userInfoURL of a provider who somebody is", async () => {
  await using app = await startWith(withProvider());
  assert.equal(await app.userId(), "code:7");

  const userInfoURL = `${ORIGIN}/other/user`;
  await using other = await startWith(withProvider({ userInfoURL }));
  assert.equal(await other.userId(), "code:8");

  const nowhere = withProvider({ userInfoURL: `${ORIGIN}/nowhere` });
  await using lost = await startWith(nowhere);
  assert.equal(await lost.userId(), 401);
});

Deno.test("auth.modular takes no error of a provider for a user", async () => {
  const answers: readonly (readonly [() => Response, number])[] = [
    [() => Response.json({ id: "forbidden" }, { status: 403 }), 401],
    [() => Response.json({ id: "too_many" }, { status: 429 }), 401],
    [() => Response.json({ id: "broken" }, { status: 500 }), 503],
    [() => Response.json([{ id: 7 }]), 401],
    [() => new Response("<html>"), 401],
    [() => Response.json({ login: "ada" }), 502],
  ];
  for (const [userInfo, expected] of answers) {
    await using app = await startWith(withProvider(), { userInfo });
    const { status, setCookie } = await app.signIn();
    assert.equal(status, expected, await userInfo().text());
    assert.equal(setCookie, "");
    const isAway = expected === 503;
    const health = await app.health();
    assert.equal(health.status, isAway ? "degraded" : "healthy");
  }
});

Deno.test("auth.modular sends its secret as clientAuth says, and in no other way", async () => {
  for (const clientAuth of ["basic", "post"] as const) {
    const other = clientAuth === "basic" ? "post" : "basic";
    const config = withProvider({ clientAuth });
    await using app = await startWith(config, { clientAuth });
    assert.equal(await app.userId(), "code:7");
    const { form, authorization } = app.provider;
    const isBasic = clientAuth === "basic";
    assert.equal(authorization?.startsWith("Basic ") ?? false, isBasic);
    assert.equal(form.has("client_secret"), !isBasic);
    // A provider that wants the other way does not know the application.
    await using wrong = await startWith(config, { clientAuth: other });
    assert.equal(await wrong.userId(), 502);
    assert.match(JSON.stringify(wrong.logs), /invalid_client/);
    assert.ok(!JSON.stringify(wrong.logs).includes(PROVIDER.clientSecret));
  }
});

Deno.test("auth.modular lets a provider send browsers back to its redirectURL", async () => {
  const redirectURLs = [
    REDIRECT_URL,
    "https://shop.example.com/api/auth/callback/code",
    // What is part of it stays so, and its letters are those of the document.
    "https://Shop.example.com:443/auth/callback/code?tenant=4",
  ];
  for (const redirectURL of redirectURLs) {
    const config = withProvider({ redirectURL });
    await using app = await startWith(config, { redirectURLs });
    const { callback } = await app.toCallback();
    assert.ok(callback.startsWith(new URL(redirectURL).href), callback);
    assert.equal(app.provider.query.get("redirect_uri"), redirectURL);
    assert.equal(await app.userId(), "code:7");
    assert.equal(app.provider.form.get("redirect_uri"), redirectURL);
    // A provider that does not know it sends nobody there.
    await using stranger = await startWith(config, { redirectURLs: [] });
    assert.equal((await stranger.toCallback()).callback, "400");
  }
});

Deno.test("auth.modular makes a redirectURL of its publicURL where there is none", async () => {
  const publicURL = "https://shop.example.com/api/";
  const redirectURL = "https://shop.example.com/api/auth/callback/code";
  await using app = await startWith(
    { publicURL, ...withProvider({ redirectURL: undefined }) },
    { redirectURLs: [redirectURL] },
  );
  assert.equal(await app.userId(), "code:7");
  assert.equal(app.provider.query.get("redirect_uri"), redirectURL);
});
