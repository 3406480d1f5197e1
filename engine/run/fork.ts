/**
 * The journal of a fork: what a run has done before a step, and nothing of that
 * step or what came after.
 *
 * @module
 */
import { RefusedError } from "../errors.ts";
import type { Program } from "../pipeline/program.ts";
import type { JsonValue } from "../store/store.ts";
import type { AcceptedEntry, Entry } from "./journal.ts";
import { Machine } from "./machine.ts";
import type { RunView } from "./view.ts";

/** How a caller asks for a fork. */
export interface ForkRequest {
  readonly fromStep: string;
  readonly input?: JsonValue;
  readonly version?: string;
}

/** How a run is forked. */
export interface ForkOptions {
  readonly program: Program;
  /** The step from which it differs, by its path or its id. */
  readonly fromStep: string;
  /** What it is given instead. */
  readonly input?: JsonValue;
  readonly at: number;
}

/**
 * The entries that a fork begins with. The step must have come up in the run;
 * under the fork's program, the steps before it must lead to it as well.
 *
 * @throws {RefusedError} `invalid-input` if they do not.
 */
export function forkOf(
  { summary, entries }: RunView,
  { program, fromStep, input, at }: ForkOptions,
): readonly [AcceptedEntry, ...Entry[]] {
  const [first] = entries;
  if (first?.kind !== "accepted") {
    throw new TypeError(`Cannot fork ${summary.id}: its journal has no start`);
  }
  const { idempotencyKey: _, parent: __, token: ___, trace: ____, ...rest } =
    first;
  const accepted: AcceptedEntry = {
    ...rest,
    at,
    version: program.version,
    input: input ?? first.input,
    fork: { run: summary.id, step: fromStep },
  };
  const taken: Entry[] = [];
  const machine = new Machine(program, accepted, summary.id);
  for (const entry of entries.slice(1)) {
    if (hasCome(machine, fromStep)) break;
    // How the run itself came to an end is not how the fork does, nor where it
    // has stood.
    const isStep = "step" in entry && !entry.step.endsWith("~compensate") &&
      entry.kind !== "paused" && entry.kind !== "resumed";
    if (!isStep && entry.kind !== "signal") continue;
    machine.apply(entry);
    taken.push(entry);
  }
  // What was under way beside the step is done anew.
  const kept = taken.filter((entry) =>
    !("step" in entry) || !machine.live.has(entry.step)
  );
  if (!hasCome(machine, fromStep)) {
    throw new RefusedError(
      "invalid-input",
      `Cannot fork ${summary.id} from "${fromStep}": the steps before it do not ` +
        `lead there${liveNames(machine)}`,
    );
  }
  return [accepted, ...kept];
}

function hasCome(machine: Machine, step: string): boolean {
  for (const { path } of machine.live.values()) {
    if (path === step || path.slice(path.lastIndexOf("/") + 1) === step) {
      return true;
    }
  }
  return false;
}

function liveNames(machine: Machine): string {
  const names = [...machine.live.keys()];
  return names.length === 0 ? "" : `; they lead to ${names.join(", ")}`;
}
