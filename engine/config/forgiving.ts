/**
 * What is not held against a document whose modules are not all there: one whose entry
 * could not be understood may be what is missed, and what nothing uses is not missed.
 *
 * @module
 */
import type { Document } from "./document.ts";
import { formatPath, type Path, type Problem } from "./problem.ts";

/** Whether more modules stand in a document than were understood. */
export function isIncomplete(document: Document, understood: number): boolean {
  return entriesOf(document).length > understood;
}

/** Whether a module of a name stands in a document, understood or not. */
export function isHalfKnown(document: Document, name: string): boolean {
  return entriesOf(document).some((entry) =>
    (entry as { name?: unknown } | null)?.name === name
  );
}

function entriesOf({ value }: Document): readonly unknown[] {
  const root = value as { modules?: unknown } | null;
  return Array.isArray(root?.modules) ? root.modules : [];
}

/** Makes a warning of it that a section lacks a module. @returns whether it does. */
export function forgiveMissing(problems: Problem[], path: Path): boolean {
  const index = problems.findIndex((problem) =>
    problem.code === "missing-module" && problem.path === formatPath(path)
  );
  const found = problems[index];
  if (found) problems[index] = { ...found, severity: "warning" };
  return found !== undefined;
}
