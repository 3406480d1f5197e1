/**
 * The types that an engine knows. A value, not a registry: a test, a plugin or
 * a sandbox passes another one to `boot`.
 *
 * @module
 */
import type {
  AnyDefinition,
  ModuleDefinition,
  StepDefinition,
  TriggerDefinition,
  WorkflowTypeDefinition,
} from "./define.ts";

/** The types that an engine knows, by name, in order of name. */
export interface Catalog {
  readonly modules: ReadonlyMap<string, ModuleDefinition>;
  readonly workflows: ReadonlyMap<string, WorkflowTypeDefinition>;
  readonly triggers: ReadonlyMap<string, TriggerDefinition>;
  readonly steps: ReadonlyMap<string, StepDefinition>;
}

/**
 * Makes a catalog.
 *
 * @throws {RangeError} if two definitions of one kind have the same type.
 */
export function createCatalog(definitions: Iterable<AnyDefinition>): Catalog {
  const catalog = {
    modules: new Map<string, ModuleDefinition>(),
    workflows: new Map<string, WorkflowTypeDefinition>(),
    triggers: new Map<string, TriggerDefinition>(),
    steps: new Map<string, StepDefinition>(),
  };
  const sorted = [...definitions].sort((a, b) => a.type < b.type ? -1 : 1);
  for (const definition of sorted) {
    const known = catalog[SHELVES[definition.kind]];
    if (known.has(definition.type)) {
      throw new RangeError(
        `Cannot make a catalog: ${definition.kind} type "${definition.type}" is defined twice`,
      );
    }
    // The shelf of a kind holds definitions of that kind only.
    (known as Map<string, AnyDefinition>).set(definition.type, definition);
  }
  return catalog;
}

/** Where definitions of a kind stand in a catalog. */
export const SHELVES = {
  module: "modules",
  workflow: "workflows",
  trigger: "triggers",
  step: "steps",
} as const satisfies Record<AnyDefinition["kind"], keyof Catalog>;
