/**
 * The fields that the definitions have for a place in the document.
 *
 * @module
 */
import type { Path } from "../../engine/config/problem.ts";
import type { FormField } from "../../engine/derive/form.ts";
import type { BuilderStore } from "./store.ts";
import { valueAt } from "./views.ts";

/** The fields of the map that stands at a path. */
export function fieldsAt(
  store: BuilderStore,
  path: Path,
): readonly FormField[] {
  const { fields, rest } = formAround(store, path);
  return rest.length === 0 ? fields : walk(fields, rest)?.fields ?? [];
}

/** The field of the value that stands at a path, which may be an item of a list. */
export function fieldAt(
  store: BuilderStore,
  path: Path,
): FormField | undefined {
  // The form around a value is the one that its key belongs to.
  const { fields, rest } = formAround(store, path.slice(0, -1));
  return walk(fields, [...rest, ...path.slice(-1)]);
}

/** Whether a path is that of a step, at any depth. */
export function isStepPath(path: Path): boolean {
  return path[0] === "pipelines" && path.length > 2 &&
    typeof path.at(-1) === "number" && path.at(-2) !== "switch";
}

/** The last form on the way, and what of the path is behind it. */
function formAround(
  store: BuilderStore,
  path: Path,
): { readonly fields: readonly FormField[]; readonly rest: Path } {
  const forms = store.forms.value;
  const value = store.good.value?.value;
  const none = { fields: [], rest: [] };
  const [section, name, ...rest] = path;
  if (forms === undefined || name === undefined) return none;
  switch (section) {
    case "modules": {
      if (rest[0] !== "config") return { fields: forms.module, rest };
      const type = valueAt(value, [section, name, "type"]);
      const fields = store.typeOf(String(type))?.configFields ?? [];
      return { fields, rest: rest.slice(1) };
    }
    case "workflows":
      return { fields: forms.workflows[String(name)]?.fields ?? [], rest };
    case "triggers":
      return { fields: forms.triggers[String(name)]?.fields ?? [], rest };
    case "pipelines": {
      const step = path.findLastIndex((_, index) =>
        isStepPath(path.slice(0, index + 1))
      );
      if (step < 0) return { fields: forms.pipeline, rest };
      const inside = path.slice(step + 1);
      if (inside[0] !== "with") return { fields: forms.step, rest: inside };
      const use = valueAt(value, [...path.slice(0, step + 1), "use"]);
      const fields = forms.steps[String(use)]?.fields ?? [];
      return { fields, rest: inside.slice(1) };
    }
    default:
      return none;
  }
}

function walk(
  fields: readonly FormField[],
  path: Path,
): FormField | undefined {
  let inside = fields;
  let field: FormField | undefined;
  for (const part of path) {
    const isItem = field?.type === "list" || field?.type === "map";
    field = isItem ? field?.item : inside.find(({ key }) => key === part);
    inside = field?.fields ?? [];
  }
  return field;
}
