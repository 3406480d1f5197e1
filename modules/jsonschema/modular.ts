/**
 * Holds values against JSON Schemas: for code and steps that ask, and before a
 * route, where a body that does not fit is refused with everything that is wrong
 * with it.
 *
 * @module
 */
import { resolve } from "node:path";
import { z } from "zod";
import {
  defineModule,
  type Host,
  type Issue,
  type JsonValue,
  type Lifecycle,
  path,
} from "@engine/define.ts";
import { messageOf, RefusedError } from "@engine/errors.ts";
import { Actions } from "@engine/services/actions.ts";
import type { HttpContext } from "@engine/services/http_handler.ts";
import { HttpMiddleware, type Next } from "@engine/services/http_middleware.ts";
import {
  JsonSchemas,
  type SchemaFault,
} from "@engine/services/json_schemas.ts";
import { problemResponse } from "../_problem.ts";
import { inBothSpellings, inOneSpelling } from "../_spellings.ts";
import { compileSchemas, type Schema } from "./_compiled_schemas.ts";
import { costlyWords } from "./_costly_words.ts";
import { readRequestJson, UnreadableBody } from "./_request_json.ts";

/** How many faults an error of a step tells. */
const FAULTS_SHOWN = 5;

const config = inBothSpellings({
  schemas: z.record(
    z.string().min(1),
    z.union([path(), z.record(z.string(), z.unknown())]),
  ).default({}).describe(
    "The schemas by name: each as it is, or the path of a JSON file. They may refer to each other by name; nothing is fetched. Draft 2020-12, unless $schema says 2019-09 or draft-07",
  ),
  body: z.string().min(1).optional().describe(
    "The schema that request bodies must fit where the module stands before a route; absent: the only one",
  ),
  formats: z.boolean().default(true).describe(
    "Whether format is checked, such as date-time, email or uuid",
  ),
  faultsMax: z.int().min(1).max(10_000).default(100).meta({ unit: "count" })
    .describe("How many faults are told of one value"),
  bodyBytesMax: z.int().min(1).max(64 * 1024 * 1024).default(1_048_576)
    .meta({ unit: "bytes" }).describe(
      "The size from which on a body is refused",
    ),
});

type Config = z.output<typeof config>;

const validateInput = z.strictObject({
  schema: z.string().min(1).optional().describe(
    "The name of the schema; absent: the one of request bodies",
  ),
  value: z.unknown().describe("What is held against it"),
  refuse: z.boolean().default(false).describe(
    "Whether the step fails, for good, if the value does not fit",
  ),
});

const fault = z.strictObject({
  pointer: z.string().describe(
    "The JSON pointer of what is wrong; of a missing field, where it would stand",
  ),
  message: z.string().describe("What is wrong"),
  keyword: z.string().describe("The word of the schema that says so"),
});

const ORDER = {
  type: "object",
  required: ["sku", "amount"],
  additionalProperties: false,
  properties: {
    sku: { type: "string", pattern: "^[a-z-]+$" },
    amount: { type: "integer", minimum: 1 },
  },
} as const;

export default defineModule({
  type: "jsonschema.modular",
  summary: "Holds values and request bodies against JSON Schemas",
  stability: "stable",
  config,
  section: "jsonschema",
  provides: [JsonSchemas, HttpMiddleware, Actions],
  actions: {
    validate: {
      summary: "Tells everything that is wrong with a value",
      input: validateInput,
      output: z.strictObject({
        valid: z.boolean().describe("Whether the value fits"),
        errors: z.array(fault).describe("Everything that is wrong"),
      }),
    },
  },
  check,
  examine: async (given, { folder }) => await examine(given, folder),
  examples: [{
    title: "Refuse orders that are not right",
    modules: [
      { name: "server", type: "http.server", config: { address: ":0" } },
      { name: "router", type: "http.router" },
      {
        name: "order-schema",
        type: "jsonschema.modular",
        config: { schemas: { order: ORDER } },
      },
      { name: "orders", type: "http.handler" },
    ],
    workflows: {
      http: {
        routes: [{
          method: "POST",
          path: "/orders",
          handler: "orders",
          middlewares: ["order-schema"],
        }],
      },
    },
    exchanges: [{
      request: {
        method: "POST",
        path: "/orders",
        body: { sku: "tea", amount: 2 },
      },
      response: { status: 200, body: { handler: "orders" } },
    }, {
      request: { method: "POST", path: "/orders", body: { amount: 0, x: 1 } },
      response: {
        status: 400,
        headers: { "content-type": "application/problem+json" },
        body: {
          detail: 'The body does not fit the schema "order"',
          errors: [
            {
              pointer: "/sku",
              message: "must have required property 'sku'",
              keyword: "required",
            },
            {
              pointer: "/x",
              message: "must NOT have additional properties",
              keyword: "additionalProperties",
            },
            {
              pointer: "/amount",
              message: "must be >= 1",
              keyword: "minimum",
            },
          ],
        },
      },
    }],
  }, {
    title: "Ask in a pipeline",
    modules: [{
      name: "schemas",
      type: "jsonschema.modular",
      config: { schemas: { order: "order.schema.json" } },
    }],
    files: { "order.schema.json": `${JSON.stringify(ORDER, null, 2)}\n` },
    pipelines: {
      take: {
        steps: [{
          id: "check",
          use: "module:schemas.validate",
          with: { value: "${{ input }}", refuse: true },
        }],
      },
    },
    runs: [{
      pipeline: "take",
      input: { sku: "tea", amount: 1 },
      output: { valid: true, errors: [] },
    }, {
      pipeline: "take",
      input: { sku: "tea" },
      status: "failed",
      error: "/amount must have required property 'amount'",
    }],
  }],
  create: (given, host) => new SchemaModule(inOneSpelling(config, given), host),
});

function check(given: Config): readonly Issue[] {
  const { schemas, body } = inOneSpelling(config, given);
  const names = Object.keys(schemas);
  const costly = Object.entries(schemas).flatMap(([name, schema]) =>
    typeof schema === "string" ? [] : costlyWords(schema, ["schemas", name])
  );
  if (body === undefined || names.includes(body)) return costly;
  return [...costly, {
    code: "unresolved-reference",
    path: ["body"],
    message: `No schema is called "${body}"`,
    candidates: names,
  }];
}

/** What a start would find: asked by those who check a document. */
async function examine(
  given: Config,
  folder: string | undefined,
): Promise<readonly Issue[]> {
  const settings = inOneSpelling(config, given);
  try {
    await compileSchemas(await readSchemas(settings.schemas, folder), settings);
    return [];
  } catch (error) {
    return [{
      code: "invalid-value",
      path: ["schemas"],
      message: messageOf(error),
    }];
  }
}

/** @throws {Error} naming the schema whose file cannot be used. */
async function readSchemas(
  schemas: Config["schemas"],
  folder: string | undefined,
): Promise<ReadonlyMap<string, Schema>> {
  const read = new Map<string, Schema>();
  for (const [name, schema] of Object.entries(schemas)) {
    read.set(
      name,
      typeof schema === "string"
        ? await readSchema(name, resolve(folder ?? "", schema))
        : schema,
    );
  }
  return read;
}

async function readSchema(name: string, file: string): Promise<Schema> {
  const why = (reason: string) =>
    new Error(`Cannot use the schema "${name}" of "${file}": ${reason}`);
  let schema: unknown;
  try {
    schema = JSON.parse(await Deno.readTextFile(file));
  } catch (error) {
    throw why(messageOf(error));
  }
  if (typeof schema !== "object" || schema === null || Array.isArray(schema)) {
    throw why("it is no JSON object");
  }
  const costly = costlyWords(schema, []).find(({ severity }) =>
    severity !== "warning"
  );
  if (costly !== undefined) throw why(costly.message);
  return schema as Schema;
}

class SchemaModule implements JsonSchemas, HttpMiddleware, Actions, Lifecycle {
  readonly #config: Config;
  readonly #host: Host;
  #compiled: JsonSchemas | undefined;

  constructor(settings: Config, host: Host) {
    this.#config = settings;
    this.#host = host;
  }

  async start(): Promise<void> {
    const { schemas, formats, faultsMax } = this.#config;
    this.#compiled = await compileSchemas(
      await readSchemas(schemas, this.#host.folder),
      { formats, faultsMax },
    );
  }

  get names(): readonly string[] {
    return Object.keys(this.#config.schemas);
  }

  faults(schema: string, value: unknown): readonly SchemaFault[] {
    if (this.#compiled === undefined) {
      throw new TypeError(
        "Cannot hold values against schemas before the start",
      );
    }
    return this.#compiled.faults(schema, value);
  }

  // Async for its errors.
  // deno-lint-ignore require-await
  async act(
    _action: string,
    input: Parameters<Actions["act"]>[1],
  ): Promise<JsonValue> {
    const { schema, value, refuse } = validateInput.parse(input);
    const name = schema ?? this.#usual();
    if (name === undefined) {
      throw new RefusedError("invalid-input", this.#ambiguous());
    }
    const errors = this.faults(name, value);
    if (refuse && errors.length > 0) {
      const shown = errors.slice(0, FAULTS_SHOWN)
        .map(({ pointer, message }) => `${pointer} ${message}`.trim());
      throw new RefusedError(
        "invalid-input",
        `The value does not fit the schema "${name}": ${shown.join("; ")}`,
      );
    }
    return { valid: errors.length === 0, errors };
  }

  async process(context: HttpContext, next: Next): Promise<Response> {
    if (!BODIES.has(context.method)) return await next();
    const name = this.#usual();
    // Nothing passes that was to be looked at and cannot be.
    if (name === undefined) throw new TypeError(this.#ambiguous());
    try {
      const { bodyBytesMax } = this.#config;
      const value = await readRequestJson(context.request, bodyBytesMax);
      const errors = this.faults(name, value);
      if (errors.length > 0) {
        const detail = `The body does not fit the schema "${name}"`;
        return problemResponse(400, detail, { errors });
      }
    } catch (error) {
      if (!(error instanceof UnreadableBody)) throw error;
      return problemResponse(error.status, error.message);
    }
    return await next();
  }

  /** The schema where none is named. */
  #usual(): string | undefined {
    const [only, ...others] = this.names;
    return this.#config.body ?? (others.length === 0 ? only : undefined);
  }

  #ambiguous(): string {
    return `Cannot tell which schema of "${this.#host.name}" is meant: it has ${this.names.length}, and its config no body`;
  }
}

/** The methods whose bodies are looked at. */
const BODIES: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH"]);
