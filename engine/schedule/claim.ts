/**
 * Claims of runs, and how a process tells that another one's is dead.
 *
 * @module
 */
import type { Effects } from "../effects.ts";
import { LEASE_MS } from "./claimed_run.ts";
import type { Claim, Schedule } from "./row.ts";

/** A claim for a due time, or, without one, for a run by hand. */
export function newClaim(
  id: string,
  { clock, ids }: Pick<Effects, "clock" | "ids">,
  dueAt?: number,
): Claim {
  const now = clock.now();
  const token = ids.next();
  return {
    token,
    idempotencyKey: dueAt === undefined
      ? `schedule/${id}/run/${token}`
      : `schedule/${id}/${dueAt}`,
    dueAt: dueAt ?? now,
    at: now,
    attempt: 1,
    beat: 0,
    isManual: dueAt === undefined,
  };
}

/** The next attempt at a run that somebody has left undone. */
export function takenOver(
  dead: Claim,
  { clock, ids }: Pick<Effects, "clock" | "ids">,
): Claim {
  return {
    ...dead,
    token: ids.next(),
    at: clock.now(),
    attempt: dead.attempt + 1,
    beat: 0,
  };
}

interface Sighting {
  readonly beat: number;
  readonly elapsedMs: number;
}

/**
 * What this process has seen of the claims of others. Only its own clock that
 * never goes back counts, since the wall clocks of two machines differ.
 */
export class Sightings {
  readonly #seen = new Map<string, ReadonlyMap<string, Sighting>>();

  /** The claim that has given no sign for a whole lease, if there is one. */
  dead(
    { id, running }: Pick<Schedule, "id" | "running">,
    isOwn: (token: string) => boolean,
    elapsedMs: number,
  ): Claim | undefined {
    const before = this.#seen.get(id);
    const now = new Map<string, Sighting>();
    let dead: Claim | undefined;
    for (const claim of running) {
      if (isOwn(claim.token)) continue;
      const last = before?.get(claim.token);
      const isAlive = last?.beat !== claim.beat;
      const sighting = isAlive ? { beat: claim.beat, elapsedMs } : last;
      now.set(claim.token, sighting);
      if (elapsedMs - sighting.elapsedMs >= LEASE_MS) dead ??= claim;
    }
    if (now.size > 0) this.#seen.set(id, now);
    else this.#seen.delete(id);
    return dead;
  }

  forget(id: string): void {
    this.#seen.delete(id);
  }
}
