/**
 * Tells on the event bus of an application that work begins and how it ends.
 * Whatever becomes of the telling, the work is done as if nobody listened.
 *
 * @module
 */
import type { JsonObject } from "./define.ts";
import type { Effects } from "./effects.ts";
import { messageOf } from "./errors.ts";
import type { Logger } from "./log.ts";
import { LIFECYCLE_MARK } from "./services/broker.ts";
import type { EventBus } from "./services/event_bus.ts";

/** How far a piece of work is. */
export type LifecycleStatus = "started" | "completed" | "failed";

/** A piece of work. */
export interface Subject extends Told {
  /** What it works on. */
  readonly data: JsonObject;
}

/** What is told of a piece of work at any time. */
export interface Told {
  /** The workflow under the name by which it was asked. */
  readonly workflowType: string;
  readonly action: string;
  /** What led to it; see `DispatchOptions`. */
  readonly via?: readonly string[] | undefined;
  /** Of one step of the workflow: its name, and what does it. */
  readonly step?: { readonly name: string; readonly connector: string };
}

/** What telling takes. */
export interface LifecycleParts {
  /** The id of the document. */
  readonly application: string;
  /** Absent for a document without an `eventbus.modular`. */
  readonly bus: EventBus | undefined;
  readonly effects: Pick<Effects, "clock">;
  readonly log: Logger;
}

/**
 * Does a piece of work and tells of it, on `workflow.<type>.<status>`, or of a
 * step on `workflow.<type>.step.<step>.<status>`.
 *
 * Nothing is told where nobody listens, and nothing of work that an event of
 * this kind has led to: it would lead to the next, for ever.
 *
 * @returns what `work` returns. @throws what `work` throws.
 */
export async function withLifecycleEvents<T extends JsonObject>(
  subject: Subject,
  parts: LifecycleParts,
  work: () => Promise<T> | T,
): Promise<T> {
  const { bus, effects: { clock } } = parts;
  if (bus === undefined || !isHeard(subject, bus)) return await work();
  const startedMs = clock.elapsed();
  const duration = () => Math.round((clock.elapsed() - startedMs) * NS_IN_MS);
  const { data } = subject;
  tell("started", { data }, { subject, parts, bus });
  try {
    const results = await work();
    const fields = { duration: duration(), results };
    tell("completed", fields, { subject, parts, bus });
    return results;
  } catch (error) {
    const fields = { duration: duration(), error: messageOf(error) };
    tell("failed", fields, { subject, parts, bus });
    throw error;
  }
}

/**
 * Tells of one moment in a piece of work, as `withLifecycleEvents` does, where
 * somebody listens to just that.
 */
export function tellMoment(
  status: LifecycleStatus,
  subject: Told,
  parts: LifecycleParts,
  more: () => JsonObject,
): void {
  const { bus } = parts;
  if (bus === undefined || !isHeard(subject, bus, [status])) return;
  tell(status, more(), { subject, parts, bus });
}

const STATUSES: readonly LifecycleStatus[] = ["started", "completed", "failed"];

/** Durations are in nanoseconds. */
export const NS_IN_MS = 1_000_000;

function isHeard(
  subject: Told,
  bus: EventBus,
  statuses = STATUSES,
): boolean {
  if (subject.via?.some((entry) => entry.startsWith(LIFECYCLE_MARK))) {
    return false;
  }
  try {
    return statuses.some((status) => bus.isHeard(topicOf(subject, status)));
  } catch {
    // A name that makes no topic: nobody can listen to it.
    return false;
  }
}

function topicOf(
  { workflowType, step }: Told,
  status: LifecycleStatus,
): string {
  return step === undefined
    ? `workflow.${workflowType}.${status}`
    : `workflow.${workflowType}.step.${step.name}.${status}`;
}

/** Never throws and never waits; what goes wrong is logged. */
function tell(
  status: LifecycleStatus,
  more: JsonObject,
  { subject, parts, bus }: {
    readonly subject: Told;
    readonly parts: LifecycleParts;
    readonly bus: EventBus;
  },
): void {
  const { workflowType, action, step, via = [] } = subject;
  const topic = topicOf(subject, status);
  const stepFields = step === undefined
    ? {}
    : { stepName: step.name, connector: step.connector };
  const payload: JsonObject = {
    workflowType,
    ...stepFields,
    action,
    status,
    timestamp: new Date(parts.effects.clock.now()).toISOString(),
    ...more,
  };
  const self = `${LIFECYCLE_MARK}${parts.application}/${workflowType}`;
  const failed = (error: unknown) =>
    parts.log.warn(`Cannot tell of "${topic}": ${messageOf(error)}`, {
      application: parts.application,
    });
  try {
    bus.publish(topic, payload, { via: [...via, self] }).catch(failed);
  } catch (error) {
    failed(error);
  }
}
