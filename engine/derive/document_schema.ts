/**
 * The JSON Schema of a whole document, for editors and for programs that write
 * documents. Our own words stand in it with `x-` before them, as the drafts ask
 * of words that are not theirs; `x-secret` fields are `writeOnly` as well.
 *
 * It is as strict as `--strict`, except that keys without effect are accepted
 * and marked as deprecated. The pattern that the original engine published for
 * module names is left out: neither engine enforces it.
 *
 * @module
 */
import type { Catalog } from "../catalog.ts";
import type { AnyDefinition, ModuleDefinition } from "../define.ts";
import { linksSchema } from "../config/links.ts";
import { SECTIONS } from "../config/validate.ts";
import { withInertKeys } from "./inert_keys.ts";
import { type JsonSchema, jsonSchema } from "./json_schema.ts";
import { mapSchema } from "./map_schema.ts";
import { pipelineSchemas, pipelinesSection } from "./pipeline_schema.ts";
import { publicWords } from "./public_words.ts";
import { allowVariables } from "./variable_schema.ts";

/** A JSON Schema as it is handed out. */
export type PublicSchema = Readonly<Record<string, unknown>>;

const DESCRIPTION = {
  type: "string",
  description: "What it is for, in the words of the author",
};

/** The schema of the documents that a catalog's engine runs. */
export function documentSchema(catalog: Catalog): PublicSchema {
  const modules = [...catalog.modules.values()];
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Workflow document",
    description: "What an application is made of: modules, tied by workflows",
    type: "object",
    properties: {
      modules: {
        type: ["array", "null"],
        description: "The modules of the application, each with its own name",
        items: { $ref: "#/$defs/module" },
      },
      workflows: sections("workflows", catalog),
      triggers: sections("triggers", catalog),
      pipelines: pipelinesSection(),
      links: linkList(),
      strict: {
        type: "boolean",
        default: false,
        description: "Unknown keys and names that lead nowhere are errors",
      },
      ...defaultSections(modules),
    },
    additionalProperties: false,
    anyOf: SECTIONS.map((section) => ({ required: [section] })),
    $defs: {
      module: moduleSchema(modules),
      ...Object.fromEntries(
        modules.map((module) => [
          definitionName("modules", module),
          configSchema(module, allowVariables),
        ]),
      ),
      ...sectionSchemas("workflows", catalog),
      ...sectionSchemas("triggers", catalog),
      ...pipelineSchemas([...catalog.steps.values()]),
    },
  };
}

/** The schema of one config, on its own: for a form's editor or a tool's input. */
export function configSchema(
  definition: AnyDefinition,
  change: (schema: JsonSchema) => JsonSchema = (schema) => schema,
): PublicSchema {
  const schema = withInertKeys(
    change(jsonSchema(definition.config)),
    definition.inert ?? {},
  );
  const { properties, required, ...rest } = mapSchema(schema, publicWords);
  const needsAny = (required?.length ?? 0) > 0;
  return {
    description: definition.summary,
    ...rest,
    // An empty value in YAML is null, and the same as leaving the key out.
    type: needsAny ? "object" : ["object", "null"],
    properties: { ...properties, description: DESCRIPTION },
    ...(needsAny && { required }),
  };
}

/**
 * Editors complete `type` from the list and `config` from the branch that fits;
 * a `oneOf` over all entries would make them blame every type at once.
 */
function moduleSchema(modules: readonly ModuleDefinition[]): PublicSchema {
  return {
    type: "object",
    properties: {
      name: {
        type: "string",
        minLength: 1,
        maxLength: 256,
        description: "What the rest of the document calls it",
      },
      type: {
        enum: modules.map(({ type }) => type),
        enumDescriptions: modules.map(({ summary }) => summary),
        description: "What it is",
      },
      config: { type: ["object", "null"], description: "How it is set up" },
      dependsOn: {
        type: ["array", "null"],
        items: { type: "string", minLength: 1 },
        description: "The modules that start before it",
      },
      branches: {
        type: ["object", "null"],
        additionalProperties: { type: "string", minLength: 1 },
        description:
          "The modules to which the ways of a conditional lead, by label",
      },
      description: DESCRIPTION,
    },
    required: ["name", "type"],
    additionalProperties: false,
    defaultSnippets: modules.flatMap(snippet),
    allOf: modules.map((module) => ({
      if: { properties: { type: { const: module.type } }, required: ["type"] },
      then: {
        properties: { config: refTo(definitionName("modules", module)) },
        ...(needsConfig(module) && { required: ["config"] }),
      },
    })),
  };
}

/** What an editor offers to insert: the module as its first example has it. */
function snippet(module: ModuleDefinition): PublicSchema[] {
  const shown = module.examples
    .flatMap(({ modules }) => modules)
    .find(({ type }) => type === module.type);
  if (shown === undefined) return [];
  const { name, type, config } = shown;
  return [{
    label: type,
    description: module.summary,
    body: { name, type, ...(config && { config }) },
  }];
}

function needsConfig({ config, section }: ModuleDefinition): boolean {
  // A section at the top of the document can give what is required.
  return section === undefined &&
    (jsonSchema(config).required ?? []).length > 0;
}

/** Keys at the top that hold the default config of a type: no key is required. */
function defaultSections(
  modules: readonly ModuleDefinition[],
): Readonly<Record<string, PublicSchema>> {
  const entries = modules.flatMap((module) => {
    if (module.section === undefined) return [];
    const { required: _, ...schema } = configSchema(module, allowVariables);
    const description = `The config of ${module.type} where a module has none`;
    return [[module.section, {
      ...schema,
      type: ["object", "null"],
      description,
    }]];
  });
  return Object.fromEntries(entries);
}

function sections(
  kind: "workflows" | "triggers",
  catalog: Catalog,
): PublicSchema {
  const definitions = [...catalog[kind].values()];
  return {
    type: ["object", "null"],
    description: kind === "workflows"
      ? "What ties the modules together"
      : "What starts work from outside",
    properties: Object.fromEntries(
      definitions.map((definition) => [
        definition.type,
        refTo(definitionName(kind, definition)),
      ]),
    ),
    additionalProperties: false,
  };
}

function sectionSchemas(
  kind: "workflows" | "triggers",
  catalog: Catalog,
): Readonly<Record<string, PublicSchema>> {
  return Object.fromEntries(
    [...catalog[kind].values()].map((definition) => [
      definitionName(kind, definition),
      configSchema(definition),
    ]),
  );
}

function linkList(): PublicSchema {
  const schema = linksSchema();
  const { type: _, ...rest } = schema && mapSchema(schema, publicWords) || {};
  return { ...rest, type: ["array", "null"] };
}

function definitionName(kind: string, { type }: AnyDefinition): string {
  return `${kind}.${type}`;
}

function refTo(name: string): PublicSchema {
  return { $ref: `#/$defs/${name}` };
}
