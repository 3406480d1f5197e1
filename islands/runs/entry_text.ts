/**
 * Entries of a journal in words.
 *
 * @module
 */
import { titleOf } from "@engine/run/describe.ts";
import type { Entry } from "@engine/run/journal.ts";
import { type Tone, toneOf } from "../parts/pill.tsx";
import { lengthText, timeText } from "../parts/time.ts";

/** An entry as a list shows it. */
export interface EntryText {
  /** What happened, in a word or two. */
  readonly what: string;
  /** The step, or what else it is about. */
  readonly about: string;
  readonly detail: string;
  readonly tone: Tone;
}

/** Says what an entry is. */
export function textOf(entry: Entry): EntryText {
  switch (entry.kind) {
    case "accepted":
      return {
        what: "Accepted",
        about: entry.pipeline,
        detail: entry.fork === undefined
          ? entry.source === undefined ? "" : `by ${entry.source}`
          : `as a fork, from ${entry.fork.step}`,
        tone: "idle",
      };
    case "step.completed":
      return {
        what: "Completed",
        about: entry.step,
        detail: tookText(entry),
        tone: "ok",
      };
    case "step.failed":
      return {
        what: entry.retryAt === undefined ? "Failed" : "Will retry",
        about: entry.step,
        detail: entry.error.message,
        tone: entry.retryAt === undefined ? "fail" : "wait",
      };
    case "step.waiting":
      return {
        what: "Waiting",
        about: entry.step,
        detail: waitText(entry),
        tone: "wait",
      };
    case "step.child":
      return {
        what: "Handed on",
        about: entry.step,
        detail: `to the run ${entry.run}`,
        tone: "run",
      };
    case "signal":
      return { what: "Signal", about: entry.name, detail: "", tone: "run" };
    default:
      return otherText(entry);
  }
}

function otherText(entry: Entry): EntryText {
  const { kind } = entry;
  const word = kind.charAt(0).toUpperCase() + kind.slice(1);
  const about = "step" in entry ? entry.step : "";
  if ("error" in entry) {
    const { message, step = "" } = entry.error;
    return { what: word, about: step, detail: message, tone: toneOf(kind) };
  }
  const detail = "reason" in entry
    ? entry.reason
    : kind === "timeout"
    ? "The run took too long"
    : "";
  return { what: word, about, detail, tone: toneOf(kind) };
}

function tookText(
  { at, since, attempt }: { at: number; since: number; attempt: number },
): string {
  const took = lengthText(Math.max(0, at - since));
  return attempt > 1 ? `${took}, attempt ${attempt}` : took;
}

function waitText(
  { signal, approval, until }: Extract<Entry, { kind: "step.waiting" }>,
): string {
  const late = until === undefined ? "" : ` until ${timeText(until)}`;
  if (approval !== undefined) {
    return `for a decision${late}: ${titleOf(approval)}`;
  }
  return signal === undefined ? late.trim() : `for “${signal}”${late}`;
}
