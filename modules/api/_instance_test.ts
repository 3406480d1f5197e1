/**
 * The instance of a resource where several requests are about it at once.
 *
 * @module
 */
import assert from "node:assert/strict";
import { StateMachines } from "@engine/services/state_machines.ts";
import { memoryStore } from "@engine/store/memory.ts";
import type { Batch } from "@engine/store/store.ts";
import { seen, startOrders } from "./_document_test.ts";

Deno.test("api.handler gives each of those an instance that ask for one name at once", async () => {
  const config = { instanceIDField: "number", initialTransition: "check" };
  await using app = await startOrders({ isMachine: true, config });
  const ids = ["1", "2", "3", "4", "5"];
  const created = await Promise.all(
    ids.map((id) =>
      seen(app.request("POST", "/api/orders", { body: { id, number: "n" } }))
    ),
  );
  for (const { status, body } of created) {
    assert.deepEqual([status, body.state], [201, "checked"]);
  }
  const machines = app.service(StateMachines);
  const instances = await Array.fromAsync(machines.list());
  assert.deepEqual(instances.map(({ data }) => data.id).sort(), ids);
  assert.ok(instances.some(({ id }) => id === "order-n"));
  // What is named by nobody at the moment can be named again.
  const { body } = await seen(
    app.request("POST", "/api/orders", { body: { id: "6", number: "m" } }),
  );
  assert.equal(body.state, "checked");
  assert.equal((await machines.get("order-m"))?.data.id, "6");
});

Deno.test("api.handler fires the first transition once, also for who reads meanwhile", async () => {
  const store = memoryStore();
  const { promise: opened, resolve: open } = Promise.withResolvers<void>();
  const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
  const again = { fromState: "new", toState: "new" };
  await using app = await startOrders({
    isMachine: true,
    config: { initialTransition: "again" },
    definition: { transitions: { again } },
  }, {
    store: {
      limits: store.limits,
      get: (key) => store.get(key),
      getMany: (keys) => store.getMany(keys),
      list: (range, options) => store.list(range, options),
      watch: (keys, signal) => store.watch(keys, signal),
      close: () => store.close(),
      async commit(batch: Batch) {
        if (batch.checks?.some(({ key }) => key.at(-1) === "order-1")) {
          reach();
          await opened;
        }
        return await store.commit(batch);
      },
    },
  });
  const posted = app.request("POST", "/api/orders", { body: { id: "1" } });
  await reached;
  const read = app.request("GET", "/api/orders/1");
  await app.effects.advance(0);
  open();
  assert.equal((await posted).status, 201);
  assert.equal((await read).status, 200);
  const history = await app.service(StateMachines).history("order-1");
  assert.deepEqual(
    history.map(({ transition, sequence }) => [sequence, transition]),
    [[0, null], [1, "again"]],
  );
});
