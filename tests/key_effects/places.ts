/**
 * Where in a document the keys of a type stand, or could.
 *
 * @module
 */
import type { AnyDefinition } from "../../engine/define.ts";
import type { Path } from "../../engine/config/problem.ts";
import {
  assignAt,
  isMap,
  removeAt,
  valueAt,
} from "../../engine/config/value_path.ts";

/** A document as data. */
export type DocumentData = Readonly<Record<string, unknown>>;

/** Stands for a key that is left out. */
export const ABSENT = Symbol("absent");

/** How many places of one key are tried. */
const PLACES_MAX = 3;

/**
 * The places in a document where a key is, or where its parent is.
 *
 * @param isFilled Maps that are not there would do as well.
 */
export function placesOf(
  document: DocumentData,
  definition: AnyDefinition,
  key: string,
  isFilled = false,
): readonly Path[] {
  const steps = key.replaceAll("[]", ".[]").split(".");
  const last = steps.at(-1) ?? "";
  let parents = configPlaces(document, definition);
  for (const step of steps.slice(0, -1)) {
    parents = parents.flatMap((path) =>
      stepsInto(valueAt(document, path), step, isFilled)
        .map((part) => [...path, part])
    );
  }
  return parents
    // A module without a config can have one.
    .filter((path) =>
      isFilled || isMap(valueAt(document, path)) || path.at(-1) === "config"
    )
    .slice(0, PLACES_MAX)
    .map((path) => [...path, last]);
}

/** A copy of a document with another value at a place, or none. */
export function changed<D extends DocumentData>(
  document: D,
  place: Path,
  value: unknown,
): D {
  const copy = structuredClone(document);
  for (let length = 1; length < place.length; length++) {
    const parent = place.slice(0, length);
    if (valueAt(copy, parent) === undefined) assignAt(copy, parent, {});
  }
  if (value === ABSENT) removeAt(copy, place);
  else assignAt(copy, place, value);
  return copy;
}

function stepsInto(
  value: unknown,
  step: string,
  isFilled: boolean,
): readonly (string | number)[] {
  if (step === "[]") return Array.isArray(value) ? [...value.keys()] : [];
  if (step === "*") return isMap(value) ? Object.keys(value) : [];
  if (isFilled) return [step];
  if (!isMap(value)) return [];
  return Object.hasOwn(value, step) ? [step] : [];
}

/** Where configs of a type are: of modules, of a section, of steps. */
export function configPlaces(
  document: DocumentData,
  { kind, type }: AnyDefinition,
): readonly Path[] {
  switch (kind) {
    case "module":
      return moduleIndexes(document, type)
        .map((index) => ["modules", index, "config"]);
    case "workflow":
      return sectionPlaces(document, "workflows", type);
    case "trigger":
      return sectionPlaces(document, "triggers", type);
    case "step":
      return stepPlaces(document.pipelines, ["pipelines"], type);
  }
}

function moduleIndexes(
  { modules }: DocumentData,
  type: string,
): readonly number[] {
  if (!Array.isArray(modules)) return [];
  return [...modules.entries()]
    .filter(([, module]) => module.type === type)
    .map(([index]) => index);
}

function sectionPlaces(
  document: DocumentData,
  part: "workflows" | "triggers",
  type: string,
): readonly Path[] {
  const path = [part, type];
  return valueAt(document, path) === undefined ? [] : [path];
}

function stepPlaces(value: unknown, path: Path, type: string): readonly Path[] {
  if (value === null || typeof value !== "object") return [];
  const inner = Object.entries(value).flatMap(([key, part]) =>
    stepPlaces(part, [...path, Array.isArray(value) ? Number(key) : key], type)
  );
  const isStep = "use" in value && value.use === type;
  return isStep && "with" in value ? [[...path, "with"], ...inner] : inner;
}
