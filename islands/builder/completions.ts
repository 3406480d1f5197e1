/**
 * What fits where the cursor is: types, keys of a config, values to choose from
 * and the names of modules, all from the definitions.
 *
 * @module
 */
import type {
  Completion,
  CompletionContext,
  CompletionResult,
  CompletionSource,
} from "@codemirror/autocomplete";
import type { Path } from "../../engine/config/problem.ts";
import type { FormField } from "../../engine/derive/form.ts";
import { fieldAt, fieldsAt } from "./fields_at.ts";
import { pathOfLine } from "./line_path.ts";
import type { BuilderStore } from "./store.ts";

/** Completes the text of a store's document. */
export function completions(store: BuilderStore): CompletionSource {
  return (context) => {
    const { state, pos } = context;
    const line = state.doc.lineAt(pos);
    const before = line.text.slice(0, pos - line.from);
    const value = /^\s*(?:- +)*([\w-]+):\s+"?([\w./-]*)$/.exec(before);
    const item = /^\s*(?:- +)+([\w./-]*)$/.exec(before);
    const key = /^(\s*(?:- +)*)([\w-]*)$/.exec(before);
    const path = pathOf(context, before);
    if (value) {
      const [, name = "", typed = ""] = value;
      return result(pos - typed.length, valuesAt(store, [...path, name]));
    }
    // An item of a list is a value, unless its maps have keys.
    const items = item ? valuesAt(store, path) : [];
    if (item && items.length > 0) {
      return result(pos - (item[1] ?? "").length, items);
    }
    if (!key || (!context.explicit && key[2] === "")) return null;
    const from = pos - (key[2] ?? "").length;
    return result(from, fieldsAt(store, path).map(keyOption));
  };
}

/** Where the line of the cursor stands. */
function pathOf({ state, pos }: CompletionContext, before: string): Path {
  const { number } = state.doc.lineAt(pos);
  const lines = Array.from(
    { length: number - 1 },
    (_, index) => state.doc.line(index + 1).text,
  );
  return pathOfLine([...lines, before]);
}

function result(
  from: number,
  options: readonly Completion[],
): CompletionResult | null {
  return options.length === 0
    ? null
    : { from, options: [...options], validFor: /^[\w./-]*$/ };
}

function keyOption({ key, help, type, required }: FormField): Completion {
  return {
    label: key,
    apply: `${key}: `,
    detail: required ? `${type}, needed` : type,
    ...help === undefined ? {} : { info: help },
    boost: required ? 1 : 0,
  };
}

function valuesAt(store: BuilderStore, path: Path): readonly Completion[] {
  if (path[0] === "modules" && path[2] === "type") {
    return store.palette.peek().map(({ type, summary }) => ({
      label: type,
      info: summary,
    }));
  }
  const field = fieldAt(store, path);
  if (field?.options) {
    return field.options.map((option) => ({ label: String(option) }));
  }
  if (field?.type === "boolean") {
    return [{ label: "true" }, { label: "false" }];
  }
  const isOfModules = path[0] === "modules" && path[2] === "dependsOn";
  if (field?.type !== "reference" && !isOfModules) return [];
  return store.graph.peek().modules.map(({ name, type }) => ({
    label: name,
    detail: type,
  }));
}
