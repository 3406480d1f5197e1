/**
 * What a key or a value of the text means, where the pointer rests on it: in the
 * words of the definitions.
 *
 * @module
 */
import { hoverTooltip } from "@codemirror/view";
import type { Standing } from "../../engine/config/document.ts";
import type { FormField } from "../../engine/derive/form.ts";
import { fieldAt } from "./fields_at.ts";
import type { BuilderStore } from "./store.ts";
import { valueAt } from "./views.ts";

/** What is said of a place. */
interface Said {
  readonly title: string;
  readonly kind: string;
  readonly lines: readonly string[];
}

/** Explains the text of a store's document. */
export function explanations(store: BuilderStore) {
  return hoverTooltip((view, offset) => {
    const { document } = store.parsed.peek();
    const standing = document?.at(offset);
    if (document === undefined || standing === undefined) return null;
    const said = saidOf(store, standing);
    if (said === undefined) return null;
    const { start, end } = document.span(standing.path, standing.mark);
    // What is marked must be there, also while the text is ahead.
    if (end > view.state.doc.length) return null;
    return {
      pos: start,
      end,
      above: true,
      create: () => ({ dom: drawn(said) }),
    };
  });
}

function saidOf(
  store: BuilderStore,
  { path, mark }: Standing,
): Said | undefined {
  const value = valueAt(store.good.peek()?.value, path);
  const module = store.graph.peek().modules.find(({ name }) => name === value);
  const isType = path[0] === "modules" && path[2] === "type";
  const type = isType ? store.typeOf(String(value)) : undefined;
  if (mark === "value" && type !== undefined) {
    return { title: type.label, kind: type.type, lines: [`${type.summary}.`] };
  }
  if (mark === "value" && module !== undefined && path[2] !== "name") {
    const summary = store.typeOf(module.type)?.summary;
    const lines = summary === undefined ? [] : [`${summary}.`];
    return { title: module.name, kind: module.type, lines };
  }
  const field = fieldAt(store, path);
  return field && mark === "key" ? ofField(field) : undefined;
}

function ofField(field: FormField): Said {
  const { label, type, help, required, defaultValue, options } = field;
  return {
    title: label,
    kind: required ? `${type}, needed` : type,
    lines: [
      ...help === undefined ? [] : [`${help}.`],
      ...defaultValue === undefined
        ? []
        : [`By default ${JSON.stringify(defaultValue)}`],
      ...options === undefined ? [] : [`One of ${options.join(", ")}`],
    ],
  };
}

function drawn({ title, kind, lines }: Said): HTMLElement {
  const box = document.createElement("div");
  box.className = "explained";
  const head = document.createElement("strong");
  head.textContent = title;
  const code = document.createElement("code");
  code.textContent = kind;
  box.append(head, " ", code);
  for (const line of lines) {
    const text = document.createElement("p");
    text.textContent = line;
    box.append(text);
  }
  return box;
}
