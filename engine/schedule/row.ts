/**
 * A schedule as it stands in the store: what was asked for, when it comes next,
 * what is under way and what has been.
 *
 * @module
 */
import type { JsonObject } from "../define.ts";
import type { Version } from "../store/store.ts";
import type { When } from "./timing.ts";

/** How many firings a schedule remembers. */
export const FIRINGS_KEPT = 20;

/** How much of an error a firing keeps, in characters. */
export const ERROR_CHARACTERS_KEPT = 500;

/** What a schedule is to do, and when. */
export type ScheduleSpec = Pick<When, keyof When> & {
  readonly workflow: string;
  readonly action: string;
  /** Handed to the action beside `trigger_time`. */
  readonly params: JsonObject;
  /** Whether it comes at all. */
  readonly enabled: boolean;
  /** What becomes of due times at which nobody was there. */
  readonly missed: "skip" | "once" | "all";
  /** Whether a run may begin while another goes on. */
  readonly overlap: "allow" | "skip";
};

/** A run that some process has taken on and not yet finished. */
export type Claim = {
  /** Names this attempt; another process that takes over writes its own. */
  readonly token: string;
  readonly idempotencyKey: string;
  readonly dueAt: number;
  /** When this attempt began. */
  readonly at: number;
  /** Counts from 1. */
  readonly attempt: number;
  /** Counts up as long as the process lives. */
  readonly beat: number;
  /** Asked for by hand, not by the clock. */
  readonly isManual: boolean;
};

/** A firing that is over. Times are milliseconds since 1970. */
export type Firing = {
  readonly dueAt: number;
  /** The last of several due times that share this fate. */
  readonly untilAt?: number;
  /** When it began, or was given up. */
  readonly at: number;
  readonly endedAt: number;
  readonly status: "success" | "refused" | "failed" | "missed" | "skipped";
  /** Why it did not succeed. */
  readonly error?: string;
  readonly attempt: number;
  readonly isManual: boolean;
};

/** A schedule as it stands in the store. Types, as interfaces do not count as JSON. */
export type ScheduleRow = ScheduleSpec & {
  readonly id: string;
  /** Who asked for it: the document, or somebody at run time. */
  readonly source: "document" | "api";
  /** Stopped by hand, whatever `enabled` says; survives reloads of the document. */
  readonly isPaused: boolean;
  /** Where intervals begin. */
  readonly anchorAt: number;
  /** The next due time; null if it does not come again as things are. */
  readonly nextDueAt: number | null;
  readonly running: readonly Claim[];
  /** The newest first, at most `FIRINGS_KEPT`. */
  readonly firings: readonly Firing[];
  readonly createdAt: number;
  readonly updatedAt: number;
};

/** A row, as of one version. */
export interface Schedule extends ScheduleRow {
  readonly version: Version;
}

/** The row with one more firing that is over. */
export function withFiring(row: ScheduleRow, firing: Firing): ScheduleRow {
  const firings = [firing, ...row.firings].slice(0, FIRINGS_KEPT);
  return { ...row, firings };
}

/** An error as a firing keeps it. */
export function shortError(text: string): string {
  return text.length > ERROR_CHARACTERS_KEPT
    ? `${text.slice(0, ERROR_CHARACTERS_KEPT)}…`
    : text;
}
