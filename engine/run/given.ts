/**
 * Checks what a step is to be given in place of what its `with` yields.
 *
 * @module
 */
import type { Catalog } from "../catalog.ts";
import { messageOf, RefusedError } from "../errors.ts";
import type { Program, Task } from "../pipeline/program.ts";
import type { JsonValue } from "../store/store.ts";
import { checkInput, INPUT_CHARACTERS_MAX } from "./input.ts";
import type { Live } from "./machine_frames.ts";
import { accepted } from "./perform.ts";

/** What it is checked against. */
export interface GivenSurroundings {
  readonly steps: Catalog["steps"];
  readonly program: (id: string) => Program | undefined;
}

/** @throws {RefusedError} `invalid-input` */
export function checkGiven(
  live: Live | undefined,
  given: JsonValue,
  around: GivenSurroundings,
): void {
  const path = live?.path ?? "";
  if (live === undefined || live.kind !== "doing") {
    throw invalid(path, "it is a wait, or will not begin any more");
  }
  const { length } = JSON.stringify(given);
  if (length > INPUT_CHARACTERS_MAX) {
    throw invalid(
      path,
      `it has ${length} characters of JSON, the limit is ` +
        `${INPUT_CHARACTERS_MAX} characters`,
    );
  }
  if (given === null || typeof given !== "object" || Array.isArray(given)) {
    throw invalid(path, '"with" must be a map');
  }
  try {
    check(live.task, given, around);
  } catch (error) {
    throw invalid(path, messageOf(error));
  }
}

function check(
  { target, accepts }: Task,
  given: JsonValue,
  { steps, program }: GivenSurroundings,
): void {
  switch (target.kind) {
    case "step": {
      const definition = steps.get(target.type);
      if (definition) accepted(definition.config, given, target.type);
      return;
    }
    case "action":
      if (!accepts) return;
      return void accepted(accepts, given, `${target.module}.${target.action}`);
    case "pipeline": {
      const inner = program(target.id);
      if (inner) checkInput(inner, given);
      return;
    }
    case "component":
      return;
  }
}

function invalid(path: string, reason: string): RefusedError {
  return new RefusedError(
    "invalid-input",
    `Cannot give the step "${path}" something else: ${reason}`,
  );
}
