/**
 * Lists resources in order of creation, and tells how a view is.
 *
 * @module
 */
import type { Resource } from "@engine/services/persistence.ts";
import type { HttpContext } from "@engine/services/http_handler.ts";
import { answer } from "./_answer.ts";
import type { Caller } from "./_caller.ts";
import { type Filters, filtersOf } from "./_filters.ts";
import { HttpRefusal } from "./_refusal.ts";
import type { ResourceApi, ResourceView } from "./_resource_api.ts";

/** How many states are looked up at once. */
const BATCH = 64;

/** A resource of a list with its state. */
export interface Listed {
  readonly resource: Resource;
  readonly view: ResourceView;
}

/**
 * Answers with a page of resources: as a list, or, for a view, counted. If there
 * are more, the header `Link` leads to the next page.
 */
export async function listResources(
  api: ResourceApi,
  caller: Caller,
  context: HttpContext,
): Promise<Response> {
  const filters = filtersOf(context.query, api.mapping);
  const page: ResourceView[] = [];
  let total = 0;
  for await (const { view } of matching(api, caller, filters)) {
    total++;
    if (page.length < filters.limit) page.push(view);
    // A view counts all; a list only has to know whether there are more.
    else if (!api.isView) break;
  }
  const last = page.at(-1);
  const headers = last !== undefined && total > page.length
    ? { link: `<${nextPage(context, last.id)}>; rel="next"` }
    : undefined;
  if (!api.isView) return answer(200, page, headers);
  const body = {
    totalQueued: total,
    count: page.length,
    [String(api.config.sourceResourceName)]: page,
  };
  return answer(200, body, headers);
}

/** The resources that a caller may see and that filters let through. */
export async function* matching(
  api: ResourceApi,
  caller: Caller,
  filters: Filters,
): AsyncGenerator<Listed> {
  const { stateFilter } = api.config;
  let batch: Resource[] = [];
  async function* withStates(): AsyncGenerator<Listed> {
    const views = await Promise.all(
      batch.map(async (resource) =>
        api.view(resource, await api.machine.find(resource))
      ),
    );
    for (const [index, resource] of batch.entries()) {
      const view = views[index];
      if (view === undefined) continue;
      if (stateFilter && view.state !== stateFilter) continue;
      if (filters.states?.has(view.state) === false) continue;
      yield { resource, view };
    }
    batch = [];
  }
  const { after, limit } = filters;
  const batchSize = Math.min(BATCH, limit + 1);
  // An id that has been deleted is no place to go on from: say so.
  if (after !== undefined) await checkAfter(api, caller, after);
  const resources = api.collection.list(after === undefined ? {} : { after });
  for await (const resource of resources) {
    if (!caller.maySee(resource) || !filters.fits(resource.data)) continue;
    if (batch.push(resource) >= batchSize) yield* withStates();
  }
  yield* withStates();
}

async function checkAfter(
  api: ResourceApi,
  caller: Caller,
  after: string,
): Promise<void> {
  try {
    await api.visible(after, caller);
  } catch (error) {
    if (!(error instanceof HttpRefusal)) throw error;
    throw new HttpRefusal(
      400,
      `Cannot list what comes after "${after}": there is no such resource`,
    );
  }
}

function nextPage(context: HttpContext, after: string): string {
  const query = new URLSearchParams(context.query);
  query.set("after", after);
  return `${context.path}?${query}`;
}
