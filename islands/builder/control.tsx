/**
 * What edits the value of a field.
 *
 * @module
 */
import { useState } from "preact/hooks";
import type { FormField } from "../../engine/derive/form.ts";
import { Icon } from "../icons.tsx";
import { useStore } from "./context.ts";
import { Field, type FieldProps } from "./field.tsx";

/** A control, and what it tells. */
export interface ControlProps extends FieldProps {
  readonly id: string;
  /** `undefined` leaves the field out. */
  readonly set: (value: unknown) => void;
  readonly isInvalid: boolean;
  readonly describedBy: string;
}

export function Control(props: ControlProps) {
  switch (props.field.type) {
    case "boolean":
      return <Switch {...props} />;
    case "select":
      return <Select {...props} options={props.field.options ?? []} />;
    case "number":
      return <NumberInput {...props} />;
    case "reference":
      return <Reference {...props} />;
    case "secret":
      return <Secret {...props} />;
    case "object":
      return <Nested {...props} />;
    case "list":
      return <List {...props} />;
    case "string":
    case "duration":
    case "path":
    case "url":
    case "expression":
      return <Text {...props} />;
    case "code":
      return <LongText {...props} />;
    case "map":
    case "variants":
    case "json":
      return <Json {...props} />;
  }
}

function common({ id, isInvalid, describedBy }: ControlProps) {
  return {
    id,
    "aria-invalid": isInvalid,
    "aria-describedby": describedBy,
  };
}

/** What holds where nothing is set. */
function placeholderOf({ defaultValue, examples }: FormField): string {
  if (defaultValue !== undefined) return plain(defaultValue);
  const [first] = examples ?? [];
  return first === undefined ? "" : `such as ${plain(first)}`;
}

function plain(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value) ?? "";
}

const MONO: ReadonlySet<string> = new Set([
  ...["path", "url", "expression", "duration"],
]);

function Text(props: ControlProps) {
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

function NumberInput(props: ControlProps) {
  const { field, value, set } = props;
  return (
    <span class="unit">
      <input
        {...common(props)}
        class="field number"
        inputMode={field.integer ? "numeric" : "decimal"}
        value={value === undefined ? "" : plain(value)}
        placeholder={placeholderOf(field)}
        onInput={({ currentTarget: { value: text } }) => {
          const number = Number(text);
          // What is no number yet is written as it is, and told as a problem.
          set(text.trim() === "" ? undefined : isNaN(number) ? text : number);
        }}
      />
      {field.unit && <span>{field.unit}</span>}
    </span>
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

/** Shows only that it is set; references are no secrets. */
function Secret(props: ControlProps) {
  const { field, value, set } = props;
  const [isShown, setShown] = useState(false);
  const text = value === undefined ? "" : plain(value);
  const isReference = /^(secret:\/\/|\$\{)/.test(text);
  return (
    <span class="unit">
      <input
        {...common(props)}
        class={isShown || isReference ? "field mono" : "field mono masked"}
        autocomplete="off"
        spellcheck={false}
        value={text}
        placeholder={placeholderOf(field) || "secret://name"}
        onInput={({ currentTarget }) => set(currentTarget.value || undefined)}
      />
      {text !== "" && !isReference && (
        <button
          type="button"
          class="link"
          onClick={() => setShown(!isShown)}
        >
          {isShown ? "Hide" : "Show"}
        </button>
      )}
    </span>
  );
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
  ...["expression", "secret", "boolean"],
]);

function List(props: ControlProps) {
  const { field, path, value, id, set } = props;
  const { item } = field;
  const items = Array.isArray(value) ? value : [];
  const store = useStore();
  if (item === undefined || !IN_ROWS.has(item.type)) return <Json {...props} />;
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

/** Anything else, as JSON that is taken over once it can be read. */
function Json(props: ControlProps) {
  const { value, set, field } = props;
  const written = value === undefined ? "" : JSON.stringify(value, null, 2);
  const [draft, setDraft] = useState<string>();
  const [fault, setFault] = useState<string>();
  return (
    <>
      <textarea
        {...common(props)}
        class="field mono"
        rows={Math.min(12, Math.max(3, written.split("\n").length))}
        spellcheck={false}
        aria-invalid={props.isInvalid || fault !== undefined}
        value={draft ?? written}
        placeholder={placeholderOf(field)}
        onInput={({ currentTarget: { value: text } }) => {
          setDraft(text);
          try {
            set(text.trim() === "" ? undefined : JSON.parse(text));
            setFault(undefined);
          } catch (error) {
            setFault((error as Error).message);
          }
        }}
        onBlur={() => fault === undefined && setDraft(undefined)}
      />
      {fault && <p class="hint">This is not JSON: {fault}</p>}
    </>
  );
}
