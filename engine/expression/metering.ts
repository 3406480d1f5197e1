/**
 * Writes a checked expression anew so that everything whose cost grows with the
 * values pays for it (see `budget.ts`). Only the public syntax tree is used; an
 * expression whose cost cannot grow keeps its text and pays nothing.
 *
 * @module
 */
import { METERING } from "./environment.ts";
import {
  type ASTNode,
  contains,
  countNodes,
  isBind,
  isComprehension,
} from "./syntax.ts";

/** Methods whose receiver stays as it is: it may be an optional value. */
const OPTIONAL_METHODS: ReadonlySet<string> = new Set([
  "or",
  "orValue",
  "hasValue",
  "value",
  "of",
  "none",
]);

/** How tightly operators bind; what is not listed binds tighter than all. */
const PRECEDENCE: ReadonlyMap<string, number> = new Map([
  ["?:", 0],
  ["||", 1],
  ["&&", 2],
  ["==", 3],
  ["!=", 3],
  ["<", 4],
  ["<=", 4],
  [">", 4],
  [">=", 4],
  ["in", 4],
  ["+", 5],
  ["-", 5],
  ["*", 6],
  ["/", 6],
  ["%", 6],
  ["!_", 7],
  ["-_", 7],
]);

/** Operators whose results never grow; `+` may join texts and lists. */
const SCALAR_OPERATORS: ReadonlySet<string> = new Set(
  [...PRECEDENCE.keys()].filter((op) => op !== "+" && op !== "?:"),
);

/** The text to evaluate. */
export function meter(ast: ASTNode, text: string): string {
  const repeats = contains(
    ast,
    (node) => isComprehension(node) || isBind(node),
  );
  if (!repeats && !contains(ast, isGrowingSum)) return text;
  return print(ast, repeats);
}

/** `repeats`: parts may be evaluated more than once, or share values. */
function print(node: ASTNode, repeats: boolean): string {
  switch (node.op) {
    case "value":
      return node.input.slice(node.start, node.end);
    case "id":
      return node.args;
    case ".":
    case ".?":
      return `${operand(node.args[0], 8, repeats)}${node.op}${node.args[1]}`;
    case "[]":
    case "[?]": {
      const [of, at] = node.args;
      const open = node.op === "[]" ? "[" : "[?";
      return `${operand(of, 8, repeats)}${open}${print(at, repeats)}]`;
    }
    case "call":
    case "rcall":
      return printCall(node, repeats);
    case "list":
      return `[${printAll(node.args, repeats)}]`;
    case "map":
      return `{${
        node.args.map((entry) =>
          entry.map((part) => print(part, repeats)).join(": ")
        ).join(", ")
      }}`;
    case "?:": {
      const [condition, yes, no] = node.args;
      return `${operand(condition, 1, repeats)} ? ${print(yes, repeats)} : ${
        print(no, repeats)
      }`;
    }
    case "!_":
    case "-_":
      // A double minus must not run together.
      return `${node.op[0]}${
        operand(node.args, node.args.op === "value" ? 7 : 8, repeats)
      }`;
    default:
      return printBinary(node.op, node.args, repeats);
  }
}

function printAll(nodes: readonly ASTNode[], repeats: boolean): string {
  return nodes.map((node) => print(node, repeats)).join(", ");
}

/** In parentheses where it binds more loosely than its place needs. */
function operand(node: ASTNode, tightness: number, repeats: boolean): string {
  const binds = node.op === "value" ? 7 : PRECEDENCE.get(node.op) ?? 8;
  const text = print(node, repeats);
  return binds < tightness ? `(${text})` : text;
}

function printBinary(
  op: string,
  [left, right]: readonly [ASTNode, ASTNode],
  repeats: boolean,
): string {
  const binds = PRECEDENCE.get(op) ?? 0;
  if (op === "+") return printSum(left, right, repeats);
  const deep = repeats && (op === "==" || op === "!=") &&
    !isScalar(left) && !isScalar(right);
  const deepRight = deep || (repeats && op === "in" && !isLiteralList(right));
  const first = deep
    ? `${METERING.spendDeep}(${print(left, repeats)})`
    : operand(left, binds, repeats);
  const second = deepRight
    ? `${METERING.spendDeep}(${print(right, repeats)})`
    : operand(right, binds + 1, repeats);
  return `${first} ${op} ${second}`;
}

/**
 * A sum copies its left part once for every further term, so a term pays once
 * for each addition it takes part in. Flat, since a sum may have many terms.
 */
function printSum(left: ASTNode, right: ASTNode, repeats: boolean): string {
  const terms = [right];
  let first = left;
  while (first.op === "+") {
    terms.unshift(first.args[1]);
    first = first.args[0];
  }
  terms.unshift(first);
  const grows = terms.every(mayGrow);
  return terms.map((term, index) => {
    if (!grows || term.op === "value") {
      return operand(term, index === 0 ? 5 : 6, repeats);
    }
    const additions = terms.length - Math.max(index, 1);
    return `${METERING.spend}(${print(term, repeats)}, ${additions})`;
  }).join(" + ");
}

function printCall(
  node: Extract<ASTNode, { readonly op: "call" | "rcall" }>,
  repeats: boolean,
): string {
  if (node.op === "call") {
    const [name, args] = node.args;
    const isPlain = !repeats || name === "has";
    return `${name}(${
      args.map((arg) => isPlain ? print(arg, repeats) : paid(arg, repeats))
        .join(", ")
    })`;
  }
  const [name, receiver, args] = node.args;
  return `${printReceiver(node, receiver, repeats)}.${name}(${
    printAll(args, repeats)
  })`;
}

function printReceiver(
  call: Extract<ASTNode, { readonly op: "rcall" }>,
  receiver: ASTNode,
  repeats: boolean,
): string {
  const [name, , args] = call.args;
  if (isComprehension(call)) {
    const nodes = args.reduce((sum, arg) => sum + countNodes(arg), 0);
    return `${METERING.spendLoop}(${print(receiver, repeats)}, ${nodes})`;
  }
  if (!repeats || isBind(call) || OPTIONAL_METHODS.has(name)) {
    return operand(receiver, 8, repeats);
  }
  // The length of what `join` makes follows from its items.
  return name === "join"
    ? `${METERING.spendDeep}(${print(receiver, repeats)})`
    : paid(receiver, repeats);
}

function paid(node: ASTNode, repeats: boolean): string {
  const text = print(node, repeats);
  if (node.op === "value") return `(${text})`;
  return isScalar(node) ? `(${text})` : `${METERING.spend}(${text}, 1)`;
}

/** Whether the node is a sum of texts or lists, as far as the syntax tells. */
function isGrowingSum(node: ASTNode): boolean {
  return node.op === "+" && node.args.every(mayGrow);
}

function mayGrow(node: ASTNode): boolean {
  if (node.op === "+") return node.args.every(mayGrow);
  return !isScalar(node) || typeof (node.args as unknown) === "string";
}

/** Whether the value is a literal, or the result of an operator that yields one number or truth value. */
function isScalar(node: ASTNode): boolean {
  return node.op === "value" || SCALAR_OPERATORS.has(node.op);
}

function isLiteralList(node: ASTNode): boolean {
  return node.op === "list" && node.args.every(({ op }) => op === "value");
}
