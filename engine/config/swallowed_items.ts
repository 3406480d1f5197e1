/**
 * Finds list items that are none: with a space too many, `- two` continues the
 * text of the line before. YAML allows that, and no author means it.
 *
 * @module
 */
import { type Document as YamlDocument, Scalar, visit } from "yaml";
import type { Span } from "./document.ts";

/** Where a line within a text without quotes begins like a list item. */
export function swallowedItems(yaml: YamlDocument, text: string): Span[] {
  const found: Span[] = [];
  visit(yaml, {
    Scalar(_, { type, range }) {
      if (type !== Scalar.PLAIN || !range) return;
      const [start, end] = range;
      for (const line of text.slice(start, end).matchAll(/\n[ \t]*(?=- )/g)) {
        const at = start + line.index + line[0].length;
        found.push({ start: at, end: at + 1 });
      }
    },
  });
  return found;
}
