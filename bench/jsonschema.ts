/**
 * What the module adds to bare ajv: a document of fifty lines is held against a
 * schema by both, in rounds that take turns. The fastest round of each counts.
 *
 * @module
 */
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { systemEffects } from "../engine/effects.ts";
import { Actions } from "../engine/services/actions.ts";
import { JsonSchemas } from "../engine/services/json_schemas.ts";
import { startApplication } from "../engine/testing.ts";
import jsonschema from "../modules/jsonschema/modular.ts";

/** Validations a second. */
export interface JsonSchemaMeasurement {
  readonly bare: number;
  /** Through the service of the module. */
  readonly service: number;
  /** Through its action, as steps ask for it. */
  readonly action: number;
  /** Of a value with a fault in every line, through the service. */
  readonly faulty: number;
}

const SCHEMA = {
  type: "object",
  required: ["id", "customer", "lines"],
  additionalProperties: false,
  properties: {
    id: { type: "string", format: "uuid" },
    customer: { type: "string", minLength: 1, maxLength: 200 },
    at: { type: "string", format: "date-time" },
    lines: {
      type: "array",
      minItems: 1,
      items: {
        type: "object",
        required: ["sku", "amount", "price"],
        properties: {
          sku: { type: "string", pattern: "^[a-z][a-z0-9-]*$" },
          amount: { type: "integer", minimum: 1 },
          price: { type: "number", exclusiveMinimum: 0 },
          note: { type: ["string", "null"] },
        },
      },
    },
  },
} as const;

const ROUNDS = 20;
const COUNT = 10_000;

function order(amount: number) {
  return {
    id: "0b37a4a1-6b0c-4b42-9a49-2d6f6ff63b53",
    customer: "Ada",
    at: "2026-01-01T10:00:00Z",
    lines: Array.from({ length: 50 }, (_, n) => ({
      sku: `tea-${n}`,
      amount,
      price: 4.5,
      note: null,
    })),
  };
}

/** Measures all of it, in about a minute. */
export async function measureJsonSchema(): Promise<JsonSchemaMeasurement> {
  await using app = await startApplication({
    document: {
      modules: [{
        name: "schemas",
        type: "jsonschema.modular",
        config: { schemas: { order: SCHEMA } },
      }],
    },
    definitions: [jsonschema],
    effects: systemEffects(),
  });
  const schemas = app.service(JsonSchemas);
  const actions = app.service(Actions);
  const ajv = new Ajv2020({
    allErrors: true,
    strict: false,
    ownProperties: true,
  });
  addFormats.default(ajv);
  const validate = ajv.compile(SCHEMA);
  const [good, bad] = [order(1), order(0)];
  const context = {
    signal: new AbortController().signal,
    idempotencyKey: "bench",
  };
  const input = { schema: "order", value: good };
  const works = {
    bare: () => void validate(good),
    service: () => void schemas.faults("order", good),
    action: () => actions.act("validate", input, context),
    faulty: () => void schemas.faults("order", bad),
  };
  const best = { bare: 0, service: 0, action: 0, faulty: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of ["bare", "service", "action", "faulty"] as const) {
      best[name] = Math.max(best[name], await rateOf(works[name]));
    }
  }
  return best;
}

async function rateOf(work: () => unknown): Promise<number> {
  const start = performance.now();
  for (let n = 0; n < COUNT; n++) await work();
  return COUNT / (performance.now() - start) * 1_000;
}

if (import.meta.main) {
  const rates = await measureJsonSchema();
  for (const [name, rate] of Object.entries(rates)) {
    const ratio = (rate / rates.bare).toFixed(2);
    console.log(`${name}: ${Math.round(rate)} a second, ${ratio} × bare ajv`);
  }
}
