/**
 * Reads text that a program spells out.
 *
 * @module
 */

/** The value of a string literal or a template without parts to fill in. */
export function literalText(node: Deno.lint.Node): string | undefined {
  if (node.type === "Literal") {
    return typeof node.value === "string" ? node.value : undefined;
  }
  if (node.type !== "TemplateLiteral" || node.expressions.length > 0) return;
  return node.quasis[0]?.cooked;
}
