/**
 * What a component can stand for beside code that a step runs: it takes
 * transitions and messages, and answers requests.
 *
 * @module
 */
import { InputViolationError } from "@engine/component_contract.ts";
import type { Host } from "@engine/define.ts";
import { messageOf, RetryableError } from "@engine/errors.ts";
import type { Message } from "@engine/services/broker.ts";
import type { Executor } from "@engine/services/executor.ts";
import type { HttpContext } from "@engine/services/http_handler.ts";
import type {
  TransitionContext,
  TransitionEvent,
  TransitionOutcome,
} from "@engine/services/transition_handler.ts";
import { CallTimeoutError } from "../../components/sandbox.ts";
import { jsonFault } from "../_json_fault.ts";
import type { Result } from "./_settings.ts";

/** Bytes of the body of a request to a component. */
export const BODY_BYTES_MAX = 1_048_576;

type Execute = Executor["execute"];
type Fields = Readonly<Record<string, Result | undefined>>;

/** Runs the component with the data of the instance, and merges its result. */
export async function onTransition(
  execute: Execute,
  event: TransitionEvent,
  { signal, idempotencyKey }: TransitionContext,
): Promise<TransitionOutcome> {
  const result = await execute({
    ...event.data,
    workflowId: event.instanceId,
    transitionId: event.transition,
    fromState: event.fromState,
    toState: event.toState,
  }, { signal, idempotencyKey });
  return isMap(result) && Object.keys(result).length > 0
    ? { kind: "done", data: result }
    : { kind: "done" };
}

/** Runs the component with the fields of the payload, and its topic. */
export async function receive(
  execute: Execute,
  message: Message,
  signal: AbortSignal,
): Promise<void> {
  const { id, topic, payload } = message;
  const fields = isMap(payload) ? payload : { message: payload };
  await execute({ topic, ...fields }, { signal, idempotencyKey: id });
}

/**
 * Runs the component with the fields of the body, then those of the path, and
 * `request`, which no client can forge. A result with a numeric `statusCode` is
 * the answer, with its `headers` and `body`; any other is the body of a 200.
 */
export async function answer(
  execute: Execute,
  context: HttpContext,
  host: Host,
): Promise<Response> {
  const { request } = context;
  const body = await readBody(request);
  if (body === undefined) {
    return problem(413, `The body is larger than ${BODY_BYTES_MAX} bytes`);
  }
  const fault = jsonFault(body);
  if (fault !== undefined) return problem(400, `The body ${fault}`);
  const idempotencyKey = request.headers.get("idempotency-key") ??
    context.requestId ?? host.effects.ids.next();
  try {
    const result = await execute({
      ...isMap(body) ? body : {},
      ...context.params,
      // Under one name, so that it hides no more than one field.
      request: {
        method: context.method,
        path: context.path,
        query: Object.fromEntries(context.query),
        headers: Object.fromEntries(request.headers),
        body,
      },
    }, { signal: request.signal, idempotencyKey });
    return respond(result);
  } catch (error) {
    if (error instanceof InputViolationError) {
      return problem(400, error.message);
    }
    host.log.error(`A request failed: ${messageOf(error)}`, {
      path: context.path,
    });
    return failure(error);
  }
}

/** Whether it is worth another try; the reason is for the log alone. */
function failure(error: unknown): Response {
  if (error instanceof CallTimeoutError) {
    return problem(504, "The component took too long");
  }
  if (error instanceof RetryableError) {
    const seconds = Math.ceil((error.retryAfterMs ?? 1_000) / 1_000);
    return problem(503, "The component cannot answer now", {
      "retry-after": String(seconds),
    });
  }
  return problem(500, "The component failed");
}

/** JSON, or else the text; `undefined` if it is too large. */
async function readBody(request: Request): Promise<Result | undefined> {
  if (request.body === null) return null;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body) {
    size += chunk.length;
    if (size > BODY_BYTES_MAX) return undefined;
    chunks.push(chunk);
  }
  const text = await new Blob(chunks as BlobPart[]).text();
  try {
    return JSON.parse(text) as Result;
  } catch {
    // What is no JSON is handed on as it is.
    return text;
  }
}

function respond(result: Result): Response {
  if (!isMap(result) || typeof result.statusCode !== "number") {
    return Response.json(result);
  }
  const { statusCode, headers, body = null } = result;
  if (!Number.isInteger(statusCode) || statusCode < 200 || statusCode > 599) {
    throw new RangeError(
      `Cannot answer with the status ${statusCode}: expected 200 to 599`,
    );
  }
  const answer = new Headers();
  for (const [name, value] of Object.entries(isMap(headers) ? headers : {})) {
    answer.set(name, String(value));
  }
  if (NO_BODY.has(statusCode)) {
    return new Response(null, { status: statusCode, headers: answer });
  }
  if (typeof body === "string") {
    return new Response(body, { status: statusCode, headers: answer });
  }
  if (!answer.has("content-type")) {
    answer.set("content-type", "application/json");
  }
  return new Response(JSON.stringify(body), {
    status: statusCode,
    headers: answer,
  });
}

/** Statuses whose answers have no body. */
const NO_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

function problem(
  status: number,
  detail: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(
    JSON.stringify({ type: "about:blank", status, detail }),
    {
      status,
      headers: {
        "content-type": "application/problem+json",
        "cache-control": "no-store",
        ...headers,
      },
    },
  );
}

function isMap(value: Result | undefined): value is Fields {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
