/**
 * Schemas turned into functions. That makes code from strings, which the process of
 * the engine allows; those of the sandboxes do not, and have no part in it.
 *
 * @module
 */
import { messageOf, RefusedError } from "@engine/errors.ts";
import type {
  JsonSchemas,
  SchemaFault,
} from "@engine/services/json_schemas.ts";
import type { ErrorObject, Options, ValidateFunction } from "ajv";

/** A schema: an object of words. */
export type Schema = Readonly<Record<string, unknown>>;

/** How values are held against schemas. */
export interface CompileOptions {
  /** Whether `format` is checked. */
  readonly formats: boolean;
  /** How many faults are told of a value. */
  readonly faultsMax: number;
}

/** Which version of the specification a `$schema` means; none means the last. */
type Draft = "draft-07" | "2019-09" | "2020-12";

const DRAFTS: Readonly<Record<string, Draft>> = {
  "json-schema.org/draft-07/schema": "draft-07",
  "json-schema.org/draft/2019-09/schema": "2019-09",
  "json-schema.org/draft/2020-12/schema": "2020-12",
};

/**
 * Compiles schemas. They may refer to each other by their names and by their `$id`,
 * where they are of one draft; nothing is ever fetched.
 *
 * @throws {Error} naming the schema that cannot be used, and why.
 */
export async function compileSchemas(
  schemas: ReadonlyMap<string, Schema>,
  options: CompileOptions,
): Promise<JsonSchemas> {
  const compilers = new Map<Draft, Compiler>();
  for (const [name, schema] of schemas) {
    await naming(name, async () => {
      const draft = draftOf(schema);
      const known = compilers.get(draft) ?? await compilerOf(draft, options);
      compilers.set(draft, known);
      known.addSchema(schema, name);
    });
  }
  const validators = new Map<string, ValidateFunction>();
  for (const [name, schema] of schemas) {
    await naming(name, () => {
      const validate = compilers.get(draftOf(schema))?.getSchema(name);
      if (validate !== undefined) validators.set(name, validate);
    });
  }
  return {
    names: [...validators.keys()],
    faults(name, value) {
      const validate = validators.get(name);
      if (validate === undefined) throw unknown(name, [...validators.keys()]);
      if (validate(value)) return [];
      return (validate.errors ?? []).slice(0, options.faultsMax).map(faultOf);
    },
  };
}

/** As much of ajv as is used. */
interface Compiler {
  addSchema(schema: Schema, name: string): unknown;
  getSchema(name: string): ValidateFunction | undefined;
}

async function compilerOf(
  draft: Draft,
  { formats }: CompileOptions,
): Promise<Compiler> {
  const settings: Options = {
    allErrors: true,
    // Words that nobody knows say nothing, as the specification has it.
    strict: false,
    validateFormats: formats,
    logger: false,
    // No field is there that a value inherits.
    ownProperties: true,
  };
  const compiler = await made(draft, settings);
  const { default: addFormats } = await import("ajv-formats");
  if (formats) addFormats.default(compiler);
  return compiler;
}

async function made(draft: Draft, settings: Options) {
  switch (draft) {
    case "draft-07":
      return new (await import("ajv")).Ajv(settings);
    case "2019-09":
      return new (await import("ajv/dist/2019.js")).Ajv2019(settings);
    case "2020-12":
      return new (await import("ajv/dist/2020.js")).Ajv2020(settings);
  }
}

function draftOf({ $schema }: Schema): Draft {
  if ($schema === undefined) return "2020-12";
  const text = String($schema).replace(/^https?:\/\//, "").replace(/#$/, "");
  const draft = Object.hasOwn(DRAFTS, text) ? DRAFTS[text] : undefined;
  if (draft !== undefined) return draft;
  throw new RangeError(
    `Its $schema is "${$schema}", expected draft 07, 2019-09 or 2020-12`,
  );
}

async function naming(
  name: string,
  work: () => Promise<void> | void,
): Promise<void> {
  try {
    await work();
  } catch (cause) {
    throw new Error(`Cannot use the schema "${name}": ${messageOf(cause)}`, {
      cause,
    });
  }
}

function unknown(name: string, names: readonly string[]): RefusedError {
  const known = names.length === 0 ? "none" : names.join(", ");
  return new RefusedError(
    "not-found",
    `Cannot find the schema "${name}": there is ${known}`,
  );
}

/** The parameters in which ajv names a field that has no place of its own. */
const FIELDS = [
  "missingProperty",
  "additionalProperty",
  "unevaluatedProperty",
  "propertyName",
] as const;

function faultOf(
  { instancePath, keyword, message = "does not fit", params }: ErrorObject,
): SchemaFault {
  const field = FIELDS.map((name) => params[name] as unknown)
    .find((one) => typeof one === "string");
  const rest = typeof field === "string" ? `/${escaped(field)}` : "";
  return { pointer: instancePath + rest, message, keyword };
}

function escaped(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}
