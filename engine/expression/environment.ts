/**
 * The dialect of CEL that documents use: which names there are, how numbers
 * mix, and how large an expression may be. Nothing here reads a clock, a file
 * or the network, so the browser checks with the same code.
 *
 * @module
 */
import { Environment } from "@marcbachmann/cel-js";
import { spend, spendDeep, spendLoop } from "./budget.ts";

/** Characters of one expression. */
export const EXPRESSION_CHARACTERS_MAX = 10_000;

/** Nodes of the syntax tree of one expression. */
export const EXPRESSION_NODES_MAX = 2_000;

/** How deep calls, selections, lists and maps may nest. */
export const EXPRESSION_DEPTH_MAX = 64;

/** How deep `all`, `exists`, `exists_one`, `filter` and `map` may nest. */
export const COMPREHENSION_DEPTH_MAX = 2;

/** Items of a list or entries of a map that an expression spells out. */
export const LITERAL_ITEMS_MAX = 1_000;

/** The type of a variable. JSON has no whole numbers, so `number` is a double. */
export type CelType =
  | "any"
  | "string"
  | "number"
  | "bool"
  | "list"
  | "map"
  /** A map of which the fields are known: a misspelt one is an error. */
  | { readonly fields: Readonly<Record<string, CelType>> };

/** The variables of an expression, by name. */
export type CelVariables = Readonly<Record<string, CelType>>;

/** Functions that pay for work; documents cannot name them. */
export const METERING = {
  spend: "spend__",
  spendLoop: "spend_loop__",
  spendDeep: "spend_deep__",
} as const;

const TYPE_NAMES = {
  any: "dyn",
  string: "string",
  number: "double",
  bool: "bool",
  list: "list",
  map: "map",
} as const satisfies Record<Extract<CelType, string>, string>;

/** In which expressions are checked: every variable has its type. */
export function checkingEnvironment(variables: CelVariables): Environment {
  const environment = newEnvironment({
    maxAstNodes: EXPRESSION_NODES_MAX,
    maxDepth: EXPRESSION_DEPTH_MAX,
  });
  // At run time the library compares all numbers by itself.
  environment.registerOperator(
    "double == int",
    (a: number, b: bigint) => a === Number(b),
  );
  for (const [name, type] of Object.entries(variables)) {
    if (typeof type === "string") {
      environment.registerVariable(name, TYPE_NAMES[type]);
    } else {
      environment.registerVariable({ name, schema: schemaOf(type.fields) });
    }
  }
  return environment;
}

/**
 * In which checked expressions are evaluated: values keep the types that they
 * have, and the metering functions exist. The limits are wider, since metering
 * adds to the text.
 */
export function evaluationEnvironment(names: Iterable<string>): Environment {
  const environment = newEnvironment({
    maxAstNodes: 8 * EXPRESSION_NODES_MAX,
    maxDepth: 8 * EXPRESSION_DEPTH_MAX,
  });
  for (const name of names) environment.registerVariable(name, "dyn");
  const options = { async: false };
  return environment
    .registerFunction(`${METERING.spend}(dyn, int): dyn`, spend, options)
    .registerFunction(
      `${METERING.spendLoop}(dyn, int): dyn`,
      spendLoop,
      options,
    )
    .registerFunction(`${METERING.spendDeep}(dyn): dyn`, spendDeep, options);
}

function newEnvironment(
  limits: { readonly maxAstNodes: number; readonly maxDepth: number },
): Environment {
  const environment = new Environment({
    unlistedVariablesAreDyn: false,
    enableOptionalTypes: true,
    homogeneousAggregateLiterals: false,
    limits: {
      ...limits,
      maxListElements: LITERAL_ITEMS_MAX,
      maxMapEntries: LITERAL_ITEMS_MAX,
    },
  });
  registerMixedArithmetic(environment);
  return environment;
}

/** JSON numbers are doubles and literals are ints: without this `n + 1` fails. */
function registerMixedArithmetic(environment: Environment): void {
  for (const [operator, apply] of Object.entries(ARITHMETIC)) {
    environment
      .registerOperator(
        `double ${operator} int`,
        (a: number, b: bigint) => apply(a, Number(b)),
      )
      .registerOperator(
        `int ${operator} double`,
        (a: bigint, b: number) => apply(Number(a), b),
      );
  }
  environment.registerOperator(
    "double % double",
    (a: number, b: number) => a % b,
  );
}

const ARITHMETIC: Readonly<Record<string, (a: number, b: number) => number>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "%": (a, b) => a % b,
};

interface Schema {
  [field: string]: string | Schema;
}

function schemaOf(fields: Readonly<Record<string, CelType>>): Schema {
  return Object.fromEntries(
    Object.entries(fields).map(([name, type]) => [
      name,
      typeof type === "string" ? TYPE_NAMES[type] : schemaOf(type.fields),
    ]),
  );
}
