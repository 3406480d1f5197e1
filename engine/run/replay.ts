/**
 * Puts a journal through its program again, up to any entry, and keeps what the
 * journal itself does not say: which steps have come up, were skipped or
 * recovered, and which are still to come.
 *
 * @module
 */
import type { Block, Program } from "../pipeline/program.ts";
import type { JsonValue } from "../store/store.ts";
import type { AcceptedEntry, Entry, RunError } from "./journal.ts";
import { Machine } from "./machine.ts";
import type { Live } from "./machine_frames.ts";
import type { Pause } from "./machine_pauses.ts";

/** What a replay knows of a step. */
export interface Known {
  readonly status: "running" | "completed" | "failed" | "recovered" | "skipped";
  readonly cameUpAt: number;
  readonly endedAt?: number;
  readonly output?: JsonValue;
  readonly error?: RunError | undefined;
}

/** What a replay adds to a journal. */
export interface Progress {
  /** Every step that has come up, in this order. */
  readonly steps: ReadonlyMap<string, Known>;
  /** Those to which something must happen next. */
  readonly live: ReadonlySet<string>;
  /** Those that are still to come, in order. */
  readonly pending: readonly string[];
  /** Where the run stands: of steps that have come up, none there has begun. */
  readonly pause?: Pause | undefined;
}

/** A run as it was at an entry of its journal. */
export interface Replay extends Progress {
  readonly machine: Machine;
}

/**
 * Replays the first `at + 1` entries of a journal.
 *
 * @param at @default the last entry
 */
export function replay(
  program: Program,
  { id, entries, at = entries.length - 1 }: {
    readonly id: string;
    readonly entries: readonly [AcceptedEntry, ...Entry[]];
    readonly at?: number | undefined;
  },
): Replay {
  const steps = new Map<string, Known>();
  let now = entries[0].at;
  const machine = new Machine(program, entries[0], id, (note) => {
    const { path, ...end } = note;
    const cameUpAt = steps.get(path)?.cameUpAt ?? now;
    // A new place at the end would tear a loop from its steps.
    steps.set(path, { ...end, cameUpAt, endedAt: now });
  });
  const see = () => {
    for (const live of machine.takeChanged()) cameUp(live, steps, now);
  };
  see();
  for (const entry of entries.slice(1, at + 1)) {
    now = entry.at;
    machine.apply(entry);
    see();
  }
  const live = new Set(machine.live.keys());
  const isOver = machine.outcome !== undefined || machine.isFinished ||
    machine.failure !== undefined;
  const pending = isOver ? [] : pendingIn(
    [...program.body, ...program.onSuccess ?? []],
    steps,
  );
  return { machine, steps, live, pending, pause: machine.pause };
}

/** Notes a step, and the loops and branches that it stands in before it. */
function cameUp(
  { path, frame }: Live,
  steps: Map<string, Known>,
  cameUpAt: number,
): void {
  const around: string[] = [];
  for (let owner = frame?.owner; owner; owner = owner.frame.owner) {
    if (owner.kind !== "handler") around.unshift(owner.path);
  }
  for (const each of [...around, path]) {
    if (!steps.has(each)) steps.set(each, { status: "running", cameUpAt });
  }
}

/** Nodes that have not come up. What a choice or a loop holds is not known yet. */
function pendingIn(
  block: Block,
  steps: ReadonlyMap<string, Known>,
): readonly string[] {
  return block.flatMap((node) => {
    const known = steps.get(node.id);
    if (known !== undefined && known.status !== "running") return [];
    const inner = node.kind === "parallel"
      ? node.branches.flatMap(({ body }) => pendingIn(body, steps))
      : [];
    return known === undefined ? [node.id, ...inner] : inner;
  });
}
