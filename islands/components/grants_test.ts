import assert from "node:assert/strict";
import { grantedOf, refusedOf } from "./grants.ts";

const NONE = { env: [], secrets: [], requires: {} };

Deno.test("grantedOf() counts what each grant was used for", () => {
  const granted = grantedOf({
    permissions: { net: ["*.bank.example", "b.example:443"], read: ["data"] },
    used: {
      net: { "api.bank.example": 3, "b.example": 1 },
      read: { "data/prices.json": 2 },
    },
  }, NONE);
  assert.deepEqual(granted.map(({ what, evidence }) => [what, evidence]), [
    ["*.bank.example", "Used 3 times since it was started."],
    ["b.example:443", "Used once since it was started."],
    ["data", "Used 2 times since it was started."],
  ]);
});

Deno.test("grantedOf() says what was never used, and names secrets and actions", () => {
  const granted = grantedOf({
    permissions: { net: ["a.example"] },
    used: { requires: { "events.publish": 4 } },
  }, { env: [], secrets: ["KEY"], requires: { events: ["publish"] } });
  assert.deepEqual(granted.map(({ what, isUsed }) => [what, isUsed]), [
    ["a.example", false],
    ["KEY", true],
    ["events.publish", true],
  ]);
});

Deno.test("refusedOf() gives the line with what is granted already", () => {
  const refused = refusedOf({
    permissions: { net: ["a.example"] },
    refused: { net: { "b.example": 1 }, env: { REGION: 2 } },
  });
  assert.deepEqual(refused.map(({ line }) => line), [
    'env: ["REGION"]',
    'net: ["a.example", "b.example"]',
  ]);
});
