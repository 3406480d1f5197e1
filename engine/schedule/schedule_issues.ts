/**
 * What is wrong with a schedule in a document, at the field that says it.
 *
 * @module
 */
import type { Issue } from "../define.ts";
import type { Path } from "../config/problem.ts";
import { messageOf } from "../errors.ts";
import { durationMs } from "../meta.ts";
import { assertTimeZone, parseCron } from "./cron.ts";
import { paramsFault } from "./fields.ts";
import { EVERY_MS_MIN, type When } from "./timing.ts";

/** The issues of one schedule that stands at `path`. */
export function scheduleIssues(
  schedule: When & { readonly params?: Readonly<Record<string, unknown>> },
  path: Path,
): readonly Issue[] {
  const { cron, every, at, timeZone, params = {} } = schedule;
  const issues: Issue[] = [];
  function add(key: string, message: string | undefined): void {
    if (message === undefined) return;
    issues.push({ code: "invalid-value", path: [...path, key], message });
  }
  const given = ["cron", "every", "at"].filter((key) =>
    schedule[key as keyof When] !== undefined
  );
  if (given.length === 0) {
    issues.push({
      code: "missing-key",
      path,
      message: 'The key "cron" is missing (or "every", or "at")',
    });
  }
  for (const key of given.slice(1)) {
    add(key, `Of "${given.join('" and "')}" only one can hold`);
  }
  add("cron", cron === undefined ? undefined : faultOf(() => parseCron(cron)));
  if (every !== undefined && durationMs(every) < EVERY_MS_MIN) {
    add("every", `The interval "${every}" is shorter than ${EVERY_MS_MIN} ms`);
  }
  if (timeZone !== undefined) {
    add("timeZone", faultOf(() => assertTimeZone(timeZone)));
    if (cron === undefined && (every ?? at) !== undefined) {
      add("timeZone", '"timeZone" has no effect without "cron"');
    }
  }
  add("params", paramsFault(params));
  return issues;
}

function faultOf(check: () => unknown): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
