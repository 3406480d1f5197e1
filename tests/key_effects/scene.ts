/**
 * Documents in which the keys of a type are tried.
 *
 * @module
 */
import { dirname, join } from "node:path";
import type {
  AnyDefinition,
  Example,
  ExampleRun,
  Exchange,
} from "../../engine/define.ts";
import { exampleDocument } from "../../engine/derive/example.ts";
import { subjectOf } from "./config_keys.ts";
import { STAND_IN } from "./stand_in.ts";
import { configPlaces, type DocumentData } from "./places.ts";

/** A document, and what is done with it beside what is done with each. */
export interface Scene {
  /** What messages call it. */
  readonly name: string;
  /** By kind and type; absent: whatever it holds. */
  readonly for?: readonly string[];
  readonly document: DocumentData;
  /** Files beside the document, by relative path. */
  readonly files?: Readonly<Record<string, string>>;
  readonly requests?: readonly Exchange["request"][];
  readonly runs?: readonly ExampleRun[];
  /** Values for keys, tried before those that follow from the schema. */
  readonly values?: Readonly<Record<string, readonly unknown[]>>;
}

/** How many examples of other types serve beside those of a type itself. */
const BORROWED_MAX = 4;

/** Scenes for a type: what is kept for it, its own examples, those of others. */
export function scenesOf(
  definition: AnyDefinition,
  all: readonly AnyDefinition[],
  kept: readonly Scene[],
): readonly Scene[] {
  const own = definition.examples ?? [];
  const borrowed = all.flatMap(({ examples }) => examples ?? [])
    .filter((example) => !own.includes(example))
    .map(sceneOf)
    .filter(({ document }) => holds(document, definition))
    // The richer the better.
    .toSorted((a, b) => JSON.stringify(b).length - JSON.stringify(a).length)
    .slice(0, BORROWED_MAX);
  const subject = subjectOf(definition);
  return [
    ...kept.filter((scene) => scene.for?.includes(subject)),
    ...own.map(sceneOf),
    ...borrowed,
  ];
}

function sceneOf(example: Example): Scene {
  return {
    name: `the example "${example.title}"`,
    document: withStandIns(exampleDocument(example)),
    files: example.files ?? {},
    requests: (example.exchanges ?? []).map(({ request }) => request),
    runs: example.runs ?? [],
  };
}

/** Whether a type stands in a document. User code would take real time. */
function holds(document: DocumentData, definition: AnyDefinition): boolean {
  return configPlaces(document, definition).length > 0 &&
    !configTypes(document).includes("dynamic.folder");
}

function configTypes({ modules }: DocumentData): readonly string[] {
  return Array.isArray(modules) ? modules.map(({ type }) => type) : [];
}

/** User code takes real time: what is not its own type is tried without any. */
function withStandIns(document: DocumentData): DocumentData {
  const { modules } = document;
  if (!Array.isArray(modules)) return document;
  return {
    ...document,
    modules: modules.map((module) =>
      module.type === "dynamic.component"
        ? { name: module.name, type: STAND_IN }
        : module
    ),
  };
}

/** A folder with the files of a scene, which vanishes at the end. */
export async function folderOf(
  { files = {} }: Scene,
): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await Deno.makeTempDir({ prefix: "key_effects_" });
  for (const [name, text] of Object.entries(files)) {
    await Deno.mkdir(dirname(join(path, name)), { recursive: true });
    await Deno.writeTextFile(join(path, name), text);
  }
  return {
    path: `${path}/`,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}
