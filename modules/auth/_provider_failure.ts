/**
 * What it means that a sign-in with a provider fails: who can do something about it.
 *
 * @module
 */
import { messageOf, RetryableError, TerminalError } from "@engine/errors.ts";

/** Why a sign-in with a provider fails. */
export class ProviderFailure extends Error {
  override readonly name = "ProviderFailure";
  /**
   * The provider cannot be reached; it says no; what it answers cannot be trusted;
   * or it does not accept the application.
   */
  readonly kind: "away" | "refused" | "untrusted" | "misconfigured";

  constructor(kind: ProviderFailure["kind"], message: string, cause?: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}

/** Sorts what the client library throws. Never holds a secret or a token. */
export function providerFailure(error: unknown): ProviderFailure {
  if (error instanceof ProviderFailure) return error;
  for (const cause of causesOf(error)) {
    if (cause instanceof RetryableError) {
      return new ProviderFailure("away", cause.message, error);
    }
    // An address or a redirect that is not allowed.
    if (cause instanceof TerminalError) {
      return new ProviderFailure("misconfigured", cause.message, error);
    }
    if (cause instanceof Response && cause.status >= 500) {
      return new ProviderFailure("away", `It answers ${cause.status}`, error);
    }
  }
  const { status } = error as { status?: unknown };
  const code = errorCode(error);
  if (typeof code === "string") {
    // What it says of itself goes to the log; of its words only the code is known.
    const said = /^[a-z_]{1,60}$/.test(code) ? code : "an unknown error";
    if (typeof status === "number" && status >= 500) {
      return new ProviderFailure(
        "away",
        `It answers ${status}: ${said}`,
        error,
      );
    }
    const isOurs = /client|redirect_uri|scope|unsupported/.test(said);
    return new ProviderFailure(
      isOurs ? "misconfigured" : "refused",
      `It answers ${said}`,
      error,
    );
  }
  const reasons = [...causesOf(error)].filter((cause) => cause instanceof Error)
    .map(messageOf);
  return new ProviderFailure("untrusted", reasons.join(": "), error);
}

/** What a provider calls the error, in the body or in `WWW-Authenticate`. */
function errorCode(error: unknown): unknown {
  const { error: code, cause } = error as { error?: unknown; cause?: unknown };
  if (code !== undefined || !Array.isArray(cause)) return code;
  return cause.map(({ parameters }) => parameters?.error)
    .find((one) => typeof one === "string");
}

/** An error, and what it was caused by. */
function* causesOf(error: unknown): Generator<unknown> {
  let cause = error;
  for (let depth = 0; depth < 5 && cause !== undefined; depth++) {
    yield cause;
    if (!(cause instanceof Error)) return;
    cause = cause.cause;
  }
}
