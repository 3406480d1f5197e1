/**
 * What becomes of a message whose workflow turns it away for the moment, by kind
 * of broker.
 */
import assert from "node:assert/strict";
import { z } from "zod";
import { defineWorkflowType, type DispatchOptions } from "@engine/define.ts";
import { RetryableError } from "@engine/errors.ts";
import { Broker } from "@engine/services/broker.ts";
import { startApplication } from "@engine/testing.ts";
import { simulatedEffects } from "../../engine/simulation/effects.ts";
import { memoryStore } from "../../engine/store/memory.ts";
import eventbusModule from "../../modules/eventbus/modular.ts";
import broker from "../../modules/messaging/broker.ts";
import event from "./event.ts";
import eventbus from "./eventbus.ts";

const BROKERS = {
  event: { name: "carrier", type: "messaging.broker" },
  "durable event": {
    ...{ name: "carrier", type: "messaging.broker" },
    config: { durable: true },
  },
  eventbus: { name: "carrier", type: "eventbus.modular" },
} as const;

interface World {
  readonly effects?: ReturnType<typeof simulatedEffects>;
  readonly store?: ReturnType<typeof memoryStore>;
}

/** A workflow that turns everything away until it is told to take it. */
async function start(kind: keyof typeof BROKERS, world: World = {}) {
  const state = { isBusy: true, tries: 0 };
  const keys = new Set<DispatchOptions["idempotencyKey"]>();
  const taken: unknown[] = [];
  const workflow = defineWorkflowType({
    type: "test",
    summary: "Takes things when it can",
    config: z.strictObject({}),
    wire: () => ({
      unwire() {},
      execute(_action, { n }, _workflow, options) {
        state.tries++;
        if (state.isBusy) throw new RetryableError("no room");
        taken.push(n);
        keys.add(options?.idempotencyKey);
        return Promise.resolve({});
      },
    }),
  });
  const trigger = kind === "eventbus" ? "eventbus" : "event";
  const app = await startApplication({
    document: {
      modules: [BROKERS[kind]],
      workflows: { test: {} },
      triggers: {
        [trigger]: {
          broker: "carrier",
          subscriptions: [{ topic: "t", workflow: "test", action: "take" }],
        },
      },
    },
    definitions: [broker, eventbusModule, event, eventbus, workflow],
    ...world,
  });
  return {
    ...{ app, state, taken, keys },
    publish: (n: number) => app.service(Broker).publish("t", { n }),
    [Symbol.asyncDispose]: () => app.stop(),
  };
}

for (const kind of Object.keys(BROKERS) as (keyof typeof BROKERS)[]) {
  Deno.test(`${kind}: a message that is turned away for the moment comes again, in order`, async () => {
    await using test = await start(kind);
    await test.publish(1);
    await test.publish(2);
    await test.app.effects.advance(5_000);
    assert.ok(test.state.tries > 1, `${test.state.tries} tries`);
    test.state.isBusy = false;
    await test.app.effects.advance(120_000);
    assert.deepEqual([test.taken, test.keys.size], [[1, 2], 2]);
  });

  Deno.test(`${kind}: a stop does not wait for what is turned away`, async () => {
    const effects = simulatedEffects();
    const store = memoryStore({ now: effects.clock.now });
    const test = await start(kind, { effects, store });
    await test.publish(1);
    await effects.advance(5_000);
    const { tries } = test.state;
    let isStopped = false;
    void test.app.stop().then(() => isStopped = true);
    await effects.advance(1_500);
    assert.equal(isStopped, true);
    await effects.advance(120_000);
    assert.equal(test.state.tries, tries);
    if (kind !== "durable event") return;
    await using next = await start(kind, { effects, store });
    next.state.isBusy = false;
    await effects.advance(120_000);
    assert.deepEqual(next.taken, [1]);
  });
}
