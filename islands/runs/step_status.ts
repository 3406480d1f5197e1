/**
 * The words and colours of what a step can be.
 *
 * @module
 */
import { type Tone, toneOf } from "../parts/pill.tsx";

/** Those that are not called like a status of a run. */
const TONES: Readonly<Record<string, Tone>> = {
  retrying: "wait",
  recovered: "wait",
  compensated: "idle",
  skipped: "idle",
};

/** The tone of a step's status. */
export function stepTone(status: string): Tone {
  return TONES[status] ?? toneOf(status);
}

const WORDS: Readonly<Record<string, string>> = {
  pending: "Not started",
  retrying: "Will retry",
  compensated: "Undone",
};

/** A status in words. */
export function stepWord(status: string): string {
  return WORDS[status] ?? status.charAt(0).toUpperCase() + status.slice(1);
}
