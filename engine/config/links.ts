/**
 * The section `links`: events between documents, which this build accepts and
 * does not route.
 *
 * @module
 */
import { z } from "zod";
import { type ConfigContext, parseConfig } from "./parse_config.ts";
import type { Problem } from "./problem.ts";
import { isMap } from "./value_path.ts";

const link = z.strictObject({
  source: z.string().min(1),
  target: z.string().min(1),
  link_type: z.string().optional(),
  event_pattern: z.string().optional(),
  target_action: z.string().optional(),
});

const links = z.strictObject({ links: z.array(link) });

/** What is to be said of the section, if the document has it. */
export function linkProblems(
  written: unknown,
  context: ConfigContext,
): readonly Problem[] {
  if (written === undefined || written === null) return [];
  const list = Array.isArray(written)
    ? written.map(withoutDescription)
    : written;
  const { problems } = parseConfig(
    { config: links },
    { links: list },
    { ...context, unset: [] },
  );
  return [
    ...problems,
    context.document.problem({
      code: "inert-key",
      severity: context.strict ? "error" : "warning",
      mark: "key",
      path: ["links"],
      message:
        '"links" has no effect: this build does not route events between documents',
    }),
  ];
}

function withoutDescription(entry: unknown): unknown {
  if (!isMap(entry)) return entry;
  const { description: _, ...rest } = entry;
  return rest;
}
