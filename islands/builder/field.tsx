/**
 * One field of a form: label, control, help and problem. The control follows from
 * the schema.
 *
 * @module
 */
import { useId } from "preact/hooks";
import type { FormField } from "../../engine/derive/form.ts";
import { useStore } from "./context.ts";
import { Control } from "./control.tsx";
import { problemsAt } from "./inspector.tsx";

/** Where a field stands, and what is there. */
export interface FieldProps {
  readonly field: FormField;
  readonly path: readonly (string | number)[];
  readonly value: unknown;
}

export function Field({ field, path, value }: FieldProps) {
  const store = useStore();
  const id = useId();
  const problems = problemsAt(store.problems.value, path);
  const isSet = value !== undefined;
  const label = store.selection.value.values().next().value ?? "";
  const set = (next: unknown) =>
    store.change(
      [
        next === undefined
          ? { do: "remove", path: [...path] }
          : { do: "set", path: [...path], value: next },
      ],
      `${field.label} of ${label}`,
      path.join("/"),
    );
  return (
    <div class="row">
      <div class="label">
        <label for={id}>
          {field.label}
          {field.required && <span class="required" title="Needed">*</span>}
        </label>
        {isSet && !field.required && (
          <button
            type="button"
            class="link"
            title="Back to what holds without it"
            onClick={() => set(undefined)}
          >
            Reset
          </button>
        )}
      </div>
      <Control
        {...{ field, path, value, id, set }}
        isInvalid={problems.length > 0}
        describedBy={`${id}-help`}
      />
      <div id={`${id}-help`}>
        {problems.map(({ message, nearest, help }) => (
          <p class="hint" key={message}>
            {message}
            {nearest && (
              <>
                {" "}Did you mean{" "}
                <button
                  type="button"
                  class="link"
                  onClick={() => set(nearest)}
                >
                  {nearest}
                </button>?
              </>
            )}
            {help && ` ${help}`}
          </p>
        ))}
        {field.help && problems.length === 0 && <p class="help">{field.help}
        </p>}
      </div>
    </div>
  );
}
