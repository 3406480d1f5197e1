/**
 * Makes a new run of what one has done before a step, with another input.
 *
 * @module
 */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ask, at as pathAt } from "../api.ts";
import { FormDialog } from "../parts/form_dialog.tsx";
import { JsonField, valueOf } from "./json_field.tsx";
import type { Past } from "./past.ts";
import type { RunLook } from "./run_look.ts";

/** What is forked, and from where. */
export interface ForkDialogProps {
  readonly look: RunLook;
  readonly at: number;
  readonly step: string | undefined;
  readonly onClose: () => void;
}

/** See the module comment. */
export function ForkDialog(
  { look: { past, detail }, at, step, onClose }: ForkDialogProps,
): JSX.Element {
  const steps = forkable(past, at);
  const [from, setFrom] = useState(() =>
    firstChoice(past, { at, step, steps })
  );
  const [text, setText] = useState(JSON.stringify(detail.input, null, 2));
  return (
    <FormDialog
      title="Fork from here"
      verb="Fork"
      onClose={onClose}
      onDo={async () => {
        const input = valueOf(text);
        const { id } = await ask<{ readonly id: string }>(
          `/api/runs/${past.id}/fork`,
          {
            method: "POST",
            body: { fromStep: from, ...input === undefined ? {} : { input } },
          },
        );
        location.assign(pathAt(`/runs/${id}`));
      }}
    >
      <p>
        A new run takes over what came before the step and does the step, and
        what follows, anew. This run stays as it is.
      </p>
      <label>
        From the step
        <select
          class="field mono"
          value={from}
          onChange={({ currentTarget }) => setFrom(currentTarget.value)}
        >
          {steps.map((path) => <option key={path} value={path}>{path}</option>)}
        </select>
      </label>
      <JsonField
        label="Input"
        help="What the new run is given."
        text={text}
        rows={10}
        onText={setText}
      />
    </FormDialog>
  );
}

/** The steps that had come up; undoing is none. */
function forkable(past: Past, at: number): readonly string[] {
  return [...past.steps.values()]
    .filter(({ path, cameUp, begun, entries }) =>
      cameUp <= at && (begun !== undefined || entries.length > 0) &&
      !path.endsWith("~compensate")
    ).map(({ path }) => path);
}

/** The step that is looked at, the one that failed, or the last one. */
function firstChoice(
  past: Past,
  { at, step, steps }: {
    readonly at: number;
    readonly step: string | undefined;
    readonly steps: readonly string[];
  },
): string {
  const last = past.entries[at];
  const failed = last !== undefined && "error" in last
    ? last.error.step
    : undefined;
  const wished = [failed, step].find((path) =>
    path !== undefined && steps.includes(path)
  );
  return wished ?? steps.at(-1) ?? "";
}
