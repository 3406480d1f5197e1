/**
 * Finds what makes a schema costly: rules for which a small value that somebody
 * sends on purpose can keep the process busy. Pure.
 *
 * @module
 */
import type { Issue } from "@engine/define.ts";

/** Words whose values are data and hold no schemas. */
const DATA: ReadonlySet<string> = new Set([
  "const",
  "default",
  "enum",
  "examples",
]);

/** What is costly in a schema that stands at `path`. */
export function costlyWords(
  schema: unknown,
  path: Issue["path"],
): readonly Issue[] {
  if (Array.isArray(schema)) {
    return schema.flatMap((one, index) => costlyWords(one, [...path, index]));
  }
  if (typeof schema !== "object" || schema === null) return [];
  const words = schema as Readonly<Record<string, unknown>>;
  const inner = Object.entries(words)
    .filter(([word]) => !DATA.has(word))
    .flatMap(([word, value]) => costlyWords(value, [...path, word]));
  return [
    ...patternsOf(words)
      .filter(([, pattern]) => repeatsRepetition(pattern))
      .map(([word, pattern]): Issue => ({
        code: "invalid-value",
        path: [...path, ...word],
        message:
          `The pattern "${pattern}" repeats what repeats by itself: a short text can keep the process busy for hours`,
      })),
    ...isUnbounded(words)
      ? [
        {
          code: "invalid-value",
          severity: "warning",
          path: [...path, "uniqueItems"],
          message:
            "uniqueItems compares every two items: without maxItems a long list keeps the process busy",
        } as const,
      ]
      : [],
    ...inner,
  ];
}

function patternsOf(
  { pattern, patternProperties }: Readonly<Record<string, unknown>>,
): readonly (readonly [Issue["path"], string])[] {
  const names = typeof patternProperties === "object" && patternProperties
    ? Object.keys(patternProperties)
    : [];
  return [
    ...typeof pattern === "string" ? [[["pattern"], pattern] as const] : [],
    ...names.map((name) => [["patternProperties", name], name] as const),
  ];
}

function isUnbounded(words: Readonly<Record<string, unknown>>): boolean {
  return words.uniqueItems === true && words.maxItems === undefined;
}

/** A group of a pattern while it is read. */
interface Group {
  repeats: boolean;
}

/**
 * Whether a group that is repeated without end holds something that is: then a
 * text can be taken apart in exponentially many ways. Other slow patterns exist.
 */
export function repeatsRepetition(pattern: string): boolean {
  const outer: Group[] = [];
  let group: Group = { repeats: false };
  for (const [part] of pattern.matchAll(PARTS)) {
    if (part.startsWith("(")) {
      outer.push(group);
      group = { repeats: false };
    } else if (part.startsWith(")")) {
      const isRepeated = part.length > 1;
      if (isRepeated && group.repeats) return true;
      const inner = group.repeats || isRepeated;
      group = outer.pop() ?? { repeats: false };
      group.repeats ||= inner;
    } else if (REPETITION.test(part)) {
      group.repeats = true;
    }
  }
  return false;
}

/** Escapes and classes as wholes; groups with what repeats them. */
const PARTS =
  /\\.|\[(?:\\.|[^\]\\])*\]|\((?:\?(?:[:=!]|<[=!]|<\w+>))?|\)(?:[*+]|\{\d+,\})?|[*+]|\{\d+,\}/gs;

const REPETITION = /^(?:[*+]|\{\d+,\})$/;
