/**
 * The types that an engine knows. A value, not a registry: a test, a plugin or
 * a sandbox passes another one to `boot`.
 *
 * @module
 */
import type {
  AnyDefinition,
  Host,
  Issue,
  Lifecycle,
  ModuleDefinition,
  StepDefinition,
  TriggerDefinition,
  WorkflowTypeDefinition,
} from "./define.ts";
import { jsonSchema } from "./derive/json_schema.ts";

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
  for (const definition of catalog.modules.values()) {
    catalog.modules.set(definition.type, joined(definition, catalog));
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

/** A definition that is made of others, together with them; any other as it is. */
function joined(
  definition: ModuleDefinition,
  { modules }: Pick<Catalog, "modules">,
): ModuleDefinition {
  const { composition } = definition;
  if (composition === undefined) return definition;
  return {
    ...definition,
    check: (config) => [
      ...definition.check?.(config) ?? [],
      ...issuesOfReal(config, definition, modules),
    ],
    create: (config, host) =>
      composition.compose(
        config,
        host,
        (type, config) =>
          make(modules.get(type), { type, config, definition, host }),
      ),
  };
}

/** What the real type finds in the config of an alias. */
function issuesOfReal(
  config: unknown,
  { composition, config: schema }: ModuleDefinition,
  modules: Catalog["modules"],
): readonly Issue[] {
  const real = modules.get(composition?.of[0] ?? "");
  if (composition?.rewrite === undefined || real === undefined) return [];
  const parsed = real.config.safeParse(composition.rewrite(config));
  const found = parsed.success ? real.check?.(parsed.data) ?? [] : parsed.error
    .issues.map(({ path, message }) => ({
      code: "invalid-value" as const,
      path: path.map((part) => typeof part === "symbol" ? "" : part),
      message,
    }));
  const own = jsonSchema(schema).properties ?? {};
  // A key that the alias does not have stands nowhere in the document.
  return found.map((issue) =>
    Object.hasOwn(own, String(issue.path[0])) ? issue : { ...issue, path: [] }
  );
}

/** Makes a part of a module that is made of others. */
function make<T>(
  part: ModuleDefinition | undefined,
  { type, config, definition, host }: {
    readonly type: string;
    readonly config: Readonly<Record<string, unknown>>;
    readonly definition: ModuleDefinition;
    readonly host: Host;
  },
): T & Lifecycle {
  const isStated = definition.composition?.of.includes(type) ?? false;
  if (part === undefined || !isStated) {
    throw new TypeError(
      `Cannot make ${definition.type}: ${
        isStated
          ? `the catalog has no ${type}, of which it is made`
          : `it is not said to be made of ${type}`
      }`,
    );
  }
  // Whoever composes knows what the type provides.
  return part.create(part.config.parse(config), host) as T & Lifecycle;
}
