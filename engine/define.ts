/**
 * How a type is defined. One definition is all there is: validation, schema,
 * docs, forms, palette, edges, examples and tests derive from it. The helpers
 * return what they are given; they exist for inference.
 *
 * @module
 */
import type { z } from "zod";
import type { AddedModule } from "./added_modules.ts";
import type { Composition } from "./compose.ts";
import type { Effects } from "./effects.ts";
import type { Example } from "./example.ts";
import type { EngineEvent, EventFields } from "./events.ts";
import type { Logger } from "./log.ts";
import type { Meter, MetricDefinition } from "./observe.ts";
import type { Queues } from "./queue/queues.ts";
import type { ScheduleDeclarations } from "./schedule/schedules.ts";
import type { RunReader } from "./run/reader.ts";
import type { Implementation, Ref, Service } from "./service.ts";
import type { JsonValue, Store } from "./store/store.ts";
import type { Tracing } from "./tracing.ts";
import type { Path, ProblemCode, Severity } from "./config/problem.ts";

export { defineAlias, defineComposedModule, type Make } from "./compose.ts";
export type { AddedModule } from "./added_modules.ts";
export { defineService, type Ref, type Service } from "./service.ts";
export type {
  Example,
  ExampleModule,
  ExampleRun,
  Exchange,
} from "./example.ts";
export type { RunReader, RunState } from "./run/reader.ts";
export type { JsonValue } from "./store/store.ts";
export {
  duration,
  durationMs,
  expression,
  path,
  ref,
  refAny,
  secret,
} from "./meta.ts";

/**
 * How much a type may still change; `inert` is one that does nothing, and is there
 * for documents that name it.
 */
export type Stability = "stable" | "beta" | "experimental" | "inert";

/** Something that only the definition itself can see is wrong. */
export interface Issue {
  readonly code: ProblemCode;
  /** From the definition's config downwards. */
  readonly path: Path;
  readonly message: string;
  readonly help?: string;
  /** Names that would do at `path`: the problem offers the nearest. */
  readonly candidates?: readonly string[];
  /** @default {"error"} */
  readonly severity?: Severity;
}

/** What a running module or section is given. */
export interface Host {
  /** The module's name in its document, or the section's type. */
  readonly name: string;
  /** The id of the document. */
  readonly application: string;
  /** The absolute path of the document's folder, with a slash; absent without a file. */
  readonly folder: string | undefined;
  readonly effects: Effects;
  /** This application's part of the store. Modules choose their own first key part. */
  readonly store: Store;
  /** Whether other processes may be at work on the store, with the same document. */
  readonly isShared: boolean;
  /** Durable queues, topics and dead letters; names begin with the module's. */
  readonly queues: Queues;
  readonly log: Logger;
  readonly meter: Meter;
  /** What this application does, as spans of traces. Outgoing calls are spans already. */
  readonly tracing: Tracing;
  /**
   * The module that a `ref` field names. Required refs may be used in `create`,
   * optional ones from `start` on. The result is not kept across a reload: take
   * it again in `start` or `wire`.
   *
   * @throws {RefusedError} `not-found` if the document has no such module.
   */
  use<T>(ref: Ref<T>): T;
  /** Whether the module that a name means provides a service. */
  provides<T>(name: string, service: Service<T>): boolean;
  /** What a module declares that can be asked of it; `undefined` if it has nothing. */
  readonly actions: (module: string) => ModuleDefinition["actions"];
  /** Every module that provides a service, in the order of the document. */
  all<T>(
    service: Service<T>,
  ): readonly { readonly name: string; readonly service: T }[];
  /** Where the application is in its life; readiness tells it. */
  readonly phase: () => ApplicationPhase;
  /**
   * Runs an action of a workflow: a pipeline's id, a workflow type or a
   * definition's name.
   *
   * @throws {RefusedError} `unknown-workflow`, `unknown-action`, and what the
   * workflow itself refuses.
   */
  dispatch(
    workflow: string,
    action: string,
    data: JsonObject,
    options?: DispatchOptions,
  ): Promise<JsonObject>;
  /** Where `wire` asks for work at certain times. */
  readonly schedules: ScheduleDeclarations;
  /** What is known of the application's pipelines and their runs. */
  readonly runs: RunReader;
  /** Something went along the edge that the document states at `path`. */
  carried(path: string): void;
  /** Loads the document again, since what `discover` finds has changed. */
  rediscover(): void;
  /** Tells those who watch. */
  notify(
    kind: "transition" | "message" | "notice",
    fields: Omit<EventFields, "application">,
  ): void;
  /** Calls back for each event of the application; returns what ends it. */
  watch(listener: (event: EngineEvent) => void): () => void;
  /** Aborts when the application stops. */
  readonly signal: AbortSignal;
}

/** What `dispatch` may be told beside the data. */
export interface DispatchOptions {
  /**
   * Names the piece of work: what is dispatched twice with one key, to one
   * workflow, begins one run only.
   */
  readonly idempotencyKey?: string;
  /**
   * Wait so long for a run to end, in milliseconds; then its id is all there is.
   * @default {0}
   */
  readonly waitMs?: number;
  /** What asked for it, for people: `http POST /orders`, `schedule nightly`. */
  readonly source?: string;
  /** The links, lifecycle events and pipelines that led here; see `chainOf`. */
  readonly via?: readonly string[];
}

/** A JSON object. */
export type JsonObject = Readonly<Record<string, JsonValue | undefined>>;

/** Where an application is in its life. */
export type ApplicationPhase = "starting" | "running" | "stopping" | "stopped";

/** What a module can do in the course of its life. All of it is optional. */
export interface Lifecycle {
  /** Acquires what is needed. Runs in order of dependency. */
  start?(): Promise<void> | void;
  /**
   * Ties itself to others (a route of its own, a subscription). Runs after the
   * sections are wired; returns what unties it. No waiting: a reload rewires
   * everything in one step that no request can see.
   */
  wire?(): () => void;
  /** Begins to listen or to consume. */
  open?(): Promise<void> | void;
  /** Ends what `open` began and lets what is under way finish. May open again. */
  close?(): Promise<void> | void;
  /** Releases what `start` acquired. Runs in reverse order, also after a failed start. */
  stop?(): Promise<void> | void;
}

/** What a definition says that it provides. */
export type Services = readonly Service<unknown>[];

type All<P extends Services> = P extends readonly [] ? unknown
  : (P[number] extends infer S
    ? S extends Service<unknown> ? (x: Implementation<S>) => void
    : never
    : never) extends (x: infer I) => void ? I
  : never;

/** A running module: its life, and the services that its definition provides. */
export type Instance<P extends Services> = Lifecycle & All<P>;

/** What every definition says. */
interface Definition<C extends z.ZodType> {
  /** Equal to the path of the file: `http.router` is `http/router.ts`. */
  readonly type: string;
  /** What it is for, in one sentence without a full stop. */
  readonly summary: string;
  /** A strict object in which every field is described. */
  readonly config: C;
  /**
   * Keys that older documents carry and that have no effect, with the reason.
   * `routes[].config` reaches into lists, `pipelines.*` into maps.
   */
  readonly inert?: Readonly<Record<string, string>>;
  /** What the schema cannot say. Pure. */
  readonly check?: (config: z.output<C>) => readonly Issue[];
}

/** What a step of a pipeline can ask a module to do. */
export interface ActionDefinition {
  /** What it does, in one sentence without a full stop. */
  readonly summary: string;
  /** A strict object in which every field is described. */
  readonly input: z.ZodType;
  readonly output: z.ZodType;
}

/** A type of module. */
export interface ModuleDefinition<
  C extends z.ZodType = z.ZodType,
  P extends Services = Services,
> extends Definition<C> {
  readonly kind: "module";
  readonly stability: Stability;
  readonly provides: P;
  /** Metrics beside the engine's own; report them with `meter.recordOwn`. */
  readonly metrics?: Readonly<Record<string, MetricDefinition>>;
  /** Keys at the top of a document that serve as this type's default config. */
  readonly section?: string;
  /** What steps may ask for, by name. The instance must provide `Actions`. */
  readonly actions?: Readonly<Record<string, ActionDefinition>>;
  readonly examples: readonly Example[];
  /**
   * The modules that it stands for, found outside of the document: they run as if
   * they stood in it. Asked each time that a document is loaded; what is found
   * later is told by `host.rediscover`.
   *
   * @param folder Of the document, with a slash; absent without a file.
   * @throws {Error} which is a problem of the module.
   */
  discover?(
    config: z.output<C>,
    folder: string | undefined,
  ): Promise<readonly AddedModule[]>;
  /**
   * What is wrong with what the config names outside of the document, such as the
   * code in a file. It takes its time, so it is asked by those who check a document
   * and not when one starts.
   */
  examine?(
    config: z.output<C>,
    around: Pick<Host, "folder"> & Pick<Effects, "clock">,
  ): Promise<readonly Issue[]>;
  /** Makes an instance. Has no side effects: acquire in `start`. */
  create(config: z.output<C>, host: Host): Instance<P>;
  readonly composition?: Composition<z.output<C>, P>;
}

/** What a wired section can do. */
export interface Wiring {
  /** Takes everything back that `wire` did. */
  unwire(): void;
  /** Names beside the type under which the section is dispatched. */
  readonly definitions?: readonly string[];
  /** Pipelines that the section makes, by id, as `pipelines:` would hold them. */
  readonly pipelines?: Readonly<Record<string, unknown>>;
  /**
   * Runs an action.
   *
   * @throws {RefusedError} `unknown-action` and others.
   */
  execute?(
    action: string,
    data: JsonObject,
    workflow: string,
    options?: DispatchOptions,
  ): Promise<JsonObject>;
}

/** A part of `workflows:`. */
export interface WorkflowTypeDefinition<C extends z.ZodType = z.ZodType>
  extends Definition<C> {
  readonly kind: "workflow";
  /** Each has the section. @default the smallest example of a module that has it */
  readonly examples?: readonly Example[];
  /** Ties modules together. No waiting and no work. */
  wire(config: z.output<C>, host: Host): Wiring;
}

/** A part of `triggers:`. */
export interface TriggerDefinition<C extends z.ZodType = z.ZodType>
  extends Definition<C> {
  readonly kind: "trigger";
  /** Each has the section. @default the smallest example of a module that has it */
  readonly examples?: readonly Example[];
  wire(config: z.output<C>, host: Host): Wiring;
}

/** What a step is given when it runs. */
export interface StepContext {
  /** Aborts when the step times out, the run is cancelled, or the engine stops. */
  readonly signal: AbortSignal;
  /** The same for every attempt at this step of this run, also after a crash. */
  readonly idempotencyKey: string;
  /** Counts from 1, across restarts. */
  readonly attempt: number;
  readonly runId: string;
  /** The id of the pipeline. */
  readonly pipeline: string;
  /** The step's own id, and those of the loops and branches around it. */
  readonly step: string;
  /**
   * What has led to the run, and its pipeline: goes with whatever the step
   * publishes or dispatches, so that circles end. Absent for nothing.
   */
  readonly via?: readonly string[];
}

/**
 * A type of step. It runs at least once: again, with the same idempotency key, if
 * the process dies before its result is committed.
 */
export interface StepDefinition<
  C extends z.ZodType = z.ZodType,
  O extends z.ZodType = z.ZodType,
> extends Definition<C> {
  readonly kind: "step";
  readonly stability: Stability;
  /** What a run returns; later steps are checked against it when a document loads. */
  readonly output: O;
  /**
   * Computes from its config alone and has no effect outside: its result needs
   * no commit of its own, since a restart computes it again.
   * @default {false}
   */
  readonly pure?: boolean;
  readonly examples: readonly Example[];
  /**
   * Does the work. `config` is `with` with its expressions evaluated.
   *
   * @throws {TerminalError | RefusedError} Trying again cannot help.
   * @throws {RetryableError} Try again, after `retryAfterMs` if it says so.
   */
  run(
    config: z.output<C>,
    context: StepContext,
    host: Host,
  ): Promise<z.output<O>> | z.output<O>;
}

/** Anything that a catalog holds. */
export type AnyDefinition =
  | ModuleDefinition
  | WorkflowTypeDefinition
  | TriggerDefinition
  | StepDefinition;

/** Defines a type of module. One file, one default export. */
export function defineModule<
  const C extends z.ZodType,
  const P extends Services,
>(definition: Omit<ModuleDefinition<C, P>, "kind">): ModuleDefinition {
  // The catalog forgets the parameters; `create` only ever gets what `config` parsed.
  return { ...definition, kind: "module" } as unknown as ModuleDefinition;
}

/** Defines a part of `workflows:`. */
export function defineWorkflowType<const C extends z.ZodType>(
  definition: Omit<WorkflowTypeDefinition<C>, "kind">,
): WorkflowTypeDefinition {
  return {
    ...definition,
    kind: "workflow",
  } as unknown as WorkflowTypeDefinition;
}

/** Defines a type of step. One file under `workflows/steps/`. */
export function defineStep<
  const C extends z.ZodType,
  const O extends z.ZodType,
>(definition: Omit<StepDefinition<C, O>, "kind">): StepDefinition {
  return { ...definition, kind: "step" } as unknown as StepDefinition;
}

/** Defines a part of `triggers:`. */
export function defineTrigger<const C extends z.ZodType>(
  definition: Omit<TriggerDefinition<C>, "kind">,
): TriggerDefinition {
  return { ...definition, kind: "trigger" } as unknown as TriggerDefinition;
}
