/** How long refresh tokens and browser sessions of `auth.modular` are good for. */
import assert from "node:assert/strict";
import { SECRET, start } from "./_modular_fixture_test.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Whether a refresh token is exchanged after some time; then, whether the next is. */
async function renewals(
  jwt: Readonly<Record<string, string>>,
  ...waitsMs: readonly number[]
): Promise<readonly number[]> {
  await using app = await start({ jwt: { secret: SECRET, ...jwt } });
  let { refreshToken } = (await app.register()).body;
  const statuses: number[] = [];
  for (const waitMs of waitsMs) {
    await app.effects.advance(waitMs);
    const { status, body } = await app.send("POST", "/auth/refresh", {
      body: { refreshToken },
    });
    statuses.push(status);
    ({ refreshToken = refreshToken } = body);
  }
  return statuses;
}

Deno.test("auth.modular takes a refresh token for as long as refreshExpiration says", async () => {
  const short = { refreshExpiration: "1h" };
  const long = { refreshExpiration: "3h" };
  const early = HOUR_MS - 1;
  assert.deepEqual(await renewals(short, HOUR_MS), [401]);
  assert.deepEqual(await renewals(long, HOUR_MS), [200]);
  assert.deepEqual(await renewals(long, 3 * HOUR_MS), [401]);
  // Each exchange begins anew.
  assert.deepEqual(await renewals(short, early, early, HOUR_MS), [
    200,
    200,
    401,
  ]);
  // A week where nothing is said.
  assert.deepEqual(await renewals({}, 168 * HOUR_MS - 1), [200]);
  assert.deepEqual(await renewals({}, 168 * HOUR_MS), [401]);
});

Deno.test("auth.modular takes refresh over refreshExpiration", async () => {
  const refreshExpiration = "3h";
  const shorter = { refreshExpiration, refresh: "1h" };
  assert.deepEqual(await renewals({ refreshExpiration }, HOUR_MS), [200]);
  assert.deepEqual(await renewals(shorter, HOUR_MS - 1), [200]);
  assert.deepEqual(await renewals(shorter, HOUR_MS), [401]);
  const longer = { refreshExpiration, refresh: "5h" };
  assert.deepEqual(await renewals(longer, 4 * HOUR_MS), [200]);
});

Deno.test("auth.modular ends a session after its maxAge, however much it is used", async () => {
  for (const hours of [1, 3]) {
    await using app = await start({ session: { maxAge: `${hours}h` } });
    const { cookie, setCookie } = await app.register();
    assert.match(setCookie, new RegExp(`; Max-Age=${hours * 3_600};`));
    const status = async () =>
      (await app.send("GET", "/auth/me", { cookie })).status;
    for (let minutes = 10; minutes < hours * 60; minutes += 10) {
      await app.effects.advance(10 * MINUTE_MS);
      assert.equal(await status(), 200, `${minutes} of ${hours} hours`);
    }
    await app.effects.advance(10 * MINUTE_MS - 1);
    assert.equal(await status(), 200);
    await app.effects.advance(1);
    assert.equal(await status(), 401);
    assert.equal((await app.pass("GET", { cookie })).status, 401);
  }
});
