/**
 * A schedule as a request writes it.
 *
 * @module
 */
import { z } from "zod";
import type { JsonObject } from "../define.ts";
import { RefusedError } from "../errors.ts";
import { NAME_CHARACTERS_MAX, paramsFault, scheduleFields } from "./fields.ts";
import type { ScheduleSpec } from "./row.ts";
import { timingOf } from "./timing.ts";

/** Made of what an address can carry, and without the colon of a document's ids. */
const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

const input = z.strictObject({
  ...scheduleFields,
  id: z.string().regex(
    ID,
    "Expected letters, digits, dots, dashes and underscores, 100 at most",
  ).optional(),
  workflow: z.string().min(1).max(NAME_CHARACTERS_MAX),
  action: z.string().min(1).max(NAME_CHARACTERS_MAX),
});

/**
 * Reads a schedule.
 *
 * @throws {RefusedError} `invalid-input`, with everything that is wrong.
 */
export function readInput(
  value: unknown,
): { readonly id: string | undefined; readonly spec: ScheduleSpec } {
  const parsed = input.safeParse(value);
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) =>
      path.length === 0 ? message : `${path.join(".")}: ${message}`
    );
    throw new RefusedError(
      "invalid-input",
      `Cannot read the schedule: ${faults.join("; ")}`,
    );
  }
  const { id, ...rest } = parsed.data;
  // What came in as JSON is JSON.
  const spec = { ...rest, params: rest.params as JsonObject };
  timingOf(spec, 0);
  const fault = paramsFault(spec.params);
  if (fault !== undefined) throw new RefusedError("invalid-input", fault);
  return { id, spec };
}
