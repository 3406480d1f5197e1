/**
 * Makes signed calls of S3: each attempt has a time limit, and what fails for now
 * is tried again.
 *
 * @module
 */
import type { AwsV4Signer } from "aws4fetch";
import type { Host } from "@engine/define.ts";
import { messageOf, RetryableError, TerminalError } from "@engine/errors.ts";
import { withDeadline } from "@engine/outgoing/deadline.ts";
import { readBody } from "@engine/outgoing/read_body.ts";
import { type RetryPolicy, withRetries } from "../_retries.ts";
import { type BucketPlace, type UrlOf, urlsOf } from "./_address.ts";
import { failureOf, type S3Answer } from "./_failure.ts";

/** Whose requests they are. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** How a client calls. */
export interface ClientSettings extends BucketPlace, RetryPolicy {
  /** How long one attempt may take, in milliseconds. */
  readonly timeoutMs: number;
}

/** One call. */
export interface S3Call<T> {
  /** Begins every error, such as `Cannot put "a" into "bucket"`. */
  readonly attempted: string;
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  /** Absent: the bucket itself. */
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer>;
  /** A longer answer is refused. @default {ANSWER_BYTES_MAX} */
  readonly answerBytesMax?: number;
  /** What a success yields; a `RetryableError` is worth another attempt. */
  readonly read: (answer: S3Answer) => T;
}

/** The longest answer that is no object, in bytes: a page of a list has less. */
const ANSWER_BYTES_MAX = 16 * 1024 * 1024;

/** See the module comment. */
export class S3Client {
  readonly settings: ClientSettings;
  readonly #effects: Pick<Host["effects"], "clock" | "network" | "random">;
  readonly #urlOf: UrlOf;
  readonly #keys = new Map<string, ArrayBuffer>();
  #Signer: typeof AwsV4Signer | undefined;
  #credentials: Credentials | undefined;

  constructor(settings: ClientSettings, effects: Host["effects"]) {
    this.settings = settings;
    this.#effects = effects;
    this.#urlOf = urlsOf(settings);
  }

  /** Loads what signs. Without credentials every call says that there are none. */
  async start(credentials: Credentials | undefined): Promise<void> {
    this.#Signer = (await import("aws4fetch")).AwsV4Signer;
    this.#credentials = credentials;
  }

  /**
   * Calls until it succeeds, is refused, or no attempt is left.
   *
   * @throws {S3Refusal | TerminalError} Trying again cannot help.
   * @throws {RetryableError} No attempt is left.
   */
  async call<T>(call: S3Call<T>, signal: AbortSignal): Promise<T> {
    return await withRetries(
      this.settings,
      { ...this.#effects, signal },
      () => this.once(call, signal, this.settings.timeoutMs),
    );
  }

  /** Calls once. @throws as `call` does. */
  async once<T>(
    call: S3Call<T>,
    signal: AbortSignal,
    timeoutMs: number,
  ): Promise<T> {
    const { attempted, read } = call;
    const request = await this.#request(call);
    const answer = await withDeadline({
      clock: this.#effects.clock,
      ms: timeoutMs,
      signal,
      late: () =>
        new RetryableError(
          `${attempted}: ${request.url.origin} takes longer than the limit ` +
            `of ${timeoutMs} ms`,
        ),
    }, (limited) => this.#send(call, request, limited));
    if (answer.status >= 200 && answer.status <= 299) return read(answer);
    throw failureOf(attempted, answer);
  }

  /** A URL that needs no credentials for so many seconds. */
  async presign(
    method: "GET" | "PUT",
    key: string,
    seconds: number,
  ): Promise<string> {
    const url = this.#urlOf(key, { "X-Amz-Expires": String(seconds) });
    const signed = await this.#sign("Cannot presign", {
      method,
      url: url.href,
      signQuery: true,
    });
    return signed.url.href;
  }

  async #request({ attempted, ...call }: S3Call<unknown>) {
    const { method, key, query, headers = {}, body } = call;
    const digest = await crypto.subtle.digest(
      "SHA-256",
      body ?? new Uint8Array(),
    );
    const signed = await this.#sign(attempted, {
      method,
      url: this.#urlOf(key, query).href,
      headers: {
        ...headers,
        "x-amz-content-sha256": new Uint8Array(digest).toHex(),
      },
    });
    return { url: signed.url, headers: signed.headers };
  }

  async #sign(
    attempted: string,
    request: Pick<
      ConstructorParameters<typeof AwsV4Signer>[0],
      "method" | "url" | "headers" | "signQuery"
    >,
  ) {
    if (this.#Signer === undefined) {
      throw new TerminalError(`${attempted}: the module has not started`);
    }
    if (this.#credentials === undefined) {
      throw new TerminalError(
        `${attempted}: there are no credentials, neither accessKeyId and ` +
          "secretAccessKey nor AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
      );
    }
    const { accessKeyId, secretAccessKey, sessionToken } = this.#credentials;
    const now = new Date(this.#effects.clock.now()).toISOString();
    const signer = new this.#Signer({
      ...request,
      accessKeyId,
      secretAccessKey,
      ...sessionToken === undefined ? {} : { sessionToken },
      service: "s3",
      region: this.settings.region,
      // Derived once a day rather than for every request.
      cache: this.#keys,
      datetime: now.replace(/[:-]|\.\d{3}/g, ""),
    });
    return await signer.sign();
  }

  async #send(
    call: S3Call<unknown>,
    { url, headers }: { readonly url: URL; readonly headers: Headers },
    signal: AbortSignal,
  ): Promise<S3Answer> {
    const { method, body, attempted } = call;
    const { answerBytesMax = ANSWER_BYTES_MAX } = call;
    let response: Response;
    let content: Uint8Array<ArrayBuffer> | undefined;
    try {
      response = await this.#effects.network.fetch(url, {
        method,
        headers,
        signal,
        redirect: "manual",
        ...body === undefined ? {} : { body },
      });
      // What a HEAD tells of its length is not there to be read.
      content = method === "HEAD"
        ? new Uint8Array()
        : await readBody(response, answerBytesMax);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw new RetryableError(
        `${attempted}: ${url.origin} cannot be reached (${reasonOf(error)})`,
        { cause: error },
      );
    }
    if (content === undefined) {
      throw new TerminalError(
        `${attempted}: it is larger than the limit of ${answerBytesMax} bytes`,
      );
    }
    return {
      status: response.status,
      headers: response.headers,
      body: content,
    };
  }
}

/** fetch says that it failed, and its cause says why. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error
    ? error.cause
    : error;
  return messageOf(cause);
}
