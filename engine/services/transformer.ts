/**
 * The contract of what reshapes data.
 *
 * @module
 */
import { defineService } from "../service.ts";
import type { JsonValue } from "../store/store.ts";

/** One step of a transformation. */
export interface TransformOperation {
  readonly type: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/** Reshapes data. */
export interface Transformer {
  /** Runs a named pipeline. @throws {RefusedError} `not-found` */
  transform(pipeline: string, data: JsonValue): JsonValue;
  /** Runs operations in order. @throws {TerminalError} naming the operation. */
  transformWith(
    operations: readonly TransformOperation[],
    data: JsonValue,
  ): JsonValue;
}

/** Modules that reshape data. */
export const Transformer = defineService<Transformer>(
  "transformer",
  "reshapes data",
);
