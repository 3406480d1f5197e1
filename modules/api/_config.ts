/**
 * The config of the resource handler, and the defaults that it shares with the
 * original engine. A default names a transition, never a domain: it applies only
 * where the definition has that transition.
 *
 * @module
 */
import { path, ref } from "@engine/define.ts";
import { Broker } from "@engine/services/broker.ts";
import { Persistence } from "@engine/services/persistence.ts";
import { StateMachines } from "@engine/services/state_machines.ts";
import { z } from "zod";

/** The most resources that one list answers; also the default. */
export const LIST_ITEMS_MAX = 1_000;

/** How many waiting resources make a group of a view an alert. */
const ALERT_THRESHOLD = 10;

/** The transition that is fired first where the config names none. */
export const DEFAULT_INITIAL_TRANSITION = "start_validation";

/** The transitions that sub-actions stand for where the config names none. */
export const DEFAULT_TRANSITIONS: Readonly<Record<string, readonly string[]>> =
  {
    assign: ["assign_responder"],
    transfer: ["transfer_to_responder"],
    escalate: ["escalate_to_medical", "escalate_to_police"],
    "wrap-up": ["begin_wrap_up"],
    close: ["close_from_active", "close_from_wrap_up", "close_from_followup"],
    "follow-up": ["schedule_follow_up"],
    survey: ["send_entry_survey"],
  };

const text = z.string().optional();
const names = z.union([z.string().min(1), z.array(z.string().min(1))]);
const transition = z.string().min(1).meta({ scope: "action" });

/** What a document may say about a resource handler. */
export const handlerConfig = z.strictObject({
  resourceName: z.string().min(1).max(100).default("resources").describe(
    "What the resources are called where they are kept, in events and in mappings",
  ),
  workflowType: text.meta({ scope: "workflow" }).describe(
    "The state machine definition that each resource runs through; its state is the state of the resource",
  ),
  workflowEngine: ref(StateMachines, { implied: { when: "workflowType" } })
    .optional().describe("The module that keeps the state machines"),
  initialTransition: z.string().default(DEFAULT_INITIAL_TRANSITION).describe(
    "The transition that is fired when a resource is created, if the definition has it from its initial state",
  ).meta({ scope: "action" }),
  instanceIDPrefix: z.string().max(200).default("").describe(
    "Stands before the id of a resource to make the id of its state machine instance; ~ and a new id follow where that one is taken",
  ),
  instanceIDField: z.string().default("id").describe(
    'The field whose text, with the prefix, is the id of the instance; with "id" it is the id of the resource',
  ),
  seedFile: path().optional().describe(
    "A JSON file with a list of {id, data, state}; each is created once, at the first start that finds it absent",
  ),
  sourceResourceName: text.describe(
    "Makes the handler a view that reads the resources of this name and writes none",
  ),
  stateFilter: text.describe("Lists only resources in this state"),
  fieldMapping: z.record(z.string(), names).default({}).describe(
    "What the data calls id, state, createdAt or any other name of this config: a field, or several of which the first that is present is read",
  ).meta({ examples: [{ id: "orderNumber" }] }),
  transitionMap: z.record(
    z.string(),
    z.union([transition, z.array(transition)]),
  ).default({}).describe(
    "The transition that a sub-action, the last word of POST …/{id}/{action}, fires: one, or several of which the first from the present state is taken; without an entry it is the transition of the same name",
  ).meta({ examples: [{ approve: "approve_order" }] }),
  appendActions: z.record(z.string(), z.string().min(1)).default({}).describe(
    "Sub-actions that append what is sent to a list of the resource, each with the field that holds the list",
  ).meta({ examples: [{ comment: "comments" }] }),
  summaryFields: z.array(z.string()).default([]).describe(
    "The fields that GET …/{id}/summary shows, of the resource or else of its state machine instance; without any it shows all of the resource but objects and lists of objects",
  ),
  publishEvents: z.boolean().default(true).describe(
    "Publishes each change to the topic that is resourceName with -events behind it",
  ),
  broker: ref(Broker, { conventional: ["message-broker"] }).optional()
    .describe("The broker that carries the events"),
  persistence: ref(Persistence, { conventional: ["persistence"] }).optional()
    .describe(
      "The module that keeps the resources; the engine's store without one",
    ),
  adminRole: z.string().min(1).default("admin").describe(
    "Who has this value in the claim role or roles sees and changes the resources of everybody",
  ),
  scopeClaims: z.record(z.string(), z.string().min(1)).default({}).describe(
    "Claims of the token, each with a field: a caller sees and writes only resources whose field is among the values of the claim",
  ).meta({ examples: [{ tenant: "tenantId" }] }),
  groupField: text.describe(
    "The field by which the health of a view is grouped, such as programId",
  ),
  alertThreshold: z.int().min(1).default(ALERT_THRESHOLD).meta({
    unit: "count",
  }).describe("How many resources in one group of a view count as an alert"),
});

/** A checked config. */
export type HandlerConfig = z.output<typeof handlerConfig>;
