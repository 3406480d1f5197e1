/**
 * What is to be said about the type of a module.
 *
 * @module
 */
import type { ModuleDefinition } from "../define.ts";
import type { Document } from "./document.ts";
import { closestType } from "./nearest.ts";
import type { Path, Problem } from "./problem.ts";

/** What is to be said of a type, as far as it is known to be stable. */
export function stabilityProblems(
  { type, stability, summary }: ModuleDefinition,
  path: Path,
  { document, strict }: {
    readonly document: Document;
    readonly strict: boolean;
  },
): Problem[] {
  if (stability === "inert") {
    return [document.problem({
      code: "inert-type",
      severity: strict ? "error" : "warning",
      path,
      message: `${type} does nothing: ${summary}`,
      found: type,
      help: "Remove the module, and the names of it",
      docs: `/docs/modules/${type}`,
    })];
  }
  if (stability !== "experimental") return [];
  return [document.problem({
    code: "unstable-type",
    severity: "warning",
    path,
    message: `${type} is experimental: its keys may change without notice`,
    found: type,
    docs: `/docs/modules/${type}`,
  })];
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
    help: "wfctl list modules lists the types of this build",
    docs: "/docs/modules",
  });
}
