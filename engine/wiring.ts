/**
 * Ties the sections of a plan, then its modules, into what runs.
 *
 * @module
 */
import type { Host, Wiring } from "./define.ts";
import { type Generation, wired } from "./generation.ts";
import { type Pipeline, pipelinesOf, type Recompile } from "./run/programs.ts";
import type { JsonValue } from "./store/store.ts";

/** Something that was tied. */
export type Wired = Pick<Wiring, "unwire">;

/** What was tied, and the sections that can be asked for work, by name. */
export interface WiredAll {
  readonly wirings: readonly Wired[];
  readonly workflows: ReadonlyMap<string, Wiring>;
  /** The pipelines of the document, and those that its sections make. */
  readonly pipelines: readonly Pipeline[];
}

/** What holds before anything is tied. */
export const NOTHING_WIRED: WiredAll = {
  wirings: [],
  workflows: new Map(),
  pipelines: [],
};

/** How the pieces are tied. */
export interface WireOptions {
  /** The host of a section, by its type. */
  readonly host: (name: string) => Host;
  /** Takes back what was tied before a failure. */
  readonly unwire: (wirings: readonly Wired[]) => void;
  /** Compiles the pipelines that sections make. */
  readonly compile: Recompile;
  /** Told of all pipelines so far, since sections may ask what is one. */
  readonly define: (pipelines: readonly Pipeline[]) => void;
}

/**
 * Ties everything, without waiting.
 *
 * @throws {LifecycleError} naming what failed; everything is taken back.
 */
export function wireAll(
  generation: Generation,
  { host, unwire, compile, define }: WireOptions,
): WiredAll {
  const wirings: Wired[] = [];
  const workflows = new Map<string, Wiring>();
  const pipelines = [...pipelinesOf(generation.plan)];
  try {
    define(pipelines);
    for (const { definition, config } of generation.plan.sections) {
      const { type } = definition;
      const wiring = wired(
        { name: type, type },
        () => definition.wire(config, host(type)),
      );
      wirings.push(wiring);
      pipelines.push(...wired(
        { name: type, type },
        () => pipelinesFrom(wiring, pipelines, compile),
      ));
      if (wiring.pipelines !== undefined) define(pipelines);
      if (definition.kind !== "workflow") continue;
      for (const name of [type, ...wiring.definitions ?? []]) {
        workflows.set(name, wiring);
      }
    }
    for (const { planned, instance } of generation.modules.values()) {
      const undo = wired(planned, () => instance.wire?.());
      if (undo) wirings.push({ unwire: undo });
    }
  } catch (error) {
    unwire(wirings);
    throw error;
  }
  return { wirings, workflows, pipelines };
}

/** The pipelines of a section, compiled among those of the document. */
function pipelinesFrom(
  { pipelines = {} }: Wiring,
  known: readonly Pipeline[],
  compile: Recompile,
): readonly Pipeline[] {
  return Object.entries(pipelines).map(([id, made]) => {
    if (known.some(({ program }) => program.id === id)) {
      throw new Error(`Another pipeline is called "${id}" as well`);
    }
    // What a section makes is data, as a document would hold it.
    const written = made as JsonValue;
    const program = compile(id, written);
    if (typeof program === "string") {
      throw new Error(`The pipeline "${id}" is not valid: ${program}`);
    }
    return { program, written };
  });
}
