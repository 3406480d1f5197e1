/**
 * The key of a message, by which Kafka keeps messages in order.
 *
 * @module
 */
import { TerminalError } from "@engine/errors.ts";
import type { CelVariables } from "@engine/expression/environment.ts";
import { compileExpression } from "@engine/expression/evaluate.ts";
import { ExpressionError } from "@engine/expression/expression_error.ts";
import type { Message } from "@engine/services/broker.ts";

/** What `key` may speak of. */
export const KEY_VARIABLES: CelVariables = { payload: "any", topic: "string" };

/**
 * The key as a config says it; `undefined` for none.
 *
 * @throws {TerminalError} if the expression cannot be evaluated: without its key
 * a message would be out of order.
 */
export function keyOf(
  { key, keyField }: {
    readonly key?: string | undefined;
    readonly keyField?: string | undefined;
  },
  topic: string,
  payload: Message["payload"],
): string | undefined {
  if (keyField !== undefined) return textOf(fieldOf(payload, keyField));
  if (key === undefined) return undefined;
  try {
    return textOf(
      compileExpression(key, KEY_VARIABLES).evaluate({ payload, topic }),
    );
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw new TerminalError(
      `Cannot publish to "${topic}": its key cannot be computed: ${error.message}`,
      { cause: error },
    );
  }
}

/** What a path with dots leads to. */
function fieldOf(payload: unknown, path: string): unknown {
  let value = payload;
  for (const part of path.split(".")) {
    if (value === null || typeof value !== "object") return undefined;
    if (!Object.hasOwn(value, part)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[part];
  }
  return value;
}

function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === "string" ? value : JSON.stringify(value);
}
