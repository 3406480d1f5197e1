/**
 * The examples of the definitions as files that can be run.
 *
 * @module
 */
import { posix } from "node:path";
import type { Catalog } from "../../engine/catalog.ts";
import { exampleYaml } from "../../engine/derive/example.ts";

/** What became of the examples. */
export interface ExampleFiles {
  /** The text of each document by its path from the root. */
  readonly documents: ReadonlyMap<string, string>;
  /** The text of each file that stands beside a document. */
  readonly besides: ReadonlyMap<string, string>;
  /** The files on which two examples do not agree. */
  readonly faults: readonly string[];
}

/** The first example of each module type, as files. */
export function exampleFiles(catalog: Catalog): ExampleFiles {
  const documents = new Map<string, string>();
  const besides = new Map<string, string>();
  const faults: string[] = [];
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
    documents.set(
      `${FOLDER}${type}.yaml`,
      `${comment}\n\n${exampleYaml(first)}`,
    );
    for (const [name, text] of Object.entries(first.files ?? {})) {
      const path = posix.join(FOLDER, name);
      const known = besides.get(path);
      if (known !== undefined && known !== text) {
        faults.push(`${path} is not the same in the example of ${type}`);
      }
      besides.set(path, text);
    }
  }
  return { documents, besides, faults };
}

const FOLDER = "examples/modules/";
