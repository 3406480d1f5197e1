import assert from "node:assert/strict";
import { GROUPS_MAX, identityOf } from "./_identity.ts";

const about = {
  subjectClaim: undefined,
  groupsClaim: "groups",
  roles: {},
  defaultRole: undefined,
};

Deno.test("identityOf() takes over who it is, and roles by group", () => {
  const claims = {
    sub: "42",
    email: "Ada@Example.org",
    name: "Ada",
    groups: ["b", "a", 7, ""],
  };
  const roles = { a: "admin", b: "clerk" };
  assert.deepEqual(identityOf("company", claims, { ...about, roles }), {
    id: "company:42",
    email: "ada@example.org",
    name: "Ada",
    passwordHash: "",
    metadata: { provider: "company", groups: ["b", "a"], role: "admin" },
  });
});

Deno.test("identityOf() needs somebody, by sub, id or the claim that is named", () => {
  const id = (claims: Record<string, unknown>, subjectClaim?: string) =>
    identityOf("p", claims, { ...about, subjectClaim })?.id;
  assert.equal(id({ id: 7 }), "p:7");
  assert.equal(id({ sub: "s", oid: "o" }, "oid"), "p:o");
  for (const sub of [undefined, "", {}, null, "x".repeat(256)]) {
    assert.equal(id({ sub }), undefined);
  }
  assert.equal(id({ sub: "s" }, "__proto__"), undefined);
});

Deno.test("identityOf() finds groups in objects and in texts, and bounds them", () => {
  const groups = (claims: Record<string, unknown>, groupsClaim: string) =>
    identityOf("p", { sub: "s", ...claims }, { ...about, groupsClaim })
      ?.metadata.groups;
  assert.deepEqual(
    groups({ realm_access: { roles: ["x"] } }, "realm_access.roles"),
    ["x"],
  );
  assert.deepEqual(
    groups({ "https://x/groups": ["y"] }, "https://x/groups"),
    ["y"],
  );
  assert.deepEqual(groups({ groups: "a b,c" }, "groups"), ["a", "b", "c"]);
  assert.deepEqual(groups({ groups: { a: 1 } }, "groups"), []);
  assert.deepEqual(groups({}, "constructor.name"), []);
  const many = Array.from({ length: 1_000 }, (_, i) => `g${i}`);
  assert.equal((groups({ groups: many }, "groups") as []).length, GROUPS_MAX);
});

Deno.test("identityOf() leaves out an address that is not verified or is none", () => {
  const email = (claims: Record<string, unknown>) =>
    identityOf("p", { sub: "s", ...claims }, about)?.email;
  assert.equal(email({ email: "a@x.example" }), "a@x.example");
  assert.equal(email({ email: "a@x.example", email_verified: false }), "");
  assert.equal(email({ email: "no address" }), "");
});
