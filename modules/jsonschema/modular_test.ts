import assert from "node:assert/strict";
import { ConfigError, RefusedError } from "@engine/errors.ts";
import { Actions } from "@engine/services/actions.ts";
import { HttpContext } from "@engine/services/http_handler.ts";
import { HttpMiddleware } from "@engine/services/http_middleware.ts";
import { JsonSchemas } from "@engine/services/json_schemas.ts";
import { startApplication } from "@engine/testing.ts";
import jsonschema from "./modular.ts";

async function start(
  config: Record<string, unknown>,
  folder?: string,
) {
  const app = await startApplication({
    document: {
      modules: [{ name: "schemas", type: "jsonschema.modular", config }],
    },
    definitions: [jsonschema],
    strict: true,
    ...(folder === undefined ? {} : { folder }),
  });
  const schemas = app.service(JsonSchemas);
  return {
    ...app,
    schemas,
    pointers: (name: string, value: unknown) =>
      schemas.faults(name, value).map(({ pointer }) => pointer),
    act: (input: Parameters<Actions["act"]>[1]) =>
      app.service(Actions).act("validate", input, {
        signal: new AbortController().signal,
        idempotencyKey: "k",
      }),
    async post(
      body: RequestInit["body"],
      { method = "POST", headers = {} }: RequestInit = {},
    ) {
      const request = new Request("http://h/", {
        method,
        headers: headers as HeadersInit,
        ...(body === null ? {} : { body: body as string }),
      });
      let received: string | undefined;
      const response = await app.service(HttpMiddleware).process(
        new HttpContext(request),
        async () => {
          received = await request.text();
          return new Response("in");
        },
      );
      return { status: response.status, text: await response.text(), received };
    },
    [Symbol.asyncDispose]: () => app.stop(),
  };
}

const ORDER = {
  type: "object",
  required: ["a/b", "lines"],
  properties: {
    "a/b": { type: "string", format: "email" },
    lines: {
      type: "array",
      items: {
        type: "object",
        required: ["sku"],
        additionalProperties: false,
        properties: { sku: { type: "string" } },
      },
    },
  },
};

Deno.test("jsonschema.modular tells all faults with their JSON pointers", async () => {
  await using app = await start({ schemas: { order: ORDER } });
  assert.deepEqual(app.schemas.names, ["order"]);
  assert.deepEqual(
    app.schemas.faults("order", { "a/b": "x@y.example", lines: [] }),
    [],
  );
  assert.deepEqual(
    app.pointers("order", {
      "a/b": "no address",
      lines: [{}, { sku: 1, "x~y": 2 }],
    }).toSorted(),
    ["/a~1b", "/lines/0/sku", "/lines/1/sku", "/lines/1/x~0y"],
  );
  assert.deepEqual(app.schemas.faults("order", []), [
    { pointer: "", message: "must be object", keyword: "type" },
  ]);
  assert.throws(
    () => app.schemas.faults("other", {}),
    (error) => error instanceof RefusedError && error.code === "not-found",
  );
});

Deno.test("jsonschema.modular tells no more faults than faultsMax, and no formats if told so", async () => {
  await using app = await start({
    schemas: { order: ORDER, list: { items: { type: "string" } } },
    faults_max: 3,
    formats: false,
  });
  assert.equal(app.pointers("list", Array(1_000).fill(1)).length, 3);
  assert.deepEqual(
    app.pointers("order", { "a/b": "no address", lines: [] }),
    [],
  );
});

Deno.test("jsonschema.modular speaks three drafts, and schemas refer to each other by name", async () => {
  await using app = await start({
    schemas: {
      order: { properties: { customer: { $ref: "customer" } } },
      customer: { required: ["name"] },
      tuple: { prefixItems: [{ type: "string" }], items: false },
      old: {
        $schema: "http://json-schema.org/draft-07/schema#",
        items: [{ type: "string" }],
        additionalItems: false,
      },
      middle: {
        $schema: "https://json-schema.org/draft/2019-09/schema",
        unevaluatedProperties: false,
      },
    },
  });
  assert.deepEqual(app.pointers("order", { customer: {} }), ["/customer/name"]);
  assert.deepEqual(app.pointers("tuple", [1]), ["/0"]);
  assert.deepEqual(app.pointers("old", ["a", 1]), [""]);
  assert.deepEqual(app.pointers("middle", { x: 1 }), ["/x"]);
});

Deno.test("jsonschema.modular does not look at what a value inherits", async () => {
  await using app = await start({ schemas: { s: { required: ["toString"] } } });
  assert.deepEqual(app.pointers("s", {}), ["/toString"]);
  assert.deepEqual(
    app.pointers("s", JSON.parse('{"__proto__": {"toString": 1}}')),
    ["/toString"],
  );
});

Deno.test("jsonschema.modular reads schemas from files beside the document", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/s.json`, '{"type": "string"}');
    await using app = await start({ schemas: { s: "s.json" } }, `${folder}/`);
    assert.deepEqual(app.pointers("s", 1), [""]);
    for (
      const [text, expected] of [
        ["[]", /it is no JSON object/],
        ["{", /JSON/],
        ['{"pattern": "(a+)+"}', /repeats what repeats/],
      ] as const
    ) {
      await Deno.writeTextFile(`${folder}/s.json`, text);
      await assert.rejects(
        start({ schemas: { s: "s.json" } }, `${folder}/`),
        expected,
      );
    }
    await assert.rejects(
      start({ schemas: { s: "none.json" } }, `${folder}/`),
      /schema "s" of .*none\.json/,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("jsonschema.modular does not start with a schema that cannot be used", async () => {
  const faulty = [
    [{ type: "strange" }, /Cannot use the schema "s"/],
    [{ $ref: "https://example.com/schema.json" }, /can't resolve reference/],
    [
      { $schema: "http://json-schema.org/draft-04/schema#" },
      /expected draft 07/,
    ],
    [{ pattern: "(" }, /Cannot use the schema "s"/],
    [{ pattern: "^(a+)+$" }, /repeats what repeats by itself/],
  ] as const;
  for (const [schema, expected] of faulty) {
    await assert.rejects(start({ schemas: { s: schema } }), expected);
  }
  await assert.rejects(
    start({ schemas: { order: {} }, body: "ordre" }),
    (error) =>
      error instanceof ConfigError &&
      /No schema is called "ordre"/.test(error.message),
  );
  const found = await jsonschema.examine?.(
    { schemas: { s: { type: "strange" } } } as never,
    {} as never,
  );
  assert.match(found?.[0]?.message ?? "", /Cannot use the schema "s"/);
});

Deno.test("jsonschema.modular refuses bodies before a route, and leaves the others whole", async () => {
  await using app = await start({
    schemas: { order: ORDER, other: {} },
    body: "order",
    bodyBytesMax: 200,
  });
  const good = '{ "a/b": "x@y.example", "lines": [] }';
  assert.deepEqual(await app.post(good), {
    status: 200,
    text: "in",
    received: good,
  });
  const { status, text, received } = await app.post("{}");
  assert.deepEqual([status, received], [400, undefined]);
  assert.deepEqual(
    JSON.parse(text).errors.map(({ pointer }: { pointer: string }) => pointer),
    ["/a~1b", "/lines"],
  );
  assert.match((await app.post("{")).text, /not valid JSON/);
  assert.equal((await app.post(null)).status, 400);
  assert.equal((await app.post(null, { method: "DELETE" })).status, 200);
  assert.equal((await app.post(new Uint8Array([0xff]))).status, 400);
  const long = JSON.stringify("x".repeat(300));
  assert.equal((await app.post(long)).status, 413);
  assert.equal(
    (await app.post(long, { headers: { "content-length": "302" } })).status,
    413,
  );
});

Deno.test("jsonschema.modular lets nothing pass when nobody knows what is to be looked at", async () => {
  await using app = await start({ schemas: { a: {}, b: {} } });
  await assert.rejects(app.post("{}"), /Cannot tell which schema/);
  await assert.rejects(
    app.act({ value: 1 }),
    /it has 2, and its config no body/,
  );
});

Deno.test("steps hold values against a schema", async () => {
  await using app = await start({ schemas: { order: ORDER } });
  assert.deepEqual(
    await app.act({ value: { "a/b": "x@y.example", lines: [] } }),
    { valid: true, errors: [] },
  );
  const { valid, errors } = await app.act({ schema: "order", value: {} }) as {
    valid: boolean;
    errors: [];
  };
  assert.deepEqual([valid, errors.length], [false, 2]);
  await assert.rejects(
    app.act({ value: {}, refuse: true }),
    /does not fit the schema "order": \/a~1b must have required property 'a\/b'; \/lines/,
  );
});
