/**
 * Runs workflows when a test says so. A document that is run for real has no use
 * for it: nothing outside of a test can ask.
 *
 * @module
 */
import { z } from "zod";
import { defineTrigger, type JsonObject } from "@engine/define.ts";
import { messageOf } from "@engine/errors.ts";
import { checkTarget, targetKeys, targetOf } from "./_target.ts";

const entry = z.strictObject({
  ...targetKeys,
  afterMs: z.int().min(0).default(0).meta({ unit: "ms" }).describe(
    "How long after the start of the document, or its reload; in a test, by its own clock",
  ),
  data: z.record(z.string(), z.unknown()).default({}).describe(
    "What the workflow gets",
  ),
});

export default defineTrigger({
  type: "mock",
  summary: "For tests only: runs workflows at given times after the start",
  config: z.strictObject({
    dispatch: z.array(entry).default([]).describe(
      "What is run, each once a start or reload, in this order where the times are equal",
    ),
  }),
  check: ({ dispatch }) =>
    dispatch.flatMap((entry, index) => checkTarget(entry, ["dispatch", index])),
  examples: [{
    title: "Move an order without a request",
    modules: [
      { name: "server", type: "http.server", config: { address: ":8080" } },
      { name: "router", type: "http.router" },
      { name: "machines", type: "statemachine.engine" },
      {
        name: "orders",
        type: "api.handler",
        config: { resourceName: "orders", workflowType: "order" },
      },
    ],
    workflows: {
      http: {
        routes: [
          { method: "POST", path: "/orders", handler: "orders" },
          { method: "GET", path: "/orders/{id}", handler: "orders" },
        ],
      },
      statemachine: {
        definitions: [{
          name: "order",
          initialState: "new",
          states: { new: {}, paid: { isFinal: true } },
          transitions: { pay: { fromState: "new", toState: "paid" } },
        }],
      },
    },
    triggers: {
      mock: {
        dispatch: [{ workflow: "order", action: "pay", data: { id: "o1" } }],
      },
    },
    exchanges: [{
      request: { method: "POST", path: "/orders", body: { id: "o1" } },
      response: { status: 201, body: { state: "new" } },
    }, {
      request: { method: "GET", path: "/orders/o1" },
      response: { status: 200, body: { state: "paid" } },
    }],
  }],
  wire(config, host) {
    const { clock } = host.effects;
    const undo = config.dispatch.map(({ afterMs, data, ...target }) =>
      clock.after(afterMs, () => {
        const { workflow, action } = targetOf(target);
        const source = `mock ${workflow}.${action}`;
        host.dispatch(workflow, action, data as JsonObject, { source }).catch(
          (error) => host.log.error(`${source} failed: ${messageOf(error)}`),
        );
      })
    );
    if (config.dispatch.length > 0) {
      host.log.warn("The document has a mock trigger, which is for tests only");
    }
    return {
      unwire() {
        for (const undoOne of undo) undoOne();
      },
    };
  },
});
