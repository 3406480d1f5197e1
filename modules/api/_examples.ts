/**
 * The examples of the resource handler: whole documents that are booted, asked
 * and shown in the docs.
 *
 * @module
 */
import type { Example, ExampleModule } from "@engine/define.ts";

const server: readonly ExampleModule[] = [
  { name: "server", type: "http.server", config: { address: "127.0.0.1:0" } },
  { name: "router", type: "http.router", dependsOn: ["server"] },
];

const routes = [
  ["GET", "/api/orders"],
  ["POST", "/api/orders"],
  ["GET", "/api/orders/{id}"],
  ["PUT", "/api/orders/{id}"],
  ["DELETE", "/api/orders/{id}"],
];

/** See the module comment. */
export const examples: readonly Example[] = [
  {
    title: "Create, list, replace and delete orders",
    modules: [
      ...server,
      {
        name: "orders",
        type: "api.handler",
        config: { resourceName: "orders" },
      },
    ],
    workflows: {
      http: {
        routes: routes.map(([method, path]) => ({
          method,
          path,
          handler: "orders",
        })),
      },
    },
    exchanges: [
      {
        request: {
          method: "POST",
          path: "/api/orders",
          body: { id: "o1", item: "tea" },
        },
        response: {
          status: 201,
          body: { id: "o1", data: { id: "o1", item: "tea" }, state: "new" },
        },
      },
      {
        request: {
          method: "POST",
          path: "/api/orders",
          body: { id: "o1", item: "coffee" },
        },
        response: {
          status: 409,
          body: { error: 'Cannot create "o1": it exists already' },
        },
      },
      {
        request: {
          method: "PUT",
          path: "/api/orders/o1",
          body: { item: "milk" },
        },
        response: {
          status: 200,
          body: { id: "o1", data: { item: "milk" }, state: "new" },
        },
      },
      {
        request: { method: "GET", path: "/api/orders?item=milk" },
        response: { status: 200, body: [{ id: "o1" }] },
      },
      {
        request: { method: "DELETE", path: "/api/orders/o1" },
        response: { status: 204 },
      },
      {
        request: { method: "GET", path: "/api/orders/o1" },
        response: { status: 404, body: { error: 'Cannot find "o1"' } },
      },
    ],
  },
  {
    title: "Orders that run through a state machine",
    modules: [
      ...server,
      { name: "machines", type: "statemachine.engine" },
      {
        name: "orders",
        type: "api.handler",
        config: {
          resourceName: "orders",
          workflowType: "order-workflow",
          workflowEngine: "machines",
          instanceIDPrefix: "order-",
        },
      },
    ],
    workflows: {
      http: {
        routes: [
          { method: "POST", path: "/api/orders", handler: "orders" },
          { method: "GET", path: "/api/orders/{id}", handler: "orders" },
          {
            method: "PUT",
            path: "/api/orders/{id}/transition",
            handler: "orders",
          },
          {
            method: "POST",
            path: "/api/orders/{id}/{action}",
            handler: "orders",
          },
        ],
      },
      statemachine: {
        engine: "machines",
        definitions: [{
          name: "order-workflow",
          initialState: "new",
          states: { new: {}, paid: {}, shipped: { isFinal: true } },
          transitions: {
            pay: { fromState: "new", toState: "paid" },
            ship: { fromState: "paid", toState: "shipped" },
          },
        }],
      },
    },
    exchanges: [
      {
        request: { method: "POST", path: "/api/orders", body: { id: "o1" } },
        response: { status: 201, body: { id: "o1", state: "new" } },
      },
      {
        request: {
          method: "PUT",
          path: "/api/orders/o1/transition",
          body: { transition: "ship" },
        },
        response: {
          status: 400,
          body: { success: false, id: "o1", instanceId: "order-o1" },
        },
      },
      {
        request: {
          method: "PUT",
          path: "/api/orders/o1/transition",
          body: { transition: "pay" },
        },
        response: {
          status: 200,
          body: { success: true, instanceId: "order-o1", state: "paid" },
        },
      },
      {
        request: {
          method: "POST",
          path: "/api/orders/o1/ship",
          body: { carrier: "post" },
        },
        response: { status: 200, body: { success: true, state: "shipped" } },
      },
      {
        request: { method: "GET", path: "/api/orders/o1" },
        response: {
          status: 200,
          body: { state: "shipped", data: { id: "o1", carrier: "post" } },
        },
      },
    ],
  },
];
