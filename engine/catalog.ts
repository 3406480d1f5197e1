/**
 * The types that an engine knows. A value, not a registry: a test, a plugin or
 * a sandbox passes another one to `boot`.
 *
 * @module
 */
import type {
  AnyDefinition,
  ModuleDefinition,
  TriggerDefinition,
  WorkflowTypeDefinition,
} from "./define.ts";

/** The types that an engine knows, by name, in order of name. */
export interface Catalog {
  readonly modules: ReadonlyMap<string, ModuleDefinition>;
  readonly workflows: ReadonlyMap<string, WorkflowTypeDefinition>;
  readonly triggers: ReadonlyMap<string, TriggerDefinition>;
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
  };
  const sorted = [...definitions].sort((a, b) => a.type < b.type ? -1 : 1);
  for (const definition of sorted) {
    const known = definition.kind === "module"
      ? catalog.modules.has(definition.type)
      : definition.kind === "workflow"
      ? catalog.workflows.has(definition.type)
      : catalog.triggers.has(definition.type);
    if (known) {
      throw new RangeError(
        `Cannot make a catalog: ${definition.kind} type "${definition.type}" is defined twice`,
      );
    }
    if (definition.kind === "module") {
      catalog.modules.set(definition.type, definition);
    } else if (definition.kind === "workflow") {
      catalog.workflows.set(definition.type, definition);
    } else catalog.triggers.set(definition.type, definition);
  }
  return catalog;
}
