import assert from "node:assert/strict";
import {
  EMAIL_CHARACTERS_MAX,
  nameFault,
  newPasswordFault,
  normalEmail,
  passwordFault,
} from "./_credentials.ts";

Deno.test("normalEmail() gives one form to one address", () => {
  const cases = [
    [" Ada@Example.ORG ", "ada@example.org"],
    ["a.b+c@x", "a.b+c@x"],
    ["JÖRG@bücher.example", "jörg@bücher.example"],
    ["jo\u0308rg@x.example", "jörg@x.example"],
    // Composed only once it is small.
    ["J\u030can@x.example", "\u01f0an@x.example"],
  ] as const;
  for (const [given, expected] of cases) {
    assert.equal(normalEmail(given), expected);
  }
});

Deno.test("normalEmail() refuses what is no address", () => {
  const bad = [
    "",
    "ada",
    "@example.org",
    "ada@",
    "ada@@example.org",
    "a b@example.org",
    "ada@exam ple.org",
    "ada@.org",
    "ada@example..org",
    "ada@example.",
    "ada\u0000@example.org",
    // Nobody can tell these from the address of somebody else.
    "ada@example.org\u200b",
    "a\u00adda@example.org",
    "\u202eada@example.org",
    "ada@example.org\nbcc: x@y",
    `${"a".repeat(65)}@example.org`,
    `a@${"b".repeat(EMAIL_CHARACTERS_MAX)}`,
  ];
  for (const text of bad) {
    assert.equal(normalEmail(text), undefined, JSON.stringify(text));
  }
});

Deno.test("normalEmail() takes no longer for a hostile text", () => {
  assert.equal(normalEmail(`a@${"b.".repeat(30_000)}`), undefined);
  assert.equal(normalEmail(" ".repeat(60_000)), undefined);
});

Deno.test("newPasswordFault() counts characters, not bytes or halves", () => {
  assert.equal(newPasswordFault("12345678", 8), undefined);
  assert.equal(newPasswordFault("🔑🔑🔑🔑🔑🔑🔑🔑", 8), undefined);
  const short = "The password must have at least 8 characters";
  assert.equal(newPasswordFault("1234567", 8), short);
  assert.equal(newPasswordFault("🔑🔑🔑🔑", 8), short);
});

Deno.test("passwordFault() bounds the bytes", () => {
  assert.equal(passwordFault(""), "The password is empty");
  assert.equal(passwordFault("x".repeat(1_024)), undefined);
  const long = "The password is longer than 1024 bytes";
  assert.equal(passwordFault("x".repeat(1_025)), long);
  assert.equal(passwordFault("é".repeat(513)), long);
});

Deno.test("nameFault() bounds names and refuses control characters", () => {
  assert.equal(nameFault("Ada Lovelace"), undefined);
  assert.equal(nameFault("x".repeat(200)), undefined);
  assert.match(nameFault("x".repeat(201)) ?? "", /longer than 200/);
  assert.match(nameFault("a\nb") ?? "", /control characters/);
});
