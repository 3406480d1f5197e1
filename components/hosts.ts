/**
 * The component hosts of this process: some that many components share, and one
 * for each that is to be alone. A host that has died is replaced when somebody
 * needs it; one in which nobody is left ends.
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

const shared = new Set<HostProcess>();

/** A host that takes a component now. */
export function hostFor(
  isolation: Isolation,
  effects: Pick<Effects, "clock" | "random">,
): HostProcess {
  if (isolation === "process") return new HostProcess(effects);
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
  host.kill("nobody needs it any more");
  await host.ended;
}
