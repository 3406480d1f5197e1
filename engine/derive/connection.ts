/**
 * A way to tie two modules, and what such ways are made from.
 *
 * @module
 */
import type { Catalog } from "../catalog.ts";
import type { Change } from "../config/change.ts";
import type { Document } from "../config/document.ts";
import type { Path } from "../config/problem.ts";
import type { ModuleDefinition } from "../define.ts";
import type { Plan, PlanEdge } from "../plan.ts";

/** One way to tie two modules. */
export interface Connection {
  /** Tells the ways apart that are offered together. */
  readonly id: string;
  readonly kind: PlanEdge["kind"];
  /** What it is, for people: `New route`, `Broker of orders`. */
  readonly label: string;
  /** What the field means, as its definition describes it. */
  readonly help: string;
  /** The edge that comes of it. */
  readonly source: string;
  readonly target: string;
  readonly changes: readonly Change[];
  /** Where something was made up, or may be said more precisely. */
  readonly toFill: readonly string[];
}

/** A module of a document, as connections see it. */
export interface End {
  readonly name: string;
  readonly definition: ModuleDefinition;
  readonly path: Path;
  readonly config: unknown;
  readonly dependsOn: readonly unknown[];
}

/** What connections are made from. */
export interface Around {
  readonly document: Document;
  readonly catalog: Catalog;
  readonly plan: Plan;
}

/** Whether a module provides one of the services that a field asks for. */
export function fits(
  { definition }: End,
  services: readonly string[] | undefined,
): boolean {
  return definition.provides.some(({ id }) => services?.includes(id));
}
