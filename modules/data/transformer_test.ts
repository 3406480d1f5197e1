import assert from "node:assert/strict";
import fc from "fast-check";
import { RefusedError, TerminalError } from "@engine/errors.ts";
import { Broker } from "@engine/services/broker.ts";
import { Transformer } from "@engine/services/transformer.ts";
import { TransitionHandler } from "@engine/services/transition_handler.ts";
import { startApplication } from "@engine/testing.ts";
import messaging from "../../workflows/types/messaging.ts";
import broker from "../messaging/broker.ts";
import handler from "../messaging/handler.ts";
import { runOperations } from "./_operations.ts";
import transformer from "./transformer.ts";

const DEFINITIONS = [transformer, broker, handler, messaging];

function start(config: unknown, more: Readonly<Record<string, unknown>> = {}) {
  const { modules = [], ...rest } = more as { modules?: readonly unknown[] };
  return startApplication({
    document: {
      modules: [
        { name: "shape", type: "data.transformer", config },
        ...modules,
      ],
      ...rest,
    },
    definitions: DEFINITIONS,
  });
}

const operations = [
  { type: "extract", config: { path: "order.lines.0" } },
  { type: "map", config: { mappings: { sku: "article" } } },
  { type: "filter", config: { fields: ["article", "count"] } },
];
const order = { order: { lines: [{ sku: "t1", count: 2, secret: 1 }] } };

Deno.test("data.transformer runs operations in order under its own name", async () => {
  await using app = await start({ operations });
  const result = app.service(Transformer).transform("shape", order);
  assert.deepEqual(result, { article: "t1", count: 2 });
});

Deno.test("data.transformer runs named pipelines", async () => {
  await using app = await start({ pipelines: { line: operations } });
  const shape = app.service(Transformer);
  assert.deepEqual(shape.transform("line", order), { article: "t1", count: 2 });
  assert.deepEqual(shape.transform("shape", order), order);
  assert.throws(() => shape.transform("toString", order), (error) => {
    assert.ok(error instanceof RefusedError);
    assert.equal(error.code, "not-found");
    return error.message ===
      'Cannot transform: "shape" has no pipeline "toString"';
  });
});

for (
  const [what, operation, given, expected] of [
    [
      "takes a field",
      { type: "extract", config: { path: "a" } },
      { a: null },
      null,
    ],
    ["takes an item", { type: "extract", config: { path: "1.b" } }, [0, {
      b: 2,
    }], 2],
    [
      "renames and keeps the rest",
      { type: "map", config: { mappings: { a: "b", x: "y" } } },
      { a: 1, c: 2 },
      { c: 2, b: 1 },
    ],
    [
      "swaps two names",
      { type: "map", config: { mappings: { a: "b", b: "a" } } },
      { a: 1, b: 2 },
      { b: 1, a: 2 },
    ],
    [
      "lets a renamed field win over one of that name",
      { type: "map", config: { mappings: { a: "b" } } },
      { b: 2, a: 1 },
      { b: 1 },
    ],
    [
      "keeps listed fields",
      { type: "filter", config: { fields: ["a", "x"] } },
      { a: 1, b: 2 },
      { a: 1 },
    ],
    [
      "writes JSON",
      { type: "convert", config: { from: "json", to: "string" } },
      {
        a: [1],
      },
      '{"a":[1]}',
    ],
    [
      "reads JSON",
      { type: "convert", config: { from: "string", to: "json" } },
      "[1]",
      [1],
    ],
    [
      "copies JSON",
      { type: "convert", config: { from: "json", to: "json" } },
      { a: "[1]" },
      { a: "[1]" },
    ],
  ] as const
) {
  Deno.test(`transformWith() ${what}`, async () => {
    await using app = await start({});
    const shape = app.service(Transformer);
    assert.deepEqual(shape.transformWith([operation], given), expected);
  });
}

for (
  const [what, operation, given, fault] of [
    [
      "a missing field",
      { type: "extract", config: { path: "a.b" } },
      { a: {} },
      /no "b" on the way to "a.b"/,
    ],
    [
      "an index out of range",
      { type: "extract", config: { path: "2" } },
      [1],
      /no "2"/,
    ],
    [
      "a name in a list",
      { type: "extract", config: { path: "length" } },
      [1],
      /no "length"/,
    ],
    [
      "a field of a text",
      { type: "extract", config: { path: "length" } },
      "abc",
      /no "length"/,
    ],
    [
      "an inherited field",
      { type: "extract", config: { path: "constructor" } },
      {},
      /no "constructor"/,
    ],
    [
      "a list to map",
      { type: "map", config: { mappings: { a: "b" } } },
      [],
      /found a list/,
    ],
    [
      "nothing to filter",
      { type: "filter", config: { fields: ["a"] } },
      null,
      /found null/,
    ],
    [
      "no text to parse",
      { type: "convert", config: { from: "string", to: "json" } },
      7,
      /found a value of type number/,
    ],
    [
      "text that is no JSON",
      { type: "convert", config: { from: "string", to: "json" } },
      "{",
      /no JSON/,
    ],
    ["an unknown type", { type: "fly", config: {} }, {}, /\("fly"\)/],
    ["no path", { type: "extract", config: {} }, {}, /config.path/],
    [
      "an empty path",
      { type: "extract", config: { path: "a..b" } },
      {},
      /config.path/,
    ],
    [
      "nothing to rename",
      { type: "map", config: { mappings: {} } },
      {},
      /config.mappings/,
    ],
    [
      "nothing to keep",
      { type: "filter", config: { fields: [] } },
      {},
      /config.fields/,
    ],
    [
      "text to text",
      { type: "convert", config: { from: "string", to: "string" } },
      "",
      /config/,
    ],
  ] as const
) {
  Deno.test(`transformWith() refuses ${what}, naming the operation`, async () => {
    await using app = await start({});
    const shape = app.service(Transformer);
    const keep = { type: "convert", config: { from: "json", to: "json" } };
    assert.throws(
      () => shape.transformWith([keep, operation], given),
      (error) => {
        assert.ok(error instanceof TerminalError);
        assert.match(error.message, fault);
        return error.message.startsWith(
          `Cannot run operation 1 ("${operation.type}"): `,
        );
      },
    );
  });
}

Deno.test("data.transformer refuses a document with a wrong operation", async () => {
  for (
    const operation of [
      { type: "fly", config: {} },
      { type: "extract", config: { path: ".a" } },
      { type: "map", config: { mappings: {} } },
      { type: "convert", config: { from: "string", to: "string" } },
    ]
  ) {
    await assert.rejects(
      start({ operations: [operation] }),
      { name: "ConfigError" },
      operation.type,
    );
  }
});

Deno.test("data.transformer checks the name of its pipeline", () => {
  const shape = { a: operations };
  for (
    const [config, expected] of [
      [{ pipeline: "a", pipelines: shape }, []],
      [{ pipeline: "b", pipelines: shape }, ["unresolved-reference error"]],
      [{ pipeline: "b" }, ["unresolved-reference warning"]],
      [{ pipeline: "a", pipelines: shape, operations }, [
        "ineffective-key warning",
      ]],
    ] as const
  ) {
    const issues = transformer.check?.(transformer.config.parse(config)) ?? [];
    const found = issues.map(({ code, severity }) => `${code} ${severity}`);
    assert.deepEqual(found, expected);
  }
});

Deno.test("data.transformer reshapes messages on their way", async () => {
  await using app = await start({
    pipelines: { line: operations },
    pipeline: "line",
  }, {
    modules: [{ name: "events", type: "messaging.broker" }],
    workflows: {
      messaging: {
        subscriptions: [{ topic: "orders", handler: "shape" }],
        producers: [{ name: "shape", forwardTo: ["lines"] }],
      },
    },
  });
  const heard: unknown[] = [];
  const events = app.service(Broker);
  events.subscribe("lines", ({ payload }) => void heard.push(payload));
  await events.publish("orders", { order: {} });
  await events.publish("orders", order);
  await app.effects.advance(0);
  assert.deepEqual(heard, [{ article: "t1", count: 2 }]);
});

Deno.test("onTransition() merges what becomes of the data", async () => {
  const event = {
    definition: "order",
    instanceId: "o1",
    transition: "submit",
    fromState: "new",
    toState: "done",
    data: order,
    at: 0,
  };
  const context = {
    signal: new AbortController().signal,
    idempotencyKey: "k",
    attempt: 1,
    isCurrent: () => Promise.resolve(true),
  };
  {
    await using app = await start({ operations });
    const outcome = await app.service(TransitionHandler)
      .onTransition(event, context);
    assert.deepEqual(outcome, {
      kind: "done",
      data: { article: "t1", count: 2 },
    });
  }
  {
    await using app = await start({});
    const outcome = await app.service(TransitionHandler)
      .onTransition(event, context);
    assert.deepEqual(outcome, { kind: "done" });
  }
  const scalar = [{ type: "extract", config: { path: "order.lines" } }];
  await using app = await start({ operations: scalar });
  await assert.rejects(
    app.service(TransitionHandler).onTransition(event, context),
    { name: "TerminalError", message: /"o1": it is no object/ },
  );
});

Deno.test("runOperations() throws nothing but a TerminalError that names the operation", () => {
  const name = fc.constantFrom(
    "a",
    "0",
    "__proto__",
    "constructor",
    "length",
    "",
  );
  const value = fc.jsonValue({ maxDepth: 3 });
  const data = fc.oneof(value, fc.dictionary(name, value), fc.array(value));
  const path = fc.array(name.filter((part) => part !== ""), { minLength: 1 });
  const form = fc.constantFrom("json" as const, "string" as const);
  const operation = fc.oneof(
    path.map((parts) => ({
      type: "extract" as const,
      config: { path: parts.join(".") },
    })),
    fc.dictionary(name, name).map((mappings) => ({
      type: "map" as const,
      config: { mappings },
    })),
    fc.array(name).map((fields) => ({
      type: "filter" as const,
      config: { fields },
    })),
    fc.tuple(form, form).map(([from, to]) => ({
      type: "convert" as const,
      config: { from, to },
    })),
  );
  fc.assert(fc.property(fc.array(operation), data, (operations, data) => {
    const before = JSON.stringify(data);
    try {
      // deno-lint-ignore no-explicit-any -- fast-check has its own JSON type
      const result = runOperations(operations, data as any);
      assert.notEqual(JSON.stringify(result), undefined);
      assert.equal(({} as Record<string, unknown>).a, undefined);
    } catch (error) {
      assert.ok(error instanceof TerminalError, String(error));
      assert.match(error.message, /^Cannot run operation \d+ \("\w+"\): /);
    }
    assert.equal(JSON.stringify(data), before);
  }));
});
