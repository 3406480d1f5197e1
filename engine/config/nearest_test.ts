import assert from "node:assert/strict";
import fc from "fast-check";
import { closestType, nearestName } from "./nearest.ts";

const TYPES = ["http.server", "http.router", "messaging.broker", "auth.jwt"];

Deno.test("nearestName() finds what one slip turned into something else", () => {
  for (
    const slip of [
      "http.sever",
      "http.serverr",
      "http.servar",
      "http.sevrer",
      "HTTP.Server",
    ]
  ) assert.equal(nearestName(slip, TYPES), "http.server", slip);
});

Deno.test("nearestName() finds nothing near what is far from all", () => {
  assert.equal(nearestName("database", TYPES), undefined);
  assert.equal(nearestName("", TYPES), undefined);
  assert.equal(nearestName("x", []), undefined);
});

Deno.test("nearestName() allows one slip in a short name, a third of a long one", () => {
  assert.equal(nearestName("ab", ["ax"]), "ax");
  assert.equal(nearestName("ab", ["xy"]), undefined);
  assert.equal(nearestName("abcdef", ["abcxyf"]), "abcxyf");
  assert.equal(nearestName("abcdef", ["abxyzf"]), undefined);
});

Deno.test("nearestName() takes the nearest, and of two the first", () => {
  assert.equal(nearestName("order", ["orders", "odrer"]), "orders");
  assert.equal(nearestName("routr", ["routes", "router"]), "router");
});

Deno.test("closestType() takes the nearest name, else one that shares a word", () => {
  assert.equal(closestType("http.sever", TYPES), "http.server");
  assert.equal(closestType("chimux.router", TYPES), "http.router");
  assert.equal(closestType("messaging.kafka", TYPES), "messaging.broker");
});

Deno.test("closestType() always finds something where there is something", () => {
  assert.ok(TYPES.includes(closestType("job.store", TYPES) ?? ""));
  assert.equal(closestType("x", []), undefined);
});

Deno.test("nearestName() finds a name in its own list, and never throws", () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1 }),
      fc.array(fc.string()),
      (name, others) => {
        const found = nearestName(name, [...others, name]);
        assert.equal(found?.toLowerCase(), name.toLowerCase());
        nearestName(name, others);
      },
    ),
    { numRuns: 200 },
  );
});
