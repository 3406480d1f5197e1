/**
 * What edits the value of a field.
 *
 * @module
 */
import type { FormField } from "../../engine/derive/form.ts";
import { Icon } from "../icons.tsx";
import { useStore } from "./context.ts";
import { CronField } from "./cron_field.tsx";
import { ExpressionField } from "./expression_field.tsx";
import type { Over } from "./expression_over.ts";
import type { ExpressionPlace } from "./expression_place.ts";
import { Field, type FieldProps } from "./field.tsx";
import { JsonInput } from "./json_input.tsx";
import { SecretInput } from "./secret_input.tsx";
import { DurationInput, NumberInput } from "./unit_fields.tsx";

/** A control, and what it tells. */
export interface ControlProps extends FieldProps {
  readonly id: string;
  /** `undefined` leaves the field out. */
  readonly set: (value: unknown) => void;
  readonly isInvalid: boolean;
  readonly describedBy: string;
  /** Where expressions may stand in it; absent if none may. */
  readonly place?: ExpressionPlace | undefined;
  /** What those are over, once it is known. */
  readonly over?: Over | undefined;
}

export function Control(props: ControlProps) {
  const { field, value, place } = props;
  if (place !== undefined && isText(field, value)) {
    return <ExpressionField {...props} isBare={place.isBare} />;
  }
  switch (field.type) {
    case "boolean":
      return <Switch {...props} />;
    case "select":
      return <Select {...props} options={props.field.options ?? []} />;
    case "number":
      return <NumberInput {...props} />;
    case "reference":
      return <Reference {...props} />;
    case "secret":
      return <SecretInput {...props} />;
    case "object":
      return <Nested {...props} />;
    case "list":
      return <List {...props} />;
    case "duration":
      return <DurationInput {...props} />;
    case "cron":
      return <CronField {...props} />;
    case "string":
    case "path":
    case "url":
    case "template":
    case "expression":
      return <TextInput {...props} />;
    case "code":
      return <LongText {...props} />;
    case "map":
    case "variants":
    case "json":
      return <JsonInput {...props} />;
  }
}

/** Controls that are a text of one line. */
const TEXTS: ReadonlySet<string> = new Set([
  ...["string", "path", "url", "template", "expression"],
]);

/** Whether what stands there is edited as a text with expressions. */
function isText({ type, variants }: FormField, value: unknown): boolean {
  if (TEXTS.has(type)) return value === undefined || typeof value === "string";
  const isChoice = variants?.some(({ type }) => type === "expression") ?? false;
  if (isChoice) return typeof value !== "object";
  // Elsewhere an expression stands in for a number, a switch or a choice.
  return typeof value === "string" && value.includes("${{") && type !== "json";
}

/** What every control tells of itself. */
export function common({ id, isInvalid, describedBy }: ControlProps) {
  return {
    id,
    "aria-invalid": isInvalid,
    "aria-describedby": describedBy,
  };
}

/** What holds where nothing is set. */
export function placeholderOf({ defaultValue, examples }: FormField): string {
  if (defaultValue !== undefined) return plain(defaultValue);
  const [first] = examples ?? [];
  return first === undefined ? "" : `such as ${plain(first)}`;
}

/** A value as a text. */
export function plain(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value) ?? "";
}

const MONO: ReadonlySet<string> = new Set([
  ...["path", "url", "expression", "template", "cron"],
]);

/** A text of one line. */
export function TextInput(props: ControlProps) {
  const { field, value, set } = props;
  return (
    <input
      {...common(props)}
      class={`field ${MONO.has(field.type) ? "mono" : ""}`}
      value={value === undefined ? "" : plain(value)}
      placeholder={placeholderOf(field)}
      onInput={({ currentTarget }) => set(currentTarget.value || undefined)}
    />
  );
}

function LongText(props: ControlProps) {
  const { field, value, set } = props;
  return (
    <textarea
      {...common(props)}
      class="field mono"
      rows={8}
      spellcheck={false}
      value={value === undefined ? "" : plain(value)}
      placeholder={placeholderOf(field)}
      onInput={({ currentTarget }) => set(currentTarget.value || undefined)}
    />
  );
}

function Switch(props: ControlProps) {
  const { field, value, set } = props;
  const isOn = value ?? field.defaultValue ?? false;
  return (
    <span class="switch">
      <input
        {...common(props)}
        type="checkbox"
        role="switch"
        checked={isOn === true}
        onChange={({ currentTarget }) => set(currentTarget.checked)}
      />
      <span>
        {isOn === true ? "On" : "Off"}
        {value === undefined && <em>by default</em>}
      </span>
    </span>
  );
}

function Select(
  props: ControlProps & { readonly options: readonly unknown[] },
) {
  const { field, value, set, options } = props;
  const absent = field.defaultValue === undefined
    ? "–"
    : `${plain(field.defaultValue)} (by default)`;
  const texts = options.map(plain);
  const present = value === undefined ? "" : plain(value);
  return (
    <select
      {...common(props)}
      class="field"
      value={present}
      onChange={({ currentTarget }) => {
        const index = texts.indexOf(currentTarget.value);
        set(index < 0 ? undefined : options[index]);
      }}
    >
      <option value="">{absent}</option>
      {present !== "" && !texts.includes(present) && (
        <option value={present}>{present}</option>
      )}
      {texts.map((text) => <option key={text} value={text}>{text}</option>)}
    </select>
  );
}

/** The modules that can do what is needed. */
function Reference(props: ControlProps) {
  const store = useStore();
  const { services = [] } = props.field;
  const fits = store.graph.value.modules.filter(({ type }) => {
    const provided = store.typeOf(type)?.provides ?? [];
    return services.length === 0 ||
      services.some((service) => provided.includes(service));
  });
  return <Select {...props} options={fits.map(({ name }) => name)} />;
}

function Nested({ field, path, value, id }: ControlProps) {
  const fields = (value ?? {}) as Readonly<Record<string, unknown>>;
  return (
    <fieldset class="nested" id={id} aria-label={field.label}>
      {(field.fields ?? []).map((each) => (
        <Field
          key={each.key}
          field={each}
          path={[...path, each.key]}
          value={fields[each.key]}
        />
      ))}
    </fieldset>
  );
}

/** Controls that fit into the row of a list. */
const IN_ROWS: ReadonlySet<string> = new Set([
  ...["string", "number", "select", "reference", "duration", "path", "url"],
  ...["expression", "template", "cron", "secret", "boolean"],
]);

function List(props: ControlProps) {
  const { field, path, value, id, set } = props;
  const { item } = field;
  const items = Array.isArray(value) ? value : [];
  const store = useStore();
  if (item === undefined || !IN_ROWS.has(item.type)) {
    return <JsonInput {...props} />;
  }
  const change = (index: number, next: unknown) =>
    store.change(
      [{ do: "set", path: [...path, index], value: next ?? "" }],
      field.label,
      `${path.join("/")}/${index}`,
    );
  return (
    <div class="rows" id={id} role="group" aria-label={field.label}>
      {items.map((each, index) => (
        <div class="item-row" key={index}>
          <Control
            field={item}
            path={[...path, index]}
            value={each}
            id={`${id}-${index}`}
            set={(next) => change(index, next)}
            isInvalid={false}
            describedBy={`${id}-help`}
          />
          <button
            type="button"
            class="button icon small"
            aria-label={`Remove ${plain(each)}`}
            title="Remove"
            onClick={() =>
              set(
                items.length === 1
                  ? undefined
                  : items.filter((_, other) => other !== index),
              )}
          >
            <Icon name="close" size={12} />
          </button>
        </div>
      ))}
      <button
        type="button"
        class="button small"
        onClick={() => set([...items, firstOf(item)])}
      >
        <Icon name="plus" size={12} /> Add
      </button>
    </div>
  );
}

function firstOf({ type, options }: FormField): unknown {
  if (type === "number") return 0;
  if (type === "boolean") return false;
  return options?.[0] ?? "";
}
