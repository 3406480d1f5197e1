/**
 * A pipeline as a diagram: its steps, one after the other, with their branches.
 *
 * @module
 */
import { formatPath, type Path } from "../../engine/config/problem.ts";

/** One step. */
export interface StepCard {
  /** Its path in the document, as a text. */
  readonly id: string;
  readonly path: Path;
  readonly name: string;
  /** What it does: its `use`, or the kind of block that it is. */
  readonly what: string;
  /** It runs only then. */
  readonly when: string;
  /** What runs in its place if it fails, or undoes it. */
  readonly notes: readonly string[];
}

/** What follows what. */
export interface StepEdge {
  readonly source: string;
  readonly target: string;
  readonly label: string;
}

/** What is drawn. */
export interface StepDiagram {
  readonly steps: readonly StepCard[];
  readonly edges: readonly StepEdge[];
}

type Plain = Readonly<Record<string, unknown>>;

/** An end from which the next step goes on. */
interface Exit {
  readonly id: string;
  readonly label: string;
}

/** The diagram of a pipeline that stands at a path. */
export function stepsOf(pipeline: unknown, path: Path): StepDiagram {
  const steps: StepCard[] = [];
  const edges: StepEdge[] = [];

  /** Adds a list of steps behind some ends; gives the ends of it. */
  function walk(list: unknown, at: Path, entries: readonly Exit[]): Exit[] {
    let exits = [...entries];
    for (
      const [index, written] of (Array.isArray(list) ? list : []).entries()
    ) {
      const step = plain(written);
      const card = cardOf(step, [...at, index]);
      steps.push(card);
      for (const { id, label } of exits) {
        edges.push({ source: id, target: card.id, label });
      }
      exits = inside(step, card);
    }
    return exits;
  }

  function inside(step: Plain, { id, path: at }: StepCard): Exit[] {
    const branches = [
      ...Object.entries(plain(step.parallel)).map(([name, list]) =>
        walk(list, [...at, "parallel", name], [{ id, label: name }])
      ),
      ...(Array.isArray(step.switch) ? step.switch : []).map(
        (written, index) => {
          const { when, steps } = plain(written);
          const label = typeof when === "string" ? when : "otherwise";
          return walk(steps, [...at, "switch", index, "steps"], [{
            id,
            label,
          }]);
        },
      ),
      ...step.steps === undefined
        ? []
        : [walk(step.steps, [...at, "steps"], [{ id, label: "each" }])],
    ];
    return branches.length === 0 ? [{ id, label: "" }] : branches.flat();
  }

  walk(plain(pipeline).steps, [...path, "steps"], []);
  return { steps, edges };
}

/** Kinds of blocks, by the key that makes a step one. */
const BLOCKS = ["parallel", "switch", "forEach", "wait"] as const;

function cardOf(step: Plain, path: Path): StepCard {
  const { id, use, when, compensate, onError, retry } = step;
  const block = BLOCKS.find((key) => step[key] !== undefined);
  const inner = block === "wait" ? Object.keys(plain(step.wait))[0] : undefined;
  return {
    id: formatPath(path),
    path,
    name: String(id ?? path.at(-1)),
    what: typeof use === "string"
      ? block === "forEach" ? `each · ${use}` : use
      : inner === undefined
      ? block ?? ""
      : `wait · ${inner}`,
    when: typeof when === "string" ? when : "",
    notes: [
      ...compensate === undefined ? [] : ["undoes"],
      ...onError === undefined ? [] : ["on error"],
      ...retry === undefined ? [] : ["retries"],
    ],
  };
}

function plain(value: unknown): Plain {
  return value !== null && typeof value === "object" ? value as Plain : {};
}
