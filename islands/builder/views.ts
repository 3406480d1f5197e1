/**
 * The views of a document: its modules, each state machine, each pipeline.
 *
 * @module
 */
import type { Path } from "../../engine/config/problem.ts";

/** The view of one part of a document. */
export interface PartView {
  readonly kind: "machine" | "pipeline";
  readonly name: string;
  /** Where it stands in the document. */
  readonly path: Path;
}

/** What the canvas shows. */
export type View =
  | { readonly kind: "modules" }
  | { readonly kind: "containers" }
  | PartView;

/** The view that a document opens with. */
export const MODULES: View = { kind: "modules" };

/** The modules by category; the same for every document. */
export const CONTAINERS: View = { kind: "containers" };

/** All views of a document's value. */
export function viewsOf(value: unknown): readonly View[] {
  const { workflows, pipelines } = (value ?? {}) as {
    readonly workflows?: {
      readonly statemachine?: { readonly definitions?: unknown };
    };
    readonly pipelines?: unknown;
  };
  const definitions = workflows?.statemachine?.definitions;
  const machines = Array.isArray(definitions)
    ? definitions.map((definition, index): View => ({
      kind: "machine",
      name: String(definition?.name ?? index),
      path: ["workflows", "statemachine", "definitions", index],
    }))
    : [];
  const ids = pipelines !== null && typeof pipelines === "object"
    ? Object.keys(pipelines)
    : [];
  return [
    MODULES,
    ...machines,
    ...ids.map((id): View => ({
      kind: "pipeline",
      name: id,
      path: ["pipelines", id],
    })),
  ];
}

/** How an address names a view: `machine:order`. */
export function viewText(view: View): string {
  return "name" in view ? `${view.kind}:${view.name}` : view.kind;
}

/** The view of a name; the modules, if there is none. */
export function viewOf(text: string | null, views: readonly View[]): View {
  return [CONTAINERS, ...views].find((view) => viewText(view) === text) ??
    MODULES;
}

/** The value at a path of a document's value. */
export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, part) =>
      (inner as Readonly<Record<string, unknown>> | undefined)?.[part],
    value,
  );
}
