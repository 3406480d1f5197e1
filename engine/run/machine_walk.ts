/**
 * Walks over the blocks of a run: from node to node, into loops and branches and
 * out of them again, and past what has failed.
 *
 * @module
 */
import { ExpressionError } from "../expression/expression_error.ts";
import { EACH_ITEMS_MAX } from "../pipeline/grammar.ts";
import type {
  Block,
  EachNode,
  ParallelNode,
  PipelineNode,
  SwitchNode,
} from "../pipeline/program.ts";
import type { JsonValue } from "../store/store.ts";
import type { RunError } from "./journal.ts";
import type { BlockFrame, Live, Owner, Values } from "./machine_frames.ts";
import {
  asValue,
  describe,
  expressionError,
  innerValues,
  isTrue,
  outputOf,
  ownerOf,
} from "./machine_values.ts";

/** What a walk asks of the run, and tells it. */
export interface WalkHooks {
  /** Whether the run is to end, so that no block goes on. */
  isDraining(): boolean;
  /** A block of the run itself is done. */
  rootDone(frame: BlockFrame): void;
  /** A block of the run itself has failed. */
  rootFailed(error: RunError): void;
  /** Something has ended that nothing follows, since the run is to end. */
  settled(): void;
  /** Something has come to its end, for those who look at a past run. */
  noted?: ((note: Note) => void) | undefined;
}

/** How a node has come to its end. */
export interface Note {
  readonly path: string;
  readonly status: "completed" | "failed" | "recovered" | "skipped";
  readonly output: JsonValue;
  readonly error: RunError | undefined;
}

/** Which block of a loop or of branches a frame is. */
const indexOf = new WeakMap<BlockFrame, number>();

/** See the module comment. */
export class Walk {
  /** What something must happen to, by path, in the order in which it came up. */
  readonly live = new Map<string, Live>();
  /** Paths in `live` that are new or have changed. */
  changed: string[] = [];
  readonly #hooks: WalkHooks;

  constructor(hooks: WalkHooks) {
    this.#hooks = hooks;
  }

  blockOf(
    nodes: Block,
    values: Values,
    owner?: Owner,
    prefix = "",
  ): BlockFrame {
    return { nodes, index: 0, values, prefix, last: null, owner };
  }

  /** Goes on with a block from its index: to the next node that must be done. */
  enter(frame: BlockFrame): void {
    while (true) {
      if (this.isStopped(frame)) return this.#settle(frame);
      const node = frame.nodes[frame.index];
      if (node === undefined) return this.#blockDone(frame);
      const path = frame.prefix + node.id;
      let holds: boolean;
      try {
        holds = node.when === undefined || isTrue(node.when, frame.values);
        if (holds && this.#begin(node, path, frame)) return;
      } catch (error) {
        return this.nodeFailed(node, frame, expressionError(error, path));
      }
      if (!holds) this.note(frame, node.id, null, "skipped");
      frame.index++;
    }
  }

  /** Whether a block must not go on: something around it has failed. */
  isStopped(frame: BlockFrame): boolean {
    if (this.#hooks.isDraining()) return true;
    for (let owner = frame.owner; owner; owner = owner.frame.owner) {
      if (owner.failure !== undefined) return true;
    }
    return false;
  }

  /** Begins a node. False if it is done already. */
  #begin(node: PipelineNode, path: string, frame: BlockFrame): boolean {
    switch (node.kind) {
      case "task":
        this.put({
          kind: "doing",
          path,
          frame,
          task: node.task,
          values: frame.values,
          attempt: 1,
        });
        return true;
      case "wait":
        this.put({ kind: "arming", path, frame, node, values: frame.values });
        return true;
      case "each":
        return this.#beginEach(node, path, frame);
      case "parallel":
        return this.#beginParallel(node, path, frame);
      case "switch":
        return this.#beginSwitch(node, path, frame);
    }
  }

  #beginEach(node: EachNode, path: string, frame: BlockFrame): boolean {
    const items = node.items.evaluate(frame.values);
    if (!Array.isArray(items)) {
      throw new ExpressionError(
        `"forEach" needs a list: found ${describe(items)}`,
        { kind: "evaluation", text: "" },
      );
    }
    if (items.length > EACH_ITEMS_MAX) {
      throw new ExpressionError(
        `"forEach" goes over ${items.length} items: the limit is ${EACH_ITEMS_MAX} items`,
        { kind: "evaluation", text: "" },
      );
    }
    if (items.length === 0) {
      this.note(frame, node.id, [], "completed");
      frame.last = [];
      return false;
    }
    this.#spawn(ownerOf("each", node, { frame, path, items }));
    return true;
  }

  #beginParallel(node: ParallelNode, path: string, frame: BlockFrame): boolean {
    const items = node.branches.map(({ name }) => name);
    this.#spawn(ownerOf("parallel", node, { frame, path, items }));
    return true;
  }

  #beginSwitch(node: SwitchNode, path: string, frame: BlockFrame): boolean {
    const taken = node.cases.find(({ when }) =>
      when === undefined || isTrue(when, frame.values)
    );
    if (taken === undefined) {
      this.note(frame, node.id, null, "completed");
      frame.last = null;
      return false;
    }
    const owner = ownerOf("switch", node, { frame, path, items: [null] });
    owner.next = owner.running = 1;
    this.enter(
      this.blockOf(taken.body, innerValues(frame), owner, frame.prefix),
    );
    return true;
  }

  /** Begins as many blocks of a loop or of branches as may be under way. */
  #spawn(owner: Owner): void {
    const { node, items, frame } = owner;
    const most = node.kind === "each" ? node.concurrency : items.length;
    owner.isSpawning = true;
    while (
      owner.next < items.length && owner.running < most &&
      owner.failure === undefined && !this.isStopped(frame)
    ) {
      owner.running++;
      this.enter(this.#innerBlock(owner, owner.next++));
    }
    owner.isSpawning = false;
    this.#endIfDone(owner);
  }

  #innerBlock(owner: Owner, index: number): BlockFrame {
    const { node, items, frame, path } = owner;
    const values = innerValues(frame);
    let body: Block = [];
    let prefix = frame.prefix;
    if (node.kind === "each") {
      values[node.as] = items[index] ?? null;
      values.index = index;
      body = node.body;
      prefix = `${path}[${index}]/`;
    } else if (node.kind === "parallel") {
      body = node.branches[index]?.body ?? [];
    }
    const block = this.blockOf(body, values, owner, prefix);
    indexOf.set(block, index);
    return block;
  }

  /** A block has come to its end. */
  #blockDone(frame: BlockFrame): void {
    const { owner } = frame;
    if (owner === undefined) return this.#hooks.rootDone(frame);
    owner.outputs[indexOf.get(frame) ?? 0] = frame.last;
    owner.running--;
    this.#checkOwner(owner);
  }

  /** Begins what comes next of a loop, or ends it. */
  #checkOwner(owner: Owner): void {
    // What is done at once, while others begin, must not nest ever deeper.
    if (owner.isSpawning || owner.failure !== undefined) return;
    if (owner.next < owner.items.length) this.#spawn(owner);
    else this.#endIfDone(owner);
  }

  #endIfDone(owner: Owner): void {
    const isDone = owner.next >= owner.items.length && owner.running === 0;
    if (isDone && owner.failure === undefined) this.#ownerDone(owner);
  }

  #ownerDone(owner: Owner): void {
    const { node, frame } = owner;
    owner.running = -1;
    if (owner.kind === "handler") {
      const output = owner.outputs[0] ?? null;
      this.note(frame, node.id, output, "recovered", owner.handled);
      frame.last = output;
    } else {
      const output = outputOf(owner);
      this.note(frame, node.id, output, "completed");
      frame.last = output;
    }
    frame.index++;
    this.enter(frame);
  }

  /** A node has failed for good. */
  nodeFailed(node: PipelineNode, frame: BlockFrame, error: RunError): void {
    if (this.isStopped(frame)) return this.#settle(frame);
    if (node.onError === "continue") {
      this.note(frame, node.id, null, "failed", error);
      frame.last = null;
      frame.index++;
      return this.enter(frame);
    }
    if (node.onError !== "fail") {
      const path = frame.prefix + node.id;
      const owner = ownerOf("handler", node, {
        ...{ frame, path, items: [null] },
        handled: error,
      });
      owner.next = owner.running = 1;
      const values = innerValues(frame);
      values.error = asValue(error);
      const block = this.blockOf(node.onError, values, owner, frame.prefix);
      return this.enter(block);
    }
    this.#blockFailed(frame, error);
  }

  /** A block has failed, and so what it is part of, once the rest has settled. */
  #blockFailed(frame: BlockFrame, error: RunError): void {
    const { owner } = frame;
    if (owner === undefined) return this.#hooks.rootFailed(error);
    owner.failure ??= error;
    this.dropIdle();
    this.#settle(frame);
  }

  /** Nothing goes on in a block any more: lets what has failed around it fail. */
  #settle(frame: BlockFrame): void {
    for (let { owner } = frame; owner; owner = owner.frame.owner) {
      const { failure } = owner;
      if (failure === undefined) continue;
      if (this.#hasLive(owner)) return;
      if (this.isStopped(owner.frame)) continue;
      return owner.kind === "handler"
        ? this.#blockFailed(owner.frame, failure)
        : this.nodeFailed(owner.node, owner.frame, failure);
    }
    this.#hooks.settled();
  }

  #hasLive(owner: Owner): boolean {
    for (const { frame } of this.live.values()) {
      for (let around = frame?.owner; around; around = around.frame.owner) {
        if (around === owner) return true;
      }
    }
    return false;
  }

  /** Takes out what only waits, where nothing may go on. */
  dropIdle(): void {
    for (const live of [...this.live.values()]) {
      const { kind, frame, path } = live;
      if (kind === "doing" || kind === "child" || frame === undefined) continue;
      if (!this.isStopped(frame)) continue;
      // Whether the next attempt has begun is not in the journal: whoever drives
      // the run says what becomes of it.
      if (kind === "retrying") {
        if (!live.isStopped) {
          this.put({ ...live, isHandled: false, isStopped: true });
        }
      } else this.live.delete(path);
    }
  }

  put(live: Live): void {
    this.live.set(live.path, live);
    this.changed.push(live.path);
  }

  note(
    frame: BlockFrame,
    id: string,
    output: JsonValue,
    status: Note["status"],
    error?: RunError,
  ): void {
    this.#hooks.noted?.({ path: frame.prefix + id, status, output, error });
    const steps = frame.values.steps as Record<string, JsonValue>;
    steps[id] = {
      output,
      status,
      error: error === undefined ? null : asValue(error),
    };
  }
}
