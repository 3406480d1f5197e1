/**
 * The contract of what holds values against JSON Schemas.
 *
 * @module
 */
import { defineService } from "../service.ts";

/** One thing that is wrong with a value. */
export type SchemaFault = {
  /**
   * The JSON pointer (RFC 6901) of what is wrong; of a field that is missing, where
   * it would stand. Empty for the whole value.
   */
  readonly pointer: string;
  readonly message: string;
  /** The word of the schema that says so, such as `required`. */
  readonly keyword: string;
};

/** Holds values against schemas, by their names. */
export interface JsonSchemas {
  readonly names: readonly string[];
  /**
   * Everything that is wrong with a value, up to the module's limit; nothing if it
   * fits.
   *
   * @throws {RefusedError} `not-found` if there is no such schema.
   */
  faults(schema: string, value: unknown): readonly SchemaFault[];
}

/** Modules that hold values against JSON Schemas. */
export const JsonSchemas = defineService<JsonSchemas>(
  "json.schemas",
  "holds values against JSON Schemas",
);
