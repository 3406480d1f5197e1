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

/** The key of a message, `undefined` for none. */
export type KeyOf = (
  topic: string,
  payload: Message["payload"],
) => string | undefined;

/**
 * How a config makes keys.
 *
 * @throws what is returned throws a {TerminalError} if the expression cannot be
 * evaluated: without its key a message would be out of order.
 */
export function keyReader(
  { key, keyField }: {
    readonly key?: string | undefined;
    readonly keyField?: string | undefined;
  },
): KeyOf {
  if (keyField !== undefined) {
    const path = keyField.split(".");
    return (_topic, payload) => textOf(fieldOf(payload, path));
  }
  if (key === undefined) return () => undefined;
  const expression = compileExpression(key, KEY_VARIABLES);
  return (topic, payload) => {
    try {
      return textOf(expression.evaluate({ payload, topic }));
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      throw new TerminalError(
        `Cannot publish to "${topic}": its key cannot be computed: ${error.message}`,
        { cause: error },
      );
    }
  };
}

/** What a path leads to. */
function fieldOf(payload: unknown, path: readonly string[]): unknown {
  let value = payload;
  for (const part of path) {
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
