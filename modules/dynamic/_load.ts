/**
 * Loads the source of a component: a TypeScript or JavaScript file.
 *
 * @module
 */
import { extname } from "node:path";
import { pathToFileURL } from "node:url";
import type { Component } from "@engine/component_contract.ts";
import { messageOf } from "@engine/errors.ts";
import { fileInside } from "./_folder.ts";

const EXTENSIONS: ReadonlySet<string> = new Set([
  ".ts",
  ".mts",
  ".js",
  ".mjs",
]);

const FUNCTIONS = ["init", "start", "stop", "execute"] as const;

/**
 * The component that a file exports. A name that ends in `.go`, as documents of
 * the original have it, means the TypeScript file beside it.
 *
 * @throws {Error} naming the path: missing, outside of the folder, or no component.
 */
export async function loadComponent(
  folder: string,
  source: string,
): Promise<Component> {
  const file = await sourceFile(folder, source);
  const { mtime } = await Deno.stat(file);
  // A module is loaded once for each address, and a changed file is another one.
  const address = `${pathToFileURL(file).href}?v=${mtime?.getTime() ?? 0}`;
  try {
    // deno-lint-ignore workflow/import-direction -- which file it is, is data
    return asComponent(await import(address), source);
  } catch (error) {
    throw new Error(`Cannot load "${source}": ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** The file that a source means. @throws {Error} naming the path. */
export async function sourceFile(
  folder: string,
  source: string,
): Promise<string> {
  const path = source.replace(/\.go$/, ".ts");
  if (!EXTENSIONS.has(extname(path))) {
    throw new Error(
      `Cannot load "${source}": expected a file that ends in ` +
        [...EXTENSIONS].join(", "),
    );
  }
  return await fileInside(folder, path);
}

/** The exports themselves, or else what is exported as the default. */
function asComponent(
  exports: Readonly<Record<string, unknown>>,
  source: string,
): Component {
  const hasNames = [...FUNCTIONS, "contract", "name"]
    .some((name) => exports[name] !== undefined);
  const candidate: unknown = hasNames ? exports : exports.default;
  if (candidate === null || typeof candidate !== "object") {
    throw new TypeError(`Cannot use "${source}": it exports no component`);
  }
  const component = candidate as Readonly<Record<string, unknown>>;
  for (const name of FUNCTIONS) {
    const value = component[name];
    if (value === undefined || typeof value === "function") continue;
    throw new TypeError(
      `Cannot use "${source}": its "${name}" is a ${typeof value}, expected a ` +
        "function",
    );
  }
  return component as Component;
}
