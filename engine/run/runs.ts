/**
 * The runs of one application: begins them, keeps them going over restarts, and
 * answers for them.
 *
 * Longer than 400 lines because it is all that others may ask of runs; what is
 * behind each question stands in files of its own.
 *
 * @module
 */
import type { Catalog } from "../catalog.ts";
import type { Host } from "../define.ts";
import type { Effects } from "../effects.ts";
import { messageOf, RefusedError, RetryableError } from "../errors.ts";
import { RETENTION_DEFAULT_MS } from "../pipeline/grammar.ts";
import type { Program } from "../pipeline/program.ts";
import type { JsonValue, Store } from "../store/store.ts";
import { accept, sealed, type StartOptions } from "./accept.ts";
import type { ArchivedRun } from "./archive.ts";
import { Breakpoints } from "./breakpoints.ts";
import { Children } from "./children.ts";
import { Elsewhere, type Request } from "./elsewhere.ts";
import { RunExecutor } from "./executor.ts";
import { forkOf, type ForkRequest } from "./fork.ts";
import { checkGiven } from "./given.ts";
import { checkInput } from "./input.ts";
import { type Entry, type ResumeHow, unknownKind } from "./journal.ts";
import { FencedError } from "./log.ts";
import { isJoinedBefore } from "./nodes.ts";
import { KeyedStarts } from "./keyed_starts.ts";
import { endingOf, type Ownership } from "./ownership.ts";
import { SUPERSEDED, VERSIONS } from "./places.ts";
import { type Pipeline, Programs, type Recompile } from "./programs.ts";
import { Run, type RunSummary } from "./run.ts";
import { REPLACED, ThisNode } from "./this_node.ts";
import { keptView, type RunView, viewOf } from "./view.ts";
import { approvalSignal } from "./wait_until.ts";

/** Runs of an application that may be unfinished at a time. */
export const RUNS_LIVE_MAX = 500_000;

/** What `Runs` is made of. */
export interface RunsOptions {
  readonly application: string;
  /** The application's part of the store. */
  readonly store: Store;
  readonly effects: Effects;
  readonly catalog: Pick<Catalog, "steps">;
  /** What steps are given. */
  readonly host: Host;
  /** Segments that the log may have before it is shortened. @default {SEGMENTS_MAX} */
  readonly segmentsMax?: number;
  /** Something happened to a run: for events, metrics and lifecycle topics. */
  readonly onEntry: (run: Run, entry: Entry) => void;
  /** A step begins, or begins again after a restart. @default nobody is told */
  readonly onStep?: (run: Run, path: string) => void;
  /** The public address of the management surface, for links in runs. */
  readonly publicUrl?: string | undefined;
  /** Other processes may have runs of this application in the store. @default {false} */
  readonly isShared?: boolean | undefined;
}

type SignalEntry = Extract<Entry, { kind: "signal" }>;
/** How somebody lets a run that is paused go on. */
export interface ResumeRequest {
  /** For good, or for one step. */
  readonly how: Exclude<ResumeHow, "auto">;
  /** The step at which it must be paused. @default wherever it is */
  readonly step?: string;
  /** What the step is given in place of what its `with` yields. */
  readonly with?: JsonValue;
}

type CancelEntry = Extract<Entry, { kind: "cancel" }>;

/** What a link to a decision names. */
export interface ApprovalLink {
  readonly id: string;
  readonly step: string;
  readonly token: string;
}

/** What a person has decided. An alias: an interface does not count as JSON. */
export type Decision = {
  readonly approved: boolean;
  readonly comment: string;
  readonly by: string;
};

/** See the module comment. */
export class Runs {
  readonly programs: Programs;
  readonly breakpoints: Breakpoints;
  readonly #options: RunsOptions;
  readonly #live = new Map<string, Run>();
  /** Decisions under way, by run and step. */
  readonly #deciding = new Set<string>();
  readonly #children: Children;
  readonly #elsewhere: Elsewhere;
  readonly #keyed: KeyedStarts;
  readonly #node: ThisNode;

  constructor(options: RunsOptions) {
    this.#options = options;
    this.programs = new Programs(options.store, VERSIONS);
    this.breakpoints = new Breakpoints({
      ...{ store: options.store, clock: options.effects.clock },
      isShared: options.isShared ?? false,
      program: (id) => this.programs.current(id),
      warn: (message) => options.host.log.warn(message),
    });
    this.#children = new Children({
      application: options.application,
      live: this.#live,
      get: (id) => this.#getHere(id),
      program: (id) => this.programs.current(id),
      launch: (...start) => this.#launch(...start),
      cancel: (id, reason) => this.cancel(id, reason),
      record: (run, entries) => this.#record(run, entries),
      now: () => this.now(),
      after: (ms, callback) => options.effects.clock.after(ms, callback),
      onError: (run, error) => this.#failed(run, error),
    });
    this.#node = new ThisNode({
      ...options,
      live: this.#live,
      executor: (own) => this.#executor(own),
      compile: (run, journal) => this.#compile(run, journal),
      act: (request, id) => this.#act(request, id),
    });
    this.#elsewhere = new Elsewhere({
      ...{ store: options.store, clock: options.effects.clock },
      isShared: options.isShared ?? false,
      nextId: () => this.#nextId(),
      own: () => this.#node.own?.node.epoch ?? 0,
      isHere: (id) => this.#live.has(id),
      getHere: (id) => this.#getHere(id),
    });
    this.#keyed = new KeyedStarts({
      store: options.store,
      elsewhere: this.#elsewhere,
      nextId: () => this.#nextId(),
      own: () => this.#node.owned().node.epoch,
      get: (id) => this.get(id),
      durable: (id) => this.#durable(id),
      check: (pipeline, input) => {
        const program = this.programs.current(pipeline);
        if (program !== undefined) checkInput(program, input);
      },
      start: (...start) => this.#start(...start),
    });
  }

  /** How many runs are not over. */
  get unfinished(): number {
    return this.#live.size;
  }

  /** Sets the pipelines of the running document. No waiting: a reload calls it. */
  define(pipelines: Iterable<Pipeline>, recompile: Recompile): void {
    this.programs.define(pipelines, recompile);
  }

  /**
   * Becomes a node of the application and reads the runs of those that are gone,
   * who can write nothing more: of all others, unless several processes share the
   * store. Runs go on from `begin` on. An application that has no pipelines, and
   * never had any, does nothing.
   */
  async open(pipelines: readonly Pipeline[]): Promise<void> {
    await this.programs.keep(pipelines);
    const { store } = this.#options;
    if (pipelines.length === 0 && !await isJoinedBefore(store)) return;
    await this.breakpoints.open();
    await this.#node.open();
  }

  /** Lets the runs that were found go on. */
  begin(): void {
    this.#node.begin();
  }

  /** After the document has changed: what could not go on is tried again. */
  async wake(): Promise<void> {
    for (const run of this.#live.values()) {
      if (run.machine !== undefined) continue;
      await this.#compile(run, viewOf(run).entries);
      this.#node.own?.executor.resume(run);
    }
    this.#node.own?.executor.wake();
  }

  /** Lets what is under way finish for `graceMs`, and writes down what came of it. */
  async close(graceMs: number): Promise<void> {
    this.#elsewhere.close();
    this.breakpoints.close();
    await this.#node.close(graceMs);
  }

  /**
   * Begins a run. Resolves once it is durable: with `durability: accept` it is
   * accepted then, with `result` it is over. A second start with one
   * idempotency key resolves to the first one's run.
   *
   * @throws {RefusedError} `not-found`, `invalid-input`
   * @throws {RetryableError} Too many runs are unfinished.
   */
  start(
    pipeline: string,
    input: JsonValue,
    options: StartOptions = {},
  ): Promise<RunView> {
    const { idempotencyKey } = options;
    if (idempotencyKey === undefined) {
      return this.#start(pipeline, input, options, this.#nextId());
    }
    return this.#keyed.start(pipeline, input, { ...options, idempotencyKey });
  }

  /** Resolves once what is promised of a run lasts, if it is here. */
  async #durable(id: string): Promise<void> {
    const run = this.#live.get(id);
    // It is there, and perhaps nothing is promised yet.
    if (run?.machine?.program.durability === "result") {
      await this.#node.owned().executor.durable(run);
    }
  }

  /** One run, finished or not, whichever node has it. */
  async get(id: string): Promise<RunView | undefined> {
    const here = await this.#getHere(id);
    if (here !== undefined || !this.#options.isShared) return here;
    // In between it may have ended there, and been kept.
    return (await this.#elsewhere.find(id))?.view ?? await this.#getHere(id);
  }

  async #getHere(id: string): Promise<RunView | undefined> {
    const run = this.#live.get(id);
    if (run !== undefined) return viewOf(run);
    const kept = await this.#node.archive?.get(id);
    return kept && keptView(kept);
  }

  /** The fork that takes the place of a run, if there is one. */
  async supersededBy(id: string): Promise<string | undefined> {
    const entry = await this.#options.store.get([...SUPERSEDED, id]);
    return (entry?.value as { readonly by?: string } | undefined)?.by;
  }

  /** An unfinished run, as it is in memory. */
  find(id: string): Run | undefined {
    return this.#live.get(id);
  }

  /** Unfinished runs of this node, in no order. */
  live(): Iterable<Run> {
    return this.#live.values();
  }

  /** Unfinished runs of other nodes, in no order, as of about a second ago. */
  liveElsewhere(): Promise<readonly RunSummary[]> {
    return this.#elsewhere.unfinished();
  }

  /**
   * Finished runs with an id below `before`, the newest first, in groups. Returns
   * whether there may be older ones: one call reads so much at most.
   */
  async *finished(
    before?: string,
  ): AsyncGenerator<readonly ArchivedRun[], boolean, void> {
    return this.#node.archive !== undefined &&
      (yield* this.#node.archive.newestFirst(before));
  }

  /** Resolves when a run is over, or `signal` aborts; with what it is then. */
  async ended(id: string, signal?: AbortSignal): Promise<RunView | undefined> {
    const run = this.#live.get(id);
    if (run === undefined) return await this.#endedElsewhere(id, signal);
    if (signal === undefined) await run.ending;
    if (run.end === undefined && !signal?.aborted) {
      await new Promise<void>((resolve) => {
        const look = () => {
          if (run.end === undefined && !signal?.aborted) return;
          run.watchers.delete(look);
          signal?.removeEventListener("abort", look);
          resolve();
        };
        run.watchers.add(look);
        signal?.addEventListener("abort", look, { once: true });
      });
    }
    return viewOf(run);
  }

  async #endedElsewhere(
    id: string,
    signal: AbortSignal | undefined,
  ): Promise<RunView | undefined> {
    while (true) {
      const view = await this.get(id);
      const isOver = view === undefined || view.end !== undefined;
      if (isOver || signal?.aborted) return view;
      if (this.#live.has(id)) return await this.ended(id, signal);
      await this.#elsewhere.pause();
    }
  }

  /** The run that a start with an idempotency key has begun, as long as it is kept. */
  async started(
    pipeline: string,
    idempotencyKey: string,
  ): Promise<RunView | undefined> {
    const id = await this.#keyed.find(pipeline, idempotencyKey);
    return id === undefined ? undefined : await this.get(id);
  }

  /**
   * Gives a run data under a name. A step that waits for it takes it; else it is
   * kept for the next that will.
   *
   * @throws {RefusedError} `not-found`, `wrong-state` if the run is over.
   */
  async signal(id: string, name: string, data: JsonValue): Promise<void> {
    const request = { kind: "signal", run: id, name, data } as const;
    if (await this.#elsewhere.does(id, request)) return;
    await this.#signal(id, { name, data });
  }

  async #signal(
    id: string,
    signal: Pick<SignalEntry, "name" | "data" | "request">,
  ): Promise<void> {
    const run = await this.#unfinished(id, `signal "${signal.name}"`);
    // What is acknowledged must last, and so must its run.
    run.isDeferred = false;
    await this.#record(run, [{ kind: "signal", at: this.now(), ...signal }]);
  }

  /**
   * Decides about a step that waits for a person.
   *
   * @throws {RefusedError} `not-found` also where the token is not the run's;
   * `wrong-state` if the step waits for no decision.
   */
  async decide(link: ApprovalLink, decision: Decision): Promise<void> {
    const { id, step, token } = link;
    const request = { kind: "decide", run: id, step, token, decision } as const;
    if (await this.#elsewhere.does(id, request)) return;
    await this.#decide(link, decision);
  }

  async #decide(
    { id, step, token }: ApprovalLink,
    decision: Decision,
    request?: string,
  ): Promise<void> {
    const run = this.#live.get(id);
    if (run === undefined || run.accepted.token !== token || token === "") {
      throw new RefusedError("not-found", "Nothing is to be decided here");
    }
    const path = pathWaiting(run, step);
    const key = JSON.stringify([id, path]);
    if (path === undefined || this.#deciding.has(key)) {
      throw new RefusedError(
        "wrong-state",
        `The step "${step}" does not wait for a decision`,
      );
    }
    // Of two who decide at once, one is told that he comes too late.
    this.#deciding.add(key);
    const asked = request === undefined ? {} : { request };
    try {
      const name = approvalSignal(path);
      await this.#signal(id, { name, data: { ...decision }, ...asked });
    } finally {
      this.#deciding.delete(key);
    }
  }

  /**
   * Ends a run: what is under way is told, what was done is compensated.
   *
   * @throws {RefusedError} `not-found`, `wrong-state` if the run is over.
   */
  async cancel(id: string, reason: string): Promise<void> {
    const request = { kind: "cancel", run: id, reason } as const;
    if (await this.#elsewhere.does(id, request)) return;
    await this.#cancel(id, { reason });
  }

  async #cancel(
    id: string,
    cancel: Pick<CancelEntry, "reason" | "request">,
  ): Promise<void> {
    const run = await this.#unfinished(id, "cancel");
    const { executor } = this.#node.owned();
    if (run.isPending && run.machine !== undefined) {
      executor.admission.leave(run, run.machine.program);
    }
    run.isDeferred = false;
    await this.#record(run, [{ kind: "cancel", at: this.now(), ...cancel }]);
  }

  /**
   * Lets a run that is paused go on.
   *
   * @throws {RefusedError} `not-found`; `wrong-state` if it is over or not paused
   * there; `invalid-input` if the step cannot be given that.
   */
  async resume(id: string, request: ResumeRequest): Promise<void> {
    const asked = { kind: "resume", run: id, ...request } as const;
    if (await this.#elsewhere.does(id, asked)) return;
    await this.#resume(id, request);
  }

  async #resume(
    id: string,
    { how, step, with: given }: ResumeRequest,
    request?: string,
  ): Promise<void> {
    const run = await this.#unfinished(id, "let it go on");
    const { executor } = this.#node.owned();
    const { machine } = run;
    const at = step ?? machine?.pause?.step ?? "";
    if (given !== undefined && machine?.pause !== undefined) {
      const { steps } = this.#options.catalog;
      checkGiven(machine.live.get(at), given, {
        steps,
        program: (id) => this.programs.current(id),
      });
    }
    await executor.standing.goOn(run, {
      ...{ step: at, how },
      ...given === undefined ? {} : { with: given },
      ...request === undefined ? {} : { request },
    });
  }

  /** Does what another node asks. */
  async #act(request: Request, id: string): Promise<void> {
    if (request.kind === "start") {
      const { kind: _, pipeline, input, ...options } = request;
      return void await this.start(pipeline, input, options);
    }
    const view = await this.#getHere(request.run);
    const isDone = view?.entries.some((entry) =>
      "request" in entry && entry.request === id
    );
    if (isDone) return;
    switch (request.kind) {
      case "signal": {
        const { run, name, data } = request;
        return await this.#signal(run, { name, data, request: id });
      }
      case "cancel": {
        const { run, reason } = request;
        return await this.#cancel(run, { reason, request: id });
      }
      case "decide": {
        const { run, step, token, decision } = request;
        return await this.#decide({ id: run, step, token }, decision, id);
      }
      case "resume": {
        const { run, kind: _, ...rest } = request;
        return await this.#resume(run, rest, id);
      }
    }
  }

  /**
   * Begins a run that takes over what another has done before a step, and does
   * that step and what follows anew: with another input, or under another
   * version of the pipeline (`current`, or one that is kept; by default its own).
   *
   * @throws {RefusedError} `not-found`, `invalid-input` if the run has not come
   * to that step.
   */
  async fork(
    id: string,
    { fromStep, input, version }: ForkRequest,
  ): Promise<RunView> {
    const view = await this.get(id);
    if (view === undefined) throw unknownRun(id);
    const { executor } = this.#node.owned();
    const program = await this.#programFor(view, version);
    const given = input === undefined
      ? {}
      : { input: checkInput(program, input) };
    const place = { program, fromStep, at: this.now() };
    const [first, ...rest] = forkOf(view, { ...place, ...given });
    const { effects: { random }, publicUrl } = this.#options;
    const accepted = sealed(first, program, { random, publicUrl });
    const run = new Run(this.#nextId(), accepted);
    run.compileWith(program, rest);
    for (const entry of [run.accepted, ...rest]) {
      run.entries.push(JSON.stringify(entry));
    }
    run.unwritten = run.entries.length;
    await executor.write(run);
    await this.#options.store.commit({
      sets: [{ key: [...SUPERSEDED, id], value: { by: run.id } }],
    });
    // Else whoever has adopted the stream goes on with it.
    if (this.#node.own?.executor !== executor) return viewOf(run);
    this.#live.set(run.id, run);
    executor.resume(run);
    return viewOf(run);
  }

  /** Lets others have their turn, in the midst of long work. */
  turn(): Promise<void> {
    return this.#options.effects.clock.turn();
  }

  /** What a pending run waits for. */
  pendingReason(run: Run): string {
    const { program } = run.machine ?? {};
    return program === undefined
      ? ""
      : this.#node.owned().executor.admission.reason(run, program);
  }

  #start(
    pipeline: string,
    input: JsonValue,
    options: StartOptions,
    id: string,
  ): Promise<RunView> {
    try {
      const program = this.programs.current(pipeline);
      if (program === undefined) {
        throw new RefusedError(
          "not-found",
          `No pipeline is called "${pipeline}"`,
        );
      }
      const checked = checkInput(program, input);
      return this.#launch(program, checked, options, id);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Writes a run down and lets it go. */
  async #launch(
    program: Program,
    input: JsonValue,
    options: StartOptions,
    id: string,
  ): Promise<RunView> {
    const { executor } = this.#node.owned();
    if (this.#live.size >= RUNS_LIVE_MAX) {
      throw new RetryableError(
        `Cannot start a run: ${this.#live.size} are unfinished, the limit is ` +
          `${RUNS_LIVE_MAX} runs`,
      );
    }
    const { effects: { clock, random }, publicUrl, host } = this.#options;
    const around = { clock, random, publicUrl, tracing: host.tracing };
    const run = new Run(id, accept(program, input, options, around));
    run.compileWith(program);
    run.entries.push(JSON.stringify(run.accepted));
    run.unwritten = 1;
    run.isDeferred = program.durability === "result";
    if (!run.isDeferred) await executor.write(run);
    if (this.#node.own?.executor !== executor) return this.#strayed(run);
    this.#live.set(id, run);
    this.#options.onEntry(run, run.accepted);
    executor.begin(run);
    // Nothing is promised before the end, or the first wait.
    if (program.durability === "result") {
      await (run.ending ?? executor.durable(run));
      if (run.lost !== undefined) throw run.lost;
    }
    return viewOf(run);
  }

  /**
   * A run of a node that was replaced meanwhile, or has closed: what is durable,
   * another goes on with.
   */
  #strayed(run: Run): RunView {
    if (run.durable > 0) return viewOf(run);
    throw new RetryableError(`Run ${run.id} was not accepted: ${REPLACED}`);
  }

  /** Writes entries of a run that this node still has. */
  async #record(run: Run, entries: readonly Entry[]): Promise<void> {
    const { executor } = this.#node.owned();
    if (this.#live.get(run.id) !== run && !run.isEnding) {
      throw new FencedError(`Cannot go on with run ${run.id}: ${REPLACED}`);
    }
    await executor.record(run, entries);
  }

  #executor(own: Ownership): RunExecutor {
    const { log } = own;
    return new RunExecutor({
      performers: this.#options,
      breakpoints: this.breakpoints,
      log,
      application: this.#options.application,
      nextId: () => this.#nextId(),
      ending: (run) => endingOf(run, own, this.#retentionOf(run)),
      onFinished: (run) => this.#finished(run, own),
      onChild: (run, path) => void this.#children.see(run, path),
      onStep: (run, path) => this.#options.onStep?.(run, path),
      onError: (run, error) => this.#failed(run, error),
      onEntry: (run, entry) => {
        this.#options.onEntry(run, entry);
        run.tellWatchers();
      },
    });
  }

  #finished(run: Run, own: Ownership): void {
    own.checkpoints.ended(run);
    // Another has adopted its stream, and tells the parent.
    if (this.#live.get(run.id) !== run) return;
    this.#live.delete(run.id);
    const { accepted: { parent }, end } = run;
    if (parent !== undefined && end !== undefined) {
      void this.#children.tell(parent, end);
    }
  }

  #retentionOf({ machine, accepted }: Run): number {
    const program = machine?.program ??
      this.programs.current(accepted.pipeline);
    return program?.retentionMs ?? RETENTION_DEFAULT_MS;
  }

  async #compile(run: Run, journal: readonly Entry[]): Promise<void> {
    const { pipeline, version } = run.accepted;
    const kind = unknownKind(journal);
    if (kind !== undefined) {
      // To pass over it could do what must not be done.
      run.stuck = `Its journal has an entry "${kind}", which a later version ` +
        "of the engine has written";
      return;
    }
    const program = await this.programs.version(pipeline, version);
    if (typeof program === "string") {
      run.stuck = `The pipeline "${pipeline}" cannot be used: ${program}`;
    } else run.compileWith(program, journal.slice(1));
  }

  async #programFor(
    { summary }: RunView,
    version: string | undefined,
  ): Promise<Program> {
    const { pipeline } = summary;
    const program = version === "current"
      ? this.programs.current(pipeline) ?? "the document does not have it"
      : await this.programs.version(pipeline, version ?? summary.version);
    if (typeof program !== "string") return program;
    throw new RefusedError(
      "not-found",
      `Cannot fork with version ${version ?? summary.version} of ` +
        `"${pipeline}": ${program}`,
    );
  }

  async #unfinished(id: string, what: string): Promise<Run> {
    const run = this.#live.get(id);
    if (run !== undefined && !run.isEnding) return run;
    if (run === undefined && await this.get(id) === undefined) {
      throw unknownRun(id);
    }
    throw new RefusedError("wrong-state", `Cannot ${what}: run ${id} is over`);
  }

  #failed(run: Run, error: unknown): void {
    if (error instanceof FencedError || this.#node.own === undefined) return;
    const { log } = this.#options.host;
    log.error(`Cannot go on with run ${run.id}: ${messageOf(error)}`, {
      run: run.id,
      pipeline: run.accepted.pipeline,
    });
  }

  #nextId(): string {
    return this.#options.effects.ids.next();
  }

  /** By the clock of its runs: milliseconds since 1970. */
  now(): number {
    return this.#options.effects.clock.now();
  }
}

/** The path of a step that waits for a decision; `step` is its id or its path. */
function pathWaiting(run: Run, step: string): string | undefined {
  for (const live of run.machine?.live.values() ?? []) {
    if (live.kind !== "waiting" || live.node.approval === undefined) continue;
    if (live.node.id === step || live.path === step) return live.path;
  }
  return undefined;
}

function unknownRun(id: string): RefusedError {
  return new RefusedError("not-found", `No run is called "${id}"`);
}
