/**
 * Every probe, at each level of isolation: it gets nothing, the engine goes on,
 * its neighbour notices nothing, and nothing of it is left.
 *
 * Probes run in groups, those that say so alone. Where one of a group breaks what
 * all share, all of them fail. `PROBE=name` runs the probes whose names contain
 * that, alone, and shows what each did.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Isolation } from "../hosts.ts";
import { NOT_CONTAINED } from "./not_contained.ts";
import { type Probe, readProbes } from "./probe.ts";
import { type Effect, type Findings, type Trial, tryProbes } from "./trial.ts";

/**
 * How long the engine may be away, in milliseconds: more than a busy machine
 * takes it away for, less than what a watchdog would stop it for.
 */
const STALL_MS_MAX = 3_000;

/** Probes that run at the same time. */
const GROUP_SIZE = { shared: 14, process: 8 } as const;

const chosen = Deno.env.get("PROBE") || undefined;
const all = readProbes();
const probes = all.filter(({ name }) => name.includes(chosen ?? ""));

for (const isolation of ["shared", "process"] as const) {
  for (const group of groupsOf(probes, isolation)) {
    let running: Promise<Trial> | undefined;
    for (const probe of group) {
      const { name } = probe;
      Deno.test({
        name: sentence(name, isolation),
        // Hosts outlive the test that starts its group.
        ...{ sanitizeOps: false, sanitizeResources: false },
        fn: async () => {
          const { findings, effect } =
            await (running ??= tryProbes(group, isolation));
          const found = findings.get(name);
          assert.ok(found);
          if (chosen !== undefined) console.log(found, effect);
          if (whyNot(name, isolation) !== undefined) return;
          assertContained(found);
          assertHarmless(effect);
        },
      });
    }
  }
}

Deno.test("there are at least 80 probes, and each says what it tries", () => {
  assert.ok(all.length >= 80, String(all.length));
  for (const { name, tries } of all) assert.match(tries, /^[A-Z].+\.$/, name);
});

Deno.test("what is known and not contained is in the suite", () => {
  const names = all.map(({ name }) => name);
  for (const name of Object.keys(NOT_CONTAINED)) {
    assert.ok(names.includes(name));
  }
});

function groupsOf(probes: readonly Probe[], isolation: Isolation): Probe[][] {
  const isAlone = (probe: Probe) =>
    chosen !== undefined || probe.aloneIn.includes(isolation) ||
    whyNot(probe.name, isolation) !== undefined;
  const groups = probes.filter(isAlone).map((probe) => [probe]);
  const quiet = probes.filter((probe) => !isAlone(probe));
  while (quiet.length > 0) {
    groups.push(quiet.splice(0, GROUP_SIZE[isolation]));
  }
  return groups;
}

function sentence(name: string, isolation: Isolation): string {
  const why = whyNot(name, isolation);
  return why === undefined
    ? `${name} is contained in a ${isolation} host`
    : `${name} is known and not contained in a ${isolation} host: ${why}`;
}

/** Why a probe is known not to be contained; undefined if it has to be. */
function whyNot(name: string, isolation: Isolation): string | undefined {
  const known = NOT_CONTAINED[name];
  return known?.levels.includes(isolation) ? known.reason : undefined;
}

function assertContained({ got, leaks, outcome }: Findings): void {
  assert.deepEqual({ got, leaks }, { got: null, leaks: [] }, outcome);
}

function assertHarmless(effect: Effect): void {
  const { uncaught, neighbourFaults, neighbourCalls, leftovers } = effect;
  assert.deepEqual({ uncaught, neighbourFaults, leftovers }, {
    uncaught: [],
    neighbourFaults: [],
    leftovers: [],
  });
  assert.ok(neighbourCalls > 0, "the neighbour was never called");
  assert.ok(
    effect.stallMs < STALL_MS_MAX,
    `the engine was away for ${effect.stallMs} ms`,
  );
}
