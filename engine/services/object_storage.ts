/**
 * The contract of what keeps objects under keys: files, archives, exports.
 *
 * @module
 */
import { defineService } from "../service.ts";

/** What is known of an object beside its content. */
export interface ObjectFacts {
  readonly key: string;
  /** In bytes. */
  readonly size: number;
  /** Changes whenever the content does. */
  readonly etag: string;
  readonly contentType: string;
  /** In milliseconds since 1970. */
  readonly modifiedAt: number;
  /** What whoever wrote it said of it, by names in lower case. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** What goes with an object that is written. */
export interface PutOptions {
  readonly contentType: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Keeps objects. Every operation is tried again where that can help. */
export interface ObjectStorage {
  /**
   * Writes an object, replacing the one that is there; it is kept once this has
   * resolved, and is never seen in part. A stream that breaks off leaves nothing
   * behind. Returns the entity tag.
   *
   * @throws {TerminalError} It is refused.
   * @throws {RetryableError} It cannot be written now.
   */
  put(
    key: string,
    body: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>,
    options: PutOptions,
  ): Promise<string>;
  /**
   * Reads a whole object; nothing if there is none.
   *
   * @throws {TerminalError} It is longer than `bytesMax`.
   */
  get(
    key: string,
    options: { readonly bytesMax: number; readonly signal: AbortSignal },
  ): Promise<
    | { readonly facts: ObjectFacts; readonly body: Uint8Array<ArrayBuffer> }
    | undefined
  >;
  /** Removes an object; one that is not there is removed already. */
  delete(key: string, signal: AbortSignal): Promise<void>;
}

/** Modules that keep objects. */
export const ObjectStorage = defineService<ObjectStorage>(
  "object.storage",
  "keeps objects under keys",
);
