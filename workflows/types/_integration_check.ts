/**
 * What is wrong with an integration and no schema can see.
 *
 * @module
 */
import type { Issue } from "@engine/define.ts";
import { nearestName } from "@engine/config/nearest.ts";
import { checkExpression } from "@engine/expression/check.ts";
import { paramsOf, parseHttpAction } from "@engine/outgoing/http_action.ts";
import type { ConnectorEntry } from "./_connector_schema.ts";
import {
  appliesTransform,
  type IntegrationStep,
  isDelay,
} from "./_integration_pipeline.ts";
import { read, stepOfError } from "./_substitution.ts";

/** The part of the section that is checked. */
export interface CheckedSection {
  readonly connectors: readonly ConnectorEntry[];
  readonly steps: readonly IntegrationStep[];
}

/** The variables of a `transform`. */
export const TRANSFORM_VARIABLES = { result: "any" } as const;

/** The actions of a database. */
const DATABASE_ACTIONS = ["query", "execute", "insert", "update", "delete"];

/** Everything that is wrong. */
export function checkIntegration(section: CheckedSection): readonly Issue[] {
  const { connectors, steps } = section;
  return [
    ...duplicates(connectors, "connectors", "connector"),
    ...duplicates(steps, "steps", "step"),
    ...connectors.flatMap(checkConnector),
    ...sharedSockets(connectors),
    ...steps.flatMap((step, index) => checkStep(step, index, section)),
  ];
}

function duplicates(
  entries: readonly { readonly name: string }[],
  key: string,
  kind: string,
): readonly Issue[] {
  const seen = new Set<string>();
  return entries.flatMap(({ name }, index): Issue[] => {
    if (!seen.has(name)) {
      seen.add(name);
      return [];
    }
    return [{
      code: "duplicate-name",
      path: [key, index, "name"],
      message: `Another ${kind} is called "${name}" as well`,
    }];
  });
}

function checkConnector(entry: ConnectorEntry, index: number): Issue[] {
  const path = ["connectors", index, "config"];
  if (entry.type === "database") {
    const { driver, maxOpenConns } = entry.config;
    if (maxOpenConns === undefined || driver.startsWith("postgres")) return [];
    return [{
      code: "ineffective-key",
      path: [...path, "maxOpenConns"],
      message: '"maxOpenConns" has no effect: SQLite has one connection',
      severity: "warning",
    }];
  }
  if (entry.type === "webhook") return [];
  const { authType, username, password, token } = entry.config;
  const needed = authType === "basic"
    ? { username, password }
    : authType === "bearer"
    ? { token }
    : {};
  return Object.entries(needed).filter(([, value]) => value === undefined)
    .map(([key]) => ({
      code: "missing-key",
      path,
      message: `"${entry.name}" has no "${key}", which ${authType} sends`,
      // It may be a variable that is set where the document runs.
      severity: "warning",
    }));
}

/** Two receivers on one path: the second would take all events of the first. */
function sharedSockets(connectors: readonly ConnectorEntry[]): Issue[] {
  const taken = new Map<string, string>();
  return connectors.flatMap((entry, index): Issue[] => {
    if (entry.type !== "webhook") return [];
    const { port, path } = entry.config;
    const place = `:${port}/${path.replace(/^\//, "")}`;
    const other = taken.get(place);
    taken.set(place, other ?? entry.name);
    return other === undefined ? [] : [{
      code: "duplicate-route",
      path: ["connectors", index, "config", "path"],
      message: `"${other}" receives on ${place} as well`,
    }];
  });
}

function checkStep(
  step: IntegrationStep,
  index: number,
  section: CheckedSection,
): readonly Issue[] {
  const path = ["steps", index];
  return [
    ...checkConnectorOf(step, path, section.connectors),
    ...checkInput(step, index, section.steps),
    ...checkTargets(step, index, section.steps),
    ...checkTransform(step, path),
    ...(isDelay(step.retryDelay) ? [] : [{
      code: "invalid-value" as const,
      path: [...path, "retryDelay"],
      message:
        `"${step.retryDelay}" is no duration such as "2s": the step waits 1s`,
      severity: "warning" as const,
    }]),
  ];
}

type StepPath = readonly (string | number)[];

function checkConnectorOf(
  step: IntegrationStep,
  path: StepPath,
  connectors: readonly ConnectorEntry[],
): readonly Issue[] {
  const { connector: name, action, input } = step;
  const connector = connectors.find((one) => one.name === name);
  if (connector === undefined) {
    return [{
      code: "unresolved-reference",
      path: [...path, "connector"],
      message: `No connector is called "${name}"`,
      ...helpOf(nearestName(name, connectors.map((one) => one.name))),
    }];
  }
  if (connector.type === "webhook") return [];
  if (connector.type === "database") {
    return DATABASE_ACTIONS.includes(action) ? [] : [{
      code: "invalid-value",
      path: [...path, "action"],
      message: `A database cannot do "${action}": expected one of ${
        DATABASE_ACTIONS.join(", ")
      }`,
      ...helpOf(nearestName(action, DATABASE_ACTIONS)),
    }];
  }
  const parsed = parseHttpAction(action);
  if (parsed === undefined) {
    return [{
      code: "invalid-value",
      path: [...path, "action"],
      message: `"${action}" is not a method and a path, such as ` +
        '"GET /orders/{id}"',
    }];
  }
  return paramsOf(parsed).filter((param) => !Object.hasOwn(input, param))
    .map((param) => ({
      code: "missing-key",
      path: [...path, "input"],
      message: `"input" has no "${param}", which stands in the path`,
    }));
}

/** What a `${…}` refers to must have been there before. */
function checkInput(
  { input }: IntegrationStep,
  index: number,
  steps: readonly IntegrationStep[],
): readonly Issue[] {
  const { faults, references } = read(input);
  const path = ["steps", index, "input"];
  const before = new Set(steps.slice(0, index).map(({ name }) => name));
  const later = new Set(steps.slice(index).map(({ name }) => name));
  const known = [...before].flatMap((name) => [name, `${name}_error`]);
  return [
    ...faults.map(({ path: inner, written }): Issue => ({
      code: "invalid-expression",
      path: [...path, ...inner],
      message: `"${written}" cannot be read: expected names joined by dots, ` +
        "such as ${data.id}, and || between alternatives",
    })),
    ...references.flatMap(({ path: inner, name, isDotted }): Issue[] => {
      if (name === "data" || known.includes(name)) return [];
      const isLater = later.has(name) || stepOfError(name, later) !== undefined;
      const meant = isDotted
        ? nearestName(name, ["data", ...known])
        : undefined;
      // Whatever else the run is given may be named without "data" in front.
      if (!isLater && meant === undefined) return [];
      return [{
        code: "unresolved-reference",
        path: [...path, ...inner],
        message: isLater
          ? `"${name}" has no result yet: it does not run before this step`
          : `No step before this one is called "${name}"`,
        severity: "warning",
        ...helpOf(meant),
      }];
    }),
  ];
}

function checkTargets(
  step: IntegrationStep,
  index: number,
  steps: readonly IntegrationStep[],
): readonly Issue[] {
  return (["onSuccess", "onError"] as const).flatMap((key): Issue[] => {
    const target = steps.findIndex(({ name }) => name === step[key]);
    if (target < 0 || target > index) return [];
    return [{
      code: "unresolved-reference",
      path: ["steps", index, key],
      message:
        `"${key}" leads back to "${step[key]}": a run goes forwards only; ` +
        "retryCount tries a step again",
    }];
  });
}

function checkTransform(
  { transform }: IntegrationStep,
  path: StepPath,
): readonly Issue[] {
  if (transform === undefined) return [];
  if (!appliesTransform(transform)) {
    return [{
      code: "ineffective-key",
      path: [...path, "transform"],
      message: '"transform" has no effect: it does not mention "result"',
      help: "Write an expression over result, such as {'id': result.id}",
      severity: "warning",
    }];
  }
  const error = checkExpression(transform, TRANSFORM_VARIABLES);
  if (error === undefined) return [];
  return [{
    code: "invalid-expression",
    path: [...path, "transform"],
    message:
      `"transform" is not valid at ${error.line}:${error.column}: ${error.message}`,
    ...helpOf(error.nearest),
  }];
}

function helpOf(name: string | undefined): { readonly help?: string } {
  return name === undefined ? {} : { help: `Did you mean "${name}"?` };
}
