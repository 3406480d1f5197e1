/**
 * Reads an expression and says what is wrong with it, before anything runs.
 *
 * @module
 */
import {
  type Environment,
  ParseError,
  TypeError as CelTypeError,
} from "@marcbachmann/cel-js";
import { nearestName } from "../config/nearest.ts";
import {
  type CelVariables,
  checkingEnvironment,
  COMPREHENSION_DEPTH_MAX,
  EXPRESSION_CHARACTERS_MAX,
} from "./environment.ts";
import { ExpressionError } from "./expression_error.ts";
import { type ASTNode, childrenOf, isComprehension } from "./syntax.ts";

/** Names that lead from a value to the machinery behind it. */
const FORBIDDEN_FIELDS: ReadonlySet<string> = new Set([
  "__proto__",
  "constructor",
  "prototype",
]);

/** What is wrong with an expression over these variables, if anything is. */
export function checkExpression(
  text: string,
  variables: CelVariables,
): ExpressionError | undefined {
  try {
    parseExpression(text, variables);
    return undefined;
  } catch (error) {
    if (error instanceof ExpressionError) return error;
    throw error;
  }
}

/**
 * The syntax tree of an expression that is valid over these variables.
 *
 * @throws {ExpressionError} `syntax`, `type` or `refused`
 */
export function parseExpression(
  text: string,
  variables: CelVariables,
): ASTNode {
  return readExpression(text, variables).ast;
}

/** An expression that is valid. */
export interface ReadExpression {
  readonly ast: ASTNode;
  /** The type of its result, as CEL calls it. */
  readonly type: string;
}

/**
 * The syntax tree and the type of an expression that is valid over these
 * variables.
 *
 * @throws {ExpressionError} `syntax`, `type` or `refused`
 */
export function readExpression(
  text: string,
  variables: CelVariables,
): ReadExpression {
  if (text.length > EXPRESSION_CHARACTERS_MAX) {
    throw new ExpressionError(
      `Cannot read the expression: it has ${text.length} characters, the ` +
        `limit is ${EXPRESSION_CHARACTERS_MAX}`,
      { kind: "refused", text, offset: EXPRESSION_CHARACTERS_MAX },
    );
  }
  const environment = checkingEnvironment(variables);
  try {
    const parsed = environment.parse(text);
    refuse(parsed.ast, text, 0);
    const { error, type = "dyn" } = parsed.check();
    if (error !== undefined) throw error;
    return { ast: parsed.ast, type };
  } catch (error) {
    throw asExpressionError(error, text, variables, environment);
  }
}

/** Throws where a node is valid CEL and still not to be had. */
function refuse(node: ASTNode, text: string, loops: number): void {
  const depth = isComprehension(node) ? loops + 1 : loops;
  const reason = refusal(node, depth);
  if (reason !== undefined) {
    throw new ExpressionError(reason, {
      kind: "refused",
      text,
      offset: node.pos,
    });
  }
  // The receiver of a loop is evaluated before it, its body within it.
  const [receiver, ...body] = childrenOf(node);
  if (receiver !== undefined) refuse(receiver, text, loops);
  for (const child of body) refuse(child, text, depth);
}

/** Methods that the library has and documents have not. */
export const REFUSED_METHODS: ReadonlySet<string> = new Set(["matches"]);

function refusal(node: ASTNode, loops: number): string | undefined {
  if (loops > COMPREHENSION_DEPTH_MAX) {
    return `Cannot nest loops deeper than ${COMPREHENSION_DEPTH_MAX} levels`;
  }
  if (node.op === "rcall" && REFUSED_METHODS.has(node.args[0])) {
    return `Cannot use "${
      node.args[0]
    }": regular expressions may never end; use ` +
      '"contains", "startsWith" or "endsWith"';
  }
  const field = selectedField(node);
  if (field === undefined || !FORBIDDEN_FIELDS.has(field)) return undefined;
  return `Cannot select "${field}": the name is reserved`;
}

function selectedField(node: ASTNode): string | undefined {
  if (node.op === "." || node.op === ".?") return node.args[1];
  if (node.op !== "[]" && node.op !== "[?]") return undefined;
  const [, index] = node.args;
  return index.op === "value" && typeof index.args === "string"
    ? index.args
    : undefined;
}

function asExpressionError(
  error: unknown,
  text: string,
  variables: CelVariables,
  environment: Environment,
): ExpressionError {
  if (error instanceof ExpressionError) return error;
  if (error instanceof ParseError || error instanceof CelTypeError) {
    const offset = error.range?.start ?? 0;
    const named = unknownName(error, variables, environment);
    return new ExpressionError(
      named === undefined ? sentence(error.summary) : named.message,
      {
        kind: error instanceof ParseError ? "syntax" : "type",
        text,
        offset,
        nearest: named?.nearest,
        cause: error,
      },
    );
  }
  if (error instanceof RangeError) {
    return new ExpressionError(
      "Cannot read the expression: it nests too deep",
      {
        kind: "refused",
        text,
        cause: error,
      },
    );
  }
  if (error instanceof Error && error.message.includes("overlaps with")) {
    // The library throws a bare error where the type of an item is open: `[]`.
    return new ExpressionError(
      "Cannot tell the types apart: an empty list has items of any type",
      { kind: "type", text, cause: error },
    );
  }
  throw error;
}

/** The message and the nearest name, where the error is about a name. */
function unknownName(
  error: ParseError | CelTypeError,
  variables: CelVariables,
  environment: Environment,
):
  | { readonly message: string; readonly nearest: string | undefined }
  | undefined {
  if (error.code === "unknown_variable") {
    const name = lastPart(error.summary, ": ");
    const nearest = nearestName(name, Object.keys(variables));
    return { message: `No variable is called "${name}"`, nearest };
  }
  if (error.code === "no_such_key") {
    const name = lastPart(error.summary, ": ");
    const nearest = nearestName(name, fieldNames(variables));
    return { message: `No field is called "${name}"`, nearest };
  }
  if (error.code !== "no_matching_overload") return undefined;
  const name = /'(?:.*\.)?(\w+)\(/.exec(error.summary)?.[1] ?? "";
  const known = environment.getDefinitions().functions.map(({ name }) => name);
  if (name === "" || known.includes(name)) return undefined;
  const nearest = nearestName(name, known);
  return { message: `No function is called "${name}"`, nearest };
}

function* fieldNames(variables: CelVariables): Iterable<string> {
  for (const type of Object.values(variables)) {
    if (typeof type === "string") continue;
    yield* Object.keys(type.fields);
    yield* fieldNames(type.fields);
  }
}

function lastPart(text: string, separator: string): string {
  return text.slice(text.lastIndexOf(separator) + separator.length);
}

/** A message of the library in the form of ours. */
function sentence(summary: string): string {
  const text = summary.replaceAll("'", '"').replace(/\.$/, "");
  return text.charAt(0).toUpperCase() + text.slice(1);
}
