/**
 * A run that is not finished, as the process that owns it knows it.
 *
 * @module
 */
import type { Program } from "../pipeline/program.ts";
import type { Key } from "../store/store.ts";
import type {
  AcceptedEntry,
  End,
  Entry,
  RunError,
  RunStatus,
} from "./journal.ts";
import type { Segment } from "./log.ts";
import { Machine } from "./machine.ts";

const NONE: readonly Key[] = [];

/** A run in memory. */
export class Run {
  readonly id: string;
  readonly accepted: AcceptedEntry;
  /** Absent as long as its pipeline cannot be compiled; `stuck` says why. */
  machine: Machine | undefined;
  stuck: string | undefined;
  /** Its journal, an entry each, as JSON. */
  readonly entries: string[] = [];
  /** Entries at the end of `entries` that are not given to the log yet. */
  unwritten = 0;
  /** Entries at the beginning of `entries` that nothing can take back. */
  durable = 0;
  /** Appends that the log has not answered yet. */
  inFlight = 0;
  /** Nothing is promised yet: entries are kept back until the end, or a wait. */
  isDeferred = false;
  /** Waits for its turn: too many runs of its pipeline are under way. */
  isPending = false;
  isEnding = false;
  /** It is being written that it stands at a step, or goes on: nothing begins. */
  turning: "pausing" | "resuming" | undefined;
  /** Resolves when its end is durable, or will not be; from when it is written. */
  ending: Promise<void> | undefined;
  /** The last entry, once it counts. */
  end: End | undefined;
  /** Why entries could not be written; there will be no more. */
  lost: unknown;
  /** The oldest segment of the log that it cannot do without. */
  pin: Segment | undefined;
  /** How many of its entries a checkpoint holds. */
  checkpointed = 0;
  /** Checkpoints of nodes that had it before. */
  earlier: readonly Key[] = NONE;
  // Most runs need none of these, and there are very many runs.
  #doing: Map<string, AbortController> | undefined;
  #watchers: Set<() => void> | undefined;
  #since: Map<string, number> | undefined;
  #timers: Map<string, () => void> | undefined;

  constructor(id: string, accepted: AcceptedEntry) {
    this.id = id;
    this.accepted = accepted;
  }

  /** Puts the run under a program, and through its journal so far. */
  compileWith(program: Program, journal: readonly Entry[] = []): void {
    this.machine = new Machine(program, this.accepted, this.id);
    this.stuck = undefined;
    for (const entry of journal) this.machine.apply(entry);
  }

  /** What is being done, by path, with what ends it. */
  get doing(): Map<string, AbortController> {
    return this.#doing ??= new Map();
  }

  /** Called after every entry, and once at the end. */
  get watchers(): Set<() => void> {
    return this.#watchers ??= new Set();
  }

  /** When its current attempts began, by path. */
  get since(): Map<string, number> {
    return this.#since ??= new Map();
  }

  /** Takes back what is set to happen to it later: by path, the run's timeout under "". */
  get timers(): Map<string, () => void> {
    return this.#timers ??= new Map();
  }

  /** Whether something is set to happen to it later. */
  get isTimed(): boolean {
    return this.#timers !== undefined && this.#timers.size > 0;
  }

  /** Nothing happens to it any more. */
  dropTimers(): void {
    for (const cancel of this.#timers?.values() ?? []) cancel();
    this.#timers = undefined;
  }

  /** It cannot do without the segment that holds its first entry. */
  pinTo(segment: Segment): void {
    if (this.pin !== undefined) return;
    this.pin = segment;
    segment.pins++;
  }

  /** Nothing of it is written any more: a journal must have no gap. */
  lose(error: unknown): void {
    this.lost = error;
    this.tellWatchers();
  }

  /** Something has changed: those who wait for it look again. */
  tellWatchers(): void {
    if (this.#watchers === undefined) return;
    for (const watch of [...this.#watchers]) watch();
  }

  /** Resolves when the next entry counts, or none will any more. */
  changed(): Promise<void> {
    return new Promise((resolve) => {
      const watch = () => {
        this.watchers.delete(watch);
        resolve();
      };
      this.watchers.add(watch);
    });
  }

  /** How the run is. */
  get status(): RunStatus {
    if (this.isPending) return "pending";
    if (this.stuck !== undefined || this.machine === undefined) {
      return "waiting";
    }
    if (this.machine.pause !== undefined) return "paused";
    if (this.inFlight > 0 || this.machine.outcome !== undefined) {
      return "running";
    }
    for (const { kind } of this.machine.live.values()) {
      if (kind === "doing" || kind === "arming") return "running";
    }
    return "waiting";
  }
}

/** What is known of a run beside its journal. */
export interface RunSummary {
  readonly id: string;
  readonly pipeline: string;
  readonly version: string;
  readonly status: RunStatus;
  /** Milliseconds since 1970. */
  readonly acceptedAt: number;
  readonly finishedAt?: number;
  readonly key?: string;
  readonly idempotencyKey?: string;
  readonly source?: string;
  readonly parent?: AcceptedEntry["parent"];
  readonly fork?: AcceptedEntry["fork"];
  readonly error?: RunError;
}

/** The summary of a run, from its first entry and, if it is over, its last. */
export function summarize(
  id: string,
  accepted: AcceptedEntry,
  state: RunStatus | Entry,
): RunSummary {
  const { pipeline, version, at, key, idempotencyKey, source, parent, fork } =
    accepted;
  const isOver = typeof state === "object";
  return {
    id,
    pipeline,
    version,
    status: isOver ? state.kind as RunStatus : state,
    acceptedAt: at,
    ...isOver ? { finishedAt: state.at } : {},
    ...key === undefined ? {} : { key },
    ...idempotencyKey === undefined ? {} : { idempotencyKey },
    ...source === undefined ? {} : { source },
    ...parent === undefined ? {} : { parent },
    ...fork === undefined ? {} : { fork },
    ...isOver && "error" in state ? { error: state.error } : {},
  };
}
