/**
 * Shows the sample that expressions are tried on, and takes another.
 *
 * @module
 */
import { useState } from "preact/hooks";
import { at } from "../api.ts";
import { Dialog } from "../parts/dialog.tsx";
import { JsonField, valueOf } from "../runs/json_field.tsx";
import { useStore } from "./context.ts";
import { setSample } from "./expression_over.ts";
import type { ExpressionPlace } from "./expression_place.ts";
import type { Sample } from "./sample.ts";

export function SampleDialog(
  { place, sample, onClose }: {
    readonly place: ExpressionPlace;
    readonly sample: Sample;
    readonly onClose: () => void;
  },
) {
  const store = useStore();
  const [text, setText] = useState(JSON.stringify(sample.values, null, 2));
  const values = mapOf(text);
  function use(next: Sample["values"] | undefined): void {
    setSample(store, place, next);
    onClose();
  }
  return (
    <Dialog
      title="Sample"
      onClose={onClose}
      isWide
      actions={
        <>
          {sample.origin === "own" && (
            <button
              type="button"
              class="button"
              onClick={() => use(undefined)}
            >
              Back to what it was
            </button>
          )}
          <button
            type="button"
            class="button primary"
            disabled={values === undefined}
            onClick={() => use(values)}
          >
            Use it
          </button>
        </>
      }
    >
      <p>
        {sample.origin === "run"
          ? (
            <>
              What the{" "}
              <a href={at(`/runs/${encodeURIComponent(sample.run ?? "")}`)}>
                last run
              </a>{" "}
              had. Change it to try something else; nothing of it is saved.
            </>
          )
          : sample.origin === "own"
          ? "What you have written. It is gone when the page is left."
          : "An example made of the types. Change it to try something else; nothing of it is saved."}
      </p>
      <JsonField
        label="Values"
        help="A map with a value of each variable"
        text={text}
        rows={16}
        onText={setText}
      />
    </Dialog>
  );
}

/** The values of a text, if it is a map. */
function mapOf(text: string): Sample["values"] | undefined {
  try {
    const value = valueOf(text);
    return value !== null && typeof value === "object" && !Array.isArray(value)
      ? value as Sample["values"]
      : undefined;
  } catch {
    // The field says what is wrong with it.
    return undefined;
  }
}
