/**
 * Hands what comes to one of several modules: an expression says which way it goes.
 *
 * @module
 */
import {
  type Host,
  type Issue,
  type JsonObject,
  refAny,
} from "@engine/define.ts";
import { TerminalError } from "@engine/errors.ts";
import type { CelVariables } from "@engine/expression/environment.ts";
import { compileExpression } from "@engine/expression/evaluate.ts";
import { ExpressionError } from "@engine/expression/expression_error.ts";
import type { Message } from "@engine/services/broker.ts";
import {
  type HttpContext,
  HttpHandler,
} from "@engine/services/http_handler.ts";
import { MessageHandler } from "@engine/services/message_handler.ts";
import {
  type TransitionContext,
  type TransitionEvent,
  TransitionHandler,
  type TransitionOutcome,
} from "@engine/services/transition_handler.ts";
import { expressionIssues } from "../_expression_issues.ts";
import { problemResponse } from "../_problem.ts";
import { unknownWays } from "./_unknown_ways.ts";
import { BodyTooLargeError, readBody } from "../_http_body.ts";

/** A value of JSON. */
export type Json = Message["payload"];

/** What an expression may speak of. */
export const VARIABLES: CelVariables = { data: "any", context: "map" };

/** What a module can be, to which a way leads. */
const ENDS = [MessageHandler, TransitionHandler, HttpHandler] as const;

/** A field that names the end of a way; without it the way ends here. */
export function end() {
  return refAny([...ENDS], { implied: "never" });
}

/** The services of a conditional: it can stand wherever its ends can. */
export const PROVIDES = [MessageHandler, TransitionHandler, HttpHandler];

/** What each expression may speak of, as the end of a sentence. */
export const SPOKEN_OF =
  "over data, which is the payload of a message, the data " +
  "of an instance or the body of a request, and context: its kind (message, " +
  "transition or request), and topic, or definition, instanceId, transition, " +
  "fromState and toState, or method, path, params and query";

/** What is wrong with the expression, and the ways that nothing takes. */
export function issuesOf(
  { expression, branches }: {
    readonly expression: string;
    readonly branches: Readonly<Record<string, unknown>>;
  },
  labels: readonly string[],
): readonly Issue[] {
  return [
    ...expressionIssues("expression", expression, VARIABLES),
    ...unknownWays(branches, labels),
  ];
}

/** How a conditional chooses. */
export interface Ways {
  readonly expression: string;
  /** The labels of the way for a value, the one that is tried first first. */
  readonly labelsOf: (value: Json) => readonly string[];
  /** The module to which each way leads, by label. */
  readonly branches: Readonly<Record<string, string | undefined>>;
}

/** The way that was chosen. */
interface Way {
  readonly label: string;
  /** Absent where the document names no module for it. */
  readonly module: string | undefined;
}

/** See the module comment. */
export class Branching
  implements MessageHandler, TransitionHandler, HttpHandler {
  readonly #ways: Ways;
  readonly #host: Host;

  constructor(ways: Ways, host: Host) {
    this.#ways = ways;
    this.#host = host;
  }

  /** @throws {TerminalError} if the expression cannot be evaluated for the payload. */
  async receive(message: Message): Promise<void> {
    const { topic, payload } = message;
    const { module } = this.#way(payload, { kind: "message", topic });
    if (module === undefined) return;
    if (!this.#host.provides(module, MessageHandler)) {
      throw new TerminalError(
        `Cannot hand a message to "${module}": it takes none`,
      );
    }
    await this.#host.use<MessageHandler>(module).receive(message);
  }

  /** @throws {TerminalError} if the expression cannot be evaluated for the data. */
  async onTransition(
    event: TransitionEvent,
    context: TransitionContext,
  ): Promise<TransitionOutcome> {
    const { data, definition, instanceId, transition, fromState, toState, at } =
      event;
    const { module } = this.#way(data as Json, {
      kind: "transition",
      ...{ definition, instanceId, transition, fromState, toState },
    });
    if (module === undefined) return { kind: "done" };
    if (this.#host.provides(module, TransitionHandler)) {
      return await this.#host.use<TransitionHandler>(module)
        .onTransition(event, context);
    }
    if (!this.#host.provides(module, MessageHandler)) {
      throw new TerminalError(
        `Cannot hand a transition to "${module}": it takes none`,
      );
    }
    await this.#host.use<MessageHandler>(module).receive({
      id: context.idempotencyKey,
      topic: `${definition}.${transition}`,
      payload: data as Json,
      publishedAt: at,
      attempt: 1,
    });
    return { kind: "done" };
  }

  async handle(context: HttpContext): Promise<Response> {
    const { method, path, params, query } = context;
    let way: Way;
    try {
      way = this.#way(await bodyOf(context.request), {
        kind: "request",
        ...{ method, path, params, query: Object.fromEntries(query) },
      });
    } catch (error) {
      if (error instanceof BodyTooLargeError) {
        return problemResponse(413, error.message);
      }
      if (!(error instanceof TerminalError)) throw error;
      this.#host.log.warn(error.message, { path });
      return problemResponse(
        422,
        "What was sent does not say which way it goes",
      );
    }
    const { module, label } = way;
    if (module === undefined) {
      return problemResponse(404, `Nothing is there for "${label}"`);
    }
    if (!this.#host.provides(module, HttpHandler)) {
      this.#host.log.error(`"${module}" answers no requests`);
      return problemResponse(
        500,
        "The module that is chosen answers no requests",
      );
    }
    return await this.#host.use<HttpHandler>(module).handle(context);
  }

  #way(data: Json, context: JsonObject): Way {
    const { labelsOf, branches } = this.#ways;
    const labels = labelsOf(this.#evaluate(data, context));
    const label = labels.find((label) => branches[label] !== undefined) ??
      labels[0] ?? "";
    const module = branches[label];
    const { log, meter, name } = this.#host;
    log.debug(`It goes the way of "${label}"`, { to: module });
    if (meter.active) {
      meter.record("module_operations_total", {
        module: name,
        operation: label,
        status: module === undefined ? "dropped" : "success",
      });
    }
    return { label, module };
  }

  #evaluate(data: Json, context: JsonObject): Json {
    const { expression } = this.#ways;
    try {
      return compileExpression(expression, VARIABLES)
        .evaluate({ data, context: context as Json });
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      throw new TerminalError(
        `Cannot tell which way it goes: ${error.message}`,
        {
          cause: error,
        },
      );
    }
  }
}

/** What was sent, of which the module that is chosen still can read all. */
async function bodyOf(request: Request): Promise<Json> {
  if (request.body === null) return null;
  const body = await readBody(request.clone());
  return body.kind === "none" ? null : body.value as Json;
}
