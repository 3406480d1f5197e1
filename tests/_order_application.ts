/**
 * The application that the tests of crashes and reloads run: orders that are
 * paid, packed and delivered, or declined.
 *
 * @module
 */
import { z } from "zod";
import { type AnyDefinition, defineModule } from "../engine/define.ts";
import { RetryableError } from "../engine/errors.ts";
import { Executor } from "../engine/services/executor.ts";
import apiHandler from "../modules/api/handler.ts";
import router from "../modules/http/router.ts";
import server from "../modules/http/server.ts";
import step from "../modules/processing/step.ts";
import machine from "../modules/statemachine/engine.ts";
import http from "../workflows/types/http.ts";
import statemachine from "../workflows/types/statemachine.ts";

/** Orders behind HTTP, with a hook on most of their transitions. */
export const DOCUMENT = {
  modules: [
    { name: "web", type: "http.server", config: { address: ":0" } },
    { name: "router", type: "http.router" },
    { name: "machines", type: "statemachine.engine" },
    { name: "work", type: "test.work" },
    { name: "more-work", type: "test.work" },
    {
      name: "take-payment",
      type: "processing.step",
      config: {
        componentId: "work",
        successTransition: "accept",
        compensateTransition: "decline",
        successWhen: "result.charged == true",
      },
    },
    {
      name: "print-label",
      type: "processing.step",
      config: { componentId: "work", successTransition: "label" },
    },
    {
      name: "send-parcel",
      type: "processing.step",
      config: { componentId: "work", successTransition: "hand_over" },
    },
    {
      name: "orders",
      type: "api.handler",
      config: {
        resourceName: "orders",
        workflowType: "order",
        workflowEngine: "machines",
        initialTransition: "submit",
        seedFile: "orders.json",
      },
    },
  ],
  workflows: {
    http: {
      routes: [
        { method: "POST", path: "/orders", handler: "orders" },
        { method: "GET", path: "/orders/{id}", handler: "orders" },
        { method: "PUT", path: "/orders/{id}", handler: "orders" },
        { method: "DELETE", path: "/orders/{id}", handler: "orders" },
        { method: "GET", path: "/orders/{id}/history", handler: "orders" },
        { method: "PUT", path: "/orders/{id}/transition", handler: "orders" },
      ],
    },
    statemachine: {
      engine: "machines",
      definitions: [{
        name: "order",
        initialState: "new",
        states: {
          new: {},
          paying: {},
          paid: {},
          declined: { isFinal: true, isError: true },
          packing: {},
          shipped: {},
          delivered: { isFinal: true },
        },
        transitions: {
          submit: { fromState: "new", toState: "paying" },
          accept: { fromState: "paying", toState: "paid" },
          decline: { fromState: "paying", toState: "declined" },
          pack: { fromState: "paid", toState: "packing", autoTransform: true },
          // Nothing but the version of its task keeps it from firing twice.
          label: { fromState: "packing", toState: "packing" },
          hand_over: { fromState: "packing", toState: "shipped" },
          deliver: { fromState: "shipped", toState: "delivered" },
        },
      }],
      hooks: [
        { transitions: ["submit"], handler: "take-payment" },
        { transitions: ["pack"], handler: "print-label" },
        { transitions: ["label"], handler: "send-parcel" },
        // Both merge what they return, without a transition.
        { transitions: ["deliver"], handler: "work" },
        { transitions: ["deliver"], handler: "more-work" },
      ],
    },
  },
};

/** What the seed file `orders.json` holds. */
export const SEEDS = [{
  id: "welcome",
  data: { card: "good" },
  state: "delivered",
}];

/** Lines without a transition are creations, and what the last hooks merge. */
export const HISTORIES = {
  welcome: [":delivered"],
  a: [
    ":new",
    "submit:paying",
    "accept:paid",
    "pack:packing",
    "label:packing",
    "hand_over:shipped",
    "deliver:delivered",
    ":delivered",
    ":delivered",
  ],
  b: [":new", "submit:paying", "decline:declined"],
};

/** The keys of the work on a good and a bad order. */
export const KEYS = ["a/1/0", "a/3/0", "a/4/0", "a/6/0", "a/6/1", "b/1/0"];

/** Work that fails at its first attempt, and how often each piece was done. */
function work(done: Map<string, number>) {
  return defineModule({
    type: "test.work",
    summary: "Do the work of orders",
    stability: "experimental",
    config: z.strictObject({}),
    provides: [Executor],
    examples: [],
    create: () => ({
      isolation: "none" as const,
      // deno-lint-ignore require-await -- an error must be a rejection
      async execute({ card, transitionId }, { idempotencyKey: key }) {
        const times = (done.get(key) ?? 0) + 1;
        done.set(key, times);
        if (times === 1 && transitionId === "submit") {
          throw new RetryableError("Busy", { retryAfterMs: 5_000 });
        }
        return { [`by ${transitionId}`]: key, charged: card === "good" };
      },
    }),
  });
}

/** What the document uses; the work is counted in `done`. */
export function definitions(done: Map<string, number>): AnyDefinition[] {
  return [
    ...[server, router, machine, step, apiHandler, http, statemachine],
    work(done),
  ];
}
