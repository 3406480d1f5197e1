/**
 * A sign-up through every point at which the power can fail: whoever asks again
 * is a user in the end, and one only.
 */
import assert from "node:assert/strict";
import type { SimulatedEffects } from "../engine/simulation/effects.ts";
import { memoryStore } from "../engine/store/memory.ts";
import type { Store } from "../engine/store/store.ts";
import { startApplication, type TestApplication } from "../engine/testing.ts";
import authentication from "../modules/auth/jwt.ts";
import router from "../modules/http/router.ts";
import server from "../modules/http/server.ts";
import http from "../workflows/types/http.ts";
import { FAULTS, faultyStore } from "./_faulty_store.ts";

type App = TestApplication<SimulatedEffects>;

const DOCUMENT = {
  modules: [
    { name: "web", type: "http.server", config: { address: ":0" } },
    { name: "router", type: "http.router" },
    {
      name: "accounts",
      type: "auth.jwt",
      config: { secret: "a-secret-for-this-test-and-no-other" },
    },
  ],
  workflows: {
    http: {
      routes: [
        { method: "POST", path: "/auth/{action}", handler: "accounts" },
        { method: "GET", path: "/auth/profile", handler: "accounts" },
      ],
    },
  },
};

const BODY = { email: "ada@example.com", password: "correct horse battery" };

function start(store: Store): Promise<App> {
  return startApplication({
    document: DOCUMENT,
    definitions: [server, router, authentication, http],
    store,
  });
}

/** Asks until there is one of these answers. */
async function ask(
  app: App,
  path: string,
  body: unknown,
  statuses: readonly number[],
) {
  for (;;) {
    const response = await app.request("POST", path, { body });
    const answer = await response.json();
    if (statuses.includes(response.status)) return answer;
    assert.equal(response.status, 500, path);
  }
}

/** Signs up and in, and renews the sign-in. */
async function signUp(store: Store): Promise<void> {
  const app = await start(store);
  await ask(app, "/auth/register", BODY, [201, 409]);
  const { refreshToken } = await ask(app, "/auth/login", BODY, [200]);
  await ask(app, "/auth/refresh", { refreshToken }, [200, 401]);
  await app.stop();
}

/** Requires one user with one address, who can sign in. */
async function assertUser(disk: Store): Promise<void> {
  const entries = await Array.fromAsync(disk.list({ prefix: [] }));
  const rows = (kind: string) =>
    entries.filter(({ key }) => key.at(-2) === kind);
  const [user, ...others] = rows("users");
  assert.equal(others.length, 0);
  const addresses = rows("emails").map(({ value }) => value);
  assert.deepEqual(addresses, [user?.key.at(-1)]);
  const app = await start(disk);
  const { token } = await ask(app, "/auth/login", BODY, [200]);
  const headers = { authorization: `Bearer ${token}` };
  const profile = await app.request("GET", "/auth/profile", { headers });
  assert.equal((await profile.json()).email, BODY.email);
  await app.stop();
}

for (const [name, fault] of Object.entries(FAULTS)) {
  Deno.test(`a sign-up makes one user if its process ${name} any commit`, async () => {
    for (let at = 1;; at++) {
      const disk = memoryStore();
      const faulty = faultyStore(disk, (n) => n === at ? fault : undefined);
      const died = faulty.died.then(() => "died");
      const outcome = await Promise.race([signUp(faulty.store), died]);
      if (outcome === "died") await signUp(disk);
      await assertUser(disk);
      if (faulty.commits() < at) break;
    }
  });
}
