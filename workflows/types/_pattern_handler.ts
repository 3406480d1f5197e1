/**
 * Makes a handler of matches of whatever an entry of `handlers` names: what
 * takes messages, what runs code, or a workflow and its action.
 *
 * @module
 */
import type { Host, JsonObject } from "@engine/define.ts";
import { RefusedError, TerminalError } from "@engine/errors.ts";
import type {
  PatternHandler,
  PatternMatch,
} from "@engine/services/event_processor.ts";
import { Executor } from "@engine/services/executor.ts";
import { MessageHandler } from "@engine/services/message_handler.ts";

/** An entry of `handlers`, as the document says it. */
export interface HandlerEntry {
  readonly patternId: string;
  readonly handler?: string | undefined;
  readonly workflow?: string | undefined;
  readonly action?: string | undefined;
  readonly instance: "match" | "key";
}

/**
 * The handler of an entry; `undefined` if it names nobody who can be one.
 * `extraParams` are those of its pattern.
 */
export function patternHandler(
  entry: HandlerEntry,
  extraParams: JsonObject,
  host: Host,
): PatternHandler | undefined {
  const { patternId, handler, workflow, action } = entry;
  if (workflow !== undefined && action !== undefined) {
    return workflowHandler({ ...entry, workflow, action }, extraParams, host);
  }
  if (handler === undefined) return undefined;
  if (host.provides(handler, MessageHandler)) {
    return {
      patternId,
      name: handler,
      async handle(match, { idempotencyKey, attempt }) {
        await host.use<MessageHandler>(handler).receive({
          id: idempotencyKey,
          topic: patternId,
          payload: { ...extraParams, ...fieldsOf(match) },
          publishedAt: match.matchedAt,
          attempt,
        });
      },
    };
  }
  if (!host.provides(handler, Executor)) return undefined;
  return {
    patternId,
    name: handler,
    async handle(match, { signal, idempotencyKey }) {
      const params = { ...extraParams, ...fieldsOf(match) };
      await host.use<Executor>(handler)
        .execute(params, { signal, idempotencyKey });
    },
  };
}

/** Runs the workflow; extra params may name another instance. */
function workflowHandler(
  entry: HandlerEntry & { readonly workflow: string; readonly action: string },
  extraParams: JsonObject,
  host: Host,
): PatternHandler {
  const { patternId, workflow, action, instance } = entry;
  const isOwn = instance === "match" && extraParams.id === undefined &&
    extraParams.instanceId === undefined;
  return {
    patternId,
    name: `${workflow}: ${action}, by ${instance}`,
    async handle(match, { idempotencyKey }) {
      const data = {
        ...identity(entry, match),
        ...extraParams,
        ...fieldsOf(match),
      };
      const source = `pattern ${patternId}`;
      try {
        await host.dispatch(workflow, action, data, { idempotencyKey, source });
      } catch (error) {
        const isRefused = error instanceof RefusedError;
        // Nobody else has an instance of this id: it has begun already.
        if (isOwn && isRefused && error.code === "wrong-state") return;
        throw error;
      }
    },
  };
}

/**
 * Which instance a state machine is to take. One called like the match begins
 * once, however often the match is delivered.
 */
function identity(
  { instance, patternId }: HandlerEntry,
  { id, key }: PatternMatch,
): JsonObject {
  if (instance === "match") return { id };
  if (key !== "") return { id: key };
  throw new TerminalError(
    `Cannot run a workflow for a match of "${patternId}": its events have ` +
      "no key that could name an instance",
  );
}

function fieldsOf(
  { patternId, eventsCount, events, key, matchedAt }: PatternMatch,
): JsonObject {
  return { patternId, eventsCount, events, key, matchedAt };
}
