/**
 * Tells on the event bus how runs and their steps begin and end. It is told
 * once the journal has it; the bus keeps nothing, so what the process dies over
 * is not told, and a step that a restart begins again is told to begin again.
 *
 * Waits, loops and branches are not told of: nobody does them.
 *
 * @module
 */
import type { JsonObject } from "../define.ts";
import {
  type LifecycleParts,
  NS_IN_MS,
  tellMoment,
  type Told,
} from "../lifecycle_events.ts";
import type { Block, Program, Task } from "../pipeline/program.ts";
import type { Entry } from "./journal.ts";
import type { Run } from "./run.ts";

/** Tells of an entry that counts. */
export function tellEntry(run: Run, entry: Entry, parts: LifecycleParts): void {
  const { accepted } = run;
  switch (entry.kind) {
    case "accepted":
      return tellMoment("started", runOf(run), parts, () => ({
        ...{ run: run.id, data: entry.input },
      }));
    case "completed":
      return tellMoment("completed", runOf(run), parts, () => ({
        run: run.id,
        duration: (entry.at - accepted.at) * NS_IN_MS,
        results: entry.output,
      }));
    case "failed":
    case "cancelled":
      return tellMoment("failed", runOf(run), parts, () => ({
        run: run.id,
        duration: (entry.at - accepted.at) * NS_IN_MS,
        error: entry.error.message,
      }));
    case "step.completed":
    case "step.failed":
      return tellStepEnd(run, entry, parts);
  }
}

/** Tells that a step begins; further attempts are no beginnings. */
export function tellStep(run: Run, path: string, parts: LifecycleParts): void {
  const subject = stepOf(run, path);
  if (subject === undefined) return;
  tellMoment("started", subject, parts, () => placeOf(run, path));
}

function tellStepEnd(
  run: Run,
  entry: Extract<Entry, { kind: "step.completed" | "step.failed" }>,
  parts: LifecycleParts,
): void {
  // It is tried again.
  if (run.machine?.live.has(entry.step)) return;
  const subject = stepOf(run, entry.step);
  if (subject === undefined) return;
  const isDone = entry.kind === "step.completed";
  tellMoment(isDone ? "completed" : "failed", subject, parts, () => ({
    ...placeOf(run, entry.step),
    duration: (entry.at - entry.since) * NS_IN_MS,
    ...isDone ? { results: entry.output } : { error: entry.error.message },
  }));
}

function runOf({ accepted: { pipeline, via } }: Run): Told {
  return { workflowType: pipeline, action: "run", via };
}

/** What is told of a step; nothing of one that nobody does. */
function stepOf(run: Run, path: string): Told | undefined {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const program = run.machine?.program;
  const task = program && tasksOf(program).get(name);
  if (task === undefined) return undefined;
  const [connector, action] = doerOf(task);
  return { ...runOf(run), action, step: { name, connector } };
}

function placeOf(run: Run, path: string): JsonObject {
  return { run: run.id, path };
}

/** Who does a task, and what it is asked. */
function doerOf({ target }: Task): readonly [who: string, what: string] {
  switch (target.kind) {
    case "action":
      return [target.module, target.action];
    case "component":
      return [target.module, "execute"];
    case "pipeline":
      return [target.id, "run"];
    case "step":
      return [target.type, "run"];
  }
}

const known = new WeakMap<Program, ReadonlyMap<string, Task>>();

/** The tasks of a program, by the id of their step. */
function tasksOf(program: Program): ReadonlyMap<string, Task> {
  let tasks = known.get(program);
  if (tasks === undefined) {
    tasks = new Map([
      ...tasksIn(program.body),
      ...tasksIn(program.onSuccess),
      ...tasksIn(program.onError),
    ]);
    known.set(program, tasks);
  }
  return tasks;
}

function* tasksIn(
  block: Block | undefined,
): Generator<readonly [id: string, task: Task]> {
  for (const node of block ?? []) {
    if (typeof node.onError === "object") yield* tasksIn(node.onError);
    switch (node.kind) {
      case "task":
        yield [node.id, node.task];
        if (node.compensate) yield [`${node.id}~compensate`, node.compensate];
        break;
      case "each":
        yield* tasksIn(node.body);
        break;
      case "parallel":
        for (const { body } of node.branches) yield* tasksIn(body);
        break;
      case "switch":
        for (const { body } of node.cases) yield* tasksIn(body);
    }
  }
}
