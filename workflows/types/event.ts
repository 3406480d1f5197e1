/**
 * The part of a document that says which patterns of events are looked for,
 * where the events come from, and what is done about a match.
 *
 * @module
 */
import { z } from "zod";
import {
  defineWorkflowType,
  duration,
  durationMs,
  type Host,
  type JsonObject,
  ref,
  refAny,
} from "@engine/define.ts";
import { Broker, TOPIC_CHARACTERS_MAX } from "@engine/services/broker.ts";
import {
  EVENT_TYPE_CHARACTERS_MAX,
  type EventPattern,
  EventProcessor,
  PATTERN_CONDITIONS,
} from "@engine/services/event_processor.ts";
import { Executor } from "@engine/services/executor.ts";
import { MessageHandler } from "@engine/services/message_handler.ts";
import { adapt } from "./_event_adapter.ts";
import { checkEvents } from "./_event_check.ts";
import { patternHandler } from "./_pattern_handler.ts";
import { submitEvent } from "./_submit_event.ts";

/** Patterns, handlers and adapters of a section, at most, of each. */
export const ENTRIES_MAX = 200;

const eventType = z.string().min(1).max(EVENT_TYPE_CHARACTERS_MAX);

const patternId = z.string().min(1).max(100);

const pattern = z.strictObject({
  patternId: patternId.describe("Its name, which no other pattern has"),
  eventTypes: z.array(eventType).min(1).max(100).describe(
    "The events that count: those whose type or category is one of these; for a sequence, in this order",
  ).meta({ examples: [["user.login.failed"]] }),
  windowTime: duration().describe(
    "How long ago an event may be at most in order to count",
  ),
  condition: z.enum(PATTERN_CONDITIONS).default("").describe(
    "What the events must be beside so many: all (each type is there), sequence (the types are there in their order, with anything in between), count or nothing (the number is all that matters)",
  ),
  minOccurs: z.int().min(0).default(1).describe(
    "So many events at least, of all types together; a match has one in any case",
  ).meta({ unit: "count" }),
  maxOccurs: z.int().min(0).default(0).describe(
    "So many events at most; 0 for any number",
  ).meta({ unit: "count" }),
  orderMatters: z.boolean().default(false).describe(
    "Whether the types must be there in their order, whatever the condition",
  ),
  consume: z.boolean().default(true).describe(
    "Whether a match uses up its events, and all before them, for this pattern; if not, each further event of its types matches again while the window holds",
  ),
  extraParams: z.record(z.string(), z.unknown()).default({}).describe(
    "Fields that handlers get beside those of the match",
  ),
});

const handler = z.strictObject({
  patternId: patternId.describe("The pattern whose matches are handled").meta({
    scope: "pattern",
  }),
  handler: refAny([MessageHandler, Executor], {
    edge: { kind: "hook", source: "processor", label: ["patternId"] },
  }).optional().describe(
    "The module that is told of each match: as a message, or as the params of its code",
  ),
  workflow: z.string().min(1).optional().meta({ scope: "workflow" }).describe(
    "In place of a module: the workflow that each match runs",
  ),
  action: z.string().min(1).optional().meta({ scope: "action" }).describe(
    "What the workflow is to do: of a state machine a transition",
  ),
  instance: z.enum(["match", "key"]).default("match").describe(
    "The id that the workflow gets: that of the match, so that each begins an instance of its own, or the key of its events, which may be the id of an instance",
  ),
});

const adapter = z.strictObject({
  broker: ref(Broker).describe("The broker that carries the messages"),
  topics: z.array(z.string().min(1).max(TOPIC_CHARACTERS_MAX)).min(1).describe(
    "What to subscribe to; a topic that a pattern names is the type of its events",
  ).meta({ examples: [["user.login.failed"]] }),
  eventType: eventType.describe(
    "The category of the events, by which patterns find them as well; it is also the type of those whose topic, type and eventType no pattern names",
  ),
  sourceIdKey: z.string().min(1).optional().describe(
    "The field of a message that says where it comes from",
  ),
  correlIdKey: z.string().min(1).optional().describe(
    "The field of a message whose value it shares with those it is combined with; without a value the source id serves",
  ),
});

const config = z.strictObject({
  processor: ref(EventProcessor, {
    conventional: ["eventProcessor"],
    needed: true,
  }).optional().describe("The module that finds the patterns"),
  patterns: z.array(pattern).min(1).max(ENTRIES_MAX).describe(
    "What to look for in the events of each key",
  ),
  handlers: z.array(handler).max(ENTRIES_MAX).default([]).describe(
    "What is done about matches, at least once for each; all handlers of a pattern are told",
  ),
  adapters: z.array(adapter).max(ENTRIES_MAX).default([]).describe(
    "Which messages are events",
  ),
});

type Config = z.output<typeof config>;

export default defineWorkflowType({
  type: "event",
  summary: "Finds patterns in events and says what is done about them",
  config,
  check: ({ patterns, handlers }) => checkEvents(patterns, handlers),
  wire(config, host) {
    const { processor: name } = config;
    if (name === undefined) {
      throw new TypeError("Cannot wire event: it has no processor");
    }
    const processor = host.use(name);
    const undo = [
      processor.define(
        config.patterns.map(asPattern),
        config.handlers.flatMap((entry) => handlerOf(entry, config, host)),
      ),
      ...config.adapters.map((entry) => subscribe(entry, processor, host)),
    ];
    return {
      execute: (action, data, _workflow, options) =>
        submitEvent({
          processor: name,
          host,
          action,
          data,
          idempotencyKey: options?.idempotencyKey,
        }),
      unwire() {
        for (const undoOne of undo.toReversed()) undoOne();
      },
    };
  },
});

function asPattern(
  { patternId: id, windowTime, extraParams: _, ...rest }:
    Config["patterns"][number],
): EventPattern {
  return { ...rest, id, windowMs: durationMs(windowTime) };
}

/** A handler ready to be called; nothing where its module cannot be found. */
function handlerOf(
  entry: Config["handlers"][number],
  { patterns }: Config,
  host: Host,
) {
  const { patternId, handler: name } = entry;
  const pattern = patterns.find((one) => one.patternId === patternId);
  const extraParams = (pattern?.extraParams ?? {}) as JsonObject;
  const found = patternHandler(entry, extraParams, host);
  if (found !== undefined) return [found];
  tell(
    host,
    `Matches of "${patternId}" are not handled by "${name}": no module of ` +
      "this name takes messages or runs code",
  );
  return [];
}

function subscribe(
  entry: Config["adapters"][number],
  processor: EventProcessor,
  host: Host,
): () => void {
  if (host.provides(entry.broker, Broker)) return adapt(entry, processor, host);
  tell(
    host,
    `No events come from "${entry.topics.join('", "')}": ` +
      `no broker is called "${entry.broker}"`,
  );
  return () => {};
}

/** Says what is left out of a document that may have gaps. */
function tell(host: Host, message: string): void {
  host.log.warn(message);
  host.notify("notice", { message, severity: "warning" });
}
