/**
 * The engine's public surface: what `main.ts`, `routes/`, `cli/` and
 * `platform/` import.
 *
 * @module
 */
export { boot, type BootOptions, Engine, type Source } from "./engine.ts";
export { Application } from "./lifecycle.ts";
export type { ModuleState, ModuleStatus } from "./generation.ts";
export { type Catalog, createCatalog } from "./catalog.ts";
export { examine } from "./examine.ts";
export { loadWhole } from "./load_whole.ts";
export type { AddedModule } from "./added_modules.ts";
export { load, type Loaded, type LoadOptions } from "./load.ts";
export { parse } from "./config/parse.ts";
export type { Document } from "./config/document.ts";
export { DOCUMENT_ID_RULE, isDocumentId } from "./config/document_id.ts";
export { secretReferences } from "./config/expand.ts";
export {
  formatProblem,
  hasErrors,
  type Problem,
  PROBLEM_CODES,
  type ProblemCode,
  type Severity,
  sortProblems,
} from "./config/problem.ts";
export type { Plan, PlanEdge } from "./plan.ts";
export { describePlan } from "./derive/describe_plan.ts";
export {
  type Clock,
  type Effects,
  type Listener,
  type Network,
  systemEffects,
} from "./effects.ts";
export {
  ConfigError,
  LifecycleError,
  messageOf,
  RefusedError,
  RetryableError,
  TerminalError,
} from "./errors.ts";
export {
  type EngineEvent,
  EVENT_KINDS,
  EventHub,
  type EventKind,
} from "./events.ts";
export {
  History,
  SPAN_MS as HISTORY_SPAN_MS,
  SPANS_MAX as HISTORY_SPANS_MAX,
} from "./history/history.ts";
export type { HistoryView, MetricView } from "./history/history_view.ts";
export { Logger, type LogLevel, type LogSink } from "./log.ts";
export { fingerprint } from "./fingerprint.ts";
export type { SecretSources } from "./secrets.ts";
export {
  type DeadLetter,
  type DeadSource,
  PAGE_MAX as DEAD_LETTER_PAGE_MAX,
  parseSource,
  sourceText,
} from "./queue/dead_letters.ts";
export type { QueueStats } from "./queue/stock.ts";
export { variablesAt } from "./pipeline/scope_at.ts";
export { lineOfStep, stepIdOf } from "./pipeline/step_place.ts";
export {
  ConditionError,
  PAUSE_MS_DEFAULT,
  PAUSE_MS_MAX,
} from "./run/breakpoint_request.ts";
export { type Breakpoint, BREAKPOINTS_MAX } from "./run/breakpoints.ts";
export { type DebugView, debugView } from "./run/debug.ts";
export { describeSteps, titleOf } from "./run/describe.ts";
export { explainRun } from "./run/explain.ts";
export { timeOfId } from "./run/ids.ts";
export { impactOf } from "./run/impact.ts";
export {
  type AcceptedEntry,
  endOf,
  type Entry,
  RUN_STATUSES,
  type RunStatus,
} from "./run/journal.ts";
export { byNewest, listRuns, type RunFilter } from "./run/list.ts";
export { replay } from "./run/replay.ts";
export type { Run, RunSummary } from "./run/run.ts";
export { timeSplit } from "./run/time_split.ts";
export { type WakeSource, wakeSource } from "./run/wake_source.ts";
export type { RunView } from "./run/view.ts";
export { approvalSignal } from "./run/wait_until.ts";
export type { JsonValue } from "./store/store.ts";
export type { Store } from "./store/store.ts";
export { documentSchema } from "./derive/document_schema.ts";
export { palette } from "./derive/palette.ts";
export { sectionForms } from "./derive/section_forms.ts";
export { docsPages } from "./derive/docs.ts";
export { editDocument } from "./config/edit.ts";
export {
  renameDefinition,
  renameModule,
  renamePipeline,
} from "./config/rename.ts";
export { renameState, renameTransition } from "./config/rename_machine.ts";
export { renameStep } from "./config/rename_step.ts";
export { connectionsBetween, disconnect } from "./derive/connections.ts";
export type {
  Claim as ScheduleClaim,
  Firing,
  Schedule,
} from "./schedule/row.ts";
export type { Schedules } from "./schedule/schedules.ts";
export { isSharedStore, openStore } from "./store/open.ts";
export { Executor } from "./services/executor.ts";
export { HttpServer, SESSION_COOKIE } from "./services/http_server.ts";
export {
  type HistoryEntry,
  type InstanceFilter,
  type MachineData,
  type MachineInstance,
  type PlacedInstance,
  StateMachines,
} from "./services/state_machines.ts";
export { type ComponentVersion, UserCode } from "./services/user_code.ts";
export type { MachineDefinition } from "./state/definition.ts";
export type { HookWork } from "./state/hook_work.ts";
export { possibleTransitions } from "./state/transition.ts";
export { InputViolationError } from "./component_contract.ts";
