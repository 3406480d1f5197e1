/**
 * Runs that do steps of other runs. The step names the run before the run is
 * there, so a crash in between leads to one run, never to two or none.
 *
 * @module
 */
import { messageOf, RefusedError } from "../errors.ts";
import type { Program } from "../pipeline/program.ts";
import type { JsonValue } from "../store/store.ts";
import type { StartOptions } from "./accept.ts";
import { checkInput } from "./input.ts";
import type { End, Entry, Parent, RunError } from "./journal.ts";
import { FencedError } from "./log.ts";
import type { Run } from "./run.ts";
import type { RunView } from "./view.ts";

/** What is needed of the other runs. */
export interface ChildrenOptions {
  readonly live: ReadonlyMap<string, Run>;
  readonly get: (id: string) => Promise<RunView | undefined>;
  readonly program: (id: string) => Program | undefined;
  readonly launch: (
    program: Program,
    input: JsonValue,
    options: StartOptions,
    id: string,
  ) => Promise<unknown>;
  readonly record: (run: Run, entries: readonly Entry[]) => Promise<void>;
  readonly now: () => number;
  readonly onError: (run: Run, error: unknown) => void;
}

/** See the module comment. */
export class Children {
  readonly #options: ChildrenOptions;

  constructor(options: ChildrenOptions) {
    this.#options = options;
  }

  /** Sees to it that the run which does a step is there, and tells its end. */
  async see(run: Run, path: string): Promise<void> {
    const live = run.machine?.live.get(path);
    if (live?.kind !== "child") return;
    const { task: { target, input }, values, run: id } = live;
    const parent = { run: run.id, step: path };
    const { get, program, launch } = this.#options;
    try {
      const known = await get(id);
      if (known !== undefined) {
        return known.summary.finishedAt === undefined
          ? undefined
          : await this.tell(parent, id);
      }
      if (target.kind !== "pipeline") return;
      const found = program(target.id);
      if (found === undefined) {
        throw new RefusedError(
          "not-found",
          `No pipeline is called "${target.id}"`,
        );
      }
      const { priority } = run.accepted;
      const checked = checkInput(found, input.evaluate(values));
      await launch(found, checked, { priority, parent }, id);
    } catch (error) {
      if (error instanceof FencedError) return;
      const failure = { message: messageOf(error), code: "child" };
      await this.#settle(run, path, { kind: "failed", error: failure });
    }
  }

  /** Tells the step that waits for a run how it has ended. */
  async tell({ run: id, step }: Parent, child: string): Promise<void> {
    const run = this.#options.live.get(id);
    const view = await this.#options.get(child);
    const end = view?.end;
    if (run !== undefined && end !== undefined) {
      await this.#settle(run, step, end);
    }
  }

  async #settle(
    run: Run,
    step: string,
    end: End | { readonly kind: "failed"; readonly error: RunError },
  ): Promise<void> {
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
