/**
 * The documents that there are, for tests that go through all of them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { Document } from "./document.ts";
import { parse } from "./parse.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Relative to the project. */
export const FILES = [...yamlFiles("tests/compat"), ...yamlFiles("examples")]
  .sort();

function yamlFiles(folder: string): string[] {
  return [...Deno.readDirSync(ROOT + folder)].flatMap((entry) =>
    entry.isDirectory
      ? yamlFiles(`${folder}/${entry.name}`)
      : entry.name.endsWith(".yaml")
      ? [`${folder}/${entry.name}`]
      : []
  );
}

export function read(file: string): Document {
  return parsed(Deno.readTextFileSync(ROOT + file));
}

export function parsed(text: string): Document {
  const { document, problems } = parse(text, "a.yaml");
  assert.ok(document, problems[0]?.message);
  return document;
}
