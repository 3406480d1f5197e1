/**
 * Instances of state machines as the engine tells of them.
 *
 * @module
 */
import type { MachineDefinition } from "@engine/state/definition.ts";
import type { HookWork } from "@engine/state/hook_work.ts";
import type { Accepted, PossibleTransition } from "@engine/state/transition.ts";
import type { Tone } from "../parts/pill.tsx";

type MachineInstance = Accepted["instance"];
type HistoryEntry = Accepted["entry"];

/** What a state is in its machine; absent if the machine has it no more. */
export type StateKind = "initial" | "plain" | "final" | "error";

/** Who keeps an instance. */
export interface InstancePlace {
  /** The document. */
  readonly application: string;
  /** The module. */
  readonly machine: string;
}

/** An instance in a list. */
export interface ListedInstance
  extends InstancePlace, Omit<MachineInstance, "data"> {
  readonly stateKind?: StateKind;
}

/** A page of them, the newest first. */
export interface InstancePage {
  readonly instances: readonly ListedInstance[];
  readonly next?: string;
}

/** A state machine of a document that runs. */
export interface KnownMachine
  extends InstancePlace, Omit<MachineDefinition, "name"> {
  readonly definition: string;
}

/** How many instances are in which state. */
export interface InstanceCounts {
  readonly counts: readonly (InstancePlace & {
    readonly definition: string;
    readonly state: string;
    readonly count: number;
  })[];
  readonly isPartial: boolean;
}

/** The work of a hook, and the run that it began. */
export type ToldWork = Omit<HookWork, "sequence"> & { readonly run?: string };

/** One line of a history. */
export interface ToldEntry extends Omit<HistoryEntry, "handlers"> {
  readonly work?: readonly ToldWork[];
}

/** Everything about one instance. */
export interface WholeInstance extends InstancePlace, MachineInstance {
  readonly stateKind?: StateKind;
  /** `null`: the document has the machine no more. */
  readonly definedAs: KnownMachine | null;
  readonly transitions: readonly PossibleTransition[];
  /** The oldest first. */
  readonly history: readonly ToldEntry[];
}

/** The path of an instance, of its page as well as behind `/api`. */
export function instancePath(
  { application, machine, id }: InstancePlace & { readonly id: string },
): string {
  const parts = [application, machine, id].map(encodeURIComponent);
  return `/instances/${parts.join("/")}`;
}

/** What a state is. */
export function kindOf(
  { initialState, states }: Pick<KnownMachine, "initialState" | "states">,
  name: string,
): StateKind | undefined {
  const state = states[name];
  if (state === undefined) return undefined;
  if (state.isFinal) return state.isError ? "error" : "final";
  return name === initialState ? "initial" : "plain";
}

/** Not begun, under way, over, failed; amber where nobody knows the state. */
export function toneOfState(kind: StateKind | undefined): Tone {
  return kind === undefined ? "wait" : TONES[kind];
}

const TONES: Readonly<Record<StateKind, Tone>> = {
  initial: "idle",
  plain: "run",
  final: "ok",
  error: "fail",
};
