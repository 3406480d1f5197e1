/**
 * Reads what a request says about runs: which of them, and where to go on.
 *
 * @module
 */
import type { Context } from "hono";
import { encodeBase64Url } from "hono/utils/encode";
import {
  type Application,
  type Engine,
  RefusedError,
  RUN_STATUSES,
  type RunFilter,
  type RunStatus,
  type RunView,
  timeOfId,
} from "../engine/mod.ts";
import { ParameterError } from "./problem_answer.ts";

/** Runs of a page, where none is asked for. */
const PAGE_DEFAULT = 50;

/** The most runs of a page. */
export const PAGE_MAX = 500;

/** The longest text that is searched for, in characters. */
const TEXT_CHARACTERS_MAX = 200;

/** Which runs a list is of. @throws {ParameterError} */
export function filterOf(context: Context): RunFilter {
  const { req } = context;
  return {
    pipeline: req.query("workflow"),
    statuses: statusesOf(req.query("status")),
    sinceMs: timeOf("since", req.query("since")),
    untilMs: timeOf("until", req.query("until")),
    text: textOf(context),
  };
}

/** What is searched for; nothing where `?q=` is empty. @throws {ParameterError} */
export function textOf({ req }: Context): string | undefined {
  const text = req.query("q")?.trim();
  if (text !== undefined && text.length > TEXT_CHARACTERS_MAX) {
    throw new ParameterError(
      `Cannot search: q has ${text.length} characters, the limit is ` +
        `${TEXT_CHARACTERS_MAX} characters`,
      "q",
    );
  }
  return text === "" ? undefined : text;
}

/** How many runs, and below which id. @throws {ParameterError} */
export function pageOf(
  context: Context,
): { readonly limit: number; readonly before: string | undefined } {
  return {
    limit: wholeNumber(context, "limit", {
      min: 1,
      max: PAGE_MAX,
      absent: PAGE_DEFAULT,
    }),
    before: idOf(context.req.query("cursor")),
  };
}

/** A parameter that is a whole number. @throws {ParameterError} */
export function wholeNumber(
  { req }: Context,
  name: string,
  { min, max, absent }: {
    readonly min: number;
    readonly max: number;
    readonly absent: number;
  },
): number {
  const text = req.query(name);
  if (text === undefined) return absent;
  const number = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  if (number >= min && number <= max) return number;
  throw new ParameterError(
    `Cannot use ${name} "${text}": expected a whole number from ${min} to ${max}`,
    name,
  );
}

/** Where a list goes on; callers hand it back as it is. */
export function cursorOf(id: string): string {
  return encodeBase64Url(new TextEncoder().encode(id).buffer);
}

/** The applications that `?application=` means: one, or all. */
export function applicationsOf(
  engine: Engine,
  { req }: Context,
): readonly Application[] {
  const id = req.query("application");
  if (id === undefined) return engine.applications;
  const application = engine.application(id);
  if (application !== undefined) return [application];
  throw new RefusedError("not-found", `No application is called "${id}"`);
}

/** A run, with the application whose it is. */
export interface FoundRun {
  readonly application: Application;
  readonly view: RunView;
}

/** The run that the path names. @throws {RefusedError} `not-found` */
export async function findRun(
  applications: readonly Application[],
  id: string,
): Promise<FoundRun> {
  for (const application of applications) {
    const view = await application.runs.get(id);
    if (view !== undefined) return { application, view };
  }
  throw new RefusedError("not-found", `No run is called "${id}"`);
}

function statusesOf(
  text: string | undefined,
): ReadonlySet<RunStatus> | undefined {
  if (text === undefined) return undefined;
  return new Set(
    text.split(",").map((name) => {
      const status = RUN_STATUSES.find((each) => each === name.trim());
      if (status !== undefined) return status;
      throw new ParameterError(
        `Cannot use status "${name}": expected one or more of ${
          RUN_STATUSES.join(", ")
        }`,
        "status",
      );
    }),
  );
}

/** As RFC 3339, or as milliseconds since 1970. */
function timeOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = /^\d{1,15}$/.test(text)
    ? Number(text)
    : /^\d{4}-\d\d-\d\d/.test(text)
    ? Date.parse(text)
    : NaN;
  if (!Number.isNaN(ms)) return ms;
  throw new ParameterError(
    `Cannot use ${name} "${text}": expected a time such as 2030-01-31T12:00:00Z`,
    name,
  );
}

function idOf(cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined;
  try {
    const base64 = cursor.replaceAll("-", "+").replaceAll("_", "/");
    const id = atob(base64);
    if (timeOfId(id) !== undefined) return id;
  } catch {
    // It is no cursor: said below.
  }
  throw new ParameterError(
    `Cannot use cursor "${cursor}": expected what a page has answered as "next"`,
    "cursor",
  );
}
