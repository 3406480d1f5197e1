/**
 * Document to config: every module and section checked against its definition.
 * Reports all problems at once.
 *
 * @module
 */
import type { Catalog } from "../catalog.ts";
import type {
  ModuleDefinition,
  TriggerDefinition,
  WorkflowTypeDefinition,
} from "../define.ts";
import type { Document } from "./document.ts";
import type { Expanded } from "./expand.ts";
import { inertOfEntry, moduleEntry } from "./module_entry.ts";
import { closestType, nearestName } from "./nearest.ts";
import { unsetProblem } from "./issue_problem.ts";
import { type Link, readLinks } from "./links.ts";
import { stabilityProblems, unknownType } from "./type_problems.ts";
import { type ConfigContext, parseConfig } from "./parse_config.ts";
import { compileSection, type PipelineConfig } from "../pipeline/section.ts";
import type { Path, Problem } from "./problem.ts";

/** A module of a document, checked. */
export interface ModuleConfig {
  readonly name: string;
  readonly type: string;
  readonly definition: ModuleDefinition;
  /** What was written, with defaults filled in. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly dependsOn: readonly string[];
  readonly path: Path;
  /** Keys of the config that stand beside it, in the entry. */
  readonly beside: readonly string[];
}

/** A part of `workflows:` or `triggers:`, checked. */
export interface SectionConfig {
  readonly definition: WorkflowTypeDefinition | TriggerDefinition;
  readonly config: Readonly<Record<string, unknown>>;
  readonly path: Path;
}

/** A document, checked: what `plan` starts from. */
export interface Config {
  readonly document: Document;
  readonly modules: readonly ModuleConfig[];
  readonly sections: readonly SectionConfig[];
  readonly links: readonly Link[];
  readonly pipelines: readonly PipelineConfig[];
  /** Whether names that resolve to nothing are errors everywhere. */
  readonly strict: boolean;
}

/** What `validate` made of a document. */
export interface Validated {
  readonly config: Config;
  readonly problems: readonly Problem[];
}

/** How a document is checked. */
export interface ValidateOptions {
  /** Unknown keys and names that resolve to nothing are errors. */
  readonly strict?: boolean;
  /** Variables that a field needs must have a value. */
  readonly mustBeSet?: boolean;
}

/** The sections that a document may have. */
export const SECTIONS = [
  "modules",
  "workflows",
  "triggers",
  "pipelines",
  "links",
] as const;

/** Checks an expanded document. The config holds what could be understood. */
export function validate(
  document: Document,
  expanded: Expanded,
  catalog: Catalog,
  options: ValidateOptions = {},
): Validated {
  return new Validation(document, expanded, catalog, options).run();
}

/** The state of one check: what is known and what was found. */
class Validation {
  readonly #document: Document;
  readonly #expanded: Expanded;
  readonly #catalog: Catalog;
  readonly #root: Readonly<Record<string, unknown>>;
  readonly #strict: boolean;
  readonly #mustBeSet: boolean;
  readonly #problems: Problem[] = [];

  constructor(
    document: Document,
    expanded: Expanded,
    catalog: Catalog,
    options: ValidateOptions,
  ) {
    this.#document = document;
    this.#expanded = expanded;
    this.#catalog = catalog;
    this.#root = isObject(expanded.value) ? expanded.value : {};
    // What the original engine did not have needs none of its leniency.
    this.#strict = options.strict === true || this.#root.strict === true ||
      isObject(this.#root.pipelines);
    this.#mustBeSet = options.mustBeSet ?? false;
  }

  run(): Validated {
    this.#checkTop();
    const modules = this.#modules();
    const sections = [
      ...this.#sections(
        "workflows",
        this.#catalog.workflows,
        "unknown-workflow-type",
      ),
      ...this.#sections(
        "triggers",
        this.#catalog.triggers,
        "unknown-trigger-type",
      ),
    ];
    const pipelines = this.#pipelines(modules);
    const { links, problems } = readLinks(
      this.#root.links,
      this.#context([], "links"),
    );
    this.#problems.push(...problems);
    this.#reportUnset();
    const config = {
      document: this.#document,
      modules,
      sections,
      links,
      pipelines,
      strict: this.#strict,
    };
    return { config, problems: this.#problems };
  }

  #pipelines(modules: readonly ModuleConfig[]): readonly PipelineConfig[] {
    const compiled = compileSection({
      document: this.#document,
      expanded: this.#root.pipelines,
      catalog: this.#catalog,
      modules,
      strict: this.#strict,
      unset: this.#expanded.unset,
      mustBeSet: this.#mustBeSet,
    });
    this.#problems.push(...compiled.problems);
    return compiled.pipelines;
  }

  #checkTop(): void {
    const defaults = this.#defaultSections();
    const known = [...SECTIONS, ...defaults.keys(), "strict"];
    const keys = Object.keys(this.#root);
    const isNamed = keys.some((key) =>
      (SECTIONS as readonly string[]).includes(key)
    );
    if (!isNamed) {
      this.#problems.push(this.#document.problem({
        code: "not-a-document",
        path: [],
        message:
          "The document has none of the sections that make an application",
        expected: `one of ${SECTIONS.join(", ")}`,
        nearest: keys.map((key) => nearestName(key, SECTIONS)).find((name) =>
          name
        ),
        help: `Add at least one of: ${SECTIONS.join(", ")}`,
      }));
    }
    for (const key of keys) {
      // What is no document has no keys that could be unknown.
      if (!isNamed || known.includes(key)) continue;
      this.#unknownKey([key], "the document", known);
    }
    const { strict } = this.#root;
    if (strict !== undefined && typeof strict !== "boolean") {
      this.#problems.push(this.#document.problem({
        code: "invalid-value",
        path: ["strict"],
        message: '"strict" is not valid: expected true or false',
      }));
    }
  }

  /** Top-level keys that hold the default config of a module type. */
  #defaultSections(): ReadonlyMap<string, ModuleDefinition> {
    const sections = new Map<string, ModuleDefinition>();
    for (const definition of this.#catalog.modules.values()) {
      if (definition.section !== undefined) {
        sections.set(definition.section, definition);
      }
    }
    return sections;
  }

  #modules(): ModuleConfig[] {
    const entries = this.#root.modules ?? [];
    if (!Array.isArray(entries)) {
      this.#wrongShape(["modules"], "a list of modules");
      return [];
    }
    const seen = new Map<string, number>();
    return entries.flatMap((entry, index) =>
      this.#module(entry, index, seen) ?? []
    );
  }

  #module(
    entry: unknown,
    index: number,
    seen: Map<string, number>,
  ): ModuleConfig | undefined {
    const path = ["modules", index];
    const named = isObject(entry) ? String(entry.type) : "";
    const inert = inertOfEntry(this.#catalog.modules.get(named));
    const context = this.#context(path, "a module entry");
    const { config: parsed, problems } = parseConfig(
      { config: moduleEntry, inert },
      entry,
      // Nothing of an entry is expanded; its config is checked on its own.
      { ...context, unset: [] },
    );
    this.#problems.push(...problems);
    const { name, type, config, dependsOn, branches } = parsed;
    if (typeof name === "string") this.#checkDuplicate(name, index, seen);
    if (typeof type !== "string" || typeof name !== "string") return undefined;
    const definition = this.#catalog.modules.get(type);
    if (!definition) {
      const known = [...this.#catalog.modules.keys()];
      const place = [...path, "type"];
      this.#problems.push(unknownType(type, known, place, this.#document));
      return undefined;
    }
    this.#problems.push(...stabilityProblems(definition, [...path, "type"], {
      document: this.#document,
      strict: this.#strict,
    }));
    const beside = isObject(branches) ? ["branches"] : [];
    const checked = parseConfig(
      definition,
      this.#withDefaults(definition, {
        ...(isObject(branches) && { branches }),
        ...(isObject(config) && config),
      }),
      {
        ...this.#context([...path, "config"], type, `/docs/modules/${type}`),
        beside,
      },
    );
    this.#problems.push(...checked.problems);
    return {
      name,
      type,
      definition,
      config: checked.config,
      dependsOn: Array.isArray(dependsOn)
        ? dependsOn.filter((target) => typeof target === "string")
        : [],
      path,
      beside,
    };
  }

  #withDefaults(definition: ModuleDefinition, config: unknown): unknown {
    const defaults = definition.section === undefined
      ? undefined
      : this.#root[definition.section];
    if (!isObject(defaults) || (config !== undefined && !isObject(config))) {
      return config;
    }
    return { ...defaults, ...config };
  }

  #checkDuplicate(
    name: string,
    index: number,
    seen: Map<string, number>,
  ): void {
    const first = seen.get(name);
    if (first === undefined) {
      seen.set(name, index);
      return;
    }
    const place = this.#document.problem({
      code: "duplicate-name",
      path: ["modules", first, "name"],
      message: "",
    });
    this.#problems.push(this.#document.problem({
      code: "duplicate-name",
      path: ["modules", index, "name"],
      message:
        `The name "${name}" is taken by the module at line ${place.line}`,
      found: name,
      expected: "a name of its own",
      help: "Rename one of the two, and what refers to it",
    }));
  }

  #sections(
    section: "workflows" | "triggers",
    types: ReadonlyMap<string, WorkflowTypeDefinition | TriggerDefinition>,
    code: "unknown-workflow-type" | "unknown-trigger-type",
  ): SectionConfig[] {
    const parts = this.#root[section] ?? {};
    if (!isObject(parts)) {
      this.#wrongShape([section], "a map");
      return [];
    }
    const configs: SectionConfig[] = [];
    for (const [type, raw] of Object.entries(parts)) {
      const path = [section, type];
      const definition = types.get(type);
      if (!definition) {
        this.#problems.push(this.#document.problem({
          code,
          mark: "key",
          path,
          message: `No ${section.slice(0, -1)} type is called "${type}"`,
          found: type,
          expected: `one of ${[...types.keys()].join(", ")}`,
          nearest: closestType(type, [...types.keys()]),
        }));
        continue;
      }
      const context = this.#context(
        path,
        path.join("."),
        `/docs/${section}/${type}`,
      );
      const { config, problems } = parseConfig(definition, raw, context);
      this.#problems.push(...problems);
      configs.push({ definition, config, path });
    }
    return configs;
  }

  /** What no field needed is only worth a warning. */
  #reportUnset(): void {
    const reported = new Set(
      this.#problems.filter(({ code }) => code === "unset-variable").map((
        { path },
      ) => path),
    );
    for (const unset of this.#expanded.unset) {
      const problem = unsetProblem(unset, this.#document, "warning");
      if (!reported.has(problem.path)) this.#problems.push(problem);
    }
  }

  #unknownKey(path: Path, of: string, known: readonly string[]): void {
    const key = String(path.at(-1));
    this.#problems.push(this.#document.problem({
      code: this.#strict ? "unknown-key" : "ineffective-key",
      severity: this.#strict ? "error" : "warning",
      mark: "key",
      path,
      message: `"${key}" is not a key of ${of}`,
      found: key,
      expected: `one of ${known.join(", ")}`,
      nearest: nearestName(key, known),
    }));
  }

  #wrongShape(path: Path, expected: string): void {
    this.#problems.push(this.#document.problem({
      code: "invalid-value",
      path,
      message: `"${path.at(-1)}" is not valid: expected ${expected}`,
      expected,
    }));
  }

  #context(path: Path, type: string, docs = "/docs/format"): ConfigContext {
    return {
      document: this.#document,
      path,
      type,
      docs,
      strict: this.#strict,
      unset: this.#expanded.unset,
      mustBeSet: this.#mustBeSet,
    };
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
