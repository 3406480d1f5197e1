/**
 * What fits where somebody is writing an expression: variables, the members of a
 * value whose type is known, functions and methods, all from the environment in
 * which expressions are checked.
 *
 * @module
 */
import type { JsonValue } from "../store/store.ts";
import { REFUSED_METHODS } from "./check.ts";
import {
  type CelType,
  type CelVariables,
  checkingEnvironment,
} from "./environment.ts";
import type { ExpressionValues } from "./evaluate.ts";
import type { ASTNode } from "./syntax.ts";
import { typeWord } from "./type_words.ts";

/** One that fits. */
export interface Suggestion {
  readonly label: string;
  readonly kind: "variable" | "member" | "method" | "function" | "word";
  /** What it is, such as `number` or `size(list): number`. */
  readonly detail: string;
  /** What takes the place of the text from `from` on. */
  readonly text: string;
  /** Where the text that it takes the place of begins. */
  readonly from: number;
}

/** How many are offered at a time. */
export const SUGGESTIONS_MAX = 50;

/** What an expression is over; the values are those of a sample. */
export interface CompleteOver {
  readonly variables: CelVariables;
  readonly values?: ExpressionValues;
}

/** What fits at a place of an expression. */
export function completeExpression(
  text: string,
  at: number,
  over: CompleteOver,
): readonly Suggestion[] {
  const before = text.slice(0, at);
  if (isInText(before)) return [];
  const typed = /[A-Za-z_]\w*$/.exec(before)?.[0] ?? "";
  const from = at - typed.length;
  const found = before[from - 1] === "."
    ? members(before.slice(0, from - 1), from, over)
    : /[\w)\]]$/.test(before.slice(0, from))
    ? []
    : globals(from, over);
  return found
    .map((one) => [rank(one.label, typed), one] as const)
    .filter(([rank]) => rank >= 0)
    .sort(([one], [other]) => one - other)
    .slice(0, SUGGESTIONS_MAX)
    .map(([, one]) => one);
}

/** What begins with what was typed comes first; what does not hold it is out. */
function rank(label: string, typed: string): number {
  return label.toLowerCase().indexOf(typed.toLowerCase()) > 0
    ? 1
    : label.toLowerCase().startsWith(typed.toLowerCase())
    ? 0
    : -1;
}

/** Whether a quote is open at the end. */
function isInText(before: string): boolean {
  let quote = "";
  for (let i = 0; i < before.length; i++) {
    const character = before[i] ?? "";
    if (quote === "") {
      if (character === '"' || character === "'") quote = character;
    } else if (character === "\\") i++;
    else if (character === quote) quote = "";
  }
  return quote !== "";
}

const WORDS = ["true", "false", "null"];

function globals(from: number, { variables }: CompleteOver): Suggestion[] {
  return [
    ...Object.entries(variables).map(([label, type]): Suggestion => ({
      ...{ label, kind: "variable", detail: wordOf(type), text: label, from },
    })),
    ...functionsOf(variables, (receiver) => receiver === null, from),
    ...WORDS.map((label): Suggestion => ({
      ...{ label, kind: "word", detail: "", text: label, from },
    })),
  ];
}

function members(
  before: string,
  from: number,
  over: CompleteOver,
): Suggestion[] {
  const receiver = lastOperand(before);
  if (receiver === "") return [];
  const known = knownOf(receiver, over);
  if (known === undefined) return [];
  const { type, fields, value } = known;
  const base = type.replace(/<.*$/, "");
  const isAny = type === "dyn";
  const sampled = value !== null && typeof value === "object" &&
      !Array.isArray(value)
    ? Object.entries(value)
    : [];
  const names = new Map<string, string>([
    ...sampled.map(([name, item]) => [name, sampleWord(item)] as const),
    ...Object.entries(fields ?? {}).map(([name, type]) =>
      [name, wordOf(type)] as const
    ),
  ]);
  return [
    ...[...names].map(([label, detail]) => memberOf(label, detail, from)),
    ...functionsOf(
      over.variables,
      (receiver) =>
        receiver !== null &&
        !/Namespace$/.test(receiver) === !isNamespace(type) &&
        (isAny || receiver.replace(/<.*$/, "") === base),
      from,
    ),
  ];
}

function isNamespace(type: string): boolean {
  return /Namespace$/.test(type);
}

/** A member whose name is no word stands in brackets, in place of the dot. */
function memberOf(label: string, detail: string, from: number): Suggestion {
  const isWord = /^[A-Za-z_]\w*$/.test(label);
  return {
    ...{ label, kind: "member", detail },
    ...isWord
      ? { text: label, from }
      : { text: `['${label.replaceAll("'", "\\'")}']`, from: from - 1 },
  };
}

interface Known {
  /** As CEL calls it. */
  readonly type: string;
  readonly fields: Readonly<Record<string, CelType>> | undefined;
  /** What the sample has there. */
  readonly value: JsonValue | undefined;
}

/** What is known of the value of an expression; nothing of one that is wrong. */
function knownOf(
  text: string,
  { variables, values = {} }: CompleteOver,
): Known | undefined {
  try {
    const parsed = checkingEnvironment(variables).parse(text);
    const { type = "dyn", error } = parsed.check();
    if (error !== undefined) return undefined;
    const own = typeAt(parsed.ast, variables);
    return {
      type: typeof own === "object" ? "map" : type,
      fields: typeof own === "object" ? own.fields : undefined,
      value: valueAt(parsed.ast, values),
    };
  } catch {
    // What stands before the dot is no expression yet.
    return undefined;
  }
}

/** The type of a member, as far as the fields are known. */
function typeAt(node: ASTNode, variables: CelVariables): CelType | undefined {
  if (node.op === "id") return variables[node.args];
  const [of, name] = selected(node) ?? [];
  if (of === undefined || name === undefined) return undefined;
  const type = typeAt(of, variables);
  return typeof type === "object" ? type.fields[name] : undefined;
}

function valueAt(
  node: ASTNode,
  values: ExpressionValues,
): JsonValue | undefined {
  if (node.op === "id") return values[node.args];
  const [of, name] = selected(node) ?? [];
  if (of === undefined || name === undefined) return undefined;
  const value = valueAt(of, values);
  if (value === null || typeof value !== "object") return undefined;
  return (value as Readonly<Record<string, JsonValue>>)[name];
}

/** What a node takes out of what, if that is plain to see. */
function selected(node: ASTNode): readonly [ASTNode, string] | undefined {
  if (node.op === "." || node.op === ".?") return node.args;
  if (node.op !== "[]" && node.op !== "[?]") return undefined;
  const [of, at] = node.args;
  return at.op === "value" &&
      (typeof at.args === "string" || typeof at.args === "bigint")
    ? [of, String(at.args)]
    : undefined;
}

/** The text of the operand that ends where the text does: `a.b(c)[0]`. */
function lastOperand(text: string): string {
  let depth = 0;
  let i = text.length;
  for (; i > 0; i--) {
    const character = text[i - 1] ?? "";
    if (character === '"' || character === "'") {
      i = text.lastIndexOf(character, i - 2) + 1;
      if (i === 0) return "";
    } else if (/[)\]}]/.test(character)) depth++;
    else if (/[([{]/.test(character)) {
      if (depth === 0) break;
      depth--;
    } else if (depth === 0 && !/[\w.?]/.test(character)) break;
  }
  return text.slice(i).replace(/^\?+/, "");
}

function functionsOf(
  variables: CelVariables,
  fits: (receiver: string | null) => boolean,
  from: number,
): Suggestion[] {
  const { functions } = checkingEnvironment(variables).getDefinitions();
  const found = new Map<string, Suggestion>();
  for (const { name, receiverType, returnType, params } of functions) {
    if (!fits(receiverType) || REFUSED_METHODS.has(name)) continue;
    if (found.has(name)) continue;
    const given = params.map(({ type }) => typeWord(type)).join(", ");
    found.set(name, {
      label: name,
      kind: receiverType === null ? "function" : "method",
      detail: `(${given}): ${typeWord(returnType)}`,
      text: `${name}(`,
      from,
    });
  }
  return [...found.values()];
}

function wordOf(type: CelType): string {
  return typeof type === "object" ? "map" : type === "string" ? "text" : type;
}

function sampleWord(value: JsonValue | undefined): string {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return "list";
  return typeof value === "object"
    ? "map"
    : typeof value === "string"
    ? "text"
    : typeof value === "boolean"
    ? "bool"
    : "number";
}
