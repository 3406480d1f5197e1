/**
 * Runs one rule on a piece of source, for the tests of the rules.
 *
 * @module
 */

/** The messages of a rule about `source` as if it stood in the project at `path`. */
export function lintSource(
  rule: Deno.lint.Rule,
  path: string,
  source: string,
): string[] {
  const plugin = { name: "tested", rules: { rule } };
  return Deno.lint.runPlugin(plugin, path, source).map(({ message }) =>
    message
  );
}
