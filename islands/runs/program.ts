/**
 * Compiles a pipeline as a run is pinned to it, in the browser, so that its
 * journal can be put through the engine's own reducer. Who does a step does not
 * matter here: whatever `use` names is taken to exist, and to take and give
 * anything.
 *
 * @module
 */
import { z } from "zod";
import { parse } from "@engine/config/parse.ts";
import { valueAt } from "@engine/config/value_path.ts";
import { compilePipeline } from "@engine/pipeline/compile.ts";
import type { Program } from "@engine/pipeline/program.ts";
import type { Surroundings } from "@engine/pipeline/targets.ts";

/** A pipeline as the engine keeps it. */
export interface Written {
  readonly id: string;
  readonly version: string;
  readonly written: unknown;
}

/** Compiles it; `undefined` if it means nothing to this version of the page. */
export function compileWritten(
  { id, version, written }: Written,
): Program | undefined {
  const text = JSON.stringify({ pipelines: { [id]: written } });
  const { document } = parse(text, "pipeline.json");
  if (document === undefined) return undefined;
  const { program } = compilePipeline(
    id,
    valueAt(document.value, ["pipelines", id]),
    {
      ...surroundingsOf(id, written),
      ...{ document, strict: false, unset: [], mustBeSet: false },
    },
  );
  return program && { ...program, version };
}

const ANYTHING = z.record(z.string(), z.unknown());

/** Everything that the steps name, as if it were there. */
function surroundingsOf(id: string, written: unknown): Surroundings {
  const steps = new Map<string, unknown>();
  const modules = new Map<string, Fake>();
  const pipelines = new Set([id]);
  for (const use of usesIn(written)) {
    const [, kind, name = ""] = /^(module|component|pipeline):(.*)$/s
      .exec(use) ?? [];
    if (kind === undefined) {
      steps.set(use, { config: ANYTHING, output: z.unknown() });
    } else if (kind === "pipeline") pipelines.add(name);
    else addModule(modules, kind, name);
  }
  return { catalog: { steps }, modules, pipelines } as unknown as Surroundings;
}

/** What a compilation asks of a module. */
interface Fake {
  readonly name: string;
  readonly type: string;
  readonly definition: {
    readonly provides: readonly { readonly id: string }[];
    readonly actions: Record<string, unknown>;
  };
}

function addModule(
  modules: Map<string, Fake>,
  kind: string,
  use: string,
): void {
  const dot = kind === "module" ? use.lastIndexOf(".") : -1;
  const name = dot < 0 ? use : use.slice(0, dot);
  const known = modules.get(name) ?? {
    ...{ name, type: "module" },
    definition: { provides: [{ id: "executor" }], actions: {} },
  };
  if (dot >= 0) {
    known.definition.actions[use.slice(dot + 1)] = {
      input: ANYTHING,
      output: z.unknown(),
    };
  }
  modules.set(name, known);
}

/** Every text under a key `use`, but for those that are data. */
function usesIn(value: unknown): readonly string[] {
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key === "with") return [];
    if (key === "use" && typeof inner === "string") return [inner];
    return usesIn(inner);
  });
}
