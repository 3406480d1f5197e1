/**
 * A plan at work: makes modules, starts them in order, ties them together, lets
 * them listen, and does all of it in reverse. A reload is a diff.
 *
 * @module
 */
import type {
  ApplicationPhase,
  DispatchOptions,
  Host,
  JsonObject,
} from "./define.ts";
import { dispatched } from "./dispatched.ts";
import { LifecycleError, messageOf, RefusedError } from "./errors.ts";
import type { LifecycleParts } from "./lifecycle_events.ts";
import {
  allOf,
  failure,
  type Generation,
  type ModuleState,
  type ModuleStatus,
  type Running,
  statusesOf,
  succeed,
  unchanged,
} from "./generation.ts";
import { makeHost } from "./host.ts";
import type { Loadable } from "./load.ts";
import type { Plan, PlannedModule } from "./plan.ts";
import { applicationQueues, type Queues } from "./queue/queues.ts";
import { dispatchRun } from "./run/dispatch.ts";
import type { Recompile } from "./run/programs.ts";
import { Runs } from "./run/runs.ts";
import { tellRun } from "./run/tell.ts";
import { tellEntry, tellStep } from "./run/tell_bus.ts";
import { Schedules } from "./schedule/schedules.ts";
import { scheduleWorld } from "./schedule/world.ts";
import type { Service } from "./service.ts";
import { EventBus } from "./services/event_bus.ts";
import { scopedStore } from "./store/scoped.ts";
import { type Surroundings, type Traced, traced } from "./surroundings.ts";
import { Traffic } from "./traffic.ts";
import { NOTHING_WIRED, wireAll, type Wired } from "./wiring.ts";

/** How long steps that are under way may take when an application stops, in milliseconds. */
export const STEPS_GRACE_MS = 10_000;

/** A document that runs. */
export class Application {
  readonly id: string;
  /** The folder of the document, with a slash at its end. */
  readonly folder: string | undefined;
  /** What its modules have queued, and what of it is dead. */
  readonly queues: Queues;
  readonly schedules: Schedules;
  /** What moves along its edges. */
  readonly traffic: Traffic;
  readonly #around: Traced;
  /** The runs of the document's pipelines. */
  readonly runs: Runs;
  readonly #abort = new AbortController();
  #recompile: Recompile = () => "no document is running";
  #generation: Generation;
  #wired = NOTHING_WIRED;
  /** What it takes to tell of workflows on the event bus. */
  #told: Traced & LifecycleParts;
  #phase: ApplicationPhase = "starting";
  #last: Promise<unknown> = Promise.resolve();

  private constructor(
    plan: Plan,
    surroundings: Surroundings,
    folder: string | undefined,
  ) {
    const around = traced(surroundings);
    this.id = plan.id;
    this.folder = folder;
    this.queues = applicationQueues(plan.id, around);
    this.#around = around;
    this.#told = { ...around, application: plan.id, bus: undefined };
    this.traffic = new Traffic(plan.id, around.events, around.effects.clock);
    this.schedules = new Schedules(scheduleWorld(this, around));
    const nothing = { modules: [], sections: [], pipelines: [], edges: [] };
    const none = { ...plan, ...nothing, links: [] };
    this.#generation = { plan: none, modules: new Map() };
    const { effects, store, catalog } = around;
    const audience = { ...around, id: this.id };
    this.runs = new Runs({
      ...{ effects, catalog, application: this.id },
      store: scopedStore(store, ["app", this.id]),
      host: this.#host("pipelines", () => this.#generation),
      onEntry: (run, entry) => {
        tellRun(run, entry, audience);
        if (this.#told.bus) tellEntry(run, entry, this.#told);
      },
      onStep: (run, path) => this.#told.bus && tellStep(run, path, this.#told),
      publicUrl: around.publicUrl,
      isShared: around.isShared,
    });
  }

  /**
   * Runs a plan. When it resolves, every address answers.
   *
   * @throws {LifecycleError} naming the module that failed; everything that was
   * started is stopped again.
   */
  static async start(
    { plan, recompile }: Loadable,
    around: Surroundings,
    folder?: string,
  ): Promise<Application> {
    const application = new Application(plan, around, folder);
    try {
      application.#recompile = recompile ?? application.#recompile;
      await application.#replace(plan);
    } catch (error) {
      application.#abort.abort(error);
      throw error;
    }
    application.#phase = "running";
    await application.schedules.open();
    application.#tell("application", `${plan.id} is running`);
    return application;
  }

  get plan(): Plan {
    return this.#generation.plan;
  }

  get phase(): ApplicationPhase {
    return this.#phase;
  }

  /** How each module is, in start order. */
  modules(): readonly ModuleStatus[] {
    return statusesOf(this.#generation);
  }

  /** Every module that provides a service, in the order of the document. */
  all<T>(
    service: Service<T>,
  ): readonly { readonly name: string; readonly service: T }[] {
    return allOf(this.#generation, service);
  }

  /**
   * Replaces the running plan: what did not change goes on without a pause.
   *
   * @throws {LifecycleError} if the new plan cannot start; the old one serves on.
   */
  reload({ plan, recompile }: Loadable): Promise<void> {
    return this.#inTurn(async () => {
      if (recompile) this.#recompile = recompile;
      if (this.#phase !== "running") {
        throw new LifecycleError(
          this.id,
          `Cannot reload ${this.id}: it is ${this.#phase}`,
        );
      }
      await this.#replace(plan);
      await this.schedules.reconcile();
      this.#tell("application", `${plan.id} is reloaded`);
    });
  }

  /** Stops everything in reverse order. Errors are logged, never thrown. */
  stop(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#phase === "stopped") return;
      this.#phase = "stopping";
      await this.schedules.close();
      const modules = [...this.#generation.modules.values()].reverse();
      for (const module of modules) await this.#quietly(module, "close");
      await this.runs.close(STEPS_GRACE_MS).catch((e) => this.#complain(e));
      this.#abort.abort(new Error(`${this.id} stops`));
      this.#unwire(this.#wired.wirings);
      this.#wired = NOTHING_WIRED;
      for (const module of modules) await this.#quietly(module, "stop");
      this.#phase = "stopped";
      this.#tell("application", `${this.id} is stopped`);
    });
  }

  /**
   * Runs an action of a workflow: a type such as `statemachine`, or the name of
   * a definition.
   *
   * @throws {RefusedError} `unknown-workflow`, `unknown-action`, and what the
   * workflow itself refuses.
   */
  async dispatch(
    workflow: string,
    action: string,
    data: JsonObject,
    options?: DispatchOptions,
  ): Promise<JsonObject> {
    if (this.runs.programs.current(workflow) !== undefined) {
      const { effects: { clock }, tracing: { current } } = this.#around;
      const run = { ...options, clock, traceparent: current };
      return await dispatchRun(this.runs, workflow, data, run);
    }
    const wiring = this.#wired.workflows.get(workflow);
    if (!wiring?.execute) {
      throw new RefusedError(
        "unknown-workflow",
        `No workflow is called "${workflow}"`,
      );
    }
    const { via, source } = options ?? {};
    return await dispatched(
      { workflowType: workflow, action, data, via, source },
      this.#told,
      () => wiring.execute?.(action, data, workflow, options) ?? {},
    );
  }

  /** The names under which `dispatch` finds something. */
  workflows(): readonly string[] {
    return [...this.#wired.workflows.keys(), ...this.runs.programs.ids()];
  }

  /** Goes from the present generation to one for `plan`, or stays. */
  async #replace(plan: Plan): Promise<void> {
    const old = this.#generation;
    const next = this.#instantiate(plan, old);
    const fresh = [...next.modules.values()]
      .filter(({ state }) => state === "created");
    const gone = [...old.modules.values()]
      .filter((module) => next.modules.get(module.planned.name) !== module)
      .reverse();
    try {
      for (const module of fresh) await this.#run(module, "start", "started");
      for (const module of gone) await this.#quietly(module, "close");
      this.#rewire(next, gone);
      // Whatever opens may begin a run at once.
      await this.runs.open(this.#wired.pipelines);
      for (const module of fresh) await this.#run(module, "open", "open");
      this.runs.begin();
      await this.runs.wake();
    } catch (error) {
      await this.#goBack(old, fresh, gone);
      throw error;
    }
    for (const module of gone) await this.#quietly(module, "stop");
  }

  /**
   * Undoes a replacement that failed half way. What fails here is only told: the
   * caller hears of the failure that led here.
   */
  async #goBack(
    old: Generation,
    fresh: readonly Running[],
    gone: readonly Running[],
  ): Promise<void> {
    for (const each of fresh.toReversed()) await this.#quietly(each, "close");
    try {
      this.#rewire(old, fresh);
    } catch (error) {
      this.#complain(error);
    }
    for (const module of gone.toReversed()) {
      if (module.state !== "started") continue;
      await this.#run(module, "open", "open").catch((e) => this.#complain(e));
    }
    for (const each of fresh.toReversed()) await this.#quietly(each, "stop");
  }

  /** Makes what is new or changed and takes over the rest. */
  #instantiate(plan: Plan, old: Generation): Generation {
    const modules = new Map<string, Running>();
    const generation: Generation = { plan, modules };
    const kept = unchanged(plan, old.plan);
    for (const planned of plan.modules) {
      const before = kept.has(planned.name) && old.modules.get(planned.name);
      modules.set(planned.name, before || this.#create(planned, generation));
    }
    return generation;
  }

  #create(planned: PlannedModule, generation: Generation): Running {
    const running: { generation: Generation } = { generation };
    const host = this.#host(planned.name, () => running.generation);
    try {
      this.#around.meter.define(planned.definition.metrics ?? {});
      const instance = planned.definition.create(planned.config, host);
      return Object.assign(running, {
        planned,
        instance,
        state: "created" as const,
      });
    } catch (error) {
      throw failure(planned, "create", error);
    }
  }

  /** In one step without waiting, so that no request sees half of it. */
  #rewire(next: Generation, replaced: readonly Running[]): void {
    const before = this.#generation;
    this.#unwire(this.#wired.wirings);
    this.#wired = { ...this.#wired, wirings: [] };
    try {
      this.#wire(next);
    } catch (error) {
      if (before !== next && before.modules.size > 0) this.#wire(before);
      throw error;
    }
    succeed(replaced, next);
  }

  #wire(generation: Generation): void {
    for (const module of generation.modules.values()) {
      module.generation = generation;
    }
    this.#generation = generation;
    this.#wired = wireAll(generation, {
      host: (name) => this.#host(name, () => generation),
      unwire: (wirings) => this.#unwire(wirings),
      compile: this.#recompile,
      define: (pipelines) => this.runs.define(pipelines, this.#recompile),
    });
    this.#told = { ...this.#told, bus: this.all(EventBus)[0]?.service };
    const detach = this.#around.attach?.(this);
    if (detach === undefined) return;
    const wirings = [...this.#wired.wirings, { unwire: detach }];
    this.#wired = { ...this.#wired, wirings };
  }

  #host(name: string, generation: () => Generation): Host {
    return makeHost(name, generation, {
      ...this.#around,
      application: this,
      signal: this.#abort.signal,
    });
  }

  async #run(
    module: Running,
    hook: "start" | "open",
    state: ModuleState,
  ): Promise<void> {
    // Marked first: what fails half way must be undone as well.
    module.state = state;
    try {
      await module.instance[hook]?.();
    } catch (error) {
      throw failure(module.planned, hook, error);
    }
  }

  /** Takes a module one step down, if it is up there; an error is only told. */
  async #quietly(module: Running, hook: "close" | "stop"): Promise<void> {
    const from: ModuleState[] = hook === "close"
      ? ["open"]
      : ["open", "started"];
    if (!from.includes(module.state)) return;
    module.state = hook === "close" ? "started" : "stopped";
    try {
      await module.instance[hook]?.();
    } catch (error) {
      this.#complain(failure(module.planned, hook, error));
    }
  }

  /** Takes wirings back, the last first; one that fails keeps no other. */
  #unwire(wirings: readonly Wired[]): void {
    for (const wiring of wirings.toReversed()) {
      try {
        wiring.unwire();
      } catch (error) {
        this.#complain(error);
      }
    }
  }

  /** Tells of an error that must not keep the rest from being done. */
  #complain(error: unknown): void {
    const module = error instanceof LifecycleError ? error.module : undefined;
    const fields = module === undefined ? {} : { module };
    const { log } = this.#around;
    log.error(messageOf(error), { application: this.id, ...fields });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work, work);
    this.#last = turn.catch(() => {});
    return turn;
  }

  #tell(kind: "application", message: string): void {
    this.#around.events.emit(kind, {
      application: this.id,
      message,
      phase: this.#phase,
    });
  }
}
