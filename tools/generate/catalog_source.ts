/**
 * The source of `catalog.gen.ts`. Static imports, rather than a scan at start,
 * keep type checking, permissions and `deno compile` working.
 *
 * @module
 */
import type { DefinitionFile } from "./definition_files.ts";

/** The source, with one import a definition in order of path. */
export function catalogSource(files: readonly DefinitionFile[]): string {
  const imports = files.map(({ path }) =>
    `import ${identifierOf(path)} from "./${path}";`
  );
  const names = files.map(({ path }) => `  ${identifierOf(path)},`);
  return `/**
 * Every type of this build. Generated from the files under modules/ and
 * workflows/ by \`deno task generate\`; never edited by hand.
 *
 * @module
 */
import { type Catalog, createCatalog } from "./engine/catalog.ts";
import type { AnyDefinition } from "./engine/define.ts";
${imports.join("\n")}

/** All definitions, in order of their paths. */
export const definitions: readonly AnyDefinition[] = [
${names.join("\n")}
];

/** The same, by kind and type. */
export const catalog: Catalog = createCatalog(definitions);
`;
}

/** `modules/http/router.ts` is called `modules_http_router`: paths are unique. */
function identifierOf(path: string): string {
  return path.replace(/\.ts$/, "").replace(/[^A-Za-z0-9]+/g, "_");
}
