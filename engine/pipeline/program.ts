/**
 * A pipeline that is ready to run: blocks of nodes, with every expression
 * checked and compiled. What the machine walks over.
 *
 * @module
 */
import type { Expression } from "../expression/evaluate.ts";
import type { Template } from "../expression/template.ts";

/** A list of nodes that are done in order. */
export type Block = readonly PipelineNode[];

/** What is done when a node has failed for good. */
export type OnError = "fail" | "continue" | Block;

/** When and how often a task is tried again. */
export interface RetryPolicy {
  readonly attempts: number;
  readonly backoffMs: number;
  readonly factor: number;
  readonly maxBackoffMs: number;
  readonly jitter: number;
  /** Over `error` and `attempt`. */
  readonly when: Expression | undefined;
}

/** Who does a task. */
export type Target =
  | { readonly kind: "step"; readonly type: string; readonly pure: boolean }
  | {
    readonly kind: "action";
    readonly module: string;
    readonly action: string;
  }
  | { readonly kind: "component"; readonly module: string }
  | { readonly kind: "pipeline"; readonly id: string };

/** Tells whether a value is what somebody takes; a schema is one. */
export interface Acceptance {
  safeParse(value: unknown): { readonly success: boolean };
}

/** A piece of work. */
export interface Task {
  readonly target: Target;
  /** What the target takes; absent where it looks at that itself. */
  readonly accepts: Acceptance | undefined;
  readonly input: Template;
  readonly retry: RetryPolicy;
  readonly timeoutMs: number;
  readonly idempotencyKey: Template | undefined;
}

interface NodeBase {
  readonly id: string;
  readonly when: Expression | undefined;
  readonly onError: OnError;
}

/** Does a task. */
export interface TaskNode extends NodeBase {
  readonly kind: "task";
  readonly task: Task;
  readonly compensate: Task | undefined;
}

/** Does a block for each item of a list. */
export interface EachNode extends NodeBase {
  readonly kind: "each";
  readonly items: Template;
  readonly as: string;
  readonly concurrency: number;
  readonly body: Block;
}

/** Does blocks side by side. */
export interface ParallelNode extends NodeBase {
  readonly kind: "parallel";
  readonly branches: readonly { readonly name: string; readonly body: Block }[];
}

/** Does the first block whose condition holds. */
export interface SwitchNode extends NodeBase {
  readonly kind: "switch";
  readonly cases: readonly {
    readonly when: Expression | undefined;
    readonly body: Block;
  }[];
}

/** Waits for a time, a signal or a decision. */
export interface WaitNode extends NodeBase {
  readonly kind: "wait";
  readonly for: Template | undefined;
  readonly until: Template | undefined;
  readonly signal: Template | undefined;
  /** What is asked of a person; absent if none is. */
  readonly approval: Template | undefined;
  readonly timeoutMs: number | undefined;
}

/** A step, compiled. */
export type PipelineNode =
  | TaskNode
  | EachNode
  | ParallelNode
  | SwitchNode
  | WaitNode;

/** One field of the input. */
export interface InputField {
  readonly type: string;
  readonly required: boolean;
  readonly defaultValue: unknown;
  readonly values: readonly unknown[] | undefined;
}

/** Bounds how many runs there are. */
export interface Bound {
  readonly limit: number;
  readonly key: Expression | undefined;
  /** The time that a rate is for; 0 for a bound on what is under way. */
  readonly perMs: number;
}

/** A pipeline, compiled. */
export interface Program {
  readonly id: string;
  /** Of the text that it was compiled from. */
  readonly version: string;
  readonly durability: "accept" | "result";
  readonly input: ReadonlyMap<string, InputField> | undefined;
  readonly key: Expression | undefined;
  readonly concurrency: Bound | undefined;
  readonly rateLimit: Bound | undefined;
  readonly priority: number | Expression;
  readonly timeoutMs: number | undefined;
  readonly retentionMs: number;
  readonly body: Block;
  readonly onSuccess: Block | undefined;
  readonly onError: Block | undefined;
  readonly output: Template | undefined;
  /** The ids of steps that wait for a decision: each has a link. */
  readonly approvals: readonly string[];
  /** The ids of steps that answer the request that began the run. */
  readonly responds: readonly string[];
}
