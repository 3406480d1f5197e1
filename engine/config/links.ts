/**
 * The section `links`: which events of one document start work in another.
 *
 * @module
 */
import { z } from "zod";
import { jsonSchema } from "../derive/json_schema.ts";
import { type ConfigContext, parseConfig } from "./parse_config.ts";
import { formatPath, type Problem } from "./problem.ts";
import { isMap } from "./value_path.ts";

/** The longest pattern, in characters: as long as the longest topic. */
const PATTERN_CHARACTERS_MAX = 1_024;

/** How many links a document may state. */
export const LINKS_MAX = 1_000;

const name = z.string().min(1).max(256);

const link = z.strictObject({
  id: name.optional().describe(
    "Names the link in logs and keeps its history when the rest of it changes; " +
      "by default it follows from source, target, pattern and action",
  ),
  source: name.describe("The document whose events are taken, by its id")
    .meta({ examples: ["workflow-a-orders"] }),
  target: name.describe("The document that gets them, by its id")
    .meta({ examples: ["workflow-b-fulfillment"] }),
  link_type: z.string().max(PATTERN_CHARACTERS_MAX).optional().describe(
    "What the link is for, in the author's words; with a dot or a * in it, and " +
      "without event_pattern, it is the pattern",
  ).meta({ examples: ["event_trigger", "order.*"] }),
  event_pattern: z.string().min(1).max(PATTERN_CHARACTERS_MAX).optional()
    .describe(
      "The topics of the events: segments are split at dots, * stands for one " +
        "of them and ** for any number",
    ).meta({ examples: ["order.validated", "fulfillment.*"] }),
  target_action: name.optional().describe(
    "What the target is to do: an action of one of its workflows, or " +
      "workflow:action; where it has none such, the event is published on its " +
      "broker under its own topic",
  ).meta({
    examples: ["start_picking", "fulfillment-lifecycle:start_picking"],
  }),
  description: z.string().optional().describe("What it is for"),
});

const section = z.strictObject({
  links: z.array(link).max(LINKS_MAX).describe(
    "Which events of one document start work in another",
  ),
});

/** One link, as the engine follows it. */
export interface Link {
  readonly id: string;
  readonly source: string;
  readonly target: string;
  readonly pattern: string;
  readonly action?: string;
  /** Where it stands, for people: `links.yaml:17:5`. */
  readonly place: string;
}

/** What the section says, and what is to be said of it. */
export interface Links {
  readonly links: readonly Link[];
  readonly problems: readonly Problem[];
}

/** The schema of the section. */
export function linksSchema() {
  return jsonSchema(section).properties?.links;
}

/** Reads the section, if the document has it. */
export function readLinks(written: unknown, context: ConfigContext): Links {
  if (written === undefined || written === null) {
    return { links: [], problems: [] };
  }
  const { config, problems } = parseConfig(
    { config: section },
    { links: written },
    { ...context, unset: [] },
  );
  const found = [...problems];
  const links: Link[] = [];
  const list = Array.isArray(config.links) ? config.links : [];
  for (const [index, entry] of list.entries()) {
    const parsed = link.safeParse(isMap(entry) ? entry : undefined);
    // What does not fit is among the problems already.
    if (!parsed.success) continue;
    const read = linkOf(parsed.data, index, context);
    if ("code" in read) found.push(read);
    else if (links.some(({ id }) => id === read.id)) {
      found.push(twin(read.id, index, context));
    } else links.push(read);
  }
  return { links, problems: found };
}

function linkOf(
  entry: z.output<typeof link>,
  index: number,
  { document, strict }: ConfigContext,
): Link | Problem {
  const { source, target, link_type, event_pattern, target_action } = entry;
  const pattern = event_pattern ?? patternIn(link_type);
  const path = ["links", index];
  if (pattern === undefined) {
    return document.problem({
      code: "missing-key",
      severity: strict ? "error" : "warning",
      path,
      message: `${
        formatPath(path)
      } never fires: it does not say which events it takes`,
      help: 'Write which events it takes, such as event_pattern: "order.*"',
    });
  }
  const { file, line, column } = document.problem({
    code: "unresolved-reference",
    path,
    message: "",
  });
  const action = target_action === undefined ? {} : { action: target_action };
  return {
    id: entry.id ??
      `${source} ${pattern} → ${target}${
        target_action === undefined ? "" : ` ${target_action}`
      }`,
    source,
    target,
    pattern,
    ...action,
    place: `${file}:${line}:${column}`,
  };
}

/** Older documents say in the type which events they mean. */
function patternIn(type: string | undefined): string | undefined {
  return type !== undefined && /[.*]/.test(type) ? type : undefined;
}

function twin(
  id: string,
  index: number,
  { document }: ConfigContext,
): Problem {
  return document.problem({
    code: "duplicate-name",
    path: ["links", index],
    message: `Two links are called "${id}"`,
    found: id,
    expected: "an id of its own",
    help: "Give one of the two another id, or remove it",
  });
}
