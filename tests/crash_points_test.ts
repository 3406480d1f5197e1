/**
 * Orders through every point at which the power can fail. A client that repeats
 * what was not answered takes two orders through their lives, with a store that
 * fails at one commit or at several. However it goes, the end must be the same.
 */
import assert from "node:assert/strict";
import { messageOf } from "../engine/errors.ts";
import {
  type MachineInstance,
  StateMachines,
} from "../engine/services/state_machines.ts";
import {
  type SimulatedEffects,
  simulatedEffects,
} from "../engine/simulation/effects.ts";
import { groupCommit } from "../engine/store/group_commit.ts";
import { memoryStore } from "../engine/store/memory.ts";
import type { Store } from "../engine/store/store.ts";
import { startApplication, type TestApplication } from "../engine/testing.ts";
import {
  definitions,
  DOCUMENT,
  HISTORIES,
  KEYS,
  SEEDS,
} from "./_order_application.ts";
import { type Fault, FAULTS, faultyStore } from "./_faulty_store.ts";

type App = TestApplication<SimulatedEffects>;

const DAY_MS = 24 * 60 * 60 * 1_000;

/** One part of what the client wants; it may be asked for again. */
type Step = (app: App) => Promise<unknown>;

const STEPS: readonly Step[] = [
  (app) =>
    Promise.all([
      insist(app, "POST", "/orders", [201, 409], { id: "a", card: "good" }),
      insist(app, "POST", "/orders", [201, 409], { id: "b", card: "bad" }),
    ]),
  (app) => comesTo(app, "a", "shipped"),
  (app) => comesTo(app, "b", "declined"),
  (app) => insist(app, "PUT", "/orders/a", [200], NOTED),
  (app) =>
    insist(app, "PUT", "/orders/a/transition", [200, 400], {
      transition: "deliver",
    }),
  // Who is told that it is refused since it is done already is content.
  (app) => comesTo(app, "a", "delivered"),
  (app) => insist(app, "DELETE", "/orders/b", [204, 404]),
  (app) => app.effects.advance(200_000),
];

const NOTED = { id: "a", card: "good", note: "ring twice" };

/** One way through the lives of both orders. */
class Passage {
  /** How often each piece of work was done, by its key. */
  readonly done = new Map<string, number>();
  readonly #folder: string;
  readonly #isGrouped: boolean;
  /** What survives. */
  readonly #disk = memoryStore();
  #steps = STEPS;
  #starts = 0;

  constructor(folder: string, isGrouped: boolean) {
    this.#folder = folder;
    this.#isGrouped = isGrouped;
  }

  /** Goes through, with a process anew for each that dies; counts the commits. */
  async go(faultAt: (commit: number) => Fault | undefined): Promise<number> {
    let commits = 0;
    for (;;) {
      const before = commits;
      const faulty = faultyStore(this.#disk, (n) => faultAt(before + n));
      const died = faulty.died.then(() => "died");
      const outcome = await Promise.race([this.#live(faulty.store), died]);
      commits += faulty.commits();
      if (outcome !== "died") return commits;
    }
  }

  /** Requires that the end is the one and only. */
  async assertEnd(): Promise<void> {
    for (const rows of ["task", "failed"]) {
      const prefix = ["app", "test", "machine", "machines", rows];
      const left = await Array.fromAsync(this.#disk.list({ prefix }));
      assert.deepEqual(left, [], "nothing is left to do");
    }
    const app = await this.#start(this.#disk);
    const order = await (await app.request("GET", "/orders/a")).json();
    assert.deepEqual([order.state, order.data], ["delivered", NOTED]);
    assert.equal((await app.request("GET", "/orders/b")).status, 404);
    const machines = app.service(StateMachines);
    const histories: Record<string, string[]> = {};
    for await (const { id } of machines.list()) {
      const history = await machines.history(id);
      histories[id] = history.map(({ transition, toState }) =>
        `${transition ?? ""}:${toState}`
      );
    }
    assert.deepEqual(histories, HISTORIES);
    const { data } = await machines.get("a") as MachineInstance;
    assert.equal(data.note, "ring twice");
    assert.deepEqual(
      [...this.done.keys()].sort(),
      KEYS.map((key) => `test/machines/${key}`),
    );
    await app.stop();
  }

  async #live(store: Store): Promise<void> {
    const app = await this.#boot(this.#isGrouped ? groupCommit(store) : store);
    while (this.#steps.length > 0) {
      await this.#steps[0]?.(app);
      this.#steps = this.#steps.slice(1);
    }
    await app.stop();
  }

  /** A start that fails is tried again, as whoever looks after it would. */
  async #boot(store: Store): Promise<App> {
    for (;;) {
      try {
        return await this.#start(store);
      } catch (error) {
        assert.match(String(error), /The line to the store broke/);
      }
    }
  }

  async #start(store: Store): Promise<App> {
    // The clock of every other process is a day behind.
    const startMs = 1_700_000_000_000 - (this.#starts++ % 2) * DAY_MS;
    return await startApplication<SimulatedEffects>({
      document: DOCUMENT,
      definitions: definitions(this.done),
      effects: simulatedEffects({ startMs, seed: this.#starts }),
      folder: this.#folder,
      store,
    });
  }
}

/** Asks again until there is one of these answers. */
async function insist(
  app: App,
  method: string,
  path: string,
  statuses: readonly number[],
  body?: unknown,
): Promise<Response> {
  for (;;) {
    const response = await app.request(method, path, { body });
    if (statuses.includes(response.status)) return response;
    assert.equal(response.status, 500, `${method} ${path}`);
  }
}

async function comesTo(app: App, id: string, state: string): Promise<void> {
  for (let tries = 0;; tries++) {
    const response = await insist(app, "GET", `/orders/${id}`, [200]);
    const order = await response.json();
    if (order.state === state) return;
    assert.ok(tries < 50, `"${id}" stays in "${order.state}"`);
    await app.effects.advance(5_000);
  }
}

async function withSeeds(run: (folder: string) => Promise<void>) {
  const folder = `${await Deno.makeTempDir()}/`;
  try {
    await Deno.writeTextFile(`${folder}orders.json`, JSON.stringify(SEEDS));
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Goes through, and requires the end; errors say where the faults were. */
async function passes(
  folder: string,
  isGrouped: boolean,
  faultAt: (commit: number) => Fault | undefined,
): Promise<number> {
  const passage = new Passage(folder, isGrouped);
  const faults: number[] = [];
  try {
    const commits = await passage.go((commit) => {
      const fault = faultAt(commit);
      if (fault !== undefined) faults.push(commit);
      return fault;
    });
    await passage.assertEnd();
    return commits;
  } catch (error) {
    throw new Error(`Faults at commits ${faults}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

Deno.test("an order takes one commit a step, and each piece of work is done as often as it must", () =>
  withSeeds(async (folder) => {
    const passage = new Passage(folder, false);
    assert.equal(await passage.go(() => undefined), 21);
    await passage.assertEnd();
    const counts = KEYS.map((key) => passage.done.get(`test/machines/${key}`));
    assert.deepEqual(counts, [2, 1, 1, 1, 1, 2]);
  }));

for (const isGrouped of [false, true]) {
  const where = isGrouped ? "in groups" : "alone";
  for (const [name, fault] of Object.entries(FAULTS)) {
    Deno.test(`an order comes to its end if its process ${name} any commit, ${where}`, () =>
      withSeeds(async (folder) => {
        for (let at = 1;; at++) {
          const faultAt = (commit: number) => commit === at ? fault : undefined;
          if (await passes(folder, isGrouped, faultAt) < at) break;
        }
      }));
  }
}

Deno.test("an order comes to its end if its store fails at every sixth commit", () =>
  withSeeds(async (folder) => {
    const faults = Object.values(FAULTS);
    for (let seed = 1; seed <= 20; seed++) {
      const { float } = simulatedEffects({ seed }).random;
      await passes(
        folder,
        seed % 2 === 0,
        () => float() < 1 / 6 ? faults[Math.floor(float() * 4)] : undefined,
      ).catch((error) => {
        throw new Error(`Seed ${seed}: ${messageOf(error)}`, { cause: error });
      });
    }
  }));
