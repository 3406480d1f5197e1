/**
 * Finds the files that define types, and holds each to its place: the path of a
 * file is its type.
 *
 * @module
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { AnyDefinition } from "../../engine/define.ts";
import { walk } from "./walk.ts";

/** One file with its definition. */
export interface DefinitionFile {
  /** From the root, with slashes. */
  readonly path: string;
  readonly definition: AnyDefinition;
}

/** Where each kind of definition lives. */
const FOLDERS: Readonly<Record<AnyDefinition["kind"], string>> = {
  module: "modules/",
  workflow: "workflows/types/",
  trigger: "workflows/triggers/",
  step: "workflows/steps/",
};

/** The type that a file of a kind defines: its path, with dots for slashes. */
export function typeOf(path: string, kind: AnyDefinition["kind"]): string {
  const folder = FOLDERS[kind];
  return path.slice(folder.length).replace(/\.ts$/, "").replaceAll("/", ".");
}

/**
 * Every definition below a root, in order of path.
 *
 * @throws {Error} naming each file that is out of its place.
 */
export async function definitionFiles(
  root: string,
): Promise<readonly DefinitionFile[]> {
  const files: DefinitionFile[] = [];
  const faults: string[] = [];
  for (const kind of ["module", "workflow", "trigger", "step"] as const) {
    for (const path of await candidates(root, FOLDERS[kind])) {
      const definition = await defaultExport(root, path);
      const found = definition === undefined
        ? ["has no definition as its default export"]
        : faultsOf(definition, kind, path);
      faults.push(...found.map((fault) => `${path} ${fault}`));
      if (definition) files.push({ path, definition });
    }
  }
  if (faults.length > 0) {
    throw new Error(`Cannot use the definitions:\n${faults.join("\n")}`);
  }
  return files;
}

async function candidates(root: string, folder: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const path of walk(root, folder)) {
    const isPrivate = path.split("/").some((part) => part.startsWith("_"));
    if (path.endsWith(".ts") && !path.endsWith("_test.ts") && !isPrivate) {
      paths.push(path);
    }
  }
  return paths.sort();
}

async function defaultExport(
  root: string,
  path: string,
): Promise<AnyDefinition | undefined> {
  const module = await import(pathToFileURL(join(root, path)).href);
  const definition = module.default;
  return typeof definition === "object" && definition !== null &&
      "kind" in definition && "config" in definition
    ? definition as AnyDefinition
    : undefined;
}

function faultsOf(
  definition: AnyDefinition,
  kind: AnyDefinition["kind"],
  path: string,
): readonly string[] {
  const type = typeOf(path, kind);
  return [
    ...(definition.kind === kind
      ? []
      : [`defines a ${definition.kind}: its folder is for a ${kind}`]),
    ...(definition.type === type
      ? []
      : [`defines "${definition.type}": its path says "${type}"`]),
  ];
}
