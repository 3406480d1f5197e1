/**
 * A schedule as somebody writes it in a form.
 *
 * @module
 */
import { parseCron } from "../../engine/schedule/cron.ts";
import { nextCronTimes } from "./next_times.ts";
import type { Schedule } from "./schedule.ts";

/** What stands in the fields. */
export interface Draft {
  readonly id: string;
  readonly application: string;
  readonly workflow: string;
  readonly action: string;
  /** Which of the three says when. */
  readonly kind: "cron" | "every" | "at";
  readonly cron: string;
  readonly every: string;
  /** As a field for local times has it. */
  readonly at: string;
  readonly timeZone: string;
  /** JSON. */
  readonly params: string;
  readonly missed: Schedule["missed"];
  readonly overlap: Schedule["overlap"];
  readonly enabled: boolean;
}

const EVERY = /^\d+(\.\d+)?(ms|s|m|h|d)(\d+(ms|s|m|h|d))*$/;

/** What a form begins with. */
export function draftOf(schedule: Schedule | undefined): Draft {
  const { cron = "", every = "", at, timeZone = "" } = schedule ?? {};
  return {
    id: "",
    application: schedule?.application ?? "",
    workflow: schedule?.workflow ?? "",
    action: schedule?.action ?? "",
    kind: at !== undefined ? "at" : every !== "" ? "every" : "cron",
    ...{ cron, every, timeZone },
    at: at === undefined ? "" : localText(Date.parse(at)),
    params: JSON.stringify(schedule?.params ?? {}, null, 2),
    missed: schedule?.missed ?? "once",
    overlap: schedule?.overlap ?? "allow",
    enabled: schedule?.enabled ?? true,
  };
}

/** What is wrong with it, by field. */
export function faultsOf(
  draft: Draft,
): { readonly when?: string; readonly params?: string } {
  const when = whenFault(draft);
  const params = paramsFault(draft.params);
  return {
    ...when === undefined ? {} : { when },
    ...params === undefined ? {} : { params },
  };
}

/** What the API is sent. */
export function specOf(draft: Draft): Readonly<Record<string, unknown>> {
  const { id, kind, timeZone, workflow, action } = draft;
  const { missed, overlap, enabled } = draft;
  return {
    ...id.trim() === "" ? {} : { id: id.trim() },
    ...kind === "at"
      ? { at: new Date(draft.at).toISOString() }
      : { [kind]: draft[kind].trim() },
    ...kind === "cron" && timeZone.trim() !== ""
      ? { timeZone: timeZone.trim() }
      : {},
    workflow: workflow.trim(),
    action: action.trim(),
    params: JSON.parse(draft.params),
    ...{ missed, overlap, enabled },
  };
}

/** The next times of one without faults; of intervals nobody knows them before. */
export function nextTimes(draft: Draft, now: number): readonly number[] {
  if (draft.kind === "every") return [];
  if (draft.kind === "at") return [Date.parse(draft.at)];
  return nextCronTimes(draft.cron, draft.timeZone.trim() || "UTC", now);
}

function whenFault({ kind, cron, every, at, timeZone }: Draft) {
  switch (kind) {
    case "cron":
      return cronFault(cron.trim(), timeZone.trim() || "UTC");
    case "every":
      return EVERY.test(every.trim())
        ? undefined
        : "Expected an interval such as 30s, 15m or 1h30m";
    case "at":
      return Number.isNaN(Date.parse(at))
        ? "Choose a day and a time"
        : undefined;
  }
}

function cronFault(cron: string, timeZone: string): string | undefined {
  if (cron === "") return "Write when it comes";
  try {
    parseCron(cron, timeZone);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function paramsFault(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isMap = typeof value === "object" && value !== null &&
      !Array.isArray(value);
    return isMap ? undefined : 'Params are a map, such as {"shelf": 7}';
  } catch {
    return "This is no JSON";
  }
}

/** `2030-01-31T12:00:00`, by the clock of the browser. */
function localText(ms: number): string {
  const date = new Date(ms);
  const local = new Date(ms - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19);
}
