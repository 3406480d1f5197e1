/**
 * Loads a document with the modules that its types stand for and that lie outside
 * of the text, such as the files of a folder. To find them comes before the pure
 * stages.
 *
 * @module
 */
import type { AddedModule } from "./added_modules.ts";
import type { Document } from "./config/document.ts";
import { expand } from "./config/expand.ts";
import type { Parsed } from "./config/parse.ts";
import { parseConfig } from "./config/parse_config.ts";
import { hasErrors, type Problem } from "./config/problem.ts";
import { messageOf } from "./errors.ts";
import { type Loaded, type LoadOptions, loadParsed } from "./load.ts";

/** How a parsed text is loaded with all that belongs to it. */
export interface LoadWholeOptions extends Omit<LoadOptions, "file"> {
  /** Of the document, with a slash at its end; absent without a file. */
  readonly folder?: string | undefined;
}

/** Runs every stage and reports what all of them found. */
export async function loadWhole(
  { document, problems }: Parsed,
  options: LoadWholeOptions,
): Promise<Loaded> {
  if (!document) return loadParsed({ problems }, options);
  const found = await discover(document, options);
  return loadParsed({ document, problems: [...problems, ...found.problems] }, {
    ...options,
    added: [...found.modules, ...options.added ?? []],
  });
}

/** What was found, and where that failed. */
interface Discovered {
  readonly modules: readonly AddedModule[];
  readonly problems: readonly Problem[];
}

/**
 * Asks the modules of a document, in its order. One whose config is not valid is
 * left out: validation says what is wrong with it.
 */
async function discover(
  document: Document,
  { catalog, sources, folder }: LoadWholeOptions,
): Promise<Discovered> {
  const modules: AddedModule[] = [];
  const problems: Problem[] = [];
  const { value } = expand(document, sources);
  for (const [index, { type, config }] of entriesOf(value).entries()) {
    const definition = catalog.modules.get(String(type));
    if (definition?.discover === undefined) continue;
    const path = ["modules", index, "config"];
    const parsed = parseConfig(definition, config, {
      ...{ document, path, type: definition.type, docs: "" },
      ...{ strict: false, unset: [], mustBeSet: false },
    });
    if (hasErrors(parsed.problems)) continue;
    try {
      modules.push(...await definition.discover(parsed.config, folder));
    } catch (error) {
      problems.push(document.problem({
        code: "invalid-value",
        path,
        mark: "key",
        message: messageOf(error),
      }));
    }
  }
  return { modules, problems };
}

interface Entry {
  readonly type?: unknown;
  readonly config?: unknown;
}

function entriesOf(value: unknown): readonly Entry[] {
  const { modules } = (value ?? {}) as { readonly modules?: unknown };
  return Array.isArray(modules)
    ? modules.map((module) => (module ?? {}) as Entry)
    : [];
}
