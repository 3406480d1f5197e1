import assert from "node:assert/strict";
import { simulatedEffects } from "@engine/simulation/effects.ts";
import { CircuitBreaker } from "./_circuit_breaker.ts";

const OPTIONS = { failureThreshold: 2, openMs: 30_000 };

Deno.test("CircuitBreaker opens after failures in a row, for a time", async () => {
  const effects = simulatedEffects();
  const breaker = new CircuitBreaker(effects.clock, OPTIONS);
  for (const result of ["failed", "answered", "failed"] as const) {
    assert.equal(breaker.enter(), 0);
    breaker.leave(result);
  }
  assert.equal(breaker.isOpen, false);
  assert.equal(breaker.enter(), 0);
  breaker.leave("failed");
  assert.equal(breaker.isOpen, true);
  assert.equal(breaker.enter(), 30_000);
  await effects.advance(10_000);
  assert.equal(breaker.enter(), 20_000);
});

Deno.test("CircuitBreaker lets one request try, and closes if that works", async () => {
  const effects = simulatedEffects();
  const breaker = tripped(effects.clock);
  await effects.advance(30_000);
  assert.equal(breaker.isOpen, false);
  assert.equal(breaker.enter(), 0);
  assert.equal(breaker.enter(), 1_000);
  breaker.leave("answered");
  assert.equal(breaker.enter(), 0);
  assert.equal(breaker.enter(), 0);
});

Deno.test("CircuitBreaker stays open for as long again if the trial fails", async () => {
  const effects = simulatedEffects();
  const breaker = tripped(effects.clock);
  await effects.advance(30_000);
  assert.equal(breaker.enter(), 0);
  breaker.leave("failed");
  assert.equal(breaker.enter(), 30_000);
});

Deno.test("CircuitBreaker lets the next one try when a client leaves the trial", async () => {
  const effects = simulatedEffects();
  const breaker = tripped(effects.clock);
  await effects.advance(30_000);
  assert.equal(breaker.enter(), 0);
  breaker.leave("unknown");
  assert.equal(breaker.enter(), 0);
  breaker.leave("unknown");
});

function tripped(clock: ReturnType<typeof simulatedEffects>["clock"]) {
  const breaker = new CircuitBreaker(clock, OPTIONS);
  for (let i = 0; i < OPTIONS.failureThreshold; i++) {
    breaker.enter();
    breaker.leave("failed");
  }
  return breaker;
}
