/**
 * Reloads while orders are taken and worked on. Whatever is replaced, no caller
 * may be refused for it, and no acknowledged order may stay half way.
 */
import assert from "node:assert/strict";
import { StateMachines } from "../engine/services/state_machines.ts";
import {
  type SimulatedEffects,
  simulatedEffects,
} from "../engine/simulation/effects.ts";
import { memoryStore } from "../engine/store/memory.ts";
import type { Store } from "../engine/store/store.ts";
import { startApplication, type TestApplication } from "../engine/testing.ts";
import { definitions, DOCUMENT } from "./_order_application.ts";

type App = TestApplication<SimulatedEffects>;

/** Orders that are sent, and reloads meanwhile. */
const ORDERS = 60;
const RELOADS = 12;

/** What a module gets beside its own, so that it and its users are replaced. */
const CHANGES: readonly Readonly<Record<string, Record<string, unknown>>>[] = [
  {},
  { machines: { dependsOn: ["work"] } },
  { "take-payment": { dependsOn: ["print-label"] } },
  { orders: { dependsOn: ["send-parcel"] } },
  { work: { dependsOn: ["web"] } },
  { machines: { dependsOn: ["more-work"] }, work: { dependsOn: ["web"] } },
];

function variant(number: number) {
  const changes = CHANGES[number % CHANGES.length] ?? {};
  const modules = DOCUMENT.modules.map((module) => {
    const { seedFile: _, ...config }: Record<string, unknown> = module.config ??
      {};
    return { ...module, config, ...changes[module.name] };
  });
  return { ...DOCUMENT, modules };
}

/** A store whose answers take a while, each another. */
function slowStore(store: Store, ticks: () => number): Store {
  async function later<T>(call: () => Promise<T>): Promise<T> {
    for (let left = ticks(); left > 0; left--) await undefined;
    const answer = await call();
    for (let left = ticks(); left > 0; left--) await undefined;
    return answer;
  }
  return {
    limits: store.limits,
    get: (key) => later(() => store.get(key)),
    getMany: (keys) => later(() => store.getMany(keys)),
    async *list(range, options) {
      for await (const entry of store.list(range, options)) {
        yield await later(() => Promise.resolve(entry));
      }
    },
    watch: (keys, signal) => store.watch(keys, signal),
    commit: (batch) => later(() => store.commit(batch)),
    close: () => store.close(),
  };
}

/** Sends an order; returns the answer's status. */
async function order(app: App, number: number): Promise<number> {
  const body = { id: `o${number}`, card: number % 3 === 0 ? "bad" : "good" };
  const response = await app.request("POST", "/orders", { body });
  await response.body?.cancel();
  return response.status;
}

for (let seed = 1; seed <= 6; seed++) {
  Deno.test(`reloads lose no order and refuse none, seed ${seed}`, async () => {
    const { float } = simulatedEffects({ seed }).random;
    const ticks = (below: number) => Math.floor(float() * below);
    const done = new Map<string, number>();
    await using app = await startApplication<SimulatedEffects>({
      document: variant(0),
      definitions: definitions(done),
      store: slowStore(memoryStore(), () => ticks(12)),
    });
    const answers: Promise<number>[] = [];
    let reloads = Promise.resolve();
    for (let number = 0; number < ORDERS; number++) {
      answers.push(order(app, number));
      for (let left = ticks(60); left > 0; left--) await undefined;
      if (number % (ORDERS / RELOADS) !== 0) continue;
      const next = variant(ticks(100));
      reloads = reloads.then(() => app.reload(next));
    }
    const statuses = new Set(await Promise.all(answers));
    await reloads;
    assert.deepEqual([...statuses], [201]);
    await app.effects.advance(30_000);
    const machines = app.service(StateMachines);
    await machines.idle();
    for (let number = 0; number < ORDERS; number++) {
      const history = await machines.history(`o${number}`);
      const transitions = history.map(({ transition }) => transition);
      const expected = number % 3 === 0
        ? [null, "submit", "decline"]
        : [null, "submit", "accept", "pack", "label", "hand_over"];
      assert.deepEqual(transitions, expected, `o${number}`);
    }
    assert.deepEqual(app.logs.filter(({ level }) => level === "error"), []);
  });
}
