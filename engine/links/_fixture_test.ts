/**
 * What the tests of links share: documents in one engine, over a store that may
 * die, and a workflow that keeps what it is asked.
 *
 * @module
 */
import assert from "node:assert/strict";
import { z } from "zod";
import { catalog } from "../../catalog.gen.ts";
import { createCatalog } from "../catalog.ts";
import {
  type AnyDefinition,
  defineWorkflowType,
  type JsonObject,
} from "../define.ts";
import { boot } from "../engine.ts";
import { Broker } from "../services/broker.ts";
import { StateMachines } from "../services/state_machines.ts";
import { simulatedEffects } from "../simulation/effects.ts";
import { memoryStore } from "../store/memory.ts";
import type { Store } from "../store/store.ts";

/** What a recorder was asked: action, data, idempotency key. */
export type Asked = [string, JsonObject, string | undefined][];

type Documents = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Runs documents in one engine, over a store that may have been used before. */
export async function start(
  documents: Documents,
  { store, effects = simulatedEffects(), more = [], isShared = false }: {
    readonly store?: Store;
    readonly effects?: ReturnType<typeof simulatedEffects>;
    readonly more?: readonly AnyDefinition[];
    readonly isShared?: boolean;
  } = {},
) {
  const kept = store ?? memoryStore({ now: effects.clock.now });
  const logs: { level: string; message: string }[] = [];
  const definitions = [
    ...catalog.modules.values(),
    ...catalog.workflows.values(),
    ...catalog.triggers.values(),
    ...more,
  ];
  const engine = await boot({
    catalog: createCatalog(definitions),
    documents: Object.entries(documents).map(([id, document]) => ({
      file: `${id}.yaml`,
      text: JSON.stringify(document),
    })),
    store: kept,
    effects,
    isShared,
    log: (level, message) => logs.push({ level, message }),
    secrets: { env: () => undefined, file: () => Promise.resolve(undefined) },
  });
  const find = (id: string) => {
    const application = engine.application(id);
    assert.ok(application, id);
    return application;
  };
  return {
    engine,
    effects,
    store: kept,
    logs,
    warnings: () =>
      logs.filter(({ level }) => level === "warn").map(({ message }) =>
        message
      ),
    errors: () =>
      logs.filter(({ level }) => level === "error").map(({ message }) =>
        message
      ),
    broker(id: string): Broker {
      const [first] = find(id).all(Broker);
      assert.ok(first);
      return first.service;
    },
    machines(id: string): StateMachines {
      const [first] = find(id).all(StateMachines);
      assert.ok(first);
      return first.service;
    },
    find,
    [Symbol.asyncDispose]: () => engine.stop(),
  };
}

/** A workflow type that keeps what it is asked, or fails as told. */
export function recorder(
  asked: Asked,
  fail: () => Error | undefined = () => undefined,
) {
  return defineWorkflowType({
    type: "test",
    summary: "Keeps what it is asked",
    config: z.strictObject({}),
    wire: () => ({
      unwire() {},
      execute(action, data, _workflow, options) {
        const error = fail();
        if (error) return Promise.reject(error);
        asked.push([action, data, options?.idempotencyKey]);
        return Promise.resolve({});
      },
    }),
  });
}

export const BROKER = { name: "events", type: "messaging.broker" };
export const TAKES = { modules: [], workflows: { test: {} } };

/** A document whose machine goes from `new` to `next` by `go`. */
export function machine(name: string, next: string, more: object[] = []) {
  return {
    modules: [{ name: "engine", type: "statemachine.engine" }, ...more],
    workflows: {
      statemachine: {
        definitions: [{
          name,
          initialState: "new",
          states: { new: {}, [next]: {} },
          transitions: { [`go_${name}`]: { fromState: "new", toState: next } },
        }],
      },
    },
  };
}

/** A store that takes `commits` more commits once it is armed; then it is gone. */
export function dyingStore(store: Store) {
  let left = Infinity;
  const dying: Store = {
    limits: store.limits,
    get: (key) => store.get(key),
    getMany: (keys) => store.getMany(keys),
    list: (range, options) => store.list(range, options),
    watch: (keys, signal) => store.watch(keys, signal),
    close: () => store.close(),
    commit: (batch) =>
      left-- > 0
        ? store.commit(batch)
        : Promise.reject(new Error("The process is gone")),
  };
  return { store: dying, dieAfter: (commits: number) => void (left = commits) };
}
