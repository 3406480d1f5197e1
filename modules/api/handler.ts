/**
 * Serves resources as REST: their life cycle is HTTP, their state is a state
 * machine's. Nothing here knows what the resources are; the config says it.
 *
 * @module
 */
import { defineModule, type Host, type Issue } from "@engine/define.ts";
import {
  type HttpContext,
  HttpHandler,
} from "@engine/services/http_handler.ts";
import { MessageSource } from "@engine/services/message_source.ts";
import { refusalAnswer } from "./_answer.ts";
import type { Caller } from "./_caller.ts";
import { type HandlerConfig, handlerConfig } from "./_config.ts";
import { examples } from "./_examples.ts";
import { listResources } from "./_list.ts";
import { readPart, readResource } from "./_read.ts";
import { HttpRefusal } from "./_refusal.ts";
import { ResourceApi } from "./_resource_api.ts";
import { plantSeeds, readSeeds, type Seed } from "./_seed.ts";
import { runSubAction } from "./_sub_actions.ts";
import { type Target, targetOf } from "./_target.ts";
import { transitionResource } from "./_transition.ts";
import { readViewHealth } from "./_view_health.ts";
import { createResource, deleteResource, replaceResource } from "./_write.ts";

export default defineModule({
  type: "api.handler",
  summary:
    "Serves resources over HTTP, with the state machine that each runs through",
  stability: "stable",
  config: handlerConfig,
  provides: [HttpHandler, MessageSource],
  inert: {
    method: "the routes under workflows.http say which methods lead here",
    path: "the routes under workflows.http say which paths lead here",
  },
  check,
  examples,
  create,
});

function create(config: HandlerConfig, host: Host) {
  const api = new ResourceApi(config, host);
  let seeds: readonly Seed[] = [];
  return {
    async start() {
      if (config.seedFile) {
        seeds = await readSeeds(config.seedFile, host.folder);
      }
    },
    // Every module is started and every definition known by now.
    open: () => plantSeeds(api, seeds),
    handle: (context: HttpContext) => handle(api, context),
    onProcessed: (forward: Parameters<MessageSource["onProcessed"]>[0]) =>
      api.announcements.onProcessed(forward),
  };
}

function check(config: HandlerConfig): readonly Issue[] {
  if (!config.sourceResourceName || !config.seedFile) return [];
  return [{
    code: "ineffective-key",
    path: ["seedFile"],
    message:
      "A view reads what another handler writes: its seeds are not planted",
    severity: "warning",
  }];
}

async function handle(
  api: ResourceApi,
  context: HttpContext,
): Promise<Response> {
  try {
    const response = await dispatch(api, context);
    if (context.method !== "HEAD") return response;
    const { status, headers } = response;
    return new Response(null, { status, headers });
  } catch (error) {
    if (error instanceof HttpRefusal) return refusalAnswer(error);
    throw error;
  }
}

/** What to do, by method. */
type Operations = Readonly<Record<string, () => Promise<Response>>>;

function dispatch(api: ResourceApi, context: HttpContext): Promise<Response> {
  const caller = api.caller(context.claims);
  const target = targetOf(context, api.isView);
  const operations = api.isView
    ? onlyReading(operationsOn(api, caller, target, context))
    : operationsOn(api, caller, target, context);
  const method = context.method === "HEAD" ? "GET" : context.method;
  const operation = Object.hasOwn(operations, method)
    ? operations[method]
    : undefined;
  if (operation !== undefined) return operation();
  const methods = Object.keys(operations);
  if (methods.length === 0) {
    throw new HttpRefusal(404, `Cannot find "${context.path}"`);
  }
  const allow = methods.flatMap((name) =>
    name === "GET" ? [name, "HEAD"] : [name]
  );
  throw new HttpRefusal(
    405,
    `Cannot ${context.method} this path: it serves ${allow.join(", ")}`,
    { headers: { allow: allow.join(", ") } },
  );
}

function operationsOn(
  api: ResourceApi,
  caller: Caller,
  target: Target,
  context: HttpContext,
): Operations {
  switch (target.kind) {
    case "collection":
      return {
        GET: () => listResources(api, caller, context),
        POST: () => createResource(api, caller, context),
      };
    case "item": {
      const { id } = target;
      return {
        GET: () => readResource(api, caller, context, id),
        POST: () => createResource(api, caller, context, id),
        PUT: () => replaceResource(api, caller, context, id),
        DELETE: () => deleteResource(api, caller, context, id),
      };
    }
    case "part": {
      const { id, part } = target;
      if (part === "transition") {
        const transit = () => transitionResource(api, caller, context, id);
        return { PUT: transit, POST: transit };
      }
      return {
        GET: () => readPart(api, caller, id, part),
        POST: () => runSubAction(api, caller, context, { id, action: part }),
      };
    }
    case "health":
      return { GET: () => readViewHealth(api, caller, context) };
    case "nothing":
      return {};
  }
}

/** A view writes nothing: what it reads belongs to another handler. */
function onlyReading({ GET }: Operations): Operations {
  return GET === undefined ? {} : { GET };
}
