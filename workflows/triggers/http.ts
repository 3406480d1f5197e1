/**
 * Runs workflows when requests arrive.
 *
 * A request for which the document has a route as well is answered by that
 * route, and the workflow runs after it has answered with a 2xx status. That
 * answer stays even if the workflow is refused or fails, which is logged and
 * told as a notice: the handler has done its work by then, and a caller who is
 * told otherwise would do it twice. Without such a route the trigger answers,
 * and tells the caller.
 *
 * @module
 */
import { z } from "zod";
import {
  defineTrigger,
  type Host,
  type Issue,
  type JsonObject,
  ref,
} from "@engine/define.ts";
import { messageOf, RefusedError } from "@engine/errors.ts";
import type { HttpContext } from "@engine/services/http_handler.ts";
import { HttpRouter } from "@engine/services/http_router.ts";
import { parsePattern } from "@engine/services/route_pattern.ts";
import { StateMachines } from "@engine/services/state_machines.ts";
import { optionsOf, runAnswer, runState } from "./_run_answer.ts";
import { checkTarget, targetKeys, targetOf } from "./_target.ts";

const route = z.strictObject({
  path: z.string().min(1)
    .describe(
      "The path; {id} or :id stands for one segment, whose text is passed on",
    )
    .meta({ examples: ["/api/orders/{id}/complete"] }),
  method: z.string().regex(/^[A-Za-z]+$/, "Expected an HTTP method")
    .describe("The HTTP method"),
  ...targetKeys,
  wait: z.boolean().default(false).describe(
    "Answer with the result of the run, or with what its step respond says, instead of 202",
  ),
  waitSeconds: z.number().min(1).max(300).default(30)
    .describe("How long to wait for a result; then the answer is 202")
    .meta({ unit: "s" }),
  params: z.record(z.string(), z.unknown()).default({})
    .describe("Fields that are passed on and take precedence over all others"),
});

type Route = z.output<typeof route>;

export default defineTrigger({
  type: "http",
  summary: "Runs a workflow for each request to a path",
  config: z.strictObject({
    router: ref(HttpRouter, {
      conventional: ["httpRouter", "api-router", "router"],
      needed: true,
    }).optional().describe("The router that gets the requests"),
    routes: z.array(route).optional()
      .describe("Which request runs which workflow"),
  }),
  check: ({ routes }) => routes?.flatMap(checkRoute) ?? [NO_ROUTES],
  examples: [{
    title: "Begin a pipeline, and look how it goes",
    modules: [
      { name: "server", type: "http.server", config: { address: ":8080" } },
      { name: "router", type: "http.router" },
    ],
    triggers: {
      http: {
        routes: [
          { method: "POST", path: "/greetings", pipeline: "greet" },
          {
            method: "POST",
            path: "/greetings-now",
            pipeline: "greet",
            wait: true,
          },
        ],
      },
    },
    pipelines: {
      greet: {
        input: { name: "string" },
        steps: [{
          id: "say",
          use: "set",
          with: { values: { text: "Hello ${{ input.name }}" } },
        }],
      },
    },
    exchanges: [{
      request: { method: "POST", path: "/greetings", body: { name: "Ada" } },
      response: { status: 202 },
    }, {
      request: {
        method: "POST",
        path: "/greetings-now",
        body: { name: "Ada" },
      },
      response: { status: 200, body: { text: "Hello Ada" } },
    }, {
      request: { method: "POST", path: "/greetings", body: { name: 7 } },
      response: { status: 400 },
    }, {
      request: { method: "GET", path: "/greetings/runs/unknown" },
      response: { status: 404 },
    }],
  }],
  wire({ router: name, routes = [] }, host) {
    if (name === undefined) {
      throw new TypeError("Cannot wire the http trigger: it has no router");
    }
    const router = host.use(name);
    const undo: (() => void)[] = [];
    const unwire = () => undo.splice(0).forEach((undoOne) => undoOne());
    try {
      for (const entry of routes) undo.push(follow(entry, router, host));
      for (const entry of startsOf(routes, host)) {
        undo.push(showRuns(entry, router, host));
      }
    } catch (error) {
      unwire();
      throw error;
    }
    return { unwire };
  },
});

/** Older documents have triggers that never got any. */
const NO_ROUTES: Issue = {
  code: "missing-key",
  path: ["routes"],
  severity: "warning",
  message: 'triggers.http has no "routes": nothing is triggered',
};

function checkRoute(entry: Route, index: number): readonly Issue[] {
  return [
    ...checkTarget(entry, ["routes", index]),
    ...checkPath(entry, index),
  ];
}

function checkPath({ path }: Route, index: number): readonly Issue[] {
  try {
    parsePattern(path);
    return [];
  } catch (error) {
    return [{
      code: "invalid-route",
      path: ["routes", index, "path"],
      message: messageOf(error),
    }];
  }
}

function follow(entry: Route, router: HttpRouter, host: Host): () => void {
  const { method, path } = entry;
  const { workflow, action } = targetOf(entry);
  return router.follow(
    method.toUpperCase(),
    path,
    async (context, response, body) => {
      const data = dataOf(context, body, entry, host);
      if (response !== undefined) {
        await runAfter(entry, data, { context, response, host });
        return response;
      }
      const result = await host.dispatch(
        workflow,
        action,
        data,
        optionsOf(entry, context),
      );
      return runAnswer(result, context, entry);
    },
  );
}

/** The routes that begin runs; of several with one path, the first. */
function startsOf(routes: readonly Route[], host: Host): readonly Route[] {
  const paths = new Set<string>();
  return routes.filter((entry) => {
    const isStart = host.runs.isPipeline(targetOf(entry).workflow) &&
      !paths.has(entry.path);
    paths.add(entry.path);
    return isStart;
  });
}

/** Answers for the runs that a route has begun, where its answers say. */
function showRuns(entry: Route, router: HttpRouter, host: Host): () => void {
  const { workflow } = targetOf(entry);
  const pattern = `${entry.path.replace(/\/$/, "")}/runs/{run}`;
  return router.mount([{
    method: "GET",
    pattern,
    middlewares: [],
    implied: true,
    handler: {
      async handle({ params: { run = "" } }) {
        const state = await host.runs.get(run);
        const isOwn = state?.pipeline === workflow;
        return runState(isOwn ? state : undefined);
      },
    },
  }]);
}

/** Runs the workflow of a request that is answered already. Never throws. */
async function runAfter(
  entry: Route,
  data: JsonObject,
  { context, response, host }: {
    readonly context: HttpContext;
    readonly response: Response;
    readonly host: Host;
  },
): Promise<void> {
  const { workflow, action } = targetOf(entry);
  try {
    const options = optionsOf({ ...entry, wait: false }, context);
    await host.dispatch(workflow, action, data, options);
  } catch (error) {
    const isRefusal = error instanceof RefusedError;
    // What the handler has made just now is past what the document asks for.
    if (
      isRefusal && error.code === "wrong-state" && isMade(context, response)
    ) {
      return;
    }
    const verb = isRefusal ? "refused" : "failed at";
    const message = `${workflow} ${verb} "${action}": ${messageOf(error)}`;
    const fields = {
      route: `${context.method} ${context.route}`,
      ...(context.requestId === undefined
        ? {}
        : { requestId: context.requestId }),
      ...(isRefusal ? { code: error.code } : {}),
    };
    host.log[isRefusal ? "warn" : "error"](message, fields);
    host.notify("notice", {
      ...fields,
      message,
      severity: isRefusal ? "warning" : "error",
    });
  }
}

function isMade({ instance }: HttpContext, { status }: Response): boolean {
  return instance !== undefined && status === 201;
}

/**
 * What the workflow gets: fields of the body, then of the path, of the query
 * and of the document, of which a later one wins. A body that has no fields is
 * passed as the field `body`. The instance is that of the handler, if it tells
 * of one: nobody who may write the one thing moves another.
 */
function dataOf(
  context: HttpContext,
  body: unknown,
  entry: Route,
  host: Host,
): JsonObject {
  const { params } = entry;
  const { workflow } = targetOf(entry);
  const query = new Map<string, string>();
  for (const [name, value] of context.query) {
    if (!query.has(name)) query.set(name, value);
  }
  return {
    ...fieldsOf(body),
    ...context.params,
    ...Object.fromEntries(query),
    ...isMeant(context.instance, workflow, host)
      ? { instanceId: context.instance.id }
      : {},
    // The document is YAML, so that what it holds is JSON.
    ...(params as JsonObject),
  };
}

/** Whether a workflow works on an instance: not if it is another definition. */
function isMeant(
  instance: HttpContext["instance"],
  workflow: string,
  host: Host,
): instance is NonNullable<HttpContext["instance"]> {
  if (instance === undefined) return false;
  const isOther = workflow !== instance.definition &&
    host.all(StateMachines).some(({ service }) =>
      service.definition(workflow) !== undefined
    );
  return !isOther;
}

function fieldsOf(body: unknown): JsonObject {
  if (body === undefined) return {};
  const isObject = body !== null && typeof body === "object" &&
    !Array.isArray(body);
  return (isObject ? body : { body }) as JsonObject;
}
