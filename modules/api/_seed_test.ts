import assert from "node:assert/strict";
import { join } from "node:path";
import { defineModule } from "@engine/define.ts";
import {
  type MachineInstance,
  StateMachines,
} from "@engine/services/state_machines.ts";
import { memoryStore } from "@engine/store/memory.ts";
import { z } from "zod";
import {
  DEFINITIONS,
  type DocumentOptions,
  seen,
  startOrders,
} from "./_document_test.ts";
import { parseSeeds } from "./_seed.ts";

const SEEDS = [
  { id: "s1", data: { x: 1 }, state: "paid" },
  { id: "s2", data: { x: 2 } },
];

/** A folder with a seed file, removed at the end. */
async function withSeeds(seeds: unknown) {
  const folder = `${await Deno.makeTempDir()}/`;
  const text = typeof seeds === "string" ? seeds : JSON.stringify(seeds);
  await Deno.writeTextFile(join(folder, "seeds.json"), text);
  return {
    folder,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

const CONFIG: DocumentOptions = { config: { seedFile: "seeds.json" } };

Deno.test("plantSeeds() fills an empty collection in the order of the file", async () => {
  await using seeds = await withSeeds(SEEDS);
  await using app = await startOrders(CONFIG, { folder: seeds.folder });
  const list = await seen(app.request("GET", "/api/orders"));
  const lastUpdate = new Date(app.effects.clock.now()).toISOString();
  assert.deepEqual(list.body, [
    { id: "s1", data: { x: 1 }, state: "paid", lastUpdate },
    { id: "s2", data: { x: 2 }, state: "new", lastUpdate },
  ]);
});

Deno.test("plantSeeds() adds what is absent and leaves what is there", async () => {
  const store = memoryStore();
  {
    await using app = await startOrders({}, { store });
    await app.request("POST", "/api/orders", { body: { id: "s1", own: true } });
  }
  await using seeds = await withSeeds(SEEDS);
  const { folder } = seeds;
  await using app = await startOrders(CONFIG, { store, folder });
  const list = await seen(app.request("GET", "/api/orders"));
  const data = list.body.map((order: { data: unknown }) => order.data);
  assert.deepEqual(data, [{ id: "s1", own: true }, { x: 2 }]);
});

Deno.test("plantSeeds() does not bring back what was deleted", async () => {
  const store = memoryStore();
  await using seeds = await withSeeds(SEEDS);
  const { folder } = seeds;
  {
    await using app = await startOrders(CONFIG, { store, folder });
    await app.request("DELETE", "/api/orders/s1");
    await app.request("PUT", "/api/orders/s2", { body: { changed: true } });
  }
  await using app = await startOrders(CONFIG, { store, folder });
  const list = await seen(app.request("GET", "/api/orders"));
  assert.deepEqual(list.body.map((order: { data: unknown }) => order.data), [
    { changed: true },
  ]);
});

/** An engine that remembers what it was asked to make. */
function askedMachines(asked: unknown[]) {
  const made = new Map<string, MachineInstance>();
  const definition = {
    name: "order-workflow",
    initialState: "new",
    states: Object.fromEntries(
      ["new", "paid"].map((name) => [name, { isFinal: false, isError: false }]),
    ),
    transitions: {},
  };
  const machines: Partial<StateMachines> = {
    definition: () => definition,
    get: (id) => Promise.resolve(made.get(id)),
    create(name, id, data, options) {
      asked.push([name, id, data, options]);
      const state = options?.state ?? "new";
      const times = { createdAt: 0, updatedAt: 0 };
      const counts = { sequence: 0, completed: false };
      const instance = {
        id,
        definition: name,
        state,
        data,
        ...times,
        ...counts,
      };
      made.set(id, instance);
      return Promise.resolve(instance);
    },
  };
  return defineModule({
    type: "test.machines",
    summary: "Remember what is made",
    stability: "experimental",
    config: z.strictObject({}),
    provides: [StateMachines],
    examples: [],
    create: () => machines as StateMachines,
  });
}

Deno.test("plantSeeds() asks for instances in the states of the seeds", async () => {
  await using seeds = await withSeeds(SEEDS);
  const asked: unknown[] = [];
  await using app = await startOrders({
    config: {
      seedFile: "seeds.json",
      workflowType: "order-workflow",
      workflowEngine: "asked",
    },
    modules: [{ name: "asked", type: "test.machines" }],
  }, {
    folder: seeds.folder,
    definitions: [...DEFINITIONS, askedMachines(asked)],
  });
  const source = "module orders";
  assert.deepEqual(asked, [
    ["order-workflow", "s1", { x: 1 }, { state: "paid", source }],
    ["order-workflow", "s2", { x: 2 }, { source }],
  ]);
  const read = await seen(app.request("GET", "/api/orders/s1"));
  assert.equal(read.body.state, "paid");
});

Deno.test("plantSeeds() makes the instances of seeds, or says what it could not do", async () => {
  await using seeds = await withSeeds(SEEDS);
  const options = { ...CONFIG, isMachine: true };
  await using app = await startOrders(options, { folder: seeds.folder });
  const machines = app.service(StateMachines);
  const first = await machines.get("order-s1");
  assert.equal((await machines.get("order-s2"))?.state, "new");
  // An engine may do without the option to begin elsewhere.
  const isTold = app.logs.some(({ message }) =>
    message === 'Seed "s1" is in state "new" instead of "paid"'
  );
  assert.equal(first?.state, isTold ? "new" : "paid");
  const moved = await seen(
    app.request("POST", `/api/orders/s1/${isTold ? "check" : "ship"}`),
  );
  assert.equal(moved.status, 200);
});

Deno.test("plantSeeds() begins at the start where the workflow lacks the state", async () => {
  await using seeds = await withSeeds([{ id: "s1", data: {}, state: "odd" }]);
  const options = { ...CONFIG, isMachine: true };
  await using app = await startOrders(options, { folder: seeds.folder });
  const read = await seen(app.request("GET", "/api/orders/s1"));
  assert.equal(read.body.state, "new");
  const warnings = app.logs.filter(({ level }) => level === "warn");
  assert.ok(warnings.some(({ message }) => message.includes('"odd"')));
});

Deno.test("plantSeeds() gives nobody's seeds to everybody", async () => {
  await using seeds = await withSeeds(SEEDS);
  await using app = await startOrders(CONFIG, { folder: seeds.folder });
  const headers = { "x-claims": JSON.stringify({ sub: "ann" }) };
  const read = await app.request("GET", "/api/orders/s1", { headers });
  assert.equal(read.status, 200);
});

for (
  const [what, text, message] of [
    [
      "no JSON",
      "[",
      /Cannot load the seeds "seeds.json": it is not valid JSON/,
    ],
    ["no list", "{}", /"seeds.json": it is not a list/],
    ["an entry that is none", "[1]", /"seeds.json": entry 0/],
    ["no id", '[{"data":{}}]', /entry 0: id/],
    ["an empty id", '[{"id":""}]', /entry 0: id/],
    ["a number as id", '[{"id":7}]', /entry 0: id/],
    [
      "data that is no object",
      '[{"id":"a"},{"id":"b","data":[]}]',
      /entry 1: data/,
    ],
    ["a state that is no text", '[{"id":"a","state":1}]', /entry 0: state/],
    [
      "one id twice",
      '[{"id":"a"},{"id":"a"}]',
      /entry 1 has the id "a" once more/,
    ],
    [
      "a number out of bounds",
      '[{"id":"a","data":{"x":1e999}}]',
      /entry 0: data/,
    ],
  ] as const
) {
  Deno.test(`api.handler does not start with seeds that have ${what}`, async () => {
    await using seeds = await withSeeds(text);
    await assert.rejects(startOrders(CONFIG, { folder: seeds.folder }), {
      message,
    });
  });
}

Deno.test("api.handler does not start without its seed file", async () => {
  await assert.rejects(
    startOrders(CONFIG, { folder: "/nowhere/" }),
    { message: /Cannot load the seeds "seeds.json"/ },
  );
});

Deno.test("parseSeeds() lets further fields through and fills in what is absent", () => {
  const [seed] = parseSeeds("x.json", '[{"id":"a","lastUpdate":"now"}]');
  assert.deepEqual(seed, { id: "a", data: {}, state: undefined });
});
