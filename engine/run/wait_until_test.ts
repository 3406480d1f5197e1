import assert from "node:assert/strict";
import { ExpressionError } from "../expression/expression_error.ts";
import { driven } from "./_compiled_test.ts";
import { armedUntil, WAIT_MS_MAX } from "./wait_until.ts";

const NOW = Date.UTC(2030, 0, 1);

/** What a wait waits for, from `NOW` on. */
function armed(wait: Record<string, unknown>, input: unknown = null) {
  const { machine } = driven({ steps: [{ id: "w", wait }] }, { v: input });
  const live = machine.live.get("w");
  assert.ok(live?.kind === "arming");
  return armedUntil(live, NOW);
}

const VALUE = "${{ input.v }}";

for (
  const [written, value, ms] of [
    ["5m", null, 300_000],
    ["1h30m", null, 5_400_000],
    [VALUE, 250, 250],
    [VALUE, 0, 0],
    [VALUE, "2d", 172_800_000],
    [VALUE, "1.5s", 1_500],
    ["${{ duration('90s') }}", null, 90_000],
    [VALUE, 0.2, 1],
  ] as const
) {
  Deno.test(`a wait for ${written} with ${JSON.stringify(value)} takes ${ms} ms`, () => {
    assert.deepEqual(armed({ for: written }, value), { until: NOW + ms });
  });
}

Deno.test("a wait for what is no duration is an error that says what it is", () => {
  for (const value of [-1, "soon", "5", true, null, [], "5 m", "1e9d"]) {
    assert.throws(
      () => armed({ for: VALUE }, value),
      (error) =>
        error instanceof ExpressionError &&
        error.message.includes(JSON.stringify(value)),
      JSON.stringify(value),
    );
  }
});

Deno.test("a wait until a time ends then, and at once if that is past", () => {
  const at = new Date(NOW + 60_000).toISOString();
  assert.deepEqual(armed({ until: VALUE }, at), { until: NOW + 60_000 });
  assert.deepEqual(armed({ until: VALUE }, NOW + 5), { until: NOW + 5 });
  assert.deepEqual(armed({ until: "2029-12-31T23:59:59Z" }), { until: NOW });
  assert.deepEqual(armed({ until: "2030-01-01T01:00:00+01:00" }), {
    until: NOW,
  });
  for (const value of ["tomorrow", null, {}, true]) {
    assert.throws(() => armed({ until: VALUE }, value), /"until" needs a time/);
  }
});

Deno.test("a wait of more than a hundred years is refused", () => {
  assert.deepEqual(armed({ for: VALUE }, WAIT_MS_MAX), {
    until: NOW + WAIT_MS_MAX,
  });
  assert.throws(() => armed({ for: VALUE }, WAIT_MS_MAX + 1), /100 years/);
  assert.throws(
    () => armed({ until: "9999-01-01T00:00:00Z" }),
    /100 years/,
  );
});

Deno.test("a wait for a signal has its name, and its limit if there is one", () => {
  assert.deepEqual(armed({ signal: VALUE }, "go"), { signal: "go" });
  assert.deepEqual(armed({ signal: "go", timeout: "5s" }), {
    ...{ signal: "go", until: NOW + 5_000 },
  });
  for (const value of ["", 5, null]) {
    assert.throws(
      () => armed({ signal: VALUE }, value),
      /"signal" needs a name/,
    );
  }
});

Deno.test("a wait for a decision has a signal of its own for each path, and what is asked", () => {
  assert.deepEqual(armed({ approval: { title: "Pay ${{ input.v }}?" } }, 5), {
    signal: "approval:w",
    approval: { title: "Pay 5?" },
  });
});
