/**
 * What the tests of the processor share: a document with one processor, and a
 * handler whose work each test decides.
 *
 * @module
 */
import { z } from "zod";
import { defineModule, type JsonObject } from "@engine/define.ts";
import type { Message } from "@engine/services/broker.ts";
import {
  EventProcessor,
  type SubmittedEvent,
} from "@engine/services/event_processor.ts";
import { MessageHandler } from "@engine/services/message_handler.ts";
import type { SimulatedEffects } from "@engine/simulation/effects.ts";
import type { Store } from "@engine/store/store.ts";
import { startApplication } from "@engine/testing.ts";
import event from "../../workflows/types/event.ts";
import processor from "./processor.ts";

/** What a test does when a handler is told of a match. */
export type Work = (message: Message, name: string) => void | Promise<void>;

/** A type of module that hands its messages to the test. */
export function handlerType(work: Work) {
  return defineModule({
    type: "test.handler",
    summary: "Do what the test says",
    stability: "experimental",
    config: z.strictObject({}),
    provides: [MessageHandler],
    examples: [],
    create: (_, { name }) => ({
      receive: async (message) => await work(message, name),
    }),
  });
}

type Entry = Readonly<Record<string, unknown>>;

/** Three failures within five minutes. */
export const FAILURES: Entry = {
  patternId: "failures",
  eventTypes: ["failed"],
  windowTime: "5m",
  condition: "count",
  minOccurs: 3,
};

/** What a test starts with. */
export interface Parts {
  readonly patterns?: readonly Entry[];
  readonly handlers?: readonly Entry[];
  readonly config?: Entry;
  readonly work?: Work;
  readonly store?: Store;
  readonly effects?: SimulatedEffects;
  readonly isShared?: boolean;
}

/** A document with one processor and the handlers "alarm" and "audit". */
export function document(
  {
    patterns = [FAILURES],
    handlers = [{ patternId: "failures", handler: "alarm" }],
    config = {},
  }: Parts = {},
) {
  return {
    modules: [
      { name: "events", type: "event.processor", config },
      { name: "alarm", type: "test.handler" },
      { name: "audit", type: "test.handler" },
    ],
    workflows: { event: { processor: "events", patterns, handlers } },
  };
}

/** Starts it. `told` holds what handlers were told, whatever they made of it. */
export async function start(parts: Parts = {}) {
  const told: { readonly name: string; readonly message: Message }[] = [];
  const { store, effects, isShared = false, work = () => {} } = parts;
  const handler = handlerType(async (message, name) => {
    told.push({ name, message });
    await work(message, name);
  });
  const app = await startApplication({
    document: document(parts),
    definitions: [processor, handler, event],
    isShared,
    ...store === undefined ? {} : { store },
    ...effects === undefined ? {} : { effects },
  });
  const events = app.service(EventProcessor);
  return {
    ...app,
    told,
    processor: events,
    /** Submits and lets the handlers finish what is due. */
    async submit(
      eventType: string,
      correlationId = "s1",
      more: Partial<SubmittedEvent> = {},
    ): Promise<string[]> {
      const matches = await events.submit({
        eventType,
        correlationId,
        data: {},
        ...more,
      });
      await events.idle();
      return matches.map(({ patternId }) => patternId);
    },
    /** What went wrong, in the order in which it was said. */
    complaints: () =>
      app.engine.events.since(0)
        ?.filter(({ severity }) => severity !== "info" && severity)
        .map(({ severity, message }) => `${severity} ${message}`) ?? [],
    counts: () =>
      told.map(({ name, message }) => {
        const { patternId, eventsCount, key } = message.payload as JsonObject;
        return `${name} ${patternId} ${eventsCount} ${key}`;
      }),
  };
}

/** The rows of the processor of a kind. */
export async function rows(store: Store, kind: string) {
  const prefix = ["app", "test", "event", "events", kind];
  return await Array.fromAsync(store.list({ prefix }));
}
