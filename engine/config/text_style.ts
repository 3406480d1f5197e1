/**
 * How a text is written, as far as what is added to it has to follow.
 *
 * @module
 */
import {
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Node,
  visit,
} from "yaml";

/** How a text is written. */
export interface Style {
  readonly lineEnd: "\n" | "\r\n";
  /** By how many columns a map stands deeper than the key before it. */
  readonly mapStep: number;
  /** The same of a list. */
  readonly listStep: number;
  /** The whole is JSON, and stays so. */
  readonly isJson: boolean;
  /** Lists of texts and numbers stand in brackets, mostly. */
  readonly flowLists: boolean;
  /** What stands inside of braces, before and after: a space, or nothing. */
  readonly padding: string;
}

/** The style of a text, from what stands in it. */
export function styleOf(root: Node | null, text: string): Style {
  const steps: Steps = {};
  findSteps(root, text, steps);
  const isJson = isCollection(root) && root.flow === true;
  const jsonStep = /^[{[] *\r?\n( +)/.exec(text.slice(startOf(root)))?.[1];
  const mapStep = (isJson ? jsonStep?.length : steps.map) ?? 2;
  return {
    lineEnd: text.includes("\r\n") ? "\r\n" : "\n",
    mapStep,
    listStep: steps.list ?? mapStep,
    isJson,
    ...bracketsOf(root, text),
  };
}

interface Steps {
  map?: number;
  list?: number;
}

/** The first step of each kind speaks for all. */
function findSteps(node: unknown, text: string, steps: Steps): void {
  if (!isCollection(node) || node.flow) return;
  for (const item of node.items) {
    const value = isPair(item) ? item.value : item;
    if (!isCollection(value) || value.flow) continue;
    if (isPair(item)) {
      const step = columnOf(startOf(value), text) -
        columnOf(startOf(item.key), text);
      if (isMap(value)) steps.map ??= step;
      else steps.list ??= step;
    }
    findSteps(value, text, steps);
  }
}

function bracketsOf(
  root: Node | null,
  text: string,
): Pick<Style, "flowLists" | "padding"> {
  const lists = { flow: 0, block: 0 };
  let padding: string | undefined;
  visit(root, {
    Seq(_, list) {
      if (list.items.length === 0 || !list.items.every(isScalar)) return;
      lists[list.flow ? "flow" : "block"]++;
    },
    Map(_, map) {
      if (!map.flow || map.items.length === 0) return;
      padding ??= text[startOf(map) + 1] === " " ? " " : "";
    },
  });
  return { flowLists: lists.flow > lists.block, padding: padding ?? " " };
}

/** Whether every item is written in brackets, of those that could be. */
export function areInBrackets(values: readonly unknown[]): boolean {
  const kinds = values.filter((value) =>
    isCollection(value) && value.items.length > 0
  );
  return kinds.length > 0 &&
    kinds.every((value) => (isMap(value) || isSeq(value)) && value.flow);
}

/** The offset of a node, behind its anchor and tag. */
export function startOf(node: unknown): number {
  return (node as Node | null)?.range?.[0] ?? 0;
}

/** How many characters stand before an offset on its line. */
export function columnOf(offset: number, text: string): number {
  return offset - (text.lastIndexOf("\n", offset - 1) + 1);
}
