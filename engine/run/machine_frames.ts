/**
 * Where a run is: the blocks that are under way, and the steps that something
 * must happen to.
 *
 * @module
 */
import type {
  Block,
  EachNode,
  ParallelNode,
  PipelineNode,
  SwitchNode,
  Task,
  WaitNode,
} from "../pipeline/program.ts";
import type { JsonValue } from "../store/store.ts";
import type { RunError } from "./journal.ts";

/** The values that expressions are over at one place. */
export type Values = Record<string, JsonValue>;

/** A block that is under way. */
export interface BlockFrame {
  readonly nodes: Block;
  /** The index of the node that is under way. */
  index: number;
  readonly values: Values;
  /** Stands before the id of each node: `each[3]/`. */
  readonly prefix: string;
  /** The output of the last node that completed. */
  last: JsonValue;
  /** What the block is part of; absent for the blocks of the run itself. */
  readonly owner: Owner | undefined;
}

/** A node that does blocks. */
export interface Owner {
  readonly kind: "each" | "parallel" | "switch" | "handler";
  readonly node: EachNode | ParallelNode | SwitchNode | PipelineNode;
  /** The block in which the node stands. */
  readonly frame: BlockFrame;
  readonly path: string;
  readonly items: readonly JsonValue[];
  /** The item, or branch, that begins next. */
  next: number;
  /** How many blocks are under way. */
  running: number;
  /** Set while blocks begin. */
  isSpawning: boolean;
  readonly outputs: JsonValue[];
  /** Set once a block has failed: nothing begins any more. */
  failure: RunError | undefined;
  /** What is handled, if it is a handler. */
  readonly handled: RunError | undefined;
}

/** A step that something must happen to before the run goes on. */
export type Live = Doing | Retrying | Arming | Waiting | Child;

interface LiveBase {
  /** It has been given to a timer or to the outside; machines do not look at it. */
  isHandled?: boolean;
  /** The run has stood before it, and was let go: it does not stop there again. */
  readonly isPassed?: boolean;
  readonly path: string;
  /** The block that the step stands in; absent for a compensation. */
  readonly frame: BlockFrame | undefined;
}

/** To be done now. */
export interface Doing extends LiveBase {
  readonly kind: "doing";
  readonly task: Task;
  readonly values: Values;
  readonly attempt: number;
}

/** To be done again at a time. */
export interface Retrying extends LiveBase {
  readonly kind: "retrying";
  readonly task: Task;
  readonly values: Values;
  /** The attempt that comes next. */
  readonly attempt: number;
  readonly atMs: number;
  readonly error: RunError;
  /** The run, or what is around the step, is to end: it does not begin any more. */
  readonly isStopped?: boolean;
}

/** A wait whose end is still to be worked out. */
export interface Arming extends LiveBase {
  readonly kind: "arming";
  readonly node: WaitNode;
  readonly values: Values;
}

/** Waits for a time, or for a signal until a time. */
export interface Waiting extends LiveBase {
  readonly kind: "waiting";
  readonly node: WaitNode;
  readonly untilMs: number | undefined;
  readonly signal: string | undefined;
  readonly sinceMs: number;
}

/** Another run does the step. */
export interface Child extends LiveBase {
  readonly kind: "child";
  readonly task: Task;
  readonly values: Values;
  readonly run: string;
}

/** A step that is done and can be undone. */
export interface Undo {
  readonly path: string;
  readonly task: Task;
  readonly values: Values;
}
