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
import type { FormField } from "../../engine/derive/form.ts";
import type { BuilderStore } from "./store.ts";

/** Completes the text of a store's document. */
export function completions(store: BuilderStore): CompletionSource {
  return (context) => {
    const { state, pos } = context;
    const line = state.doc.lineAt(pos);
    const before = line.text.slice(0, pos - line.from);
    const value = /^\s*(?:- )?([\w-]+):\s+"?([\w./-]*)$/.exec(before);
    if (value) {
      const [, key = "", typed = ""] = value;
      return result(pos - typed.length, valuesOf(store, key, context));
    }
    const key = /^(\s*(?:- )?)([\w-]*)$/.exec(before);
    if (!key || (!context.explicit && key[2] === "")) return null;
    const fields = moduleFields(store, context) ?? [];
    return result(pos - (key[2] ?? "").length, fields.map(keyOption));
  };
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

function valuesOf(
  store: BuilderStore,
  key: string,
  context: CompletionContext,
): readonly Completion[] {
  if (key === "type") {
    return store.palette.peek().map(({ type, summary }) => ({
      label: type,
      info: summary,
    }));
  }
  const field = moduleFields(store, context)?.find((one) => one.key === key);
  if (field?.options) {
    return field.options.map((option) => ({ label: String(option) }));
  }
  if (field?.type === "boolean") {
    return [{ label: "true" }, { label: "false" }];
  }
  if (field?.type === "reference" || ["handler", "dependsOn"].includes(key)) {
    return store.graph.peek().modules.map(({ name, type }) => ({
      label: name,
      detail: type,
    }));
  }
  return [];
}

/** The fields of the module in whose lines the cursor is. */
function moduleFields(
  store: BuilderStore,
  { state, pos }: CompletionContext,
): readonly FormField[] | undefined {
  const line = state.doc.lineAt(pos);
  for (let number = line.number; number > 0; number--) {
    const { text } = state.doc.line(number);
    const type = /^\s*(?:- )?type:\s*"?([\w.-]+)/.exec(text)?.[1] ??
      /\btype:\s*"?([\w.-]+)/.exec(text)?.[1];
    if (type !== undefined) return store.typeOf(type)?.configFields;
    if (/^\S/.test(text) && number < line.number) return undefined;
  }
  return undefined;
}
