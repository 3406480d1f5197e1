/**
 * Knows whether a bucket can be used: looks at the start, and whenever somebody
 * asks. Makes the bucket where that is wanted, as soon as the server is there.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import { messageOf } from "@engine/errors.ts";
import type { Health } from "@engine/services/health_reporter.ts";
import { backoffMs } from "../_retries.ts";
import type { Bucket } from "./_bucket.ts";
import { S3Refusal } from "./_failure.ts";

/** How long a look may take, in milliseconds: less than who asks would wait. */
export const LOOK_MS = 1_500;

/** How long what was seen is told again, in milliseconds. */
export const FRESH_MS = 1_000;

/** The longest wait between two tries to make the bucket, in milliseconds. */
const MAKE_BACKOFF_MS_MAX = 5_000;

/** How to watch. */
export interface WatchSettings {
  readonly createBucket: boolean;
  readonly initialBackoffMs: number;
}

/** See the module comment. */
export class Watch {
  readonly #bucket: Bucket;
  readonly #host: Host;
  readonly #settings: WatchSettings;
  #abort = new AbortController();
  #seen: { readonly atMs: number; readonly health: Health } | undefined;
  /** Whether the last thing that was heard of the server is a success. */
  #hasServed = false;

  constructor(bucket: Bucket, host: Host, settings: WatchSettings) {
    this.#bucket = bucket;
    this.#host = host;
    this.#settings = settings;
  }

  /** Looks once; where the bucket is missing and wanted, goes on until it is there. */
  async begin(): Promise<void> {
    this.#abort = new AbortController();
    this.#hasServed = false;
    const isMade = this.#settings.createBucket ? await this.#make() : true;
    const { status, message } = await this.#look();
    if (status !== "healthy") this.#host.log.warn(message ?? status);
    if (!isMade) void this.#makeLater();
  }

  end(): void {
    this.#abort.abort(new Error("The application stops"));
  }

  /** An operation has succeeded. */
  served(): void {
    this.#hasServed = true;
  }

  /** How the bucket is now, or was within `FRESH_MS`. */
  async health(): Promise<Health> {
    const now = this.#host.effects.clock.elapsed();
    if (this.#seen !== undefined && now - this.#seen.atMs < FRESH_MS) {
      return this.#seen.health;
    }
    return await this.#look();
  }

  async #look(): Promise<Health> {
    const health = await this.#bucket.look(this.#abort.signal, LOOK_MS)
      .then(
        (): Health => ({ status: "healthy" }),
        (error) => this.#fault(error),
      );
    this.#seen = { atMs: this.#host.effects.clock.elapsed(), health };
    return health;
  }

  #fault(error: unknown): Health {
    // Who may write and not list can still do what the document is for.
    const isServing = this.#hasServed && error instanceof S3Refusal &&
      error.code === "AccessDenied";
    if (isServing) return { status: "healthy" };
    this.#hasServed = false;
    return { status: "degraded", message: messageOf(error) };
  }

  async #makeLater(): Promise<void> {
    const { clock, random } = this.#host.effects;
    const policy = { ...this.#settings, backoffMsMax: MAKE_BACKOFF_MS_MAX };
    for (let attempt = 1; !this.#abort.signal.aborted; attempt++) {
      const waitMs = backoffMs(policy, attempt, random);
      // Rejects when the application stops.
      await clock.sleep(waitMs, this.#abort.signal).catch(() => {});
      if (!this.#abort.signal.aborted && await this.#make()) return;
    }
  }

  /** Whether the bucket is there; what went wrong is told by `health`. */
  async #make(): Promise<boolean> {
    const { signal } = this.#abort;
    try {
      await this.#bucket.look(signal, LOOK_MS);
      return true;
    } catch (error) {
      const isMissing = error instanceof S3Refusal &&
        error.code === "NoSuchBucket";
      if (!isMissing) return false;
    }
    try {
      await this.#bucket.make(signal);
      this.#host.log.info("The bucket is made");
      return true;
    } catch (error) {
      this.#host.log.warn(messageOf(error));
      return false;
    }
  }
}
