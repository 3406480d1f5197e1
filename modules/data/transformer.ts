/**
 * Reshapes data by named pipelines of operations: for code that asks for it, for
 * messages on their way from one topic to another, and for state machines.
 *
 * @module
 */
import { defineModule, type Host, type Issue } from "@engine/define.ts";
import { messageOf, RefusedError, TerminalError } from "@engine/errors.ts";
import { Actions } from "@engine/services/actions.ts";
import type { Message } from "@engine/services/broker.ts";
import { MessageHandler } from "@engine/services/message_handler.ts";
import { MessageSource } from "@engine/services/message_source.ts";
import {
  Transformer,
  type TransformOperation,
} from "@engine/services/transformer.ts";
import {
  type TransitionEvent,
  TransitionHandler,
  type TransitionOutcome,
} from "@engine/services/transition_handler.ts";
import { z } from "zod";
import {
  checkOperations,
  isFields,
  type JsonValue,
  type Operation,
  operation,
  runOperations,
} from "./_operations.ts";

const configShape = z.strictObject({
  operations: z.array(operation).default([]).describe(
    "What messages and the data of transitions go through, in order; also a pipeline under the module's own name",
  ),
  pipelines: z.record(z.string().min(1), z.array(operation)).default({})
    .describe("Further pipelines, by name"),
  pipeline: z.string().optional().describe(
    "The pipeline that messages and the data of transitions go through in place of operations",
  ),
});

const transformInput = z.strictObject({
  data: z.unknown().describe("What is reshaped"),
  pipeline: z.string().min(1).optional().describe(
    "The pipeline that it goes through; by default the one of messages",
  ),
});

type TransformerConfig = z.output<typeof configShape>;
type Forward = Parameters<MessageSource["onProcessed"]>[0];

export default defineModule({
  type: "data.transformer",
  summary: "Reshapes data and messages by pipelines of operations",
  stability: "stable",
  config: configShape,
  provides: [
    Transformer,
    TransitionHandler,
    MessageHandler,
    MessageSource,
    Actions,
  ],
  actions: {
    transform: {
      summary: "Reshapes data",
      input: transformInput,
      output: z.unknown().describe("What has become of the data"),
    },
  },
  check,
  examples: [{
    title: "Complete the data of an order when it is submitted",
    modules: [
      { name: "machines", type: "statemachine.engine" },
      {
        name: "order-normalizer",
        type: "data.transformer",
        config: {
          operations: [
            { type: "map", config: { mappings: { amount: "total" } } },
          ],
        },
      },
    ],
    workflows: {
      statemachine: {
        engine: "machines",
        definitions: [{
          name: "order",
          initialState: "new",
          states: { new: {}, submitted: { isFinal: true } },
          transitions: { submit: { fromState: "new", toState: "submitted" } },
        }],
        hooks: [{ transitions: ["submit"], handler: "order-normalizer" }],
      },
    },
  }, {
    title: "Forward what matters of each order",
    modules: [
      { name: "events", type: "messaging.broker" },
      {
        name: "order-summary",
        type: "data.transformer",
        config: {
          operations: [
            { type: "extract", config: { path: "resource.data" } },
            { type: "map", config: { mappings: { sum: "total" } } },
            { type: "filter", config: { fields: ["id", "total"] } },
          ],
        },
      },
    ],
    workflows: {
      messaging: {
        subscriptions: [{ topic: "orders-events", handler: "order-summary" }],
        producers: [{ name: "order-summary", forwardTo: ["order-summaries"] }],
      },
    },
  }],
  create: (config, host) => new PipelineTransformer(config, host),
});

class PipelineTransformer
  implements
    Transformer,
    TransitionHandler,
    MessageHandler,
    MessageSource,
    Actions {
  readonly #host: Host;
  readonly #pipelines: ReadonlyMap<string, readonly Operation[]>;
  /** What messages and the data of transitions go through. */
  readonly #main: readonly Operation[];
  #forwards: readonly Forward[] = [];

  constructor(config: TransformerConfig, host: Host) {
    const { operations, pipelines, pipeline } = config;
    this.#host = host;
    this.#pipelines = new Map([
      [host.name, operations],
      ...Object.entries(pipelines),
    ]);
    this.#main = this.#pipelines.get(pipeline || host.name) ?? operations;
  }

  transform(pipeline: string, data: JsonValue): JsonValue {
    const operations = this.#pipelines.get(pipeline);
    if (operations !== undefined) return runOperations(operations, data);
    throw new RefusedError(
      "not-found",
      `Cannot transform: "${this.#host.name}" has no pipeline "${pipeline}"`,
    );
  }

  transformWith(
    operations: readonly TransformOperation[],
    data: JsonValue,
  ): JsonValue {
    return runOperations(checkOperations(operations), data);
  }

  act(
    _action: string,
    input: Parameters<Actions["act"]>[1],
  ): Promise<JsonValue> {
    return Promise.try(() => {
      const { data, pipeline } = transformInput.parse(input);
      // The input was JSON, and its schema leaves the data as they are.
      const given = (data ?? null) as JsonValue;
      return pipeline === undefined
        ? runOperations(this.#main, given)
        : this.transform(pipeline, given);
    });
  }

  /**
   * Merges what becomes of an instance's data into that data.
   *
   * @throws {TerminalError} if that is no object.
   */
  onTransition(event: TransitionEvent): Promise<TransitionOutcome> {
    return Promise.try(() => {
      if (this.#main.length === 0) return { kind: "done" };
      const data = runOperations(this.#main, event.data);
      if (isFields(data)) return { kind: "done", data };
      throw new TerminalError(
        `Cannot merge what became of "${event.instanceId}": it is no object`,
      );
    });
  }

  /** @throws {AggregateError} what forwarders threw; each one has been called. */
  async receive(message: Message): Promise<void> {
    const payload = runOperations(this.#main, message.payload);
    const errors: unknown[] = [];
    for (const forward of this.#forwards) {
      try {
        await forward(payload, message);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length === 0) return;
    const faults = errors.map(messageOf).join("; ");
    throw new AggregateError(
      errors,
      `Cannot forward "${message.id}": ${faults}`,
    );
  }

  onProcessed(forward: Forward): () => void {
    // A wrapper of its own, so that the same function may be added twice.
    const own: Forward = (payload, cause) => forward(payload, cause);
    this.#forwards = [...this.#forwards, own];
    return () =>
      this.#forwards = this.#forwards.filter((other) => other !== own);
  }
}

function check({ pipeline, pipelines, operations }: TransformerConfig) {
  const issues: Issue[] = [];
  const names = Object.keys(pipelines);
  if (pipeline && !Object.hasOwn(pipelines, pipeline)) {
    issues.push({
      code: "unresolved-reference",
      path: ["pipeline"],
      message: `No pipeline of this module is called "${pipeline}"`,
      // Older documents name a pipeline that only code could have made.
      severity: names.length === 0 ? "warning" : "error",
    });
  } else if (pipeline && operations.length > 0) {
    issues.push({
      code: "ineffective-key",
      path: ["operations"],
      message: `Messages go through "${pipeline}" in place of these operations`,
      severity: "warning",
    });
  }
  return issues;
}
