/**
 * Lets followers run after the handler of a route. The handler reads the body
 * as if it were alone; the followers get what a copy of it holds.
 *
 * @module
 */
import { RefusedError } from "@engine/errors.ts";
import type {
  HttpContext,
  HttpHandler,
} from "@engine/services/http_handler.ts";
import type { Follow } from "@engine/services/http_router.ts";
import type { RouteKey } from "@engine/services/route_pattern.ts";
import { type Body, BODY_READ_BYTES_MAX, readBody } from "../_http_body.ts";
import type { Run } from "./_chain.ts";

/** Somebody who follows a route. */
export interface Follower {
  /** Of the same shape as the route; its parameters may have other names. */
  readonly key: RouteKey;
  readonly follow: Follow;
}

/** Runs `handler`, if there is one, and then the followers. */
export function followed(
  key: RouteKey,
  handler: HttpHandler | undefined,
  followers: readonly Follower[],
): Run {
  const names = parameterNames(key);
  return async (context) => {
    const { response, body } = handler === undefined
      ? { response: undefined, body: await readAlone(context.request) }
      : await handleAndRead(handler, context);
    let answer: Response | undefined = response;
    for (const { key, follow } of followers) {
      if (answer !== undefined && !answer.ok) break;
      rename(context, names, parameterNames(key));
      answer = await follow(context, answer, body);
    }
    if (answer === undefined) {
      throw new TypeError("No follower gave a response");
    }
    return answer;
  };
}

function parameterNames({ pattern }: RouteKey): readonly string[] {
  return pattern.segments.flatMap((segment) =>
    segment.kind === "one" || segment.kind === "rest" ? [segment.name] : []
  );
}

/** Adds the parameters under the names that a follower's pattern gives them. */
function rename(
  context: HttpContext,
  names: readonly string[],
  others: readonly string[],
): void {
  others.forEach((other, index) => {
    const value = context.params[names[index] ?? ""];
    if (
      value === undefined || other === "" ||
      Object.hasOwn(context.params, other)
    ) return;
    context.params = { ...context.params, [other]: value };
  });
}

async function readAlone(request: Request): Promise<unknown> {
  if (!isReadable(request)) return undefined;
  const body = await readBody(request, BODY_READ_BYTES_MAX);
  if (body.kind === "malformed") {
    throw new RefusedError("invalid-input", `The request body ${body.fault}`);
  }
  return valueOf(body);
}

async function handleAndRead(
  handler: HttpHandler,
  context: HttpContext,
): Promise<{ response: Response; body: unknown }> {
  const { request } = context;
  if (!isReadable(request)) {
    return { response: await handler.handle(context), body: undefined };
  }
  const copy = request.clone();
  let response: Response | undefined;
  try {
    response = await handler.handle(context);
    if (!response.ok) return { response, body: undefined };
    // The handler has taken it, and the server bounds it: no limit of our own.
    return { response, body: valueOf(await readBody(copy, Infinity)) };
  } finally {
    // Settles only when the other half is given up too, so nobody waits for it.
    if (!response?.ok) copy.body?.cancel().catch(() => {});
  }
}

/** Whether there is a body that a follower could make sense of. */
function isReadable({ body, headers }: Request): boolean {
  if (body === null) return false;
  const type = headers.get("content-type")?.toLowerCase() ?? "";
  return type === "" || type.startsWith("text/") || type.includes("json") ||
    type.startsWith("application/x-www-form-urlencoded");
}

/** What its sender called JSON, and the handler took, but is none, stays out. */
function valueOf(body: Body): unknown {
  return body.kind === "none" || body.kind === "malformed"
    ? undefined
    : body.value;
}
