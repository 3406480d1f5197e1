/**
 * The panel of a place in the document beside its modules: a state, a transition, a
 * pipeline, a step. Its form is made of the schema of that place.
 *
 * @module
 */
import { formatPath, type Path } from "../../engine/config/problem.ts";
import { labelOf } from "../../engine/derive/label.ts";
import type { SectionForms } from "../../engine/derive/section_forms.ts";
import { Icon } from "../icons.tsx";
import { BreakpointSwitch } from "./breakpoint.tsx";
import { removeChosen, removeView } from "./chosen.ts";
import { CloseInspector } from "./inspector.tsx";
import { useStore } from "./context.ts";
import type { Named } from "./edits.ts";
import { Field } from "./field.tsx";
import { fieldsAt, isStepPath } from "./fields_at.ts";
import { NameField } from "./name_field.tsx";
import { valueAt } from "./views.ts";

/** Keys of a step that the canvas shows as cards. */
const DRAWN: ReadonlySet<string> = new Set(["steps", "parallel", "switch"]);

/** Keys of a state machine that the canvas shows. */
const DRAWN_OF_MACHINE: ReadonlySet<string> = new Set([
  "states",
  "transitions",
]);

export function PathPanel({ path }: { readonly path: Path }) {
  const store = useStore();
  const forms = store.forms.value;
  const value = valueAt(store.good.value?.value, path);
  const values = (value ?? {}) as Readonly<Record<string, unknown>>;
  const fields = fieldsAt(store, path);
  const isStep = isStepPath(path);
  const view = store.view.value;
  const isWhole = "path" in view &&
    formatPath(view.path) === formatPath(path);
  const named = namedAt(path, store.good.value?.value);
  const own = nameKey(named);
  const drawn = path[0] === "pipelines"
    ? DRAWN
    : named?.what === "definition"
    ? DRAWN_OF_MACHINE
    : undefined;
  return (
    <>
      <Head path={path} title={named?.name ?? nameOf(path)} />
      <div class="form">
        {named && (
          <NameField
            named={named}
            help={fields.find(({ key }) => key === own)?.help}
          />
        )}
        {fields
          .filter(({ key }) => key !== own && !drawn?.has(key))
          .filter(({ key }) => !(isStep && key === "with"))
          .map((field) => (
            <Field
              key={field.key}
              field={field}
              path={[...path, field.key]}
              value={values[field.key]}
            />
          ))}
        {isStep && forms && (
          <With forms={forms} path={[...path, "with"]} step={values} />
        )}
        {isStep && typeof values.id === "string" && (
          <BreakpointSwitch
            key={values.id}
            pipeline={String(path[1])}
            step={values.id}
          />
        )}
        <button
          type="button"
          class="button danger"
          onClick={() =>
            isWhole ? removeView(store, view) : removeChosen(store)}
        >
          Remove
        </button>
      </div>
    </>
  );
}

/** What a path leads to: its key, or which one of a list it is. */
function nameOf(path: Path): string {
  const last = path.at(-1);
  return typeof last === "number"
    ? `${labelOf(String(path.at(-2)))} ${last + 1}`
    : String(last);
}

function Head(
  { path, title }: { readonly path: Path; readonly title: string },
) {
  const isPipeline = path[0] === "pipelines";
  return (
    <header class="head" data-hue={isPipeline ? "code" : "state"}>
      <span class="tile">
        <Icon name={isPipeline ? "play" : "state"} size={14} />
      </span>
      <div class="names">
        <strong title={title}>{title}</strong>
        <code title={formatPath(path)}>{formatPath(path)}</code>
      </div>
      <span class="grow"></span>
      <CloseInspector />
    </header>
  );
}

/** What a step is given: the form of its type, where there is one. */
function With(
  { forms, path, step }: {
    readonly forms: SectionForms;
    readonly path: Path;
    readonly step: Readonly<Record<string, unknown>>;
  },
) {
  const form = forms.steps[String(step.use)];
  const whole = forms.step.find(({ key }) => key === "with");
  const values = (step.with ?? {}) as Readonly<Record<string, unknown>>;
  if (form === undefined) {
    return step.use === undefined || whole === undefined
      ? null
      : <Field field={whole} path={path} value={step.with} />;
  }
  return (
    <>
      <h3>{String(step.use)}</h3>
      <p class="quiet">{form.summary}.</p>
      {form.fields.map((field) => (
        <Field
          key={field.key}
          field={field}
          path={[...path, field.key]}
          value={values[field.key]}
        />
      ))}
    </>
  );
}

/** The key that holds the name of something, where none is above it. */
function nameKey(named: Named | undefined): string | undefined {
  return named?.what === "step"
    ? "id"
    : named?.what === "definition"
    ? "name"
    : undefined;
}

/** What stands at a path, if it has a name that others may say. */
function namedAt(path: Path, value: unknown): Named | undefined {
  const { id, name } = (valueAt(value, path) ?? {}) as Record<string, unknown>;
  const last = String(path.at(-1));
  if (path[0] === "pipelines") {
    if (path.length === 2) return { what: "pipeline", name: last };
    const inside = String(path[1]);
    return isStepPath(path) && typeof id === "string"
      ? { what: "step", name: id, inside }
      : undefined;
  }
  if (path[2] !== "definitions") return undefined;
  if (path.length === 4 && typeof name === "string") {
    return { what: "definition", name };
  }
  const machine = valueAt(value, [...path.slice(0, 4), "name"]);
  if (path.length !== 6 || typeof machine !== "string") return undefined;
  const what = path[4] === "states" ? "state" : "transition";
  return { what, name: last, inside: machine };
}
