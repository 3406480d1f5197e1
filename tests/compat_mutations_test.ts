/**
 * Every document of the original engine that runs, with one mistake at every
 * kind of place where it can be made: a problem must be reported at that very
 * line. Of places that are alike (the methods of routes) the first and the last
 * of a document stand for all.
 */
import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { fileURLToPath } from "node:url";
import {
  isMap,
  isScalar,
  isSeq,
  type Node,
  parseDocument,
  type Scalar,
} from "yaml";
import { catalog } from "../catalog.gen.ts";
import type { Path, Problem } from "../engine/config/problem.ts";
import { partAt } from "../engine/config/references.ts";
import { jsonSchema } from "../engine/derive/json_schema.ts";
import { load } from "../engine/load.ts";

const FOLDER = fileURLToPath(new URL("./compat/", import.meta.url));

const FILES = [
  "api-server-config.yaml",
  "data-pipeline-config.yaml",
  "event-processor-config.yaml",
  "multi-workflow-config.yaml",
  "order-processing-pipeline.yaml",
  "simple-workflow-config.yaml",
  "state-machine-workflow.yaml",
  "multi-workflow-ecommerce/cross-workflow-links.yaml",
  "multi-workflow-ecommerce/workflow-a-orders.yaml",
];

/** A key with its value, where both stand in the text. */
interface Place {
  readonly path: Path;
  /** Absent for the items of a list. */
  readonly key: Scalar | undefined;
  readonly value: Node;
}

/** A text with one mistake. */
interface Mutant {
  /** The kind of mistake and where it is, for the report. */
  readonly what: string;
  readonly text: string;
  /** The lines at which it may be reported; as a rule one. */
  readonly lines: readonly number[];
}

/** A document as the mistakes see it. */
class Original {
  readonly text: string;
  readonly lines: readonly string[];
  readonly places: readonly Place[];
  /** What the checker says of it before any mistake is made. */
  readonly known: ReadonlySet<string>;
  readonly value: unknown;

  constructor(text: string) {
    const yaml = parseDocument(text);
    this.text = text;
    this.lines = text.split("\n");
    this.places = placesIn(yaml.contents, []);
    this.known = new Set(check(text).map(named));
    this.value = yaml.toJS();
  }

  lineOf({ range }: Node): number {
    return this.text.slice(0, range?.[0] ?? 0).split("\n").length;
  }

  /** The text with another one in place of a node. */
  with({ range }: Node, replacement: string): string {
    const [start, end] = range ?? [0, 0];
    return this.text.slice(0, start) + replacement + this.text.slice(end);
  }

  /** Whether a mistake was reported, or is none. */
  survives({ text, lines }: Mutant): boolean {
    const fresh = check(text).filter((problem) =>
      !this.known.has(named(problem))
    );
    if (fresh.some(({ line }) => lines.includes(line))) return true;
    return isDeepStrictEqual(valueOf(text), this.value);
  }
}

function placesIn(node: unknown, path: Path): Place[] {
  if (isSeq(node)) {
    return node.items.flatMap((item, index) => {
      const place = { path: [...path, index], key: undefined };
      return [
        { ...place, value: item as Node },
        ...placesIn(item, place.path),
      ];
    });
  }
  if (!isMap(node)) return [];
  return node.items.flatMap(({ key, value }) => {
    const place = { path: [...path, String((key as Scalar).value)] };
    return [
      { ...place, key: key as Scalar, value: value as Node },
      ...placesIn(value, place.path),
    ];
  });
}

function check(text: string): readonly Problem[] {
  const sources = { env: () => undefined, secrets: new Map<string, string>() };
  return load(text, { catalog, file: "a.yaml", sources }).problems;
}

/** A problem, wherever it stands after lines were added or removed. */
function named({ code, path }: Problem): string {
  return `${code} ${path}`;
}

/** `undefined` if the text cannot be read. */
function valueOf(text: string): unknown {
  const yaml = parseDocument(text);
  return yaml.errors.length > 0 ? undefined : yaml.toJS();
}

/** The part of the text that a schema describes, and the path within it. */
function schemaAt(original: Original, path: Path) {
  const [section, second, third] = path;
  if (section === "workflows" || section === "triggers") {
    const definition = catalog[section].get(String(second));
    if (definition === undefined || path.length < 2) return undefined;
    return partAt(jsonSchema(definition.config), path.slice(2));
  }
  if (section !== "modules" || third !== "config") return undefined;
  const modules = (original.value as { modules: { type: string }[] }).modules;
  const definition = catalog.modules.get(modules[Number(second)]?.type ?? "");
  return definition &&
    partAt(jsonSchema(definition.config), path.slice(3));
}

/** Whether a key is a name of the author's own: of a state, of a transition. */
function isOwnName(original: Original, path: Path): boolean {
  const schema = schemaAt(original, path.slice(0, -1));
  return schema !== undefined && schema.properties === undefined;
}

function isModuleName({ path }: Place): boolean {
  return path[0] === "modules" && path.length === 3 && path[2] === "name";
}

function* wrongTypes(original: Original): Generator<Mutant> {
  for (const place of original.places) {
    const { path, value } = place;
    const isType = path[0] === "modules" && path.length === 3 &&
      path[2] === "type";
    if (!isType) continue;
    const what = `type ${path.join(".")}`;
    const text = original.with(value, "http.ruoter");
    yield { what, text, lines: [original.lineOf(value)] };
  }
}

function* misspeltKeys(original: Original): Generator<Mutant> {
  for (const { path, key } of original.places) {
    if (key === undefined || isOwnName(original, path)) continue;
    const what = `key ${path.join(".")}`;
    const text = original.with(key, `${key.value}zz`);
    yield { what, text, lines: [original.lineOf(key)] };
  }
}

/** Every text that is a name which something else in the document bears. */
function* deadReferences(original: Original): Generator<Mutant> {
  const declared = new Set(
    original.places.flatMap((place) => {
      const { path, value } = place;
      const isDeclared = isModuleName(place) || isDefinitionName(place);
      if (isDeclared && isScalar(value)) return [value.value];
      return isOwnName(original, path) ? [path.at(-1)] : [];
    }),
  );
  for (const place of original.places) {
    const { path, value } = place;
    if (!isScalar(value) || !declared.has(value.value as string)) continue;
    if (isModuleName(place) || isDefinitionName(place)) continue;
    const what = `reference ${path.join(".")}`;
    const text = original.with(value, `${value.value}zz`);
    yield { what, text, lines: [original.lineOf(value)] };
  }
}

function isDefinitionName({ path }: Place): boolean {
  return path.at(-3) === "definitions" && path.at(-1) === "name";
}

/** Each module takes the name of its neighbour: the later one is told. */
function* takenNames(original: Original): Generator<Mutant> {
  const names = original.places.filter(isModuleName);
  for (const [index, { value }] of names.entries()) {
    const other = names[index + 1] ?? names[index - 1];
    if (other === undefined) continue;
    const what = `name .${index}`;
    const text = original.with(value, String((other.value as Scalar).value));
    const later = names[index + 1] === undefined ? value : other.value;
    yield { what, text, lines: [original.lineOf(later)] };
  }
}

/** Each dependency is answered by one in the other direction. */
function* circles(original: Original): Generator<Mutant> {
  const { modules = [] } = original.value as {
    modules?: { name: string; dependsOn?: string[] }[];
  };
  for (const { path, value } of original.places) {
    if (path[2] !== "dependsOn" || path.length !== 4 || !isScalar(value)) {
      continue;
    }
    const source = modules[Number(path[1])]?.name;
    const target = modules.findIndex(({ name }) => name === value.value);
    if (modules[target]?.dependsOn !== undefined) continue;
    const type = original.places.find((place) =>
      place.path.join(".") === `modules.${target}.type`
    );
    assert.ok(type);
    const line = original.lineOf(type.value);
    const text = original.lines.toSpliced(
      line,
      0,
      `    dependsOn: [${source}]`,
    ).join("\n");
    const shifted = original.lineOf(value) +
      (original.lineOf(value) > line ? 1 : 0);
    const what = `circle ${source} ${value.value}`;
    yield { what, text, lines: [line + 1, shifted] };
  }
}

/** A map where a text should be, a number where a map or a list should be. */
function* wrongValues(original: Original): Generator<Mutant> {
  for (const { path, key, value } of original.places) {
    const isText = path.at(-1) === "description";
    // Of what has no effect nothing is expected.
    if (isText || isInert(original, path)) continue;
    const what = `value ${path.join(".")}`;
    if (isScalar(value)) {
      const text = original.with(value, "{ a: 1 }");
      yield { what, text, lines: [original.lineOf(value)] };
    } else if (key?.range) {
      const before = original.text.slice(0, key.range[1]);
      const after = original.text.slice(value.range?.[1] ?? 0);
      const text = `${before}: 17\n${after}`;
      yield { what, text, lines: [original.lineOf(key)] };
    }
  }
}

function isInert(original: Original, path: Path): boolean {
  return path.some((_, index) => {
    const place = path.slice(0, index + 1);
    return schemaAt(original, place.slice(0, -1)) !== undefined &&
      schemaAt(original, place) === undefined;
  });
}

/** Every required key is taken out: told where its map stands, or its key. */
function* missingKeys(original: Original): Generator<Mutant> {
  for (const { path, key, value } of original.places) {
    const parent = schemaAt(original, path.slice(0, -1));
    const name = String(path.at(-1));
    const isRequired = parent?.required?.includes(name) ||
      (path[0] === "modules" && path.length === 3 &&
        ["name", "type"].includes(name));
    if (key === undefined || !isRequired) continue;
    const siblings = original.places.filter((place) =>
      place.path.length === path.length && place.key !== undefined &&
      place.path.slice(0, -1).join(".") === path.slice(0, -1).join(".")
    );
    const [first, second] = siblings;
    const start = key.range?.[0] ?? 0;
    // The first key of an item leaves its dash to the second.
    const cutTo = key === first?.key
      ? second?.key?.range?.[0]
      : value.range?.[2];
    if (cutTo === undefined) continue;
    const lineStart = original.text.lastIndexOf("\n", start) + 1;
    const cutFrom = key === first?.key ? start : lineStart;
    const text = original.text.slice(0, cutFrom) + original.text.slice(cutTo);
    const above = original.places.find((place) =>
      place.path.join(".") === path.slice(0, -1).join(".")
    );
    assert.ok(above && first?.key);
    const what = `missing ${path.join(".")}`;
    yield { what, text, lines: [original.lineOf(above.key ?? first.key)] };
  }
}

/**
 * Each line with a space more, a space less, or a tab. Of a block whose first
 * line is the odd one YAML can only tell at the second, or at the next item.
 */
function* indentations(original: Original): Generator<Mutant> {
  const { lines } = original;
  const hasContent = (line = "") => !/^\s*(#|$)/.test(line);
  for (const [index, line] of lines.entries()) {
    if (!hasContent(line)) continue;
    const width = indentOf(line);
    const before = lines.slice(0, index).findLast(hasContent) ?? "";
    const isFirst = indentOf(before) < width || index === 0 ||
      before.trimStart().startsWith("- ") || width === 0 ||
      line.trimStart().startsWith("- ");
    const behind = lines.slice(index + 1)
      .flatMap((next, offset) => hasContent(next) ? [index + 2 + offset] : []);
    const sibling = behind.find((number) =>
      indentOf(lines[number - 1] ?? "") <= width
    );
    const inexact = isFirst ? [behind[0] ?? 0, sibling ?? 0] : [];
    for (
      const [what, changed] of [
        ["more", ` ${line}`],
        ["less", line.replace(/^ /, "")],
        ["tab", `\t${line}`],
      ] as const
    ) {
      if (changed === line) continue;
      const text = lines.with(index, changed).join("\n");
      const exact = what === "tab" ? [] : inexact;
      const head = /^(?:- )?[\w-]+:?/.exec(line.trimStart())?.[0];
      yield {
        what: `indentation ${what} ${head}`,
        text,
        lines: [index + 1, ...exact],
      };
    }
  }
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

const KINDS = {
  "a type that does not exist": wrongTypes,
  "a misspelt key": misspeltKeys,
  "a name that leads nowhere": deadReferences,
  "a name that is taken": takenNames,
  "a circle of dependencies": circles,
  "a value of the wrong type": wrongValues,
  "a required key that is missing": missingKeys,
  "a line that is indented wrongly": indentations,
};

/** The first and the last mutant of each shape. */
function firstAndLast(mutants: Iterable<Mutant>): readonly Mutant[] {
  const groups = Map.groupBy(mutants, ({ what }) => shapeOf(what));
  return groups.values().toArray().flatMap((group) => [
    ...new Set([group.at(0), group.at(-1)]),
  ]).filter((mutant) => mutant !== undefined);
}

/** What places that are alike have in common: all but numbers and own names. */
function shapeOf(what: string): string {
  return what.replace(/(states|transitions)\.[^.]+/, "$1.*")
    .replace(/\.\d+/g, ".*");
}

const originals = FILES.map((file) =>
  [file, new Original(Deno.readTextFileSync(FOLDER + file))] as const
);

for (const [kind, mutate] of Object.entries(KINDS)) {
  Deno.test(`${kind} is reported at its line, wherever it stands`, () => {
    let count = 0;
    const unseen: string[] = [];
    for (const [file, original] of originals) {
      for (const mutant of firstAndLast(mutate(original))) {
        count++;
        if (!original.survives(mutant)) {
          unseen.push(`${file}:${mutant.lines} ${mutant.what}`);
        }
      }
    }
    assert.deepEqual(unseen, []);
    assert.ok(count > 5, `only ${count} mistakes were made`);
  });
}
