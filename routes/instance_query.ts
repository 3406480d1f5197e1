/**
 * Reads what a request says about instances of state machines: which of them, and
 * where to go on.
 *
 * @module
 */
import type { Context } from "hono";
import {
  type Application,
  type Engine,
  type InstanceFilter,
  type MachineInstance,
  RefusedError,
  StateMachines,
  timeOfId,
} from "../engine/mod.ts";
import { ParameterError } from "./problem_answer.ts";
import { applicationsOf, textOf, wholeNumber } from "./run_query.ts";

/** Instances of a page, where none is asked for. */
const PAGE_DEFAULT = 50;

/** The most instances of a page. */
const PAGE_MAX = 500;

/** A module that keeps state machines, and the document that has it. */
export interface MachineEngine {
  readonly application: Application;
  /** The name of the module. */
  readonly machine: string;
  readonly machines: StateMachines;
}

/** The modules that `?application=` and `?machine=` mean: one, or all. */
export function enginesOf(
  engine: Engine,
  context: Context,
): readonly MachineEngine[] {
  const wanted = context.req.query("machine");
  const engines = applicationsOf(engine, context).flatMap(machinesOf)
    .filter(({ machine }) => wanted === undefined || machine === wanted);
  if (wanted === undefined || engines.length > 0) return engines;
  throw unknownMachine(wanted);
}

/** Which instances a list is of. @throws {ParameterError} */
export function filterOf(context: Context): InstanceFilter {
  const { req } = context;
  return {
    definition: req.query("definition"),
    state: req.query("state"),
    text: textOf(context),
  };
}

/** How many instances, and below which place. @throws {ParameterError} */
export function pageOf(
  context: Context,
): { readonly limit: number; readonly after: string | undefined } {
  const after = context.req.query("after");
  if (after !== undefined && timeOfId(after) === undefined) {
    throw new ParameterError(
      `Cannot use after "${after}": expected what a page has answered as "next"`,
      "after",
    );
  }
  const bounds = { min: 1, max: PAGE_MAX, absent: PAGE_DEFAULT };
  return { limit: wholeNumber(context, "limit", bounds), after };
}

/** An instance, with the module that keeps it. */
export interface FoundInstance {
  readonly engine: MachineEngine;
  readonly instance: MachineInstance;
}

/** The instance that a path names. @throws {RefusedError} `not-found` */
export async function findInstance(
  engine: Engine,
  { application: document, machine, id }: {
    readonly application: string;
    readonly machine: string;
    readonly id: string;
  },
): Promise<FoundInstance> {
  const application = engine.application(document);
  if (application === undefined) {
    throw new RefusedError(
      "not-found",
      `No application is called "${document}"`,
    );
  }
  const keeper = machinesOf(application).find((one) => one.machine === machine);
  if (keeper === undefined) throw unknownMachine(machine);
  const instance = await keeper.machines.get(id);
  if (instance !== undefined) return { engine: keeper, instance };
  throw new RefusedError(
    "not-found",
    `"${machine}" has no instance with the id "${id}"`,
  );
}

function machinesOf(application: Application): readonly MachineEngine[] {
  return application.all(StateMachines).map(({ name, service }) => ({
    ...{ application, machine: name, machines: service },
  }));
}

function unknownMachine(name: string): RefusedError {
  return new RefusedError(
    "not-found",
    `No module that keeps state machines is called "${name}"`,
  );
}
