/**
 * What the canvas shows of a document: its modules, and how they are tied.
 *
 * @module
 */

/** A tie, as the plan has it. */
export interface GraphEdge {
  readonly source: string;
  readonly target: string;
  readonly kind: string;
  readonly label: string;
  /** Where the document says it. */
  readonly path: string;
  /** The document does not name it: it follows from a rule. */
  readonly implied: boolean;
}

/** A module, as the document has it. */
export interface GraphModule {
  readonly name: string;
  readonly type: string;
  /** Its place in the list; absent if it stands beside the text. */
  readonly index: number | undefined;
  readonly config: Readonly<Record<string, unknown>>;
}

/** The modules view of a document. */
export interface Graph {
  readonly modules: readonly GraphModule[];
  readonly edges: readonly GraphEdge[];
}

/** The part of a plan that is drawn. */
export interface Sketch {
  readonly modules: readonly {
    readonly name: string;
    readonly type: string;
    readonly config: Readonly<Record<string, unknown>>;
    readonly fingerprint: string;
  }[];
  readonly edges: readonly GraphEdge[];
}

/**
 * The graph of a document's value. Edges are those of the sketch whose ends are
 * there: what was just added has none until the sketch of it is there.
 */
export function graphOf(value: unknown, sketch: Sketch | undefined): Graph {
  const written = modulesOf(value);
  const names = new Set(written.map(({ name }) => name));
  const beside = (sketch?.modules ?? [])
    .filter(({ name }) => !names.has(name))
    .map(({ name, type, config }) => ({
      ...{ name, type, config, index: undefined },
    }));
  // One that was removed in the text may still be in the sketch.
  const sketched = new Set(sketch?.modules.map(({ name }) => name));
  const isFresh = sketch !== undefined &&
    written.every(({ name }) => sketched.has(name));
  const modules = isFresh ? [...written, ...beside] : written;
  const all = new Set(modules.map(({ name }) => name));
  const edges = (sketch?.edges ?? []).filter(({ source, target }) =>
    all.has(source) && all.has(target) && source !== target
  );
  return { modules, edges };
}

/** The modules of a document's value that have a name and a type. */
export function modulesOf(value: unknown): readonly GraphModule[] {
  const { modules } = (value ?? {}) as { readonly modules?: unknown };
  if (!Array.isArray(modules)) return [];
  return modules.flatMap((module, index) => {
    const { name, type, config } = (module ?? {}) as Record<string, unknown>;
    if (typeof name !== "string" || typeof type !== "string") return [];
    const plain = config !== null && typeof config === "object"
      ? config as GraphModule["config"]
      : {};
    return [{ name, type, index, config: plain }];
  });
}

/** A name for a new module: the last part of its type, with a number if need be. */
export function freshName(type: string, graph: Graph): string {
  const base = type.split(".").at(-1) ?? type;
  const taken = new Set(graph.modules.map(({ name }) => name));
  if (!taken.has(base)) return base;
  for (let number = 2;; number++) {
    const name = `${base}-${number}`;
    if (!taken.has(name)) return name;
  }
}
