/**
 * Schedules as the engine tells of them.
 *
 * @module
 */
import type { Tone } from "../parts/pill.tsx";
import { timeText } from "../parts/time.ts";
import { cronWords } from "./cron_words.ts";

/** How a run of a schedule ended. */
export interface Firing {
  readonly dueAt: string;
  /** The last of several due times that share this fate. */
  readonly untilAt?: string;
  readonly at: string;
  readonly endedAt: string;
  readonly status: "success" | "refused" | "failed" | "missed" | "skipped";
  readonly error?: string;
  readonly attempt: number;
  readonly manual: boolean;
}

/** When and what, as a person writes it. */
export interface ScheduleSpec {
  readonly cron?: string;
  readonly every?: string;
  readonly at?: string;
  readonly timeZone?: string;
  readonly workflow: string;
  readonly action: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly enabled: boolean;
  readonly missed: "skip" | "once" | "all";
  readonly overlap: "allow" | "skip";
}

/** A schedule in a list. */
export interface Schedule extends ScheduleSpec {
  readonly id: string;
  readonly application: string;
  readonly source: "document" | "api";
  readonly paused: boolean;
  readonly nextDueAt: string | null;
  readonly lastRun: Firing | null;
}

/** A schedule with its history. */
export interface WholeSchedule extends Schedule {
  readonly running: readonly {
    readonly idempotencyKey: string;
    readonly at: string;
    readonly manual: boolean;
  }[];
  /** The newest first. */
  readonly history: readonly Firing[];
}

/** Where the API has it. @param verb What to do with it. */
export function schedulePath(
  { id, application }: Pick<Schedule, "id" | "application">,
  verb = "",
): string {
  const search = new URLSearchParams({ application });
  return `/api/schedules/${encodeURIComponent(id)}${verb}?${search}`;
}

/** How it stands, as a word with its tone. */
export function standing(
  { paused, enabled, nextDueAt }: Pick<
    Schedule,
    "paused" | "enabled" | "nextDueAt"
  >,
): readonly [string, Tone] {
  if (paused) return ["paused", "wait"];
  if (!enabled) return ["off", "idle"];
  return nextDueAt === null ? ["over", "idle"] : ["active", "ok"];
}

/** When it comes, in words. */
export function whenWords(
  { cron, every, at, timeZone }: Pick<
    Schedule,
    "cron" | "every" | "at" | "timeZone"
  >,
): string {
  if (every !== undefined) return `Every ${spaced(every)}`;
  if (at !== undefined) return `Once, ${timeText(at)}`;
  const zone = timeZone === undefined ? "UTC" : timeZone;
  return `${cronWords(cron ?? "")}, ${zone}`;
}

/** `1h30m` as `1 h 30 min`. */
function spaced(every: string): string {
  return every.replace(
    /(\d)(ms|s|m|h|d)(?=(\d?))/g,
    (_, digit: string, unit: string, next: string) =>
      `${digit} ${unit === "m" ? "min" : unit}${next === "" ? "" : " "}`,
  );
}

const FATES: Readonly<Record<Firing["status"], readonly [string, Tone]>> = {
  success: ["completed", "ok"],
  refused: ["refused", "fail"],
  failed: ["failed", "fail"],
  missed: ["missed", "wait"],
  skipped: ["skipped", "idle"],
};

/** How a run ended, as a word with its tone. */
export function fateOf(
  { status }: Pick<Firing, "status">,
): readonly [string, Tone] {
  return FATES[status];
}
