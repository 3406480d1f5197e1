/**
 * The component hosts of this process: some that many components share, and one
 * for each that is to be alone. A host that has died is replaced when somebody
 * needs it; one in which nobody is left ends.
 *
 * As long as there is a component that is alone, one more host is at hand for the
 * next, and for a host that is killed. Nobody has ever been in it.
 *
 * @module
 */
import type { Effects } from "../engine/effects.ts";
import { HostProcess } from "./host_process.ts";

/** What keeps a component from others. */
export type Isolation = "shared" | "process";

/**
 * How many components share a host. One that has just started holds some 10 MB, and
 * the memory of a host is limited; a host that is killed takes all of them with it.
 */
export const SHARED_BY_MAX = 16;

/** How long no component comes alone until a host is made ready, in milliseconds. */
export const QUIET_MS = 250;

/** What hosts are made of. */
type HostEffects = Pick<Effects, "clock" | "random">;

/** Whoever needs hosts, one after the other. */
export type Guest = object;

const shared = new Set<HostProcess>();
const alone = new Set<Guest>();
let spare: HostProcess | undefined;
let cancelRefill = () => {};

/** A host that takes a component now. */
export function hostFor(
  isolation: Isolation,
  effects: HostEffects,
  guest: Guest,
): HostProcess {
  if (isolation === "process") return hostAlone(effects, guest);
  for (const host of shared) {
    if (!host.isAlive) shared.delete(host);
    else if (host.size < SHARED_BY_MAX) return host;
  }
  const host = new HostProcess(effects);
  host.keepSpare();
  shared.add(host);
  return host;
}

/** A component has left a host, which ends if it was the last. */
export async function leaveHost(host: HostProcess): Promise<void> {
  if (host.size > 0) return;
  shared.delete(host);
  host.kill(UNNEEDED);
  await host.ended;
}

/** A component needs no host any more. */
export async function leaveHosts(guest: Guest): Promise<void> {
  alone.delete(guest);
  if (alone.size > 0) return;
  cancelRefill();
  const host = spare;
  spare = undefined;
  host?.kill(UNNEEDED);
  await host?.ended;
}

function hostAlone(effects: HostEffects, guest: Guest): HostProcess {
  alone.add(guest);
  const host = spare?.isAlive ? spare : new HostProcess(effects);
  spare = undefined;
  // Not at once: where one component starts, more may follow.
  cancelRefill();
  cancelRefill = effects.clock.after(QUIET_MS, () => {
    spare ??= new HostProcess(effects);
  });
  return host;
}

const UNNEEDED = "nobody needs it any more";
