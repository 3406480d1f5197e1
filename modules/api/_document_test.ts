/**
 * The documents that the tests of this folder start: one resource handler behind
 * every route that it can serve, with or without a state machine.
 *
 * @module
 */
import { defineModule } from "@engine/define.ts";
import { HttpMiddleware } from "@engine/services/http_middleware.ts";
import { chunkedValues } from "@engine/store/chunked.ts";
import { groupCommit } from "@engine/store/group_commit.ts";
import { memoryStore } from "@engine/store/memory.ts";
import { startApplication, type TestOptions } from "@engine/testing.ts";
import type { SimulatedEffects } from "@engine/simulation/effects.ts";
import { z } from "zod";
import http from "../../workflows/types/http.ts";
import messaging from "../../workflows/types/messaging.ts";
import statemachine from "../../workflows/types/statemachine.ts";
import router from "../http/router.ts";
import server from "../http/server.ts";
import broker from "../messaging/broker.ts";
import messageHandler from "../messaging/handler.ts";
import persistence from "../persistence/store.ts";
import machines from "../statemachine/engine.ts";
import handler from "./handler.ts";

/** Takes the claims from a header, as if a token had been verified. */
const claims = defineModule({
  type: "test.claims",
  summary: "Trust the header x-claims",
  stability: "experimental",
  config: z.strictObject({}),
  provides: [HttpMiddleware],
  examples: [],
  create: () => ({
    process(context, next) {
      const text = context.request.headers.get("x-claims");
      if (text !== null) context.claims = JSON.parse(text);
      return next();
    },
  }),
});

export const DEFINITIONS = [
  server,
  router,
  handler,
  persistence,
  machines,
  broker,
  messageHandler,
  http,
  messaging,
  statemachine,
  claims,
];

/** The order workflow of the tests, in the form of a document. */
export const ORDER_WORKFLOW = {
  name: "order-workflow",
  initialState: "new",
  states: {
    new: {},
    checked: {},
    paid: {},
    shipped: { isFinal: true },
    cancelled: { isFinal: true },
  },
  transitions: {
    check: { fromState: "new", toState: "checked" },
    pay: { fromState: "checked", toState: "paid" },
    ship: { fromState: "paid", toState: "shipped" },
    cancel: { fromState: "new", toState: "cancelled" },
    cancel_late: { fromState: "checked", toState: "cancelled" },
    audit: {
      fromState: "new",
      toState: "checked",
      condition: "data.sum > 10",
    },
  },
};

/** Every route that a handler of resources can stand behind. */
export function routesTo(handler: string, path: string) {
  const routes: readonly (readonly [string, string])[] = [
    ["GET", path],
    ["POST", path],
    ["GET", `${path}/{id}`],
    ["POST", `${path}/{id}`],
    ["PUT", `${path}/{id}`],
    ["DELETE", `${path}/{id}`],
    ["PUT", `${path}/{id}/transition`],
    ["GET", `${path}/{id}/{part}`],
    ["POST", `${path}/{id}/{part}`],
    ["DELETE", `${path}/{id}/{part}`],
  ];
  return routes.map(([method, path]) => ({
    method,
    path,
    handler,
    middlewares: ["claims"],
  }));
}

/** What makes a document of a test its own. */
export interface DocumentOptions {
  /** The config of the handler `orders`. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly modules?: readonly Readonly<Record<string, unknown>>[];
  readonly routes?: readonly Readonly<Record<string, unknown>>[];
  readonly workflows?: Readonly<Record<string, unknown>>;
  /** Gives the orders their workflow. */
  readonly isMachine?: boolean;
  /** What the definition has other than `ORDER_WORKFLOW`. */
  readonly definition?: Readonly<Record<string, unknown>>;
}

/** A document with the handler `orders` at `/api/orders`. */
export function orderDocument(options: DocumentOptions = {}) {
  const workflow = {
    workflowType: "order-workflow",
    workflowEngine: "machines",
    instanceIDPrefix: "order-",
  };
  return {
    modules: [
      {
        name: "server",
        type: "http.server",
        config: { address: "127.0.0.1:0" },
      },
      { name: "router", type: "http.router" },
      { name: "claims", type: "test.claims" },
      ...options.isMachine
        ? [{ name: "machines", type: "statemachine.engine" }]
        : [],
      {
        name: "orders",
        type: "api.handler",
        config: {
          resourceName: "orders",
          ...options.isMachine ? workflow : {},
          ...options.config,
        },
      },
      ...options.modules ?? [],
    ],
    workflows: {
      http: {
        routes: [
          ...routesTo("orders", "/api/orders"),
          ...options.routes ?? [],
        ],
      },
      ...options.isMachine
        ? {
          statemachine: {
            engine: "machines",
            definitions: [{ ...ORDER_WORKFLOW, ...options.definition }],
          },
        }
        : {},
      ...options.workflows,
    },
  };
}

/** Starts such a document, on a store that has room for the largest body. */
export function startOrders(
  options: DocumentOptions = {},
  rest: Partial<TestOptions<SimulatedEffects>> = {},
) {
  return startApplication({
    document: orderDocument(options),
    definitions: DEFINITIONS,
    store: chunkedValues(groupCommit(memoryStore())),
    ...rest,
  });
}

/** What a client sees of an answer. */
export async function seen(
  response: Response | Promise<Response>,
  // deno-lint-ignore no-explicit-any -- tests look at whatever comes back
): Promise<{ status: number; body: any; headers: Headers }> {
  const { status, headers, body } = await response;
  const text = body === null ? "" : await new Response(body).text();
  return { status, headers, body: text === "" ? undefined : JSON.parse(text) };
}

/** The header that makes a caller of claims. */
export function as(claims: Readonly<Record<string, unknown>>) {
  return { "x-claims": JSON.stringify(claims) };
}
