/**
 * Makes a transition handler of whatever a hook may name: what handles
 * transitions itself, what takes messages, what runs code, what reshapes data.
 *
 * @module
 */
import type { Host, JsonObject } from "@engine/define.ts";
import { RefusedError } from "@engine/errors.ts";
import { Executor } from "@engine/services/executor.ts";
import { MessageHandler } from "@engine/services/message_handler.ts";
import type { Hook } from "@engine/services/state_machines.ts";
import { Transformer } from "@engine/services/transformer.ts";
import {
  type TransitionContext,
  type TransitionEvent,
  TransitionHandler,
  type TransitionOutcome,
} from "@engine/services/transition_handler.ts";
import { pipelineHook } from "./_pipeline_hook.ts";

/**
 * What a hook does, and what its work is called in the store; `undefined` if no
 * module of that name can do it.
 */
export function hookWork(
  { handler: name = "", pipeline }: {
    readonly handler?: string | undefined;
    readonly pipeline?: string | undefined;
  },
  host: Host,
): Pick<Hook, "handler" | "handlerName"> | undefined {
  if (pipeline !== undefined) {
    const handlerName = `pipeline:${pipeline}`;
    return { handlerName, handler: pipelineHook(pipeline, host) };
  }
  const handler = hookHandler(name, host);
  return handler && { handlerName: name, handler };
}

function hookHandler(
  name: string,
  host: Host,
): TransitionHandler | undefined {
  if (host.provides(name, TransitionHandler)) {
    return {
      onTransition: (...args) =>
        host.use<TransitionHandler>(name).onTransition(...args),
    };
  }
  if (host.provides(name, MessageHandler)) return messageHandler(name, host);
  if (host.provides(name, Executor)) return executor(name, host);
  if (host.provides(name, Transformer)) return transformer(name, host);
  return undefined;
}

/** Hands a message to the module, as if it were subscribed to the transition. */
function messageHandler(name: string, host: Host): TransitionHandler {
  return {
    async onTransition(event, { idempotencyKey }) {
      await host.use<MessageHandler>(name).receive({
        id: idempotencyKey,
        topic: `${event.definition}.${event.transition}`,
        payload: {
          workflowId: event.definition,
          instanceId: event.instanceId,
          transition: event.transition,
          fromState: event.fromState,
          toState: event.toState,
        },
        publishedAt: event.at,
        attempt: 1,
      });
      return { kind: "done" };
    },
  };
}

/** Runs the code with the data of the instance; what it returns is merged into them. */
function executor(name: string, host: Host): TransitionHandler {
  return {
    async onTransition(event, { signal, idempotencyKey }: TransitionContext) {
      const params = {
        ...event.data,
        workflowId: event.instanceId,
        transitionId: event.transition,
        fromState: event.fromState,
        toState: event.toState,
      };
      const options = { signal, idempotencyKey };
      return merging(await host.use<Executor>(name).execute(params, options));
    },
  };
}

/**
 * Runs the pipeline that is called like the transition, or else like the module,
 * over the data of the instance. Without such a pipeline there is nothing to do.
 */
function transformer(name: string, host: Host): TransitionHandler {
  return {
    onTransition(event: TransitionEvent) {
      for (const pipeline of [event.transition, name]) {
        try {
          const data = host.use<Transformer>(name).transform(
            pipeline,
            event.data as JsonObject,
          );
          return Promise.resolve(merging(data));
        } catch (error) {
          const isMissing = error instanceof RefusedError &&
            error.code === "not-found";
          if (!isMissing) return Promise.reject(error);
        }
      }
      return Promise.resolve({ kind: "done" });
    },
  };
}

/** What is no map has no names under which it could be merged. */
function merging(
  result: Parameters<Transformer["transform"]>[1],
): TransitionOutcome {
  const isMap = result !== null && typeof result === "object" &&
    !Array.isArray(result);
  return isMap
    ? { kind: "done", data: result as JsonObject }
    : { kind: "done" };
}
