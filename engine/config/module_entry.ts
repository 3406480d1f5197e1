/**
 * What an entry of `modules:` is, whatever its type.
 *
 * @module
 */
import { z } from "zod";

/** The settings in `config` are checked by the type. */
export const moduleEntry = z.strictObject({
  name: z.string().min(1).max(256).describe("What others call it"),
  type: z.string().min(1).describe("What it is"),
  config: z.record(z.string(), z.unknown()).optional().describe(
    "Its settings, which its type defines",
  ),
  dependsOn: z.array(z.string().min(1)).optional().describe(
    "The modules that start before it",
  ),
});
