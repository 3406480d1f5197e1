/**
 * What YAML allows and a document does not: keys that stand twice, aliases that
 * lead nowhere or into themselves, merges of what is no map, absurd size and
 * depth. One walk finds all of it, before anything is expanded.
 *
 * @module
 */
import {
  type Alias,
  type Document as YamlDocument,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type YAMLMap,
} from "yaml";
import type { Span } from "./document.ts";

/** How deep maps and lists may be nested, aliases followed. */
export const DOCUMENT_DEPTH_MAX = 64;

/** How many aliases a document may have. */
export const DOCUMENT_ALIASES_MAX = 10_000;

/** How many values a document may come to when its aliases are followed. */
export const DOCUMENT_VALUES_MAX = 1_000_000;

/** Something that YAML allows and a document does not. */
export interface Fault extends Span {
  readonly message: string;
  readonly help?: string;
}

/** What is known of a parsed text beside its nodes. */
export interface Structure {
  /** What each alias stands for. */
  readonly targets: ReadonlyMap<Alias, Node>;
  readonly faults: readonly Fault[];
}

/** Examines a parsed text. */
export function examine(yaml: YamlDocument): Structure {
  return new Examination().run(yaml);
}

/** How much an anchored value comes to. */
interface Measure {
  readonly values: number;
  readonly levels: number;
}

/** The state of one walk, in the order of the text. */
class Examination {
  readonly #targets = new Map<Alias, Node>();
  readonly #faults: Fault[] = [];
  /** Of two anchors with one name, the last one before an alias counts. */
  readonly #anchors = new Map<string, Node>();
  readonly #measures = new Map<Node, Measure>();
  readonly #open = new Set<Node>();
  /** Limits that are broken; each is reported once. */
  readonly #broken = new Set<string>();
  #values = 0;

  run(yaml: YamlDocument): Structure {
    this.#walk(yaml.contents, 0);
    return { targets: this.#targets, faults: this.#faults };
  }

  /** Returns how many levels of maps and lists the value has. */
  #walk(node: unknown, depth: number): number {
    if (isAlias(node)) return this.#alias(node, depth);
    if (!isNode(node)) return 0;
    const valuesBefore = this.#values++;
    const { anchor } = node as { readonly anchor?: string };
    if (anchor !== undefined) this.#anchors.set(anchor, node);
    const levels = isCollection(node) ? this.#collection(node, depth) : 0;
    if (anchor !== undefined) {
      const values = this.#values - valuesBefore;
      this.#measures.set(node, { values, levels });
    }
    return levels;
  }

  #collection(node: Node, depth: number): number {
    if (!this.#isWithin(node, depth + 1, LEVELS)) return 1;
    this.#open.add(node);
    let inner = 0;
    for (const child of isSeq(node) ? node.items : []) {
      inner = Math.max(inner, this.#walk(child, depth + 1));
    }
    if (isMap(node)) {
      this.#checkKeys(node);
      for (const { key, value } of node.items) {
        inner = Math.max(inner, this.#walk(key, depth + 1));
        inner = Math.max(inner, this.#walk(value, depth + 1));
        if (isMergeKey(key)) this.#checkMerge(value);
      }
    }
    this.#open.delete(node);
    return inner + 1;
  }

  #alias(alias: Alias, depth: number): number {
    const { source } = alias;
    const target = this.#anchors.get(source);
    if (target === undefined) {
      this.#report(
        alias,
        `The alias "*${source}" has no anchor "&${source}" before it`,
      );
      return 0;
    }
    if (this.#open.has(target)) {
      this.#report(alias, `The alias "*${source}" stands in its own value`);
      return 0;
    }
    this.#targets.set(alias, target);
    const measure = this.#measures.get(target) ?? { values: 1, levels: 0 };
    this.#values += measure.values;
    this.#isWithin(alias, this.#targets.size, ALIASES);
    this.#isWithin(alias, this.#values, VALUES);
    this.#isWithin(alias, depth + measure.levels, LEVELS);
    return measure.levels;
  }

  /** A second key would silently replace the first. */
  #checkKeys(map: YAMLMap): void {
    const seen = new Set<string>();
    for (const { key } of map.items) {
      if (!isScalar(key) || isMergeKey(key)) continue;
      const name = String(key.value);
      if (seen.has(name)) {
        this.#report(key, `The key "${name}" stands twice in its map`, {
          help: "Remove one of the two",
        });
      }
      seen.add(name);
    }
  }

  #checkMerge(value: unknown): void {
    const merged = this.#follow(value);
    for (const source of isSeq(merged) ? merged.items : [value]) {
      // An alias that leads nowhere is reported as such.
      if (isAlias(source) && !this.#targets.has(source)) continue;
      if (isMap(this.#follow(source))) continue;
      this.#report(source ?? value, '"<<" can only merge maps into a map');
    }
  }

  #follow(value: unknown): unknown {
    return isAlias(value) ? this.#targets.get(value) : value;
  }

  #isWithin(node: Node, count: number, { max, message }: Limit): boolean {
    if (count <= max) return true;
    if (!this.#broken.has(message)) this.#report(node, message);
    this.#broken.add(message);
    return false;
  }

  #report(
    node: unknown,
    message: string,
    rest: Pick<Fault, "help"> = {},
  ): void {
    const [start, end] = (isNode(node) ? node.range : undefined) ?? [0, 0];
    this.#faults.push({ start, end, message, ...rest });
  }
}

interface Limit {
  readonly max: number;
  readonly message: string;
}

const LEVELS: Limit = {
  max: DOCUMENT_DEPTH_MAX,
  message: `Values are nested deeper than ${DOCUMENT_DEPTH_MAX} levels`,
};

const ALIASES: Limit = {
  max: DOCUMENT_ALIASES_MAX,
  message: `The document has more than ${DOCUMENT_ALIASES_MAX} aliases`,
};

const VALUES: Limit = {
  max: DOCUMENT_VALUES_MAX,
  message:
    `The aliases make the document larger than ${DOCUMENT_VALUES_MAX} values`,
};

/** Whether a key is `<<`, which the parser turns into a symbol; `"<<"` is text. */
export function isMergeKey(key: unknown): boolean {
  return isScalar(key) && typeof key.value === "symbol";
}
