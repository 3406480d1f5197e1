/**
 * What steps of pipelines can ask an event processor to do.
 *
 * @module
 */
import { z } from "zod";
import type { ActionDefinition } from "@engine/define.ts";
import type { Actions } from "@engine/services/actions.ts";
import type {
  EventProcessor,
  SubmittedEvent,
} from "@engine/services/event_processor.ts";

const submitInput = z.strictObject({
  eventType: z.string().min(1).describe("What has happened").meta({
    examples: ["user.login.failed"],
  }),
  sourceId: z.string().min(1).optional().describe("Where it has happened"),
  correlationId: z.string().min(1).optional().describe(
    "What it belongs to: events of one such id make up patterns",
  ),
  data: z.record(z.string(), z.unknown()).default({}).describe("Its fields"),
  patternId: z.string().min(1).optional().describe(
    "Count it for this pattern only",
  ),
});

const match = z.strictObject({
  id: z.string().describe("The match"),
  patternId: z.string().describe("The pattern"),
  key: z.string().describe("What its events belong to"),
  eventsCount: z.int().describe("How many events there are").meta({
    unit: "count",
  }),
});

/** The actions, by name. */
export const processorActions = {
  submit: {
    summary: "Submits an event, which counts once for each step of a run",
    input: submitInput,
    output: z.strictObject({
      matches: z.array(match).describe(
        "The matches that it completes; none if the step has run before",
      ),
    }),
  },
} satisfies Readonly<Record<string, ActionDefinition>>;

/** Does the actions. */
export function actingOn(processor: Pick<EventProcessor, "submit">): Actions {
  return {
    async act(_action, input, { idempotencyKey }) {
      const { data, ...event } = submitInput.parse(input);
      const matches = await processor.submit({
        ...event,
        // The input was JSON, and its schema leaves the data as they are.
        data: data as SubmittedEvent["data"],
        sourceId: event.sourceId,
        id: idempotencyKey,
      });
      return {
        matches: matches.map(({ id, patternId, key, eventsCount }) => ({
          ...{ id, patternId, key, eventsCount },
        })),
      };
    },
  };
}
