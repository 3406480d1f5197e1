/**
 * The library of types that TypeScript has for the language and the platform.
 *
 * @module
 */

/** The language as it is now, and what workers have. */
const ENTRIES = ["lib.esnext.d.ts", "lib.webworker.d.ts"];

/** What a compiler without files is given in their place. */
export interface TypeLibraries {
  /** The files to begin with. */
  readonly entries: readonly string[];
  /** The texts of these and all that they refer to, by name. */
  readonly libraries: Readonly<Record<string, string>>;
}

/** Reads it from the package, some 1.4 MB: it is not kept. */
export async function readTypeLibraries(): Promise<TypeLibraries> {
  const libraries: Record<string, string> = {};
  const rest = [...ENTRIES];
  for (const name of rest) {
    if (name in libraries) continue;
    const text = await Deno.readTextFile(
      new URL(import.meta.resolve(`typescript/lib/${name}`)),
    );
    libraries[name] = text;
    for (const [, next] of text.matchAll(/<reference lib="(.+?)"/g)) {
      rest.push(`lib.${next}.d.ts`);
    }
  }
  return { entries: ENTRIES, libraries };
}
