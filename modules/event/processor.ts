/**
 * Finds patterns in events: so many within a time, all of some, or one after the
 * other. What the patterns are comes from `workflows.event`.
 *
 * @module
 */
import { z } from "zod";
import { defineModule, duration, durationMs } from "@engine/define.ts";
import { Actions } from "@engine/services/actions.ts";
import { EventProcessor } from "@engine/services/event_processor.ts";
import { notPositive } from "../_positive_duration.ts";
import { Processor } from "./_processor.ts";
import { actingOn, processorActions } from "./_processor_actions.ts";

export default defineModule({
  type: "event.processor",
  summary: "Finds patterns in events that belong together, across restarts",
  stability: "beta",
  config: z.strictObject({
    bufferSize: z.int().min(1).max(10_000).default(1_000).describe(
      "Events that are remembered of one key (a correlation id, else a source id); a further one pushes out the oldest",
    ).meta({ unit: "count" }),
    bufferSizeTotal: z.int().min(1).max(10_000_000).default(100_000).describe(
      "Events that are remembered of all keys; a further one is refused until others have left their window",
    ).meta({ unit: "count" }),
    cleanupInterval: duration().default("5m").describe(
      "How often keys whose events have left every window are removed",
    ),
  }),
  check: ({ cleanupInterval }) => notPositive({ cleanupInterval }),
  provides: [EventProcessor, Actions],
  actions: processorActions,
  examples: [{
    title:
      "Notice three failed sign-ins of one browser session within five minutes",
    modules: [
      { name: "events", type: "messaging.broker" },
      {
        name: "patterns",
        type: "event.processor",
        config: { bufferSize: 100, cleanupInterval: "1m" },
      },
      { name: "security", type: "messaging.handler" },
    ],
    workflows: {
      event: {
        processor: "patterns",
        patterns: [{
          patternId: "brute-force",
          eventTypes: ["user.login.failed"],
          windowTime: "5m",
          condition: "count",
          minOccurs: 3,
        }],
        handlers: [{ patternId: "brute-force", handler: "security" }],
        adapters: [{
          broker: "events",
          topics: ["user.login.failed"],
          eventType: "security.event",
          correlIdKey: "sessionId",
        }],
      },
    },
  }],
  create({ bufferSize, bufferSizeTotal, cleanupInterval }, host) {
    const cleanupIntervalMs = durationMs(cleanupInterval);
    const settings = { bufferSize, bufferSizeTotal, cleanupIntervalMs };
    const processor = new Processor(settings, host);
    return Object.assign(processor, actingOn(processor));
  },
});
