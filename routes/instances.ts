/**
 * Instances of state machines over HTTP: find them, read their history, move them
 * on.
 *
 * @module
 */
import { Hono } from "hono";
import { z } from "zod";
import type { MachineData } from "../engine/mod.ts";
import {
  enginesOf,
  filterOf,
  findInstance,
  type FoundInstance,
  type MachineEngine,
  pageOf,
} from "./instance_query.ts";
import {
  detailOf,
  machineOf,
  shownInstance,
  summaryOf,
} from "./instance_view.ts";
import type { ManagementOptions } from "./management.ts";
import { bodyOf } from "./request_body.ts";

/** What the history says of a transition that is fired here. */
const SOURCE = "management API";

const FIRE = z.strictObject({
  data: z.record(z.string(), z.json()).default({}),
});

/**
 * Mounted at `/api/instances`. `?application=` and `?machine=` say whose instances
 * are meant; without them, those of all engines of all documents are.
 */
export function instanceRoutes(
  { engine, basePath = "" }: ManagementOptions,
): Hono {
  const app = new Hono();

  app.get("/", async (context) => {
    const page = await list(enginesOf(engine, context), {
      filter: filterOf(context),
      ...pageOf(context),
    });
    return context.json(engine.redacted(page));
  });
  app.get("/counts", async (context) => {
    const engines = enginesOf(engine, context);
    return context.json(await count(engines, filterOf(context)));
  });
  app.get("/machines", (context) => {
    const machines = enginesOf(engine, context).flatMap((each) =>
      each.machines.definitions().map((one) => machineOf(each, one))
    );
    return context.json(engine.redacted(machines));
  });
  app.get("/:application/:machine/:id", async (context) => {
    const found = await findInstance(engine, context.req.param());
    return context.json(engine.redacted(await detailOf(found)));
  });
  app.post(
    "/:application/:machine/:id/transitions/:transition",
    async (context) => {
      const { id, transition, ...place } = context.req.param();
      const { data } = await bodyOf(context, FIRE);
      const found = await findInstance(engine, { ...place, id });
      const idempotencyKey = context.req.header("idempotency-key");
      const moved = await found.engine.machines.fire(id, transition, {
        data: data as MachineData,
        source: SOURCE,
        ...idempotencyKey ? { idempotencyKey } : {},
      });
      const answer = { ...shownInstance(found.engine, moved), transition };
      return context.json(engine.redacted(answer), 202, {
        location: basePath +
          new URL(context.req.url).pathname.replace(/\/transitions\/.*$/, ""),
      });
    },
  );
  return app;
}

/** One page over all engines: the newest first, whichever keeps them. */
async function list(
  engines: readonly MachineEngine[],
  { filter, limit, after }: ReturnType<typeof pageOf> & {
    readonly filter: ReturnType<typeof filterOf>;
  },
) {
  const pages = await Promise.all(
    engines.map(async (engine) => {
      const options = { limit, after };
      const { instances, next } = await engine.machines.page(filter, options);
      const shown = instances.map((placed) => ({ engine, ...placed }));
      return { next, shown };
    }),
  );
  // Below it, not everything has been looked at.
  const frontier = pages.flatMap(({ next }) => next ?? []).sort().at(-1);
  const all = pages.flatMap(({ shown }) => shown)
    .filter(({ place }) => frontier === undefined || place >= frontier)
    .sort((one, other) => one.place < other.place ? 1 : -1);
  const page = all.slice(0, limit);
  const next = all.length > limit ? page.at(-1)?.place : frontier;
  const named = after === undefined ? await namedBy(engines, filter) : [];
  const rest = page.filter(({ engine, instance: { id } }) =>
    !named.some((each) => each.engine === engine && each.instance.id === id)
  );
  return {
    instances: [...named, ...rest].map(({ engine, instance }) =>
      summaryOf(engine, instance)
    ),
    ...next === undefined ? {} : { next },
  };
}

/** Those whose id is what is searched for: found at once, however old they are. */
async function namedBy(
  engines: readonly MachineEngine[],
  { text, definition, state }: ReturnType<typeof filterOf>,
): Promise<readonly FoundInstance[]> {
  if (text === undefined) return [];
  const found = await Promise.all(engines.map(async (engine) => {
    const instance = await engine.machines.get(text);
    return instance === undefined ? [] : [{ engine, instance }];
  }));
  return found.flat().filter(({ instance }) =>
    (definition === undefined || instance.definition === definition) &&
    (state === undefined || instance.state === state)
  );
}

/** How many there are in each state, by machine. */
async function count(
  engines: readonly MachineEngine[],
  filter: ReturnType<typeof filterOf>,
) {
  const counted = await Promise.all(
    engines.map(async ({ application, machine, machines }) => {
      const { counts, isPartial } = await machines.count(filter);
      const place = { application: application.id, machine };
      return {
        counts: counts.map((each) => ({ ...place, ...each })),
        isPartial,
      };
    }),
  );
  return {
    counts: counted.flatMap(({ counts }) => counts),
    isPartial: counted.some(({ isPartial }) => isPartial),
  };
}
