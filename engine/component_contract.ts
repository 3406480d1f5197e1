/**
 * What a component is to the engine: what it exports, what it is given, and what
 * it says about its inputs and outputs, with the check of both. Pure: whatever
 * runs components, in process or in a sandbox, treats them alike.
 *
 * @module
 */
import { TerminalError } from "./errors.ts";
import type { JsonValue } from "./store/store.ts";

/** The types of fields; `float` is any number, `int` a whole one. */
export const FIELD_TYPES = [
  "string",
  "int",
  "float",
  "bool",
  "map",
  "slice",
  "any",
] as const;

/** The type of one field. */
export type FieldType = (typeof FIELD_TYPES)[number];

/** One field of a contract. */
export interface ContractField {
  readonly type: FieldType;
  readonly description?: string;
  /** Stands in for an optional input that is absent. */
  readonly default?: JsonValue;
}

/** What a component takes and gives. */
export interface ComponentContract {
  readonly requiredInputs: Readonly<Record<string, ContractField>>;
  readonly optionalInputs: Readonly<Record<string, ContractField>>;
  readonly outputs: Readonly<Record<string, ContractField>>;
}

/** The fields that a component is called with. */
export type ComponentParams = Readonly<Record<string, JsonValue | undefined>>;

/** A contract as an author writes it: a field is its type, or more about it. */
export interface Contract {
  readonly requiredInputs?: Readonly<Record<string, ContractField | FieldType>>;
  readonly optionalInputs?: Readonly<Record<string, ContractField | FieldType>>;
  readonly outputs?: Readonly<Record<string, ContractField | FieldType>>;
}

/** Writes lines to the log of the application, marked with the component. */
export interface ComponentLog {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** The modules that a component's `requires` names, by name. */
export type ComponentServices = Readonly<Record<string, unknown>>;

/** What one call is given. All that reaches outside goes through it. */
export interface ComponentContext {
  /** Aborts when nobody waits for the result any more. */
  readonly signal: AbortSignal;
  /** When nobody will wait any more, in milliseconds since 1970; absent: never. */
  readonly deadline: number | undefined;
  /**
   * The same for every attempt at the same piece of work. Hand it on to whatever
   * must not happen twice.
   */
  readonly idempotencyKey: string;
  readonly log: ComponentLog;
  /** The values that the document gives under `secrets`. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly services: ComponentServices;
  /** Milliseconds since 1970. Use it in place of `Date.now`. */
  now(): number;
  /** From 0 (inclusive) to 1 (exclusive). Use it in place of `Math.random`. */
  random(): number;
  /**
   * A value that the document gives under `env`, or a variable of the environment
   * that its `permissions` grant; undefined if that is not set.
   *
   * @throws {TerminalError} It is neither given nor granted.
   */
  env(name: string): string | undefined;
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
  /** Reads a file of the document's folder. */
  read(path: string): Promise<Uint8Array>;
  /** Writes a file of the document's folder. */
  write(path: string, content: string | Uint8Array): Promise<void>;
}

/** What a component may export. All of it is optional. */
export interface Component {
  /** What logs call it. @default the `componentId` of the document */
  readonly name?: string | (() => string);
  readonly contract?: Contract | (() => Contract);
  /** Runs first, once a start, with the modules that `requires` names. */
  init?(services: ComponentServices): void | Promise<void>;
  start?(): void | Promise<void>;
  stop?(): void | Promise<void>;
  /** Does the work. What it returns must be JSON. */
  execute?(
    params: ComponentParams,
    ctx: ComponentContext,
  ): JsonValue | void | Promise<JsonValue | void>;
}

/** The caller's data does not meet a contract; trying again cannot help. */
export class InputViolationError extends TerminalError {}

const SECTIONS: readonly (readonly [keyof ComponentContract, string])[] = [
  ["requiredInputs", "required_inputs"],
  ["optionalInputs", "optional_inputs"],
  ["outputs", "outputs"],
];

/**
 * Reads what a component exports as its contract. Sections may be written as
 * `requiredInputs` or `required_inputs`, fields as a type or as a map.
 *
 * @throws {TypeError} naming the part that is not a contract.
 */
export function readContract(exported: unknown): ComponentContract {
  if (!isMap(exported)) {
    throw new TypeError(
      `Cannot read the contract: it is ${describe(exported)}, expected a map`,
    );
  }
  const known = SECTIONS.flat();
  const unknown = Object.keys(exported).find((key) => !known.includes(key));
  if (unknown !== undefined) {
    throw new TypeError(
      `Cannot read the contract: "${unknown}" is not a part of it, expected ` +
        "requiredInputs, optionalInputs or outputs",
    );
  }
  const contract = SECTIONS.map(([name, alias]) => [
    name,
    readFields(exported[name] ?? exported[alias] ?? {}, name),
  ]);
  return Object.fromEntries(contract) as unknown as ComponentContract;
}

/**
 * The params with the defaults of absent optional inputs. Further params pass.
 *
 * @throws {InputViolationError} naming every violation at once.
 */
export function checkInputs(
  component: string,
  contract: ComponentContract,
  params: ComponentParams,
): ComponentParams {
  const violations = [
    ...violationsOf(contract.requiredInputs, params, true),
    ...violationsOf(contract.optionalInputs, params, false),
  ];
  if (violations.length > 0) {
    throw new InputViolationError(
      `Cannot run ${component}: ${violations.join("; ")}`,
    );
  }
  const complete: Record<string, JsonValue | undefined> = { ...params };
  for (const [name, field] of Object.entries(contract.optionalInputs)) {
    if (isAbsent(valueOf(params, name)) && field.default !== undefined) {
      complete[name] = structuredClone(field.default);
    }
  }
  return complete;
}

/**
 * Checks what a component returned. Outputs may be absent.
 *
 * @throws {TerminalError} naming every violation at once.
 */
export function checkOutputs(
  component: string,
  contract: ComponentContract,
  result: JsonValue,
): void {
  if (!isMap(result)) return;
  const violations = violationsOf(
    contract.outputs,
    result as ComponentParams,
    false,
  );
  if (violations.length === 0) return;
  throw new TerminalError(
    `Cannot use the result of ${component}: ${violations.join("; ")}`,
  );
}

function readFields(
  section: unknown,
  name: string,
): Readonly<Record<string, ContractField>> {
  if (!isMap(section)) {
    throw new TypeError(
      `Cannot read the contract: ${name} is ${
        describe(section)
      }, expected a map`,
    );
  }
  return Object.fromEntries(
    Object.entries(section).map(([field, value]) => [
      field,
      readField(value, `${name}.${field}`),
    ]),
  );
}

function readField(value: unknown, place: string): ContractField {
  const map: Readonly<Record<string, unknown>> = isMap(value)
    ? value
    : { type: value };
  const { type, description } = map;
  if (!FIELD_TYPES.some((known) => known === type)) {
    throw new TypeError(
      `Cannot read the contract: the type of ${place} is ` +
        `${JSON.stringify(type) ?? "missing"}, expected one of ` +
        FIELD_TYPES.join(", "),
    );
  }
  return {
    type: type as FieldType,
    ...typeof description === "string" ? { description } : {},
    ...map.default === undefined ? {} : { default: map.default as JsonValue },
  };
}

function violationsOf(
  fields: Readonly<Record<string, ContractField>>,
  values: ComponentParams,
  areRequired: boolean,
): string[] {
  return Object.entries(fields).flatMap(([name, { type }]) => {
    const value = valueOf(values, name);
    if (isAbsent(value)) {
      return areRequired ? [`"${name}" is missing, expected ${type}`] : [];
    }
    return fits(value, type)
      ? []
      : [`"${name}" is ${describe(value)}, expected ${type}`];
  });
}

function valueOf(values: ComponentParams, name: string): JsonValue | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

function fits(value: JsonValue | undefined, type: FieldType): boolean {
  switch (type) {
    case "string":
      return typeof value === "string";
    case "int":
      return Number.isInteger(value);
    case "float":
      return typeof value === "number";
    case "bool":
      return typeof value === "boolean";
    case "map":
      return isMap(value);
    case "slice":
      return Array.isArray(value);
    case "any":
      return true;
  }
}

/** Null means absent, as in the documents of the original. */
function isAbsent(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return "missing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a map";
  return typeof value === "number"
    ? `the number ${value}`
    : `a ${typeof value}`;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
