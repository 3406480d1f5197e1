/**
 * The modules of one plan while they run, and what can be asked of them. A
 * reload goes from one generation to the next.
 *
 * @module
 */
import type { Instance, Lifecycle } from "./define.ts";
import { LifecycleError, messageOf, RefusedError } from "./errors.ts";
import type { Plan, PlannedModule } from "./plan.ts";
import type { Service } from "./service.ts";

/** How a module is. */
export interface ModuleStatus {
  readonly name: string;
  readonly type: string;
  readonly state: ModuleState;
}

/** Where a module is in its life. */
export type ModuleState = "created" | "started" | "open" | "stopped";

/** A module of a running application. */
export interface Running {
  readonly planned: PlannedModule;
  readonly instance: Instance<readonly Service<unknown>[]> & Lifecycle;
  /** The modules that `use` sees; a reload moves it on, also where it ends it. */
  generation: Generation;
  state: ModuleState;
}

/** The modules of one plan, by name, in start order. */
export interface Generation {
  readonly plan: Plan;
  readonly modules: ReadonlyMap<string, Running>;
}

/**
 * Moves modules on that are replaced. As long as requests go on that they have
 * taken, these find who took the place of another; of modules that nobody
 * replaces they find the old ones.
 */
export function succeed(replaced: readonly Running[], next: Generation): void {
  for (const module of replaced) {
    const modules = new Map(module.generation.modules);
    for (const [name, successor] of next.modules) {
      const before = modules.get(name) ?? successor;
      const fits = before.planned.type === successor.planned.type;
      if (fits) modules.set(name, successor);
    }
    module.generation = { plan: next.plan, modules };
  }
}

/** The module of a name. @throws {RefusedError} `not-found` */
export function useModule<T>(generation: Generation, name: string): T {
  const module = generation.modules.get(name);
  if (!module) {
    throw new RefusedError("not-found", `No module is called "${name}"`);
  }
  // The plan has checked that the module provides the service of the reference.
  return module.instance as T;
}

/** How each module is, in start order. */
export function statusesOf({ modules }: Generation): readonly ModuleStatus[] {
  return [...modules.values()].map(({ planned: { name, type }, state }) => ({
    name,
    type,
    state,
  }));
}

/** Whether a module provides a service. */
export function provides(
  module: Running | undefined,
  service: Service<unknown>,
): boolean {
  return module?.planned.definition.provides.some(({ id }) =>
    id === service.id
  ) ?? false;
}

/** Every module that provides a service, in the order of the document. */
export function allOf<T>(
  generation: Generation,
  service: Service<T>,
): { name: string; service: T }[] {
  return [...generation.modules.values()]
    .filter((module) => provides(module, service))
    .toSorted((a, b) => Number(a.planned.path[1]) - Number(b.planned.path[1]))
    .map(({ planned, instance }) => ({
      name: planned.name,
      service: instance as T,
    }));
}

/** The modules that are the same, and that use only modules that are the same. */
export function unchanged(next: Plan, old: Plan): ReadonlySet<string> {
  const before = new Map(
    old.modules.map((module) => [module.name, module.fingerprint]),
  );
  const kept = new Set(
    next.modules
      .filter(({ name, fingerprint }) => before.get(name) === fingerprint)
      .map(({ name }) => name),
  );
  for (let size = -1; size !== kept.size;) {
    size = kept.size;
    for (const { source, target, kind } of next.edges) {
      const holds = kind === "ref" || kind === "dependsOn";
      if (holds && !kept.has(target)) kept.delete(source);
    }
  }
  return kept;
}

/** The error of a module, as a person reads it. */
export function failure(
  { name, type }: Pick<PlannedModule, "name" | "type">,
  hook: string,
  error: unknown,
): LifecycleError {
  const message = messageOf(error);
  const told = message.startsWith("Cannot ")
    ? message
    : `Cannot ${hook} ${type}: ${message}`;
  return new LifecycleError(name, `${told} (module "${name}")`, {
    cause: error,
  });
}

/** Wires; an error names the module or the section that it came from. */
export function wired<T>(
  planned: Pick<PlannedModule, "name" | "type">,
  wire: () => T,
): T {
  try {
    return wire();
  } catch (error) {
    throw failure(planned, "wire", error);
  }
}
