/**
 * The fields of a schedule, as documents and requests write them.
 *
 * @module
 */
import { z } from "zod";
import { duration } from "../meta.ts";

/** How much a schedule's params may come to, in bytes of their JSON. */
export const PARAMS_BYTES_MAX = 16_384;

/** How deep the params of a schedule may nest, in levels. */
export const PARAMS_DEPTH_MAX = 64;

/** The longest name of a workflow or an action that is scheduled. */
export const NAME_CHARACTERS_MAX = 200;

/** How many schedules an application may have. */
export const SCHEDULES_MAX = 1_000;

/** What becomes of due times at which nobody was there. */
export const missedField = z.enum(["skip", "once", "all"]).default("once")
  .describe(
    "What becomes of due times at which the engine was not running: skip " +
      "leaves them out, once makes up for all of them with one run, all runs " +
      "for each of them, the last 100 at most",
  );

/** Whether runs may overlap. */
export const overlapField = z.enum(["allow", "skip"]).default("allow").describe(
  "Whether a run may begin while another goes on, up to 10 at a time; skip " +
    "leaves the due time out",
);

/** A time zone. */
export const timeZoneField = z.string().min(1).optional().describe(
  "Where the clock hangs that cron means, as an IANA name; UTC by default",
).meta({ examples: ["Europe/Berlin", "America/New_York"] });

/** A cron expression. */
export const cronField = z.string().min(1).describe(
  "Minute, hour, day of the month, month and day of the week, or six fields " +
    "with the second in front; or a word such as @daily",
).meta({
  widget: "cron",
  examples: ["*/5 * * * *", "0 8 * * MON-FRI", "@daily"],
});

/** When a schedule comes and how it behaves. */
export const scheduleFields = {
  cron: cronField.optional(),
  every: duration().optional().describe(
    "Instead of cron, an interval, of one second at least",
  ),
  at: z.iso.datetime({ offset: true }).optional().describe(
    "Instead of cron, the one moment at which it runs",
  ).meta({ examples: ["2030-01-31T12:00:00Z"] }),
  timeZone: timeZoneField,
  params: z.record(z.string(), z.unknown()).default({}).describe(
    "Fields that are passed on beside trigger_time, and take precedence",
  ),
  missed: missedField,
  overlap: overlapField,
  enabled: z.boolean().default(true).describe(
    "Whether it runs at all; due times that pass meanwhile count as no misses",
  ),
};

/** Why params cannot be kept, if they cannot. */
export function paramsFault(
  params: Readonly<Record<string, unknown>>,
): string | undefined {
  if (isDeeper(params, PARAMS_DEPTH_MAX)) {
    return `The params nest deeper than ${PARAMS_DEPTH_MAX} levels`;
  }
  const bytes = new TextEncoder().encode(JSON.stringify(params)).length;
  if (bytes <= PARAMS_BYTES_MAX) return undefined;
  return `The params have ${bytes} bytes; a schedule may have ${PARAMS_BYTES_MAX}`;
}

/** Level by level instead of by recursion: the depth is what is in question. */
function isDeeper(value: object, levels: number): boolean {
  let level: readonly object[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth >= levels) return true;
    level = level.flatMap((item) =>
      Object.values(item).filter((inner): inner is object =>
        typeof inner === "object" && inner !== null
      )
    );
  }
  return false;
}
