/**
 * A request that is understood and refused, as the operations of the resource
 * handler throw it. Nothing has changed when one is thrown.
 *
 * @module
 */
import type { JsonObject } from "@engine/define.ts";
import { RefusedError } from "@engine/errors.ts";

/** Ends a request with a status of the 4xx range and a body. */
export class HttpRefusal extends Error {
  override readonly name = "HttpRefusal";
  readonly status: number;
  readonly body: JsonObject;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    message: string,
    more: {
      /** Fields of the answer beside `error`. */
      readonly body?: JsonObject;
      readonly headers?: Readonly<Record<string, string>>;
    } = {},
  ) {
    super(message);
    this.status = status;
    this.body = { ...more.body, error: message };
    this.headers = more.headers ?? {};
  }
}

/**
 * What a state machine threw, as what the client is told. Anything else than a
 * refusal, or data beyond the limits of the store, is not the client's doing and
 * stays as it is.
 */
export function asRefusal(
  error: unknown,
  attempt: string,
  body: JsonObject = {},
): unknown {
  if (isTooLarge(error)) {
    // The limit's own message speaks of keys that are nobody's business.
    const message =
      `Cannot ${attempt}: its data is larger than a state machine can keep`;
    return new HttpRefusal(413, message, { body });
  }
  if (!(error instanceof RefusedError)) return error;
  const status = error.code === "conflict" ? 409 : 400;
  return new HttpRefusal(status, error.message, { body });
}

/** Whether a state machine refused data that its store cannot hold. */
export function isTooLarge(error: unknown): boolean {
  return error instanceof RangeError ||
    (error instanceof RefusedError && error.cause instanceof RangeError);
}
