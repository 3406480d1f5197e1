/**
 * One request to a collector, by OTLP over HTTP, and what its answer means.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import { messageOf } from "@engine/errors.ts";
import { withDeadline } from "@engine/outgoing/deadline.ts";
import { shownUrl } from "@engine/outgoing/guarded_fetch.ts";
import { readBody } from "@engine/outgoing/read_body.ts";
import type { FinishedSpan } from "@engine/tracing.ts";
import type { OtlpEncoding } from "./_otlp_encoding.ts";

/** The longest answer that is read, in bytes. */
const ANSWER_BYTES_MAX = 64 * 1024;

/** The statuses after which the protocol lets a client try again. */
const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** What became of a request. */
export type Sent =
  | { readonly kind: "taken" }
  /** Taken, except so many spans, which must not be sent again. */
  | {
    readonly kind: "partly";
    readonly rejected: number;
    readonly reason: string;
  }
  /** Not taken for now. */
  | {
    readonly kind: "later";
    readonly reason: string;
    readonly inMs: number | undefined;
  }
  /** Not taken, and trying again cannot help. */
  | { readonly kind: "refused"; readonly reason: string };

/** Where the collector is, and how it is asked. */
export interface CollectorOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/** See the module comment. */
export class Collector {
  readonly #options: CollectorOptions;
  readonly #encoding: OtlpEncoding;
  readonly #effects: Host["effects"];

  constructor(
    options: CollectorOptions,
    encoding: OtlpEncoding,
    effects: Host["effects"],
  ) {
    this.#options = options;
    this.#encoding = encoding;
    this.#effects = effects;
  }

  /** Sends spans; none of them asks whether the collector is there. Never throws. */
  async send(
    spans: readonly FinishedSpan[],
    signal: AbortSignal,
  ): Promise<Sent> {
    const { timeoutMs, url } = this.#options;
    const shown = shownUrl(url);
    try {
      return await withDeadline({
        clock: this.#effects.clock,
        ms: timeoutMs,
        signal,
        late: () => new Error(`There was no answer within ${timeoutMs} ms`),
      }, (limited) => this.#send(spans, limited));
    } catch (error) {
      const reason = `Cannot reach ${shown}: ${reasonOf(error)}`;
      return { kind: "later", reason, inMs: undefined };
    }
  }

  async #send(
    spans: readonly FinishedSpan[],
    signal: AbortSignal,
  ): Promise<Sent> {
    const { url, headers } = this.#options;
    const response = await this.#effects.network.fetch(url, {
      method: "POST",
      headers: { ...headers, "content-type": "application/x-protobuf" },
      body: this.#encoding.request(spans),
      redirect: "manual",
      signal,
    });
    const { status } = response;
    const reason = `${shownUrl(url)} answered ${status}${hintOf(status)}`;
    if (status === 200) return await this.#answered(response);
    await response.body?.cancel();
    if (!RETRYABLE.has(status)) return { kind: "refused", reason };
    const seconds = Number(response.headers.get("retry-after") ?? NaN);
    const inMs = Number.isFinite(seconds) ? seconds * 1_000 : undefined;
    return { kind: "later", reason, inMs };
  }

  async #answered(response: Response): Promise<Sent> {
    const body = await readBody(response, ANSWER_BYTES_MAX);
    try {
      const { rejected, message } = this.#encoding.answer(
        body ?? new Uint8Array([0xff]),
      );
      if (rejected <= 0) return { kind: "taken" };
      const reason = `The collector rejects ${rejected} spans: ${message}`;
      return { kind: "partly", rejected, reason };
    } catch {
      // Whatever the library says of its bytes, it does not speak the protocol.
      const reason = `${shownUrl(this.#options.url)} answers as no collector ` +
        "does: is it one?";
      return { kind: "refused", reason };
    }
  }
}

function hintOf(status: number): string {
  if (status === 401 || status === 403) return ": the headers do not let us in";
  return status === 404 ? ": it takes no OTLP there" : "";
}

/** fetch says "fetch failed", and its cause says why. */
function reasonOf(error: unknown): string {
  return messageOf(
    error instanceof Error && error.cause instanceof Error
      ? error.cause
      : error,
  );
}
