import assert from "node:assert/strict";
import {
  StateTracker,
  type TrackedState,
} from "@engine/services/state_tracker.ts";
import { startApplication } from "@engine/testing.ts";
import tracker, { TRACKED_MAX } from "./tracker.ts";

async function start() {
  const app = await startApplication({
    document: { modules: [{ name: "states", type: "state.tracker" }] },
    definitions: [tracker],
  });
  return Object.assign(app, { states: app.service(StateTracker) });
}

Deno.test("state.tracker knows the present and the previous state", async () => {
  await using app = await start();
  const { states, effects } = app;
  assert.equal(states.get("orders", "o1"), undefined);
  states.set("orders", "o1", "new", { total: 1 });
  await effects.advance(1_000);
  states.set("orders", "o1", "paid");
  assert.deepEqual(states.get("orders", "o1"), {
    id: "o1",
    resourceType: "orders",
    currentState: "paid",
    previousState: "new",
    updatedAt: effects.clock.now(),
  });
});

Deno.test("state.tracker replaces the data and keeps the previous state of the same state", async () => {
  await using app = await start();
  app.states.set("orders", "o1", "new", { total: 1 });
  app.states.set("orders", "o1", "paid", { total: 2 });
  app.states.set("orders", "o1", "paid", { total: 3 });
  const { updatedAt: _, ...state } = app.states.get("orders", "o1") ?? {};
  assert.deepEqual(state, {
    id: "o1",
    resourceType: "orders",
    currentState: "paid",
    previousState: "new",
    data: { total: 3 },
  });
});

Deno.test("state.tracker tells of changes, and only of changes", async () => {
  await using app = await start();
  const { states } = app;
  const told: string[] = [];
  const note = (who: string) => ({ id, currentState }: TrackedState) => {
    told.push(`${who} ${id} ${currentState}`);
  };
  const stopOrders = states.onChange("orders", note("orders"));
  states.onChange("*", () => {
    throw new Error("a broken listener");
  });
  states.onChange("*", note("all"));
  states.set("orders", "o1", "new");
  states.set("orders", "o1", "new", { total: 1 });
  states.set("parcels", "p1", "packed");
  stopOrders();
  states.set("orders", "o1", "paid");
  assert.deepEqual(told, [
    "orders o1 new",
    "all o1 new",
    "all p1 packed",
    "all o1 paid",
  ]);
  const errors = app.logs.filter(({ level }) => level === "error");
  assert.equal(errors.length, 3);
});

Deno.test("state.tracker does not mix up types and ids", async () => {
  await using app = await start();
  app.states.set("a", 'b" c', "one");
  app.states.set('a" b', "c", "two");
  assert.equal(app.states.get("a", 'b" c')?.currentState, "one");
  assert.equal(app.states.get('a" b', "c")?.currentState, "two");
});

Deno.test("state.tracker forgets what changed longest ago", async () => {
  await using app = await start();
  app.states.set("orders", "first", "new");
  app.states.set("orders", "second", "new");
  for (let n = 2; n < TRACKED_MAX; n++) {
    app.states.set("orders", `o${n}`, "new");
  }
  app.states.set("orders", "first", "paid");
  app.states.set("orders", "one more", "new");
  assert.equal(app.states.get("orders", "first")?.currentState, "paid");
  assert.equal(app.states.get("orders", "second"), undefined);
});
