import assert from "node:assert/strict";
import fc from "fast-check";
import { SignJWT } from "jose";
import { simulatedEffects } from "@engine/simulation/effects.ts";
import { loadHs256, TOKEN_CHARACTERS_MAX } from "./_hs256.ts";

const SECRET = "a secret of this test, 32 bytes and more";
const KEY = new TextEncoder().encode(SECRET);

Deno.test("loadHs256() verifies what it has signed", async () => {
  const { clock } = simulatedEffects();
  const tokens = await loadHs256({ secret: SECRET, clock });
  const token = await tokens.sign({ sub: "u1", role: "admin" });
  assert.deepEqual(await tokens.verify(token), { sub: "u1", role: "admin" });
});

Deno.test("loadHs256() accepts a secret of any length", async () => {
  const { clock } = simulatedEffects();
  const tokens = await loadHs256({ secret: "x", clock });
  assert.ok(await tokens.verify(await tokens.sign({ sub: "u1" })));
});

Deno.test("loadHs256() refuses other algorithms and no algorithm", async () => {
  const { clock } = simulatedEffects();
  const tokens = await loadHs256({ secret: SECRET, clock });
  const other = await new SignJWT({ sub: "u1" })
    .setProtectedHeader({ alg: "HS512" })
    .sign(KEY);
  assert.equal(await tokens.verify(other), undefined);
  const none = `${base64url({ alg: "none" })}.${base64url({ sub: "u1" })}.`;
  assert.equal(await tokens.verify(none), undefined);
});

Deno.test("loadHs256() refuses a token that was changed or signed by others", async () => {
  const { clock } = simulatedEffects();
  const tokens = await loadHs256({ secret: SECRET, clock });
  const others = await loadHs256({ secret: `${SECRET}!`, clock });
  const [head, , signature] = (await tokens.sign({ sub: "u1" })).split(".");
  const changed = `${head}.${base64url({ sub: "u2" })}.${signature}`;
  assert.equal(await tokens.verify(changed), undefined);
  assert.equal(
    await tokens.verify(await others.sign({ sub: "u1" })),
    undefined,
  );
});

Deno.test("loadHs256() goes by the injected clock", async () => {
  const effects = simulatedEffects();
  const tokens = await loadHs256({ secret: SECRET, clock: effects.clock });
  const now = effects.clock.now() / 1_000;
  const token = await tokens.sign({ nbf: now + 10, exp: now + 20 });
  assert.equal(await tokens.verify(token), undefined);
  await effects.advance(10_000);
  assert.ok(await tokens.verify(token));
  await effects.advance(10_000);
  assert.equal(await tokens.verify(token), undefined);
});

Deno.test("loadHs256() asks for the issuer and for required claims", async () => {
  const { clock } = simulatedEffects();
  const tokens = await loadHs256({
    secret: SECRET,
    clock,
    issuer: "orders",
    requiredClaims: ["sub"],
  });
  const verify = async (claims: Record<string, unknown>) =>
    await tokens.verify(await tokens.sign(claims)) !== undefined;
  assert.equal(await verify({ iss: "orders", sub: "u1" }), true);
  assert.equal(await verify({ iss: "others", sub: "u1" }), false);
  assert.equal(await verify({ sub: "u1" }), false);
  assert.equal(await verify({ iss: "orders" }), false);
});

Deno.test("loadHs256() verifies nothing that is too long, and never throws", async () => {
  const { clock } = simulatedEffects();
  const tokens = await loadHs256({ secret: SECRET, clock });
  const long = await tokens.sign({ text: "x".repeat(TOKEN_CHARACTERS_MAX) });
  assert.equal(await tokens.verify(long), undefined);
  await fc.assert(fc.asyncProperty(
    fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(fc.base64String(), { minLength: 2, maxLength: 4 })
        .map((parts) => parts.join(".")),
    ),
    async (text) => assert.equal(await tokens.verify(text), undefined),
  ));
});

function base64url(value: unknown): string {
  return new TextEncoder().encode(JSON.stringify(value))
    .toBase64({ alphabet: "base64url", omitPadding: true });
}
