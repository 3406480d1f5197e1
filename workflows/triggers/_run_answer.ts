/**
 * Between a request and the run that it begins: what the run is told, and what
 * the caller is answered.
 *
 * @module
 */
import type { DispatchOptions, JsonObject } from "@engine/define.ts";
import { RefusedError } from "@engine/errors.ts";
import type { RunState } from "@engine/define.ts";
import type { HttpContext } from "@engine/services/http_handler.ts";

/** The longest `Idempotency-Key` that is taken, in characters. */
export const IDEMPOTENCY_KEY_CHARACTERS_MAX = 255;

/** What a run is told of the request that begins it. */
export function optionsOf(
  { wait, waitSeconds }: {
    readonly wait: boolean;
    readonly waitSeconds: number;
  },
  { request, method, route, claims }: HttpContext,
): DispatchOptions {
  const given = request.headers.get("idempotency-key");
  if (given !== null && given.length > IDEMPOTENCY_KEY_CHARACTERS_MAX) {
    throw new RefusedError(
      "invalid-input",
      `The Idempotency-Key has ${given.length} characters, the limit is ` +
        `${IDEMPOTENCY_KEY_CHARACTERS_MAX} characters`,
    );
  }
  // A key counts for one caller only: nobody learns of another's run by it.
  const caller = typeof claims?.sub === "string" ? claims.sub : "";
  return {
    source: `http ${method} ${route}`,
    ...given === null || given === ""
      ? {}
      : { idempotencyKey: JSON.stringify([method, route, caller, given]) },
    ...wait ? { waitMs: waitSeconds * 1_000 } : {},
  };
}

/**
 * What the caller is answered: 202 with the id of the run and where it is, or,
 * for one that is waited for, what it yields.
 */
export function runAnswer(
  result: JsonObject,
  { path }: HttpContext,
  { wait }: { readonly wait: boolean },
): Response {
  const { run, response, status, error } = result;
  if (typeof run !== "string") {
    return Response.json(
      { ...result, status: "workflow triggered" },
      { status: 202 },
    );
  }
  const location = `${path.replace(/\/$/, "")}/runs/${run}`;
  if (wait && isResponse(response)) return answerOf(response, run);
  if (wait && status === "completed") {
    return Response.json(result.output ?? null, { headers: runHeader(run) });
  }
  if (wait && (status === "failed" || status === "cancelled")) {
    return failureOf(run, status, error);
  }
  return Response.json(
    { run, status },
    { status: 202, headers: { ...runHeader(run), location } },
  );
}

/** How a run is, for whoever was told its id. */
export function runState(state: RunState | undefined): Response {
  if (state === undefined) {
    throw new RefusedError("not-found", "There is no such run");
  }
  const { id, status, output, error } = state;
  return Response.json({
    run: id,
    status,
    ...output === undefined ? {} : { output },
    ...error === undefined ? {} : { error },
  });
}

/** Tells the caller which run it was, whatever the answer says. */
function runHeader(run: string): Readonly<Record<string, string>> {
  return { "x-run-id": run };
}

interface StepResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

function isResponse(value: unknown): value is StepResponse {
  return value !== null && typeof value === "object" && "status" in value &&
    "headers" in value;
}

function answerOf({ status, headers, body }: StepResponse, run: string) {
  const isText = typeof body === "string";
  const isEmpty = body === null || status === 204 || status === 304;
  return new Response(
    isEmpty ? null : isText ? body : JSON.stringify(body),
    {
      status,
      headers: {
        ...isEmpty
          ? {}
          : { "content-type": isText ? "text/plain" : "application/json" },
        ...headers,
        ...runHeader(run),
      },
    },
  );
}

/** The run has ended without a result: what went wrong is the author's to say. */
function failureOf(run: string, status: string, error: unknown): Response {
  const { message, code } = (error ?? {}) as {
    readonly message?: string;
    readonly code?: string;
  };
  const body = {
    type: "about:blank",
    title: "The run did not succeed",
    status: 500,
    detail: message ?? `The run is ${status}`,
    code: code ?? status,
    run,
  };
  return new Response(JSON.stringify(body), {
    status: 500,
    headers: {
      "content-type": "application/problem+json",
      ...runHeader(run),
    },
  });
}
