/**
 * Tells how much waits in a view and for how long, group by group.
 *
 * @module
 */
import type { HttpContext } from "@engine/services/http_handler.ts";
import { answer } from "./_answer.ts";
import type { Caller } from "./_caller.ts";
import { filtersOf } from "./_filters.ts";
import { type Listed, matching } from "./_list.ts";
import type { ResourceApi } from "./_resource_api.ts";

/** What waits in one group. */
interface Group {
  readonly name: string;
  depth: number;
  waitMs: number;
  oldestAt: number;
}

/** The group of what has no value in the field by which groups are made. */
const DEFAULT_GROUP = "default";

/** Answers with the health of a view. */
export async function readViewHealth(
  api: ResourceApi,
  caller: Caller,
  context: HttpContext,
): Promise<Response> {
  const now = api.host.effects.clock.now();
  const { alertThreshold } = api.config;
  const field = api.config.groupField || "group";
  // "programId" makes "programs", each with a "programId" and a "programName".
  const stem = field.replace(/Id$/, "");
  const groups = new Map<string, Group>();
  const filters = filtersOf(context.query, api.mapping);
  for await (const listed of matching(api, caller, filters)) {
    const key = groupOf(api, listed);
    const group = groups.get(key) ?? emptyGroup(api, stem, key, listed);
    groups.set(key, group);
    const since = Math.min(now, waitingSince(api, listed));
    group.depth++;
    group.waitMs += now - since;
    group.oldestAt = Math.min(group.oldestAt, since);
  }
  const items = [...groups].map(([key, group]) => ({
    [field]: key,
    [`${stem}Name`]: group.name,
    depth: group.depth,
    queued: group.depth,
    avgWaitSeconds: Math.round(group.waitMs / group.depth / 1_000),
    oldestAt: new Date(group.oldestAt).toISOString(),
    alertThreshold,
  }));
  const alerts = items.filter(({ depth }) => depth >= alertThreshold).length;
  return answer(200, { [`${stem}s`]: items, alerts });
}

function groupOf(api: ResourceApi, { resource }: Listed): string {
  const { groupField } = api.config;
  const value = groupField
    ? api.mapping.read(resource.data, groupField)
    : undefined;
  const isKey = typeof value === "number" ||
    (typeof value === "string" && value !== "");
  return isKey ? String(value) : DEFAULT_GROUP;
}

function emptyGroup(
  api: ResourceApi,
  stem: string,
  key: string,
  { resource }: Listed,
): Group {
  const name = api.mapping.readText(resource.data, `${stem}Name`) ?? key;
  return { name, depth: 0, waitMs: 0, oldestAt: Infinity };
}

/** When a resource was made: as its data says, else as the store knows. */
function waitingSince(api: ResourceApi, { resource }: Listed): number {
  const text = api.mapping.readText(resource.data, "createdAt");
  const stated = text === undefined ? NaN : Date.parse(text);
  return Number.isNaN(stated) ? resource.createdAt : stated;
}
