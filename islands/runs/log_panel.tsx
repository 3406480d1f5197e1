/**
 * What a run has said: the lines that its steps `log` have written, and what went
 * wrong on the way, in the order of the journal.
 *
 * @module
 */
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { Empty } from "../parts/states.tsx";
import type { Tone } from "../parts/pill.tsx";
import { timeText } from "../parts/time.ts";
import type { Past } from "./past.ts";
import { givenTo } from "./values.ts";

/** Lines that are shown; the newest. */
const LINES_MAX = 500;

interface Line {
  readonly index: number;
  readonly at: number;
  readonly level: string;
  readonly tone: Tone;
  readonly step: string;
  readonly text: string;
}

/** See the module comment. */
export function LogPanel(
  { past, at, turn, onAt }: {
    readonly past: Past;
    readonly at: number;
    readonly turn: number;
    readonly onAt: (at: number) => void;
  },
): JSX.Element {
  const lines = useMemo(() => linesOf(past), [past, turn]);
  const shown = lines.filter(({ index }) => index <= at).slice(-LINES_MAX);
  if (shown.length === 0) {
    return (
      <Empty icon="list" title="Nothing was written up to here">
        <p>
          Lines of <code>log</code> steps and failed attempts stand here.
        </p>
      </Empty>
    );
  }
  return (
    <ol class="log-lines">
      {shown.map(({ index, level, tone, step, text, ...line }) => (
        <li key={index}>
          <button
            type="button"
            onClick={() =>
              onAt(index)}
          >
            <time>{timeText(line.at)}</time>
            <span class={`log-level tone-${tone}`}>{level}</span>
            <code>{step}</code>
            <span>{text}</span>
          </button>
        </li>
      ))}
    </ol>
  );
}

function linesOf(past: Past): readonly Line[] {
  return past.entries.flatMap((entry, index): Line[] => {
    if (!("step" in entry)) return [];
    const { at, step } = entry;
    if (entry.kind === "step.failed") {
      const text = entry.error.message;
      return [{ ...{ index, at, step, text }, level: "error", tone: "fail" }];
    }
    const begun = past.steps.get(step)?.begun;
    const isLine = entry.kind === "step.completed" && begun !== undefined &&
      "task" in begun && begun.task.target.kind === "step" &&
      begun.task.target.type === "log";
    if (!isLine) return [];
    const given = givenTo(past, step);
    if (given?.kind !== "value") return [];
    const { message = "", level = "info" } = given.value as {
      readonly message?: string;
      readonly level?: string;
    };
    const tone = TONES[level] ?? "idle";
    return [{ ...{ index, at, level, tone, step }, text: message }];
  });
}

const TONES: Readonly<Record<string, Tone>> = {
  info: "run",
  warn: "wait",
  error: "fail",
};
