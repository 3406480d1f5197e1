/**
 * Walks the syntax tree of an expression.
 *
 * @module
 */
import type { ASTNode } from "@marcbachmann/cel-js";

export type { ASTNode } from "@marcbachmann/cel-js";

/** The calls that loop over their receiver, with their numbers of arguments. */
const COMPREHENSIONS: ReadonlyMap<string, readonly number[]> = new Map([
  ["all", [2]],
  ["exists", [2]],
  ["exists_one", [2]],
  ["filter", [2]],
  ["map", [2, 3]],
]);

/** The parts of a node that are nodes themselves, in the order of the text. */
export function childrenOf(node: ASTNode): readonly ASTNode[] {
  switch (node.op) {
    case "value":
    case "id":
      return [];
    case ".":
    case ".?":
      return [node.args[0]];
    case "call":
      return node.args[1];
    case "rcall":
      return [node.args[1], ...node.args[2]];
    case "list":
      return node.args;
    case "map":
      return node.args.flat();
    case "!_":
    case "-_":
      return [node.args];
    default:
      return node.args;
  }
}

/** Whether the node loops over its receiver. */
export function isComprehension(
  node: ASTNode,
): node is Extract<ASTNode, { readonly op: "rcall" }> {
  return node.op === "rcall" &&
    (COMPREHENSIONS.get(node.args[0])?.includes(node.args[2].length) ?? false);
}

/** Whether the node is `cel.bind(name, value, expression)`. */
export function isBind(
  node: ASTNode,
): node is Extract<ASTNode, { readonly op: "rcall" }> {
  return node.op === "rcall" && node.args[0] === "bind" &&
    node.args[1].op === "id" && node.args[1].args === "cel";
}

/** Whether the node or any below it is what is asked for. */
export function contains(
  node: ASTNode,
  isWanted: (node: ASTNode) => boolean,
): boolean {
  return isWanted(node) ||
    childrenOf(node).some((child) => contains(child, isWanted));
}

/** How many nodes there are, the node itself included. */
export function countNodes(node: ASTNode): number {
  return childrenOf(node).reduce((sum, child) => sum + countNodes(child), 1);
}
