/**
 * The examples of the definitions as files that can be run.
 *
 * @module
 */
import type { Catalog } from "../../engine/catalog.ts";
import { exampleYaml } from "../../engine/derive/example.ts";

/** The first example of each module type, by its path from the root. */
export function exampleFiles(catalog: Catalog): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const { type, summary, examples } of catalog.modules.values()) {
    const [first] = examples;
    if (first === undefined) continue;
    const head = [
      `${first.title}.`,
      "",
      `${type}: ${summary}.`,
      `Generated from the example of the type; docs/modules/${type}.md explains it.`,
    ];
    const comment = head.map((line) => `# ${line}`.trimEnd()).join("\n");
    files.set(
      `examples/modules/${type}.yaml`,
      `${comment}\n\n${exampleYaml(first)}`,
    );
  }
  return files;
}
