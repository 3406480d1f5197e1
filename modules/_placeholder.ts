/**
 * Types that documents for an earlier engine name to illustrate something, and that
 * nobody has ever built: they load, do nothing, and are said to do nothing.
 *
 * @module
 */
import { z } from "zod";
import { defineModule } from "@engine/define.ts";

/** @param inert Its keys, each with what stands in for it. */
export function placeholder(
  type: string,
  { summary, inert = {} }: {
    readonly summary: string;
    readonly inert?: Readonly<Record<string, string>>;
  },
) {
  return defineModule({
    ...{ type, summary, inert },
    stability: "inert",
    config: z.strictObject({}),
    provides: [],
    examples: [{
      title: "It is accepted, and does nothing",
      modules: [{ name: type.split(".").at(-1) ?? type, type }],
    }],
    create: () => ({}),
  });
}
