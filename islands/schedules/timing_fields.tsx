/**
 * When a schedule comes: by the clock, at an interval, or once, with the next
 * times in words.
 *
 * @module
 */
import { useId } from "preact/hooks";
import { inText } from "../parts/since.ts";
import { timeText } from "../parts/time.ts";
import { cronWords } from "./cron_words.ts";
import { type Draft, nextTimes } from "./draft.ts";
import type { FieldsProps } from "./schedule_form.tsx";

const KINDS = [
  { kind: "cron", name: "By the clock" },
  { kind: "every", name: "At an interval" },
  { kind: "at", name: "Once" },
] as const;

/** See the module comment. */
export function TimingFields(
  { draft, change, fault }: FieldsProps & {
    readonly fault: string | undefined;
  },
) {
  const group = useId();
  return (
    <fieldset class="timing">
      <legend class="hidden">When it comes</legend>
      <div class="timing-choices">
        {KINDS.map(({ kind, name }) => (
          <label key={kind} class="timing-choice">
            <input
              type="radio"
              name={group}
              checked={draft.kind === kind}
              onChange={() => change({ kind })}
            />
            {name}
          </label>
        ))}
      </div>
      <div class="form-fields">
        <Field draft={draft} change={change} fault={fault} />
      </div>
      <Preview draft={draft} fault={fault} />
    </fieldset>
  );
}

function Field(
  { draft, change, fault }: FieldsProps & {
    readonly fault: string | undefined;
  },
) {
  const isWrong = fault !== undefined && draft[draft.kind] !== "";
  switch (draft.kind) {
    case "cron":
      return (
        <>
          <label>
            Cron
            <em>
              Minute, hour, day, month, weekday; six fields begin with the
              second.
            </em>
            <input
              class="field mono"
              required
              placeholder="0 8 * * MON-FRI"
              value={draft.cron}
              aria-invalid={isWrong}
              onInput={({ currentTarget }) =>
                change({ cron: currentTarget.value })}
            />
          </label>
          <ZoneField draft={draft} change={change} />
        </>
      );
    case "every":
      return (
        <label>
          Every
          <em>A number with s, m, h or d, one second at least.</em>
          <input
            class="field mono"
            required
            placeholder="15m"
            value={draft.every}
            aria-invalid={isWrong}
            onInput={({ currentTarget }) =>
              change({ every: currentTarget.value })}
          />
        </label>
      );
    case "at":
      return (
        <label>
          At
          <em>By the clock of this browser.</em>
          <input
            class="field"
            type="datetime-local"
            required
            step={1}
            value={draft.at}
            onInput={({ currentTarget }) => change({ at: currentTarget.value })}
          />
        </label>
      );
  }
}

function ZoneField({ draft, change }: FieldsProps) {
  const list = useId();
  return (
    <label>
      Time zone
      <em>Where the clock hangs that cron means.</em>
      <input
        class="field"
        list={list}
        placeholder="UTC"
        value={draft.timeZone}
        onInput={({ currentTarget }) =>
          change({ timeZone: currentTarget.value })}
      />
      <datalist id={list}>
        {Intl.supportedValuesOf("timeZone").map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
    </label>
  );
}

function Preview(
  { draft, fault }: {
    readonly draft: Draft;
    readonly fault: string | undefined;
  },
) {
  if (fault !== undefined) {
    return draft[draft.kind] === ""
      ? null
      : <p class="field-problem" role="status">{fault}</p>;
  }
  const times = nextTimes(draft, Date.now());
  if (times.length === 0) return null;
  const words = draft.kind === "cron" ? cronWords(draft.cron) : "";
  return (
    <p class="quiet" role="status">
      {words !== "" && words !== draft.cron && `${words}. `}
      Comes {times.map((ms) => `${timeText(ms)} (${inText(ms)})`).join(", ")}
    </p>
  );
}
