/**
 * The pipelines that runs are pinned to: those of the running document, and
 * earlier versions that unfinished runs still need.
 *
 * @module
 */
import { messageOf } from "../errors.ts";
import type { Program } from "../pipeline/program.ts";
import type { Plan } from "../plan.ts";
import type { JsonValue, Key, Store } from "../store/store.ts";

/** A pipeline of the document, compiled and as it is written. */
export interface Pipeline {
  readonly program: Program;
  /** As the document has it, before variables are replaced. */
  readonly written: JsonValue;
}

/** The pipelines of a plan that can run. */
export function pipelinesOf(
  { pipelines }: Pick<Plan, "pipelines">,
): readonly Pipeline[] {
  return pipelines.flatMap(({ program, written }) =>
    program === undefined ? [] : [{ program, written }]
  );
}

/** Compiles a pipeline of an earlier document in the present surroundings. */
export type Recompile = (
  id: string,
  written: JsonValue,
) => Program | string;

/** See the module comment. */
export class Programs {
  readonly #store: Store;
  readonly #prefix: Key;
  #current = new Map<string, Program>();
  #versions = new Map<string, Program>();
  #kept = new Set<string>();
  #recompile: Recompile = () => "no document is running";

  constructor(store: Store, prefix: Key) {
    this.#store = store;
    this.#prefix = prefix;
  }

  /** The pipelines of the running document from now on. */
  define(pipelines: Iterable<Pipeline>, recompile: Recompile): void {
    const all = [...pipelines];
    this.#recompile = recompile;
    this.#current = new Map(all.map(({ program }) => [program.id, program]));
    // Earlier versions bind to other modules now, so they are compiled anew.
    this.#versions = new Map(all.map(({ program }) => [
      nameOf(program.id, program.version),
      program,
    ]));
  }

  /** Keeps the text of each pipeline, before a run is pinned to it. */
  async keep(pipelines: Iterable<Pipeline>): Promise<void> {
    for (const { program: { id, version }, written } of pipelines) {
      const name = nameOf(id, version);
      if (this.#kept.has(name)) continue;
      const key = [...this.#prefix, id, version];
      await this.#store.commit({ sets: [{ key, value: { written } }] });
      this.#kept.add(name);
    }
  }

  /** The pipeline of the running document. */
  current(id: string): Program | undefined {
    return this.#current.get(id);
  }

  /** The ids of the pipelines of the running document. */
  ids(): readonly string[] {
    return [...this.#current.keys()];
  }

  /** A version that a run is pinned to, or why there is none. */
  async version(id: string, version: string): Promise<Program | string> {
    const name = nameOf(id, version);
    const known = this.#versions.get(name);
    if (known !== undefined) return known;
    const written = await this.written(id, version);
    if (written === undefined) {
      return `The version ${version} of "${id}" is not kept`;
    }
    try {
      const made = this.#recompile(id, written);
      if (typeof made === "string") return made;
      this.#versions.set(name, made);
      return made;
    } catch (error) {
      return messageOf(error);
    }
  }

  /** A version as its document had it; `undefined` if it is not kept. */
  async written(id: string, version: string): Promise<JsonValue | undefined> {
    const entry = await this.#store.get([...this.#prefix, id, version]);
    const kept = entry?.value as { readonly written?: JsonValue } | undefined;
    return kept?.written;
  }
}

function nameOf(id: string, version: string): string {
  return `${version} ${id}`;
}
