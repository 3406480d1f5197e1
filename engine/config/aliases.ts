/**
 * Further names of modules. A document may refer to a module by a name that the
 * module's own config gives it; behind this stage there is one name a module.
 *
 * @module
 */
import { jsonSchema } from "../derive/json_schema.ts";
import { findReferences } from "./references.ts";
import type { Config, ModuleConfig, SectionConfig } from "./validate.ts";
import { assignAt } from "./value_path.ts";

/** The same config, in which every name that leads to a module is its own. */
export function withoutAliases(config: Config): Config {
  const aliases = aliasesOf(config.modules);
  if (aliases.size === 0) return config;
  return {
    ...config,
    modules: config.modules.map((module) => ({
      ...withOwnNames(module, aliases),
      dependsOn: module.dependsOn.map((name) => aliases.get(name) ?? name),
    })),
    sections: config.sections.map((section) => withOwnNames(section, aliases)),
  };
}

/** The modules by each of their names. */
export function moduleNames(
  modules: readonly ModuleConfig[],
): ReadonlyMap<string, ModuleConfig> {
  const byName = new Map(
    // Of two modules with one name the first stays; the duplicate is a problem.
    modules.toReversed().map((module) => [module.name, module]),
  );
  for (const [alias, name] of aliasesOf(modules)) {
    const module = byName.get(name);
    if (module !== undefined) byName.set(alias, module);
  }
  return byName;
}

/** The module that each further name means: the first in the file. */
function aliasesOf(
  modules: readonly ModuleConfig[],
): ReadonlyMap<string, string> {
  const names = new Set(modules.map(({ name }) => name));
  const aliases = new Map<string, string>();
  for (const { name, definition, config } of modules) {
    const fields = Object.entries(
      jsonSchema(definition.config).properties ?? {},
    );
    for (const [key, { alias }] of fields) {
      const given = alias ? config[key] : undefined;
      for (const other of Array.isArray(given) ? given : []) {
        if (typeof other !== "string" || names.has(other)) continue;
        if (!aliases.has(other)) aliases.set(other, name);
      }
    }
  }
  return aliases;
}

function withOwnNames<T extends ModuleConfig | SectionConfig>(
  part: T,
  aliases: ReadonlyMap<string, string>,
): T {
  const { definition, config } = part;
  const indirect = findReferences(jsonSchema(definition.config), config)
    .filter(({ name }) => aliases.has(name));
  if (indirect.length === 0) return part;
  const renamed = structuredClone(config);
  for (const { path, name } of indirect) {
    assignAt(renamed, path, aliases.get(name));
  }
  return { ...part, config: renamed };
}
