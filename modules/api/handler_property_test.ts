import assert from "node:assert/strict";
import fc from "fast-check";
import { HttpContext, HttpHandler } from "@engine/services/http_handler.ts";
import { StateMachines } from "@engine/services/state_machines.ts";
import type { Store } from "@engine/store/store.ts";
import { ORDER_WORKFLOW, seen, startOrders } from "./_document_test.ts";

const CONFIG = {
  appendActions: { note: "notes", constructor: "notes" },
  fieldMapping: { state: ["state", "phase"], id: ["id", "no"] },
};

/** Names that mean something to the handler, to JavaScript, or to nobody. */
const word = fc.constantFrom(
  ...["id", "no", "state", "phase", "transition", "data", "workflowType"],
  ...[
    "__proto__",
    "constructor",
    "toString",
    "notes",
    "note",
    "type",
    "region",
  ],
  ...["check", "pay", "audit", "summary", "history", "o1", "o2", "", "."],
  ...["order-workflow", "new", "é", "\ud800", "\u0000", "a/b", "%41", "~"],
);
const key = fc.oneof(word, fc.string());
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    word,
    fc.double(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.array(fc.tuple(key, tie("value")), { maxLength: 5 }).map((entries) =>
      Object.fromEntries(entries)
    ),
  ),
})).value;

const object = fc.dictionary(key, json, { maxKeys: 5 });
const body = fc.oneof(
  { weight: 6, arbitrary: object.map((value) => JSON.stringify(value)) },
  {
    weight: 3,
    arbitrary: fc.record({
      transition: fc.constantFrom(
        "check",
        "pay",
        "cancel",
        "audit",
        "__proto__",
      ),
      data: fc.oneof(object, json),
      workflowType: fc.constantFrom("order-workflow", "x", ""),
    }, { requiredKeys: ["transition"] }).map((value) => JSON.stringify(value)),
  },
  { weight: 1, arbitrary: json.map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: fc.string() },
  { weight: 1, arbitrary: fc.uint8Array().map((bytes) => bytes.slice()) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 50, max: 5_000 }).map((depth) =>
      `{"a":${"[".repeat(depth)}${"]".repeat(depth)}}`
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constant(JSON.stringify({ text: "x".repeat(70_000) })),
  },
);

/** A place that a router would lead to. */
const routed = fc.tuple(
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom("o1", "o2") },
    { weight: 1, arbitrary: key },
  ),
  fc.oneof(
    { weight: 4, arbitrary: fc.constant(null) },
    {
      weight: 4,
      arbitrary: fc.constantFrom(
        ...["transition", "transition", "check", "note", "history", "summary"],
      ),
    },
    { weight: 1, arbitrary: key },
  ),
).map(([id, part]) => ({
  route: part === null ? "/api/{id}" : "/api/{id}/{part}",
  segments: ["api", ...[id, ...part === null ? [] : [part]].map(encodeSegment)],
  params: { id, ...part === null ? {} : { part } },
}));

/** A place that no router would make up. */
const odd = fc.record({
  segments: fc.array(key.map(encodeSegment), { maxLength: 5 }),
  params: fc.record({ id: key, part: key }, { requiredKeys: [] }),
  route: fc.constantFrom(
    ...["", "/", "/{id}", "/{id}/{part}", "/a/{id}/transition", "/{id...}"],
    ...["/a/{name}", "/a/:id/:part", "/a/{id}/b/{part}"],
  ),
});

/** Text that may stand in a header. */
const headerText = fc.stringMatching(/^[ -~]{0,30}$/);

const ask = fc.record({
  method: fc.constantFrom(
    ...["GET", "POST", "POST", "PUT", "PUT", "DELETE", "HEAD", "PATCH", "ODD"],
  ),
  place: fc.oneof(
    { weight: 4, arbitrary: routed },
    { weight: 1, arbitrary: odd },
  ),
  query: fc.array(fc.tuple(key, key), { maxLength: 3 }),
  ifMatch: fc.oneof(
    { weight: 3, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.constantFrom("*", '"x"') },
    { weight: 1, arbitrary: headerText },
  ),
  ifNoneMatch: fc.option(headerText),
  body,
  claims: fc.oneof(
    { weight: 2, arbitrary: fc.constant(null) },
    {
      weight: 1,
      arbitrary: fc.record(
        { sub: json, role: json, region: json },
        { requiredKeys: [] },
      ),
    },
  ),
});

function encodeSegment(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

type Ask = typeof ask extends fc.Arbitrary<infer T> ? T : never;

function contextOf(asked: Ask): HttpContext {
  const { method, query, claims, place: { segments, params, route } } = asked;
  const search = new URLSearchParams(query as [string, string][]);
  const headers = new Headers();
  if (asked.ifMatch !== null) headers.set("if-match", asked.ifMatch);
  if (asked.ifNoneMatch !== null) {
    headers.set("if-none-match", asked.ifNoneMatch);
  }
  const url = `http://localhost/${segments.join("/")}?${search}`;
  const isBodiless = method === "GET" || method === "HEAD";
  const context = new HttpContext(
    new Request(url, {
      method,
      headers,
      ...(isBodiless ? {} : { body: asked.body }),
    }),
  );
  context.params = params;
  context.route = route;
  if (claims !== null) {
    context.claims = claims as unknown as Record<string, unknown>;
  }
  return context;
}

/** Everything that a store holds, without versions. */
async function snapshot(store: Store): Promise<string> {
  const entries = await Array.fromAsync(store.list({ prefix: [] }));
  return JSON.stringify(entries.map(({ key, value }) => [
    key,
    value instanceof Uint8Array ? [...value] : value,
  ]));
}

for (
  const [what, isMachine, more] of [
    ["without a workflow", false, {}],
    ["with a workflow", true, {}],
    ["with scopes", true, { scopeClaims: { region: "region" } }],
  ] as const
) {
  Deno.test(`api.handler ${what} answers any request, and a refusal changes nothing`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(ask, { maxLength: 8 }), async (asked) => {
        const config = { ...CONFIG, ...more };
        await using app = await startOrders({ isMachine, config });
        await app.request("POST", "/api/orders", {
          headers: { "x-claims": '{"role":"admin"}' },
          body: { id: "o1", region: "o1" },
        });
        const handler = app.service(HttpHandler, "orders");
        for (const one of asked) {
          const before = await snapshot(app.store);
          const response = await handler.handle(contextOf(one));
          const text = await response.text();
          assert.ok(response.status < 500, text);
          if (response.status < 400) continue;
          assert.equal(await snapshot(app.store), before);
          if (one.method === "HEAD") continue;
          assert.equal(typeof JSON.parse(text).error, "string");
        }
      }),
      { numRuns: 150 },
    );
  });
}

const id = fc.constantFrom("a", "b", "c");
const data = fc.dictionary(
  fc.constantFrom("id", "x", "__proto__", "state"),
  fc.oneof(fc.constantFrom("a", "paid"), fc.nat(), fc.constant(null)),
);
const step = fc.oneof(
  fc.record({ kind: fc.constant("create" as const), id, data }),
  fc.record({ kind: fc.constant("replace" as const), id, data }),
  fc.record({ kind: fc.constant("delete" as const), id }),
  fc.record({
    kind: fc.constantFrom("move" as const, "act" as const),
    id,
    transition: fc.constantFrom("check", "pay", "ship", "cancel", "fly"),
    data,
  }),
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
type Model = Map<string, { data: Record<string, unknown>; state: string }>;

/** The request that a step stands for. */
function requestOf(taken: Step): readonly [string, string, unknown] {
  const item = `/api/orders/${taken.id}`;
  switch (taken.kind) {
    case "create":
      return ["POST", item, taken.data];
    case "replace":
      return ["PUT", item, taken.data];
    case "delete":
      return ["DELETE", item, undefined];
    case "move":
      return ["PUT", `${item}/transition`, {
        transition: taken.transition,
        data: taken.data,
      }];
    case "act":
      return ["POST", `${item}/${taken.transition}`, taken.data];
  }
}

/** What a step does to the model, and the status that it answers. */
function apply(model: Model, taken: Step): number {
  const present = model.get(taken.id);
  if (taken.kind === "create") {
    if (present) return 409;
    model.set(taken.id, { data: taken.data, state: "new" });
    return 201;
  }
  if (!present) return 404;
  if (taken.kind === "replace") {
    present.data = taken.data;
    return 200;
  }
  if (taken.kind === "delete") {
    model.delete(taken.id);
    return 204;
  }
  const transitions: Readonly<
    Record<string, { readonly fromState: string; readonly toState: string }>
  > = ORDER_WORKFLOW.transitions;
  const way = transitions[taken.transition];
  if (way?.fromState !== present.state) return 400;
  present.state = way.toState;
  if (taken.kind === "act") present.data = { ...present.data, ...taken.data };
  return 200;
}

Deno.test("api.handler does what a map of data and states does", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      await using app = await startOrders({ isMachine: true });
      const model: Model = new Map();
      for (const taken of steps) {
        const [method, path, body] = requestOf(taken);
        const response = await app.request(method, path, { body });
        assert.equal(response.status, apply(model, taken));
        await response.body?.cancel();
      }
      const list = await seen(app.request("GET", "/api/orders"));
      const shown = list.body.map(
        ({ id, data, state }: { id: string; data: unknown; state: string }) => [
          id,
          JSON.stringify(data),
          state,
        ],
      );
      const expected = [...model].map(([id, { data, state }]) => [
        id,
        JSON.stringify(data),
        state,
      ]);
      assert.deepEqual(shown, expected);
      const machines = app.service(StateMachines);
      for await (const instance of machines.list()) {
        const history = await machines.history(instance.id);
        assert.equal(history.at(-1)?.toState, instance.state);
      }
    }),
    { numRuns: 100 },
  );
});
