/**
 * The contract of what keeps state machines.
 *
 * @module
 */
import { defineService } from "../service.ts";
import type { JsonValue } from "../store/store.ts";
import type { MachineDefinition } from "../state/definition.ts";
import type { HookWork } from "../state/hook_work.ts";
import type { TransitionHandler } from "./transition_handler.ts";

/** The data of an instance. */
export type MachineData = Readonly<Record<string, JsonValue | undefined>>;

/** One thing that has a state. Never changes; a transition makes a new one. */
export interface MachineInstance {
  readonly id: string;
  /** The name of its definition. */
  readonly definition: string;
  readonly state: string;
  readonly previousState?: string;
  readonly data: MachineData;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Whether the state is final. */
  readonly completed: boolean;
  /** Set in a final state that is an error. */
  readonly error?: string;
  /** Counts the transitions. */
  readonly sequence: number;
}

/** One line of an instance's history. */
export interface HistoryEntry {
  readonly sequence: number;
  /** `null` for the creation, and for data that a hook merged by itself. */
  readonly transition: string | null;
  readonly fromState: string | null;
  readonly toState: string;
  readonly at: number;
  /** What the transition merged into the data. */
  readonly data: MachineData;
  /** What asked for it, for people; absent where nobody said so. */
  readonly source?: string;
  /** The handlers of the hooks that it gave work to, in their order. */
  readonly handlers?: readonly string[];
}

/** Which instances are meant. What is absent fits every one. */
export interface InstanceFilter {
  readonly definition?: string | undefined;
  readonly state?: string | undefined;
  /** Stands somewhere in the id, or is a whole field of the data; case is no matter. */
  readonly text?: string | undefined;
}

/** An instance, and its place in the order of creation. */
export interface PlacedInstance {
  /** Ascends from creation to creation, in all engines alike. */
  readonly place: string;
  readonly instance: MachineInstance;
}

/** Some instances, the newest first, and where to go on. */
export interface InstancePage {
  readonly instances: readonly PlacedInstance[];
  /** Everything from this place on has been looked at; absent: everything has. */
  readonly next?: string;
}

/** How many instances are in which state. */
export interface InstanceCounts {
  readonly counts: readonly {
    readonly definition: string;
    readonly state: string;
    readonly count: number;
  }[];
  /** Whether there are more instances than were counted. */
  readonly isPartial: boolean;
}

/** When a handler is called. An absent criterion fits everything. */
export interface Hook {
  readonly definition?: string;
  readonly transitions?: readonly string[];
  readonly fromStates?: readonly string[];
  readonly toStates?: readonly string[];
  /** The module's name; it is part of what is kept, so that work survives. */
  readonly handlerName: string;
  readonly handler: TransitionHandler;
}

/** What `create` may be told beside the data. */
export interface CreateOptions {
  /**
   * The state to make the instance in, such as that of a seed. One that the
   * definition does not have makes it in the initial state.
   */
  readonly state?: string;
  /** A transition for the same commit; if it is refused, nothing is made. */
  readonly fire?: string;
  /** What asks for it, for people. */
  readonly source?: string;
}

/** What `fire` may be told beside the transition. */
export interface FireOptions {
  /** Merged into the data by the same commit. */
  readonly data?: MachineData;
  /** Refuse if the instance is of another definition. */
  readonly definition?: string;
  /** Make the instance first, in the same commit, if there is none. */
  readonly create?: { readonly definition: string; readonly data: MachineData };
  /**
   * Names the request: of two with one key the second changes nothing and
   * returns the instance as it is by then. Remembered for a day.
   */
  readonly idempotencyKey?: string;
  /** What led here; announcements, work and what follows by itself carry it on. */
  readonly via?: readonly string[];
  /** What asks for it, for people: `http POST /orders`, `schedule nightly`. */
  readonly source?: string;
}

/**
 * Keeps state machines. Each transition is one atomic commit of the instance,
 * its history line and the work that hooks ask for; of two that compete, one is
 * refused. Work runs after the commit and survives a restart.
 */
export interface StateMachines {
  /** Adds definitions and hooks; returns what removes them. */
  define(
    definitions: readonly MachineDefinition[],
    hooks: readonly Hook[],
  ): () => void;
  definition(name: string): MachineDefinition | undefined;
  definitions(): readonly MachineDefinition[];
  /**
   * Makes an instance in the initial state. Does not fire auto transitions.
   *
   * @throws {RefusedError} `unknown-definition`, `already-exists`, and with
   * `fire` what that one refuses.
   */
  create(
    definition: string,
    id: string,
    data: MachineData,
    options?: CreateOptions,
  ): Promise<MachineInstance>;
  /**
   * Commits one transition.
   *
   * @throws {RefusedError} `not-found`, `unknown-definition`,
   * `unknown-transition`, `wrong-state`, `guard-refused`
   */
  fire(
    id: string,
    transition: string,
    options?: FireOptions,
  ): Promise<MachineInstance>;
  get(id: string): Promise<MachineInstance | undefined>;
  history(id: string): Promise<readonly HistoryEntry[]>;
  /** Instances in order of creation. */
  list(options?: {
    readonly definition?: string;
    readonly state?: string;
    readonly limit?: number;
  }): AsyncIterable<MachineInstance>;
  /**
   * The newest instances that fit, below a place. The page may have fewer than
   * `limit`, or none, and more may follow all the same: one call looks at so
   * many at most.
   */
  page(
    filter: InstanceFilter,
    options: { readonly limit: number; readonly after?: string | undefined },
  ): Promise<InstancePage>;
  /** Counts instances by state, so many at most. */
  count(filter: InstanceFilter): Promise<InstanceCounts>;
  /** The work that the transitions of a history gave to hooks, in its order. */
  work(
    id: string,
    history: readonly HistoryEntry[],
  ): Promise<readonly HookWork[]>;
  /** Calls back after each commit; for trackers, never for work that must happen. */
  onCommitted(
    listener: (instance: MachineInstance, entry: HistoryEntry) => void,
  ): () => void;
  /** Resolves when no work is under way or due. For tests and draining. */
  idle(): Promise<void>;
}

/** Modules that keep state machines. */
export const StateMachines = defineService<StateMachines>(
  "state.machines",
  "keeps state machines",
);
