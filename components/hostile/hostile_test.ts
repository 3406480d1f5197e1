/**
 * Every probe, at each level of isolation: it gets nothing, the engine goes on,
 * its neighbour notices nothing, and nothing of it is left.
 *
 * @module
 */
import assert from "node:assert/strict";
import { readProbes } from "./probe.ts";
import { NOT_CONTAINED } from "./not_contained.ts";
import { type Findings, tryProbe } from "./trial.ts";

/** How long the engine may be away, in milliseconds. */
const STALL_MS_MAX = 250;

const probes = readProbes();
const only = Deno.env.get("PROBE");

for (const isolation of ["shared", "process"] as const) {
  for (const probe of probes) {
    if (only !== undefined && !probe.name.includes(only)) continue;
    const known = NOT_CONTAINED[probe.name];
    const name = known === undefined
      ? `${probe.name} is contained in a ${isolation} host`
      : `${probe.name} is known and not contained in a ${isolation} host: ${known}`;
    Deno.test({ name, sanitizeOps: false, sanitizeResources: false }, async () => {
      const findings = await tryProbe(probe, isolation);
      if (only !== undefined) console.log(findings);
      if (known === undefined) assertContained(findings);
    });
  }
}

Deno.test("there are at least 80 probes, and each says what it tries", () => {
  assert.ok(probes.length >= 80, String(probes.length));
  for (const { name, tries } of probes) assert.match(tries, /^[A-Z].+\.$/, name);
});

function assertContained(findings: Findings): void {
  const { got, leaks, stallMs, uncaught, outcome } = findings;
  const { neighbourFaults, neighbourCalls, leftovers } = findings;
  assert.deepEqual({ got, leaks, uncaught }, {
    got: null,
    leaks: [],
    uncaught: [],
  }, outcome);
  assert.deepEqual(neighbourFaults, [], outcome);
  assert.ok(neighbourCalls > 0, outcome);
  assert.deepEqual(leftovers, [], outcome);
  assert.ok(stallMs < STALL_MS_MAX, `the engine was away for ${stallMs} ms`);
}
