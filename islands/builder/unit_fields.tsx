/**
 * What edits lengths of time and sizes: a number, and its unit.
 *
 * @module
 */
import { useState } from "preact/hooks";
import { common, type ControlProps, placeholderOf, plain } from "./control.tsx";
import { DURATION_UNITS, durationParts, unitFor, unitsOf } from "./units.ts";

/** A number; with several units, in the one that is chosen. */
export function NumberInput(props: ControlProps) {
  const { field, value, set } = props;
  const units = unitsOf(field.unit);
  const [name, setName] = useState<string>();
  const [draft, setDraft] = useState<string>();
  const isNumber = value === undefined || typeof value === "number";
  const unit = units.find((one) => one.name === name) ??
    unitFor(value ?? field.defaultValue, units);
  const scaled = (number: unknown) =>
    typeof number === "number" && units.length > 0
      ? String(number / unit.size)
      : number === undefined
      ? ""
      : plain(number);
  return (
    <span class="unit">
      <input
        {...common(props)}
        class="field number"
        inputMode={field.integer ? "numeric" : "decimal"}
        value={draft ?? scaled(value)}
        placeholder={field.defaultValue === undefined
          ? placeholderOf(field)
          : scaled(field.defaultValue)}
        onInput={({ currentTarget: { value: text } }) => {
          const number = Number(text);
          setDraft(text);
          setName(unit.name);
          // What is no number yet is written as it is, and told as a problem.
          set(
            text.trim() === ""
              ? undefined
              : isNaN(number)
              ? text
              : Math.round(number * unit.size * 1_000) / 1_000,
          );
        }}
        onBlur={() => setDraft(undefined)}
      />
      {units.length > 1 && isNumber
        ? (
          <select
            class="field"
            aria-label={`Unit of ${field.label}`}
            value={unit.name}
            onChange={({ currentTarget }) => {
              const next = units.find((one) =>
                one.name === currentTarget.value
              );
              setName(next?.name);
              if (typeof value === "number" && next) {
                set(value / unit.size * next.size);
              }
            }}
          >
            {units.map((one) => <option key={one.name}>{one.name}</option>)}
          </select>
        )
        : field.unit && field.unit !== "count" && <span>{field.unit}</span>}
    </span>
  );
}

/** A duration; of several units, or of a variable, as it is written. */
export function DurationInput(props: ControlProps) {
  const { field, value, set } = props;
  const [chosen, setChosen] = useState<string>();
  const [draft, setDraft] = useState<string>();
  const parts = durationParts(value);
  const preset = durationParts(field.defaultValue);
  const isOne = parts !== undefined && !/[^\d.]/.test(draft ?? "");
  const unit = chosen ?? (value === undefined ? preset : parts)?.unit ?? "s";
  return (
    <span class="unit">
      <input
        {...common(props)}
        class="field number"
        inputMode={isOne ? "decimal" : "text"}
        value={draft ?? (parts ? parts.number : plain(value))}
        placeholder={preset?.number || placeholderOf(field)}
        onInput={({ currentTarget: { value: text } }) => {
          setDraft(text);
          const isNumber = /^\d+(\.\d+)?$/.test(text);
          set(text === "" ? undefined : isNumber ? text + unit : text);
        }}
        onBlur={() => {
          setDraft(undefined);
          setChosen(undefined);
        }}
      />
      {isOne && (
        <select
          class="field"
          aria-label={`Unit of ${field.label}`}
          value={unit}
          onChange={({ currentTarget: { value: next } }) => {
            setChosen(next);
            if (parts.number !== "") set(parts.number + next);
          }}
        >
          {DURATION_UNITS.map(({ written, name }) => (
            <option key={written} value={written}>{name}</option>
          ))}
        </select>
      )}
    </span>
  );
}
