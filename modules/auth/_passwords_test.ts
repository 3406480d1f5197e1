import assert from "node:assert/strict";
import { hash as bcrypt } from "bcryptjs";
import { simulatedEffects } from "@engine/simulation/effects.ts";
import { isPasswordHash, Passwords } from "./_passwords.ts";

/** From the reference implementation: the password is "password". */
const REFERENCE =
  "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";

function create(): Passwords {
  return new Passwords(simulatedEffects().random);
}

Deno.test("Passwords.hash() makes a salted Argon2id hash that only its password fits", async () => {
  const passwords = create();
  const hash = await passwords.hash("correct horse");
  assert.match(
    hash,
    /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/,
  );
  assert.notEqual(await passwords.hash("correct horse"), hash);
  assert.equal(await passwords.verify("correct horse", hash), "right");
  assert.equal(await passwords.verify("correct hors", hash), "wrong");
  assert.equal(await passwords.verify("", hash), "wrong");
});

Deno.test("Passwords.verify() reads the hashes of other implementations", async () => {
  const passwords = create();
  assert.equal(await passwords.verify("password", REFERENCE), "outdated");
  assert.equal(await passwords.verify("Password", REFERENCE), "wrong");
});

Deno.test("Passwords.verify() reads bcrypt, which is always outdated", async () => {
  const passwords = create();
  const hash = await bcrypt("old password", 4);
  for (const variant of [hash, hash.replace("$2b$", "$2y$")]) {
    assert.equal(await passwords.verify("old password", variant), "outdated");
    assert.equal(await passwords.verify("another", variant), "wrong");
  }
});

Deno.test("Passwords.verify() does the same work for nobody, and nobody fits", async () => {
  // Counts what reaches the platform: time itself cannot be compared reliably.
  const passwords = create();
  const hash = await passwords.hash("correct horse");
  const original = crypto.subtle.deriveBits;
  const work: unknown[] = [];
  crypto.subtle.deriveBits = (algorithm, key, length) => {
    const { name, memory, passes, parallelism } =
      algorithm as unknown as Record<
        string,
        unknown
      >;
    work.push({ name, memory, passes, parallelism, length });
    return original.call(crypto.subtle, algorithm, key, Number(length));
  };
  try {
    assert.equal(await passwords.verify("a guess", hash), "wrong");
    assert.equal(await passwords.verify("a guess", undefined), "wrong");
    assert.equal(await passwords.verify("", undefined), "wrong");
    assert.equal(await passwords.verify("a guess", "not a hash"), "wrong");
  } finally {
    crypto.subtle.deriveBits = original;
  }
  assert.equal(work.length, 4);
  for (const same of work) assert.deepEqual(same, work[0]);
});

Deno.test("isPasswordHash() accepts what can be verified at a bearable cost", () => {
  const tail = "c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
  const bcryptTail = "x".repeat(53);
  const good = [REFERENCE, `$2b$10$${bcryptTail}`, `$2y$14$${bcryptTail}`];
  const bad = [
    "",
    "secret",
    `$2b$31$${bcryptTail}`,
    `$2b$03$${bcryptTail}`,
    `$2b$10$${bcryptTail}x`,
    `$argon2i$v=19$m=256,t=2,p=1$${tail}`,
    `$argon2id$v=16$m=256,t=2,p=1$${tail}`,
    `$argon2id$v=19$m=999999,t=2,p=1$${tail}`,
    `$argon2id$v=19$m=256,t=0,p=1$${tail}`,
    `$argon2id$v=19$m=7,t=2,p=1$${tail}`,
    `$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$short`,
  ];
  for (const hash of good) assert.equal(isPasswordHash(hash), true, hash);
  for (const hash of bad) assert.equal(isPasswordHash(hash), false, hash);
});
