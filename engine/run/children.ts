/**
 * Runs that do steps of other runs. The step names the run before the run is
 * there, so a crash in between leads to one run, never to two or none.
 *
 * @module
 */
import { messageOf, RefusedError } from "../errors.ts";
import { ExpressionError } from "../expression/expression_error.ts";
import type { Program } from "../pipeline/program.ts";
import type { JsonValue } from "../store/store.ts";
import type { StartOptions } from "./accept.ts";
import { checkInput } from "./input.ts";
import type { End, Entry, Parent, RunError } from "./journal.ts";
import { FencedError } from "./log.ts";
import type { Child } from "./machine_frames.ts";
import type { Run } from "./run.ts";
import { viaOf } from "./via.ts";
import type { RunView } from "./view.ts";

/** What is needed of the other runs. */
export interface ChildrenOptions {
  readonly application: string;
  readonly live: ReadonlyMap<string, Run>;
  readonly get: (id: string) => Promise<RunView | undefined>;
  readonly program: (id: string) => Program | undefined;
  readonly launch: (
    program: Program,
    input: JsonValue,
    options: StartOptions,
    id: string,
  ) => Promise<unknown>;
  readonly cancel: (id: string, reason: string) => Promise<void>;
  readonly record: (run: Run, entries: readonly Entry[]) => Promise<void>;
  readonly now: () => number;
  readonly after: (ms: number, callback: () => void) => unknown;
  readonly onError: (run: Run, error: unknown) => void;
}

/** The wait until something that failed is tried again, in milliseconds. */
const AGAIN_MS = 1_000;

/** The step is to stop, and the run that would do it has not begun. */
class StoppedError extends Error {
  override readonly name = "StoppedError";
}

/** See the module comment. */
export class Children {
  readonly #options: ChildrenOptions;
  /** Runs that are looked for, or about to be there. */
  readonly #seeing = new Set<string>();

  constructor(options: ChildrenOptions) {
    this.#options = options;
  }

  /**
   * Sees to it that the run which does a step is there, or stops if the step is
   * to stop, and tells its end. What only fails at the moment is tried again.
   */
  async see(run: Run, path: string): Promise<void> {
    const live = run.machine?.live.get(path);
    if (live?.kind !== "child" || this.#seeing.has(live.run)) return;
    const { run: id } = live;
    this.#seeing.add(id);
    try {
      const end = await this.#endOf(run, live);
      // In one turn with what follows: a stop that comes now must not be missed.
      this.#seeing.delete(id);
      if (end !== undefined) await this.tell({ run: run.id, step: path }, end);
      else await this.#stop(run, id);
    } catch (error) {
      this.#seeing.delete(id);
      await this.#failed(run, path, error);
    }
  }

  /** How the run that does a step has ended, if it has; begins it if it is not there. */
  async #endOf(run: Run, live: Child): Promise<End | undefined> {
    const { application, get, program, launch } = this.#options;
    const { path, task: { target, input }, values, run: id } = live;
    const known = await get(id);
    if (known !== undefined) return known.end;
    // Whoever has adopted it sees to it.
    if (this.#options.live.get(run.id) !== run) {
      throw new FencedError(`Cannot go on with run ${run.id}: it is elsewhere`);
    }
    const reason = run.machine?.stopReason;
    if (reason !== undefined) throw new StoppedError(reason);
    const name = target.kind === "pipeline" ? target.id : "";
    const found = program(name);
    if (found === undefined) {
      throw new RefusedError("not-found", `No pipeline is called "${name}"`);
    }
    const { priority } = run.accepted;
    const checked = checkInput(found, input.evaluate(values));
    const parent = { run: run.id, step: path };
    const via = viaOf(run.accepted, application);
    const traceparent = run.accepted.trace?.traceparent;
    const start = { priority, parent, via, traceparent };
    await launch(found, checked, start, id);
    return undefined;
  }

  async #failed(run: Run, path: string, error: unknown): Promise<void> {
    if (error instanceof FencedError) return;
    const code = codeOf(error);
    if (code !== undefined) {
      const failure = { message: messageOf(error), code };
      return await this.#settle(run, path, { kind: "failed", error: failure });
    }
    const { live, onError, after } = this.#options;
    if (live.get(run.id) !== run) return;
    onError(run, error);
    after(AGAIN_MS, () => void this.see(run, path));
  }

  /** Cancels the run that does a step of a run that is to end early. */
  async #stop({ machine }: Run, child: string): Promise<void> {
    const reason = machine?.stopReason;
    if (reason === undefined) return;
    try {
      await this.#options.cancel(child, reason);
    } catch (error) {
      // One that has ended meanwhile is what was wanted.
      if (!(error instanceof RefusedError)) throw error;
    }
  }

  /** Tells the step that waits for a run how that has ended. */
  async tell({ run: id, step }: Parent, end: End): Promise<void> {
    const run = this.#options.live.get(id);
    if (run !== undefined) await this.#settle(run, step, end);
  }

  async #settle(
    run: Run,
    step: string,
    end: End | { readonly kind: "failed"; readonly error: RunError },
  ): Promise<void> {
    // It was told before, and the run has come to its end since.
    if (run.isEnding) return;
    const at = this.#options.now();
    const place = { at, step, attempt: 1, since: at };
    const entry: Entry = end.kind === "completed"
      ? { kind: "step.completed", ...place, output: end.output }
      : {
        kind: "step.failed",
        ...place,
        error: { message: end.error.message, code: end.error.code, step },
      };
    try {
      await this.#options.record(run, [entry]);
    } catch (error) {
      this.#options.onError(run, error);
    }
  }
}

/** Why a run cannot be begun, for good; `undefined` if it may be later. */
function codeOf(error: unknown): string | undefined {
  if (error instanceof StoppedError) return "cancelled";
  if (error instanceof ExpressionError) return "expression";
  const isFinal = error instanceof RefusedError ||
    error instanceof RangeError ||
    error instanceof TypeError;
  return isFinal ? "child" : undefined;
}
