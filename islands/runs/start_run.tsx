/**
 * Starts a run of a pipeline.
 *
 * @module
 */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ask, at as pathAt } from "../api.ts";
import { FormDialog } from "../parts/form_dialog.tsx";
import { JsonField, valueOf } from "./json_field.tsx";

/** An application that runs. */
export interface KnownApplication {
  readonly id: string;
  readonly pipelines: readonly string[];
}

/** What can be started. */
export interface StartRunProps {
  readonly applications: readonly KnownApplication[];
  /** What is chosen at first. */
  readonly pipeline: string | undefined;
  readonly onClose: () => void;
}

/** See the module comment. */
export function StartRun(
  { applications, pipeline, onClose }: StartRunProps,
): JSX.Element {
  const choices = applications.flatMap(({ id, pipelines }) =>
    pipelines.map((name) => ({ application: id, pipeline: name }))
  );
  const first = choices.findIndex((each) => each.pipeline === pipeline);
  const [index, setIndex] = useState(Math.max(0, first));
  const [text, setText] = useState("{}");
  const [isEdited, setEdited] = useState(false);
  const chosen = choices[index];
  useEffect(() => {
    if (chosen === undefined || isEdited) return;
    let isCurrent = true;
    inputOf(chosen).then((input) => {
      if (isCurrent) setText(JSON.stringify(input, null, 2));
    }, () => {
      // Without an example the field stays as it is.
    });
    return () => {
      isCurrent = false;
    };
  }, [index]);
  return (
    <FormDialog
      title="Start a run"
      verb="Start run"
      onClose={onClose}
      onDo={async () => {
        const { application, pipeline: workflow } = chosen ?? {};
        const input = valueOf(text) ?? {};
        const { run } = await ask<{ readonly run: string }>("/api/runs", {
          method: "POST",
          body: { workflow, application, input },
        });
        location.assign(pathAt(`/runs/${run}`));
      }}
    >
      <label>
        Pipeline
        <select
          class="field"
          value={String(index)}
          onChange={({ currentTarget }) =>
            setIndex(Number(currentTarget.value))}
        >
          {choices.map(({ application, pipeline: name }, place) => (
            <option key={place} value={String(place)}>
              {applications.length > 1 ? `${name} · ${application}` : name}
            </option>
          ))}
        </select>
      </label>
      <JsonField
        label="Input"
        help="A map of fields, as JSON."
        text={text}
        rows={10}
        onText={(next) => {
          setText(next);
          setEdited(true);
        }}
      />
    </FormDialog>
  );
}

interface Document {
  readonly pipelines?: Readonly<
    Record<string, {
      readonly input?: Readonly<
        Record<
          string,
          string | {
            readonly type?: string;
            readonly default?: unknown;
            readonly enum?: readonly unknown[];
          }
        >
      >;
    }>
  >;
}

const EXAMPLES: Readonly<Record<string, unknown>> = {
  string: "",
  number: 0,
  integer: 0,
  boolean: false,
  list: [],
  map: {},
};

/** What the pipeline asks for, with something of each type in it. */
async function inputOf(
  { application, pipeline }: {
    readonly application: string;
    readonly pipeline: string;
  },
): Promise<Readonly<Record<string, unknown>>> {
  const document = encodeURIComponent(application);
  const { pipelines } = await ask<Document>(
    `/api/workflow/config?document=${document}`,
  );
  const fields = Object.entries(pipelines?.[pipeline]?.input ?? {});
  return Object.fromEntries(
    fields.map(([name, field]) => {
      if (typeof field === "string") return [name, EXAMPLES[field] ?? null];
      const first = field.default ?? field.enum?.[0];
      return [name, first ?? EXAMPLES[field.type ?? "any"] ?? null];
    }),
  );
}
