/**
 * The examples of a type: documents that are docs, files and tests.
 *
 * @module
 */
import type { JsonObject } from "./define.ts";
import type { JsonValue } from "./store/store.ts";

/** A module entry of an example. */
export interface ExampleModule {
  readonly name: string;
  readonly type: string;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly dependsOn?: readonly string[];
}

/** One request to an example, and what comes back. */
export interface Exchange {
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers?: Readonly<Record<string, string>>;
    /** JSON, unless it is a string. */
    readonly body?: JsonValue;
  };
  readonly response: {
    readonly status: number;
    /** These must be present with these values; others may be. */
    readonly headers?: Readonly<Record<string, string>>;
    /** The whole text, or JSON of which each stated field must match. */
    readonly body?: JsonValue;
  };
}

/**
 * A small document that shows a type at work. It is a page of the docs, a file
 * under `examples/` in the folder of its kind, and a test that boots it and makes
 * its exchanges and runs.
 */
export interface Example {
  readonly title: string;
  readonly modules: readonly ExampleModule[];
  readonly workflows?: Readonly<Record<string, unknown>>;
  readonly triggers?: Readonly<Record<string, unknown>>;
  readonly pipelines?: Readonly<Record<string, unknown>>;
  /** The text of files that stand beside the document, by relative path. */
  readonly files?: Readonly<Record<string, string>>;
  readonly exchanges?: readonly Exchange[];
  /** Runs of its pipelines, and how they end. */
  readonly runs?: readonly ExampleRun[];
}

/** One run of an example's pipeline. */
export interface ExampleRun {
  readonly pipeline: string;
  readonly input?: JsonObject;
  /** @default {"completed"} */
  readonly status?: "completed" | "failed" | "waiting";
  /** Each stated field must match. */
  readonly output?: JsonValue;
  /** The failed run's error must hold this text. */
  readonly error?: string;
}
