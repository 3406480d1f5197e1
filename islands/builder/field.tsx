/**
 * One field of a form: label, control, help and problem. The control follows from
 * the schema.
 *
 * @module
 */
import { useId, useState } from "preact/hooks";
import type { Problem } from "../../engine/config/problem.ts";
import type { FormField } from "../../engine/derive/form.ts";
import { useStore } from "./context.ts";
import { Control } from "./control.tsx";
import { useOver } from "./expression_over.ts";
import { type ExpressionPlace, expressionPlace } from "./expression_place.ts";
import {
  ExpressionPreview,
  previewOf,
  withNearest,
} from "./expression_preview.tsx";
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
  const place = expressionPlace(field, path);
  const [isTouched, setTouched] = useState(false);
  const over = useOver(place, isTouched || mayHold(place, value));
  const preview = place && over && previewOf(place, value, over);
  const problems = problemsAt(store.problems.value, path)
    // The preview says it with its place.
    .filter(({ code }) => code !== "invalid-expression" || !preview);
  const [owner] = store.selection.value;
  const set = (next: unknown) =>
    store.change(
      [
        next === undefined
          ? { do: "remove", path: [...path] }
          : { do: "set", path: [...path], value: next },
      ],
      owner === undefined ? field.label : `${field.label} of ${owner}`,
      path.join("/"),
    );
  return (
    <div class="row" onFocusCapture={() => setTouched(true)}>
      <div class="label">
        <label for={id}>
          {field.label}
          {field.required && <span class="required" title="Needed">*</span>}
        </label>
        {value !== undefined && !field.required && (
          <Reset onClick={() => set(undefined)} />
        )}
      </div>
      <Control
        {...{ field, path, value, id, set, place, over }}
        isInvalid={problems.length > 0 || preview?.kind === "fault"}
        describedBy={`${id}-help`}
      />
      <div id={`${id}-help`}>
        {problems.map((problem) => (
          <ProblemLine
            key={problem.message}
            problem={problem}
            onNearest={set}
          />
        ))}
        {place && over && preview && (
          <ExpressionPreview
            {...{ place, over, preview }}
            onNearest={typeof value === "string"
              ? (fault) => set(withNearest(value, fault))
              : undefined}
          />
        )}
        {field.help && problems.length === 0 && <p class="help">{field.help}
        </p>}
      </div>
    </div>
  );
}

function Reset({ onClick }: { readonly onClick: () => void }) {
  return (
    <button
      type="button"
      class="link"
      title="Back to what holds without it"
      onClick={onClick}
    >
      Reset
    </button>
  );
}

function ProblemLine(
  { problem: { message, nearest, help }, onNearest }: {
    readonly problem: Problem;
    readonly onNearest: (nearest: string) => void;
  },
) {
  return (
    <p class="hint">
      {message}
      {nearest && (
        <>
          {" "}Did you mean{" "}
          <button
            type="button"
            class="link"
            onClick={() => onNearest(nearest)}
          >
            {nearest}
          </button>?
        </>
      )}
      {help && ` ${help}`}
    </p>
  );
}

/** Whether there is an expression to say something of. */
function mayHold(place: ExpressionPlace | undefined, value: unknown): boolean {
  if (place === undefined || value === undefined) return false;
  return place.isBare || JSON.stringify(value).includes("${{");
}
