/**
 * Config to plan: which module uses which, and in what order they start. The
 * graph is read from the `ref` fields of the definitions; nothing else knows it.
 *
 * @module
 */
import type { Config, ModuleConfig, SectionConfig } from "./config/validate.ts";
import { placeIn } from "./config/config_place.ts";
import { withoutAliases } from "./config/aliases.ts";
import type { Link } from "./config/links.ts";
import { nearestName } from "./config/nearest.ts";
import { formatPath, parsePath } from "./config/problem.ts";
import type { Path, Problem } from "./config/problem.ts";
import { isImplied, labelOf, provides } from "./config/reference_rules.ts";
import {
  forgiveMissing,
  isHalfKnown,
  isIncomplete,
} from "./config/forgiving.ts";
import { findReferences, type Reference } from "./config/references.ts";
import { startOrder } from "./config/start_order.ts";
import { type JsonSchema, jsonSchema } from "./derive/json_schema.ts";
import { fingerprint } from "./fingerprint.ts";
import { planFingerprint } from "./config/plan_fingerprint.ts";
import type { EdgeMeta } from "./meta.ts";
import type { PipelineConfig } from "./pipeline/section.ts";

/** One module uses another. */
export interface PlanEdge {
  readonly source: string;
  readonly target: string;
  readonly kind: "dependsOn" | "ref" | "step" | EdgeMeta["kind"];
  /** What the edge carries, for people: `GET /api/orders`. */
  readonly label: string;
  /** Where the document says so, or would. */
  readonly path: string;
  /** The document does not say it; the engine picked the target. */
  readonly implied: boolean;
  /** The source starts after the target. */
  readonly orders: boolean;
}

/** A module, ready to be made. */
export interface PlannedModule extends ModuleConfig {
  /** Changes when the module must be made anew. */
  readonly fingerprint: string;
}

/** A document, ready to run. */
export interface Plan {
  /** The id of the document. */
  readonly id: string;
  /** In the order in which they start. */
  readonly modules: readonly PlannedModule[];
  readonly sections: readonly SectionConfig[];
  readonly pipelines: readonly PipelineConfig[];
  readonly edges: readonly PlanEdge[];
  /** Which events of one document start work in another. */
  readonly links: readonly Link[];
  /** Changes with anything that changes what runs. */
  readonly fingerprint: string;
}

/** What `plan` made of a config. */
export interface Planned {
  readonly plan: Plan;
  readonly problems: readonly Problem[];
}

/** Resolves every name and finds an order. Pure. */
export function plan(config: Config): Planned {
  return new Planner(withoutAliases(config)).run();
}

/** The state of one planning: what is resolved and what was found. */
class Planner {
  readonly #config: Config;
  readonly #modules: ReadonlyMap<string, ModuleConfig>;
  /** Who states a dependency on a module, by its name. */
  readonly #dependents = new Map<string, string[]>();
  /** Who provides one of some services, by the ids of those. */
  readonly #providers = new Map<string, readonly ModuleConfig[]>();
  readonly #problems: Problem[] = [];
  readonly #edges: PlanEdge[] = [];

  constructor(config: Config) {
    this.#config = config;
    // Of two modules with one name the first stays; the duplicate is a problem.
    this.#modules = new Map(
      config.modules.toReversed().map((m) => [m.name, m]),
    );
    for (const { name, dependsOn } of config.modules) {
      for (const target of dependsOn) {
        const dependents = this.#dependents.get(target);
        if (dependents) dependents.push(name);
        else this.#dependents.set(target, [name]);
      }
    }
  }

  run(): Planned {
    const filled = this.#config.modules.map((module) => this.#module(module));
    const sections = this.#config.sections.flatMap((section) =>
      this.#section(section) ?? []
    );
    const ordered = this.#order(filled);
    const modules = ordered.map((module) => ({
      ...module,
      fingerprint: fingerprint([module.type, module.config, module.dependsOn]),
    }));
    const { links, pipelines } = this.#config;
    for (const pipeline of pipelines) this.#pipeline(pipeline);
    const plan = {
      id: this.#config.document.id,
      modules,
      sections,
      pipelines,
      edges: this.#edges,
      links,
      fingerprint: planFingerprint({ modules, sections, links, pipelines }),
    };
    return { plan, problems: this.#problems };
  }

  /** The steps have checked the names; the canvas draws what they use. */
  #pipeline({ id, uses }: PipelineConfig): void {
    for (const { step, module, path } of uses) {
      this.#edges.push({
        source: `pipeline:${id}`,
        target: module,
        kind: "step",
        label: step,
        path: formatPath(path),
        implied: false,
        orders: false,
      });
    }
  }

  #module(module: ModuleConfig): ModuleConfig {
    const { name, path } = module;
    module.dependsOn.forEach((target, index) => {
      const place = [...path, "dependsOn", index];
      if (!this.#exists(target, place)) return;
      this.#edges.push({
        source: name,
        target,
        kind: "dependsOn",
        label: "",
        path: formatPath(place),
        implied: false,
        orders: true,
      });
    });
    const schema = jsonSchema(module.definition.config);
    const near = [...module.dependsOn, ...this.#dependents.get(name) ?? []];
    const filled = this.#fillIn(
      schema,
      module.config,
      [...path, "config"],
      near,
      name,
    );
    for (const reference of findReferences(schema, filled.config)) {
      const implied = filled.implied.has(String(reference.path[0]));
      const config = { path: [...path, "config"], beside: module.beside };
      const place = placeIn(config, reference.path);
      if (!this.#fits(reference, place, true)) continue;
      this.#edges.push({
        source: name,
        target: reference.name,
        kind: "ref",
        label: String(reference.path.at(-1)),
        path: formatPath(place),
        implied,
        orders: reference.required,
      });
    }
    return { ...module, config: filled.config };
  }

  /** Absent if nothing of it can be wired, in a document that is not strict. */
  #section(section: SectionConfig): SectionConfig | undefined {
    const schema = jsonSchema(section.definition.config);
    const { path } = section;
    const { config, implied } = this.#fillIn(schema, section.config, path, []);
    const references = findReferences(schema, config);
    let isIdle = !this.#config.strict && references.length > 0;
    for (const reference of references) {
      const place = [...path, ...reference.path];
      const isTop = reference.path.length === 1;
      const fits = this.#fits(reference, place, isTop || this.#config.strict);
      if (fits) isIdle = false;
      const { edge } = reference.schema;
      if (!fits || !edge) continue;
      const source = config[edge.source] ?? reference.siblings[edge.source];
      // A section may go without what it names; then nothing is tied.
      if (typeof source !== "string" || !this.#modules.has(source)) continue;
      this.#edges.push({
        source: edge.reverse ? reference.name : source,
        target: edge.reverse ? source : reference.name,
        kind: edge.kind,
        label: labelOf(edge, reference),
        path: formatPath(place),
        implied: implied.has(edge.source) ||
          implied.has(String(reference.path[0])),
        orders: false,
      });
    }
    if (isIdle && forgiveMissing(this.#problems, path)) return undefined;
    return { ...section, config };
  }

  /** Names the modules that absent references stand for. */
  #fillIn(
    schema: JsonSchema,
    config: Readonly<Record<string, unknown>>,
    path: Path,
    near: readonly string[],
    self?: string,
  ): {
    config: Readonly<Record<string, unknown>>;
    implied: ReadonlySet<string>;
  } {
    const filled: Record<string, unknown> = { ...config };
    const implied = new Set<string>();
    for (const [key, field] of Object.entries(schema.properties ?? {})) {
      if (field.ref === undefined || filled[key] !== undefined) continue;
      if (schema.required?.includes(key) || !isImplied(field, filled)) continue;
      // What an earlier field of the section named leads to what a later one means.
      const named = Object.values(filled).filter((value) =>
        typeof value === "string"
      );
      const reach = [...near, ...this.#dependenciesOf(named)];
      const target = this.#imply(field, [...path, key], reach, self);
      if (target !== undefined) {
        filled[key] = target;
        implied.add(key);
      }
    }
    return { config: filled, implied };
  }

  #dependenciesOf(names: readonly string[]): string[] {
    return names.flatMap((name) => this.#modules.get(name)?.dependsOn ?? []);
  }

  /** What `dependsOn` gives; else a conventional name; else the first in the file. */
  #imply(
    field: JsonSchema,
    path: Path,
    near: readonly string[],
    self: string | undefined,
  ): string | undefined {
    // Of several services the first one is preferred.
    const best = this.#providersOf(field.ref?.slice(0, 1));
    const candidates = (best.length > 0 ? best : this.#providersOf(field.ref))
      .map(({ name }) => name)
      .filter((name) => name !== self);
    const first = near.find((name) => candidates.includes(name)) ??
      field.conventional?.find((name) => candidates.includes(name));
    if (first !== undefined) return first;
    if (candidates.length > 1) {
      this.#problems.push(this.#config.document.problem({
        code: "ambiguous-reference",
        severity: "warning",
        path,
        message: `"${path.at(-1)}" is not named and several modules fit: ` +
          `"${candidates[0]}" is taken`,
        expected: `one of ${candidates.join(", ")}`,
        help: `Write ${path.at(-1)}: ${candidates[0]}`,
      }));
    }
    if (
      candidates.length === 0 && field.needed &&
      !isIncomplete(this.#config.document, this.#config.modules.length)
    ) {
      this.#problems.push(this.#config.document.problem({
        code: "missing-module",
        mark: "key",
        path: path.slice(0, -1),
        message: `${formatPath(path.slice(0, -1))} needs a module that ` +
          `provides ${field.ref?.join(" or ")}: the document has none`,
        help: `Add a module and name it in "${path.at(-1)}"`,
      }));
    }
    return candidates[0];
  }

  /** In the order of the file. */
  #providersOf(services: readonly string[] | undefined) {
    const key = String(services);
    const known = this.#providers.get(key);
    if (known) return known;
    const fitting = this.#config.modules.filter((module) =>
      provides(module, services)
    );
    this.#providers.set(key, fitting);
    return fitting;
  }

  #exists(name: string, path: Path): boolean {
    if (this.#modules.has(name)) return true;
    if (isHalfKnown(this.#config.document, name)) return false;
    this.#problems.push(
      this.#unresolved(name, path, this.#modules.keys(), true),
    );
    return false;
  }

  #fits(reference: Reference, path: Path, isError: boolean): boolean {
    const { name, schema } = reference;
    const module = this.#modules.get(name);
    if (!module) {
      if (isHalfKnown(this.#config.document, name)) return false;
      const names = this.#providersOf(schema.ref).map((m) => m.name);
      this.#problems.push(
        this.#unresolved(
          name,
          path,
          [...names, ...this.#modules.keys()],
          isError,
        ),
      );
      return false;
    }
    if (provides(module, schema.ref)) return true;
    const fitting = this.#providersOf(schema.ref);
    const needs = schema.ref?.join(" or ");
    const provided = module.definition.provides.map(({ id }) => id).join(", ");
    this.#problems.push(this.#config.document.problem({
      code: "wrong-service",
      severity: schema.skippable && !isError ? "warning" : "error",
      path,
      message: `"${name}" is a ${module.type}, which provides ` +
        `${provided || "no service"}: "${path.at(-1)}" needs ${needs}`,
      found: name,
      expected: fitting.length === 0
        ? `a module that provides ${needs}`
        : `one of ${fitting.map((m) => m.name).join(", ")}`,
      help: fitting.length === 0
        ? `Add a module that provides ${needs}`
        : undefined,
    }));
    return false;
  }

  #unresolved(
    name: string,
    path: Path,
    candidates: Iterable<string>,
    isError: boolean,
  ): Problem {
    return this.#config.document.problem({
      code: "unresolved-reference",
      severity: isError ? "error" : "warning",
      path,
      message: `No module is called "${name}"`,
      found: name,
      expected: "the name of a module in this document",
      nearest: nearestName(name, candidates),
    });
  }

  /** In the order of the file, as far as nothing asks for another. */
  #order(modules: readonly ModuleConfig[]): ModuleConfig[] {
    const byName = new Map(
      modules.toReversed().map((module) => [module.name, module]),
    );
    const needs = new Map<string, string[]>();
    for (const { source, target, orders } of this.#edges) {
      if (!orders) continue;
      const targets = needs.get(source);
      if (targets) targets.push(target);
      else needs.set(source, [target]);
    }
    const order = startOrder([...byName.keys()].reverse(), needs);
    for (const cycle of order.cycles) this.#reportCycle(cycle);
    return order.names.flatMap((name) => byName.get(name) ?? []);
  }

  #reportCycle(cycle: readonly string[]): void {
    const last = this.#edges.find((edge) =>
      edge.orders && edge.source === cycle.at(-2) &&
      edge.target === cycle.at(-1)
    );
    const source = this.#modules.get(cycle.at(-2) ?? "");
    const place = last && source ? parsePath(last.path) : [];
    this.#problems.push(this.#config.document.problem({
      code: "dependency-cycle",
      path: place,
      message: `Modules depend on each other in a circle: ${cycle.join(" → ")}`,
      help: "Remove one of these dependencies",
    }));
  }
}
