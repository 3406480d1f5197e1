/**
 * The text of a document while operations are made on it, and what it is to say.
 *
 * @module
 */
import type { Changed, SharedMode, SharedPlace } from "./change.ts";
import type { Document } from "./document.ts";
import {
  applyTo,
  type Holder,
  isThere,
  type Operation,
  plain,
} from "./operation.ts";
import { splicesOf } from "./operation_splices.ts";
import { isHiding, override } from "./override.ts";
import { read } from "./parse.ts";
import { isComposite, isEqual } from "./print_value.ts";
import { formatPath, type Path } from "./problem.ts";
import { breaksMerge, usersOf } from "./shared_users.ts";
import { SourceTree } from "./source_tree.ts";
import { valueAt } from "./value_path.ts";
import { applySplices, composeSplices, type Splice } from "./splice.ts";

/** The state of one edit: the text so far, and what it is to say. */
export class Editing {
  readonly #document: Document;
  #text: string;
  readonly #holder: Holder;
  #splices: readonly Splice[] = [];
  /** Splices of operations that do not meet, against the text so far. */
  #pending: readonly Splice[] = [];
  #tree: SourceTree | undefined;
  #parsedCharacters = 0;
  /** Maps and lists whose entries the tree has as they were. */
  readonly #restructured = new Map<string, "map" | "list">();

  constructor(document: Document) {
    this.#document = document;
    this.#text = document.text;
    this.#tree = trees.get(document);
    this.#holder = { root: plain(document.value) };
  }

  /** What the text is to say. */
  get value(): unknown {
    return this.#holder.root;
  }

  /** How much text was parsed so far, again and again. */
  get parsedCharacters(): number {
    return this.#parsedCharacters;
  }

  /** Makes an operation, or returns what has to be answered before. */
  run(
    operation: Operation,
    mode: SharedMode | undefined,
  ): SharedPlace | undefined {
    if (!this.#canWait(operation)) this.#flush();
    const tree = this.#tree ??= this.#parse();
    const users = usersOf(tree, operation);
    const isShared = users.length > 1;
    if (isShared && mode === undefined) {
      return { path: operation.path, users };
    }
    if ((isShared && mode === "override") || isHiding(tree, operation)) {
      return this.#override(operation);
    }
    if (breaksMerge(tree, operation)) {
      throw new RangeError(
        `Cannot ${operation.do} ${
          formatPath(operation.path)
        }: other maps merge it`,
      );
    }
    this.#add(operation, splicesOf(tree, operation));
    this.#note(operation, this.#tree ?? tree);
    for (const path of isShared ? users : [operation.path]) {
      applyTo(this.#holder, { ...operation, path });
    }
    return undefined;
  }

  /** @throws {Error} if the text does not say what it should. */
  finish(): Exclude<Changed, { readonly shared: SharedPlace }> {
    this.#flush();
    const tree = this.#tree ??= this.#parse();
    const { file } = this.#document;
    const parsed = read(tree.yaml, { file, text: this.#text });
    const { document, problems } = parsed;
    if (document === undefined || !isEqual(document.value, this.value)) {
      const why = problems[0]?.message ?? firstDifference(
        document?.value,
        this.value,
      );
      throw new Error(`Cannot change ${this.#document.file}: ${why}`);
    }
    trees.set(document, tree);
    return { text: this.#text, parsed, splices: this.#splices };
  }

  /** Gives the place a text of its own, and changes that. */
  #override(operation: Operation): undefined {
    this.#flush();
    const tree = this.#tree ??= this.#parse();
    const { splices, isDone } = override(tree, operation);
    this.#pending = splices;
    this.#flush();
    if (!isDone) return void this.run(operation, "override");
    applyTo(this.#holder, operation);
  }

  /** Whether the tree still says where to make an operation. */
  #canWait(operation: Operation): boolean {
    const tree = this.#tree;
    if (tree === undefined || this.#pending.length === 0) return true;
    const { path } = operation;
    const isKnown = path.every((_, index) =>
      isThere(tree.value, path.slice(0, index + 1))
    );
    const isPlain = isOfScalars(operation, tree.value);
    // Anchors tie places together that do not meet in the text.
    if (!isKnown || (!isPlain && tree.targets.size > 0)) return false;
    const container = formatPath(containerOf(operation));
    return !this.#restructured.has(container) &&
      path.every((_, index) =>
        this.#restructured.get(formatPath(path.slice(0, index + 1))) !== "list"
      );
  }

  /** Notes what is no longer as the tree has it. */
  #note(operation: Operation, tree: SourceTree): void {
    if (isOfScalars(operation, tree.value)) return;
    if (tree.targets.size > 0) return this.#flush();
    const { path } = operation;
    if (operation.do === "replace") {
      this.#restructured.set(formatPath(path), "list");
      return;
    }
    const container = containerOf(operation);
    const isList = Array.isArray(valueAt(tree.value, container));
    this.#restructured.set(formatPath(container), isList ? "list" : "map");
  }

  #parse(): SourceTree {
    this.#parsedCharacters += this.#text.length;
    return new SourceTree(this.#text);
  }

  #add(operation: Operation, splices: readonly Splice[]): void {
    const touches = splices.some((splice) =>
      this.#pending.some(({ start, end }) =>
        splice.start <= end && start <= splice.end
      )
    );
    if (!touches) {
      this.#pending = [...this.#pending, ...splices];
      return;
    }
    this.#flush();
    this.#tree = this.#parse();
    this.#pending = splicesOf(this.#tree, operation);
  }

  #flush(): void {
    if (this.#pending.length === 0) return;
    this.#text = applySplices(this.#text, this.#pending);
    this.#splices = composeSplices(this.#splices, this.#pending);
    this.#pending = [];
    this.#restructured.clear();
    this.#tree = undefined;
  }
}

/** The trees of documents that came of changes: the next change begins with one. */
const trees = new WeakMap<Document, SourceTree>();

/** The map or list whose entries change. */
function containerOf({ do: what, path }: Operation): Path {
  const isOfEntry = what === "replace" || what === "remove" ||
    what === "rename";
  return isOfEntry ? path.slice(0, -1) : path;
}

/** Whether nothing but the text of a scalar or of a key changes. */
function isOfScalars(operation: Operation, value: unknown): boolean {
  return operation.do === "rename" || (operation.do === "replace" &&
    !isComposite(operation.value) &&
    !isComposite(valueAt(value, operation.path)));
}

/** Says where a text does not say what it should. */
function firstDifference(
  found: unknown,
  wanted: unknown,
  path: Path = [],
): string {
  if (
    found !== null && wanted !== null && typeof found === "object" &&
    typeof wanted === "object"
  ) {
    for (const key of Object.keys({ ...found, ...wanted })) {
      const [a, b] = [found, wanted].map((each) =>
        (each as Record<string, unknown>)[key]
      );
      if (!isEqual(a, b)) return firstDifference(a, b, [...path, key]);
    }
  }
  return `${formatPath(path)} would not be what it should`;
}
