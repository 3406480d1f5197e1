/**
 * Writes what derives from the definitions: the catalog, the reference, the
 * examples as files, and the plan of every example document. With `--check` it
 * writes nothing and fails if a file is not what it would write.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { createCatalog } from "../engine/catalog.ts";
import { docsPages } from "../engine/derive/docs.ts";
import { catalogSource } from "./generate/catalog_source.ts";
import { comparedModules } from "./generate/compared_modules.ts";
import { definitionFiles } from "./generate/definition_files.ts";
import { exampleFiles } from "./generate/example_files.ts";
import { goldenPlans, planOf } from "./generate/golden_plans.ts";
import { walk } from "./generate/walk.ts";

/** Folders in which nothing but generated files stands. */
const OWNED_FOLDERS = [
  "docs/modules/",
  "docs/pipelines/",
  "docs/problems/",
  "docs/steps/",
  "docs/triggers/",
  "docs/workflows/",
  "examples/modules/",
  "examples/steps/",
  "examples/triggers/",
  "examples/workflows/",
];

/** What there is to write, and what there is to remove. */
export interface Generated {
  /** The text of each file by its path from the root. */
  readonly files: ReadonlyMap<string, string>;
  /** Generated before, and not any more. */
  readonly stale: readonly string[];
  /** Why something could not be made. */
  readonly faults: readonly string[];
}

/**
 * Makes everything that derives from the definitions below a root.
 *
 * @throws {Error} naming each definition that is out of its place.
 */
export async function generate(root: string): Promise<Generated> {
  const found = await definitionFiles(root);
  const catalog = createCatalog(found.map(({ definition }) => definition));
  const files = new Map([["catalog.gen.ts", catalogSource(found)]]);
  for (const [path, text] of docsPages(catalog)) {
    // The front page is for the server; under docs/ people write their own.
    if (path.includes("/")) files.set(`docs/${path}`, text);
  }
  files.set("docs/modules.md", comparedModules(catalog));
  const examples = exampleFiles(catalog);
  const documents = await exampleDocuments(root, examples.documents);
  const { plans, faults } = await goldenPlans(documents, catalog, root);
  for (const made of [examples.documents, examples.besides, plans]) {
    for (const [path, text] of made) files.set(path, text);
  }
  const made = new Set([...files.keys(), ...[...documents.keys()].map(planOf)]);
  return {
    files,
    faults: [...examples.faults, ...faults],
    stale: await staleFiles(root, made),
  };
}

/** The examples that are generated, and those that people wrote. */
async function exampleDocuments(
  root: string,
  generated: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, string>> {
  const documents = new Map(generated);
  for await (const path of walk(root, "examples/")) {
    const isGenerated = /^examples\/(modules|steps|triggers|workflows)\//.test(
      path,
    );
    if (isGenerated || !/\.ya?ml$/.test(path)) continue;
    documents.set(path, await Deno.readTextFile(join(root, path)));
  }
  return documents;
}

async function staleFiles(
  root: string,
  made: ReadonlySet<string>,
): Promise<readonly string[]> {
  const stale = new Set<string>();
  for (const folder of [...OWNED_FOLDERS, "examples/"]) {
    for await (const path of walk(root, folder)) {
      const isOwned = folder !== "examples/" || path.endsWith(".plan.json");
      if (isOwned && !made.has(path)) stale.add(path);
    }
  }
  return [...stale].sort();
}

/** The paths whose files are not as they were made. */
export async function outOfDate(
  root: string,
  { files, stale }: Generated,
): Promise<readonly string[]> {
  const paths = [...stale];
  for (const [path, text] of files) {
    if (await textOf(join(root, path)) !== text) paths.push(path);
  }
  return paths.sort();
}

/** Writes what differs and removes what is stale; returns the paths of both. */
export async function write(
  root: string,
  generated: Generated,
): Promise<readonly string[]> {
  const changed = await outOfDate(root, generated);
  for (const path of changed) {
    const text = generated.files.get(path);
    const file = join(root, path);
    if (text === undefined) await Deno.remove(file);
    else {
      await Deno.mkdir(dirname(file), { recursive: true });
      await Deno.writeTextFile(file, text);
    }
  }
  return changed;
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { check: { type: "boolean" }, root: { type: "string" } },
  });
  const root = values.root ?? join(import.meta.dirname ?? ".", "..");
  const generated = await generate(root);
  const { faults, files } = generated;
  for (const fault of faults) console.error(fault);
  if (!values.check) {
    const changed = await write(root, generated);
    for (const path of changed) console.log(path);
    console.log(`${files.size} files, ${changed.length} changed`);
    return faults.length === 0 ? 0 : 1;
  }
  const paths = await outOfDate(root, generated);
  if (paths.length > 0) {
    console.error("Out of date (deno task generate writes them):");
    for (const path of paths) console.error(`  ${path}`);
  }
  return paths.length + faults.length === 0 ? 0 : 1;
}

if (import.meta.main) {
  try {
    Deno.exit(await main(Deno.args));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(1);
  }
}
