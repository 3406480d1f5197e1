/**
 * Which ids a resource may have: those that a store can index and a path can
 * carry.
 *
 * @module
 */

/** The longest id of a resource, in characters. */
export const ID_CHARACTERS_MAX = 256;

/** What is wrong with an id; `undefined` if nothing is. */
export function idFault(id: string): string | undefined {
  if (id === "") return "an id must not be empty";
  if (id.length > ID_CHARACTERS_MAX) {
    return `an id has at most ${ID_CHARACTERS_MAX} characters`;
  }
  if (!id.isWellFormed()) return "an id must be well-formed text";
  // Browsers and servers drop these segments from a path.
  if (id === "." || id === "..") return `"${id}" cannot stand in a path`;
  return undefined;
}
