import assert from "node:assert/strict";
import { DENO_KV_LIMITS } from "./limits.ts";
import { commitParameters } from "./postgres_batch.ts";
import { ALL_CHANGED } from "./postgres_schema.ts";
import type { Batch } from "./store.ts";

Deno.test("commitParameters() names each key once: its last set, or its delete", () => {
  const [checks, versions, keys, values, expiries, deletes, , now] =
    parameters({
      checks: [{ key: ["a"], version: "7" }, {
        key: ["b"],
        version: undefined,
      }],
      sets: [
        { key: ["a"], value: 1, expireInMs: 9 },
        { key: ["b"], value: 2 },
        { key: ["a"], value: 3 },
        { key: ["c"], value: new Uint8Array([5]), expireInMs: 60 },
      ],
      deletes: [["b"], ["b"], ["d"]],
    }) ?? [];
  assert.equal(checks, "{\\\\x026100,\\\\x026200}");
  assert.equal(versions, "{7,NULL}");
  assert.equal(keys, "{\\\\x026100,\\\\x026300}");
  assert.equal(values, "{\\\\x33,\\\\x0005}");
  assert.equal(expiries, "{NULL,60}");
  assert.equal(deletes, "{\\\\x026200,\\\\x026400}");
  assert.equal(now, null);
});

Deno.test("commitParameters() tells of all keys where there are too many to name", () => {
  const touched = (count: number) => {
    const deletes = Array.from({ length: count }, (_, i) => ["k", i]);
    return parameters({ deletes })?.[6];
  };
  assert.equal(touched(0), "");
  assert.match(String(touched(1)), /^[0-9a-f]{8}$/);
  // PostgreSQL refuses 8,000 bytes.
  assert.match(String(touched(999)), /^[0-9a-f]{7992}$/);
  assert.equal(touched(1_000), ALL_CHANGED);
});

Deno.test("commitParameters() knows which versions no sequence has made", () => {
  const check = (version: string) =>
    parameters({ checks: [{ key: ["a"], version }] });
  assert.notEqual(check("1"), undefined);
  assert.notEqual(check("9".repeat(18)), undefined);
  for (const version of ["", "0", "01", "-1", "1.0", "1e3", "NULL", "1,2"]) {
    assert.equal(check(version), undefined);
  }
  assert.equal(check("9".repeat(19)), undefined);
});

function parameters(batch: Batch) {
  return commitParameters(batch, DENO_KV_LIMITS, null);
}
