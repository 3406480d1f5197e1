/**
 * Where the parts of a config stand in the document: in it, or beside it.
 *
 * @module
 */
import type { ConfigContext } from "./parse_config.ts";
import type { Path } from "./problem.ts";

/** The place of what a path leads to, from the config downwards. */
export function placeIn(
  { path: config, beside = [] }: Pick<ConfigContext, "path" | "beside">,
  path: Path,
): Path {
  const isBeside = beside.includes(String(path[0]));
  return [...isBeside ? config.slice(0, -1) : config, ...path];
}
