/**
 * What the tests of the event section share: a document with two processors, a
 * broker, what may handle matches, and a state machine.
 *
 * @module
 */
import { z } from "zod";
import { createCatalog } from "@engine/catalog.ts";
import { defineModule, type JsonObject } from "@engine/define.ts";
import { load } from "@engine/load.ts";
import { Broker } from "@engine/services/broker.ts";
import { EventProcessor } from "@engine/services/event_processor.ts";
import { Executor } from "@engine/services/executor.ts";
import { StateMachines } from "@engine/services/state_machines.ts";
import { startApplication } from "@engine/testing.ts";
import processor from "../../modules/event/processor.ts";
import router from "../../modules/http/router.ts";
import broker from "../../modules/messaging/broker.ts";
import handler from "../../modules/messaging/handler.ts";
import engine from "../../modules/statemachine/engine.ts";
import event from "./event.ts";
import statemachine from "./statemachine.ts";

export type Entry = Readonly<Record<string, unknown>>;

/** What executors were run with. */
export type Ran = { params: JsonObject; key: string }[];

function executorType(ran: Ran) {
  return defineModule({
    type: "test.executor",
    summary: "Note what it is run with",
    stability: "stable",
    config: z.strictObject({}),
    provides: [Executor],
    examples: [],
    create: () => ({
      isolation: "none" as const,
      execute: (params, { idempotencyKey }) => {
        ran.push({ params, key: idempotencyKey });
        return Promise.resolve(null);
      },
    }),
  });
}

export function definitionsWith(ran: Ran) {
  const own = [broker, handler, processor, event, router];
  return [...own, engine, statemachine, executorType(ran)];
}

export const FAILURES: Entry = {
  patternId: "failures",
  eventTypes: ["user.login.failed"],
  windowTime: "5m",
  minOccurs: 2,
};

const INCIDENT: Entry = {
  name: "incident",
  initialState: "new",
  states: { new: {}, open: {}, closed: { isFinal: true } },
  transitions: {
    raise: { fromState: "new", toState: "open" },
    close: { fromState: "open", toState: "closed" },
  },
};

export function documentOf(section: Entry) {
  return {
    modules: [
      { name: "events", type: "messaging.broker" },
      { name: "patterns", type: "event.processor" },
      { name: "more", type: "event.processor" },
      {
        name: "alarm",
        type: "messaging.handler",
        config: { logPayload: true },
      },
      { name: "code", type: "test.executor" },
      { name: "router", type: "http.router" },
      { name: "machines", type: "statemachine.engine" },
    ],
    workflows: {
      event: { processor: "patterns", patterns: [FAILURES], ...section },
      statemachine: { engine: "machines", definitions: [INCIDENT] },
    },
  };
}

export async function start(section: Entry = {}) {
  const ran: Ran = [];
  const app = await startApplication({
    document: documentOf(section),
    definitions: definitionsWith(ran),
  });
  const submit = async (eventType: string, correlationId = "s1") => {
    const events = app.service(EventProcessor, "patterns");
    const matches = await events.submit({ eventType, correlationId, data: {} });
    await app.effects.advance(0);
    return matches.map(({ patternId }) => patternId);
  };
  const publish = async (topic: string, payload: unknown) => {
    await app.service(Broker).publish(topic, payload as JsonObject);
    await app.effects.advance(0);
  };
  const matched: string[] = [];
  app.service(EventProcessor, "patterns").onMatch((match) =>
    void matched.push(`${match.patternId} ${match.eventsCount} ${match.key}`)
  );
  const machines = app.service(StateMachines);
  return { ...app, ran, submit, publish, matched, machines };
}

export function problems(section: Entry, strict = false) {
  const document = { ...documentOf(section), strict };
  const sources = { env: () => undefined, secrets: new Map<string, string>() };
  const catalog = createCatalog(definitionsWith([]));
  return load(JSON.stringify(document, null, 2), {
    catalog,
    file: "a.yaml",
    sources,
  }).problems;
}

/** The problems of a section, as `severity code path: nearest`. */
export function faults(section: Entry): string[] {
  return problems(section).map(({ severity, code, path, nearest }) =>
    `${severity} ${code} ${path.replace("workflows.event.", "")}` +
    (nearest === undefined ? "" : `: ${nearest}`)
  );
}
