/**
 * What is to be said about the type of a module.
 *
 * @module
 */
import type { Document } from "./document.ts";
import { closestType } from "./nearest.ts";
import type { Path, Problem } from "./problem.ts";

/** A type that may change without notice. */
export function unstableType(
  type: string,
  path: Path,
  document: Document,
): Problem {
  return document.problem({
    code: "unstable-type",
    severity: "warning",
    path,
    message: `${type} is experimental: its keys may change without notice`,
    found: type,
    docs: `/docs/modules/${type}`,
  });
}

/** A type that this build does not have. */
export function unknownType(
  type: string,
  known: readonly string[],
  path: Path,
  document: Document,
): Problem {
  return document.problem({
    code: "unknown-type",
    path,
    message: `No module type is called "${type}"`,
    found: type,
    expected: "a module type",
    nearest: closestType(type, known),
    help: "wfctl schema --types lists the types of this build",
    docs: "/docs/modules",
  });
}
