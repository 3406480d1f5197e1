/**
 * One run that this process has claimed: asks for the work, keeps the claim
 * alive meanwhile, and writes down how it ended.
 *
 * @module
 */
import { messageOf, RefusedError, RetryableError } from "../errors.ts";
import type { ScheduledRun } from "./declarations.ts";
import {
  type Claim,
  type Firing,
  type Schedule,
  shortError,
  withFiring,
} from "./row.ts";
import type { ScheduleRows } from "./rows.ts";
import { type ScheduleWorld, STORE_RETRY_MS } from "./world.ts";

/**
 * A claim whose process gives no sign for so long, by the clock of another that
 * watches, is taken over by that one.
 */
export const LEASE_MS = 30_000;

/** How often a process gives a sign for each of its claims. */
export const BEAT_MS = LEASE_MS / 3;

/** What a run is made of. */
export interface RunParts {
  readonly world: ScheduleWorld;
  readonly rows: ScheduleRows;
  /** The schedule as of the claim. */
  readonly schedule: Schedule;
  readonly claim: Claim;
  /** What runs instead of a workflow. */
  readonly own: ScheduledRun | undefined;
  /** Ends the signs and the attempts to write the outcome down. */
  readonly signal: AbortSignal;
  /** Ends the attempts at what cannot be begun at the moment. */
  readonly closing: AbortSignal;
}

/** Runs a claim to its end. Never throws. */
export async function runClaim(parts: RunParts): Promise<void> {
  const { clock } = parts.world.effects;
  const ended = new AbortController();
  const beating = beat(parts, AbortSignal.any([parts.signal, ended.signal]));
  const outcome = await attempt(parts);
  ended.abort(new Error("The run has ended"));
  await beating;
  // It could not begin before the stop: whoever starts next takes it over.
  if (outcome === undefined) return;
  const { claim } = parts;
  const firing: Firing = {
    dueAt: claim.dueAt,
    at: claim.at,
    endedAt: clock.now(),
    ...outcome,
    attempt: claim.attempt,
    isManual: claim.isManual,
  };
  await settle(parts, firing);
}

type Outcome = Pick<Firing, "status" | "error">;

/** The longest wait before what cannot begin is tried again, in milliseconds. */
const AGAIN_MS_MAX = 60_000;

/** How it ended; `undefined` if it could not begin before the engine stopped. */
async function attempt(parts: RunParts): Promise<Outcome | undefined> {
  const { world, schedule, claim, own } = parts;
  const { id, workflow, action, params } = schedule;
  const dueAt = new Date(claim.dueAt).toISOString();
  const data = { trigger_time: dueAt, ...params };
  const options = {
    idempotencyKey: claim.idempotencyKey,
    source: `schedule ${id}`,
  };
  try {
    if (own !== undefined) await own(data, options);
    else {
      const call = () => world.dispatch(workflow, action, data, options);
      if (!await untilTaken(call, parts)) return undefined;
    }
    return { status: "success" };
  } catch (error) {
    const isRefused = error instanceof RefusedError;
    const verb = isRefused ? "was refused" : "failed";
    const message = `The run of schedule "${id}" for ${dueAt} ${verb}: ` +
      messageOf(error);
    const fields = {
      schedule: id,
      dueAt,
      ...(isRefused ? { code: error.code } : {}),
    };
    world.log.error(message, fields);
    world.notify(message, fields);
    return {
      status: isRefused ? "refused" : "failed",
      error: shortError(messageOf(error)),
    };
  }
}

/**
 * Calls again, later and later, as long as the call is turned away for the
 * moment; false if the engine stops before it is not.
 */
async function untilTaken(
  call: () => Promise<unknown>,
  { world: { effects: { clock }, log }, schedule, closing }: RunParts,
): Promise<boolean> {
  for (let waitMs = 1_000;; waitMs = Math.min(2 * waitMs, AGAIN_MS_MAX)) {
    try {
      await call();
      return true;
    } catch (error) {
      if (!(error instanceof RetryableError)) throw error;
      if (waitMs === 1_000) {
        log.warn(
          `Schedule "${schedule.id}" cannot run at the moment, and is tried ` +
            `again: ${messageOf(error)}`,
        );
      }
      const isAwake = await clock.sleep(error.retryAfterMs ?? waitMs, closing)
        .then(() => true, () => false);
      if (!isAwake) return false;
    }
  }
}

/** Gives signs until the signal aborts. */
async function beat(parts: RunParts, signal: AbortSignal): Promise<void> {
  const { world: { effects: { clock }, log }, claim } = parts;
  while (true) {
    try {
      await clock.sleep(BEAT_MS, signal);
    } catch {
      // Aborted: the run has ended, or the engine stops.
      return;
    }
    try {
      await change(parts, (row) => ({
        ...row,
        running: row.running.map((other) =>
          other.token === claim.token
            ? { ...other, beat: other.beat + 1 }
            : other
        ),
      }));
    } catch (error) {
      // The next sign may arrive; if none does, somebody takes over.
      log.warn(
        `Cannot keep the claim of schedule "${parts.schedule.id}": ${
          messageOf(error)
        }`,
      );
    }
  }
}

/** Writes the end down, however often the store fails, until the engine stops. */
async function settle(parts: RunParts, firing: Firing): Promise<void> {
  const { world: { effects: { clock }, log }, schedule, claim } = parts;
  while (true) {
    try {
      const isOurs = await change(parts, (row) =>
        withFiring({
          ...row,
          running: row.running.filter(({ token }) => token !== claim.token),
        }, firing));
      if (!isOurs) {
        log.warn(
          `The run of schedule "${schedule.id}" is no longer ours to end: ` +
            "it was taken over, or the schedule deleted",
        );
      }
      return;
    } catch (error) {
      log.error(
        `Cannot write down the run of schedule "${schedule.id}": ${
          messageOf(error)
        }`,
      );
      const isAwake = await clock.sleep(STORE_RETRY_MS, parts.signal)
        .then(() => true, () => false);
      // Whoever starts next repeats the run with the same key.
      if (!isAwake) return;
    }
  }
}

/** Changes the row, if it still holds this claim; false if it does not. */
async function change(
  { rows, schedule: { id }, claim }: RunParts,
  to: (row: Schedule) => Parameters<ScheduleRows["write"]>[0],
): Promise<boolean> {
  while (true) {
    const row = await rows.get(id);
    if (!row?.running.some(({ token }) => token === claim.token)) return false;
    if (await rows.write(to(row), row, { isNews: false })) return true;
  }
}
