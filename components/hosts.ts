/**
 * The component hosts of this process: one that many components share, and one
 * for each that is to be alone. A host that has died is replaced when somebody
 * needs it; one in which nobody is left ends.
 *
 * @module
 */
import type { Effects } from "../engine/effects.ts";
import { HostProcess } from "./host_process.ts";

/** What keeps a component from others. */
export type Isolation = "shared" | "process";

let shared: HostProcess | undefined;

/** A host that takes a component now. */
export function hostFor(
  isolation: Isolation,
  effects: Pick<Effects, "clock" | "random">,
): HostProcess {
  if (isolation === "process") return new HostProcess(effects);
  if (shared === undefined || !shared.isAlive) {
    shared = new HostProcess(effects);
  }
  return shared;
}

/** A component has left a host, which ends if it was the last. */
export async function leaveHost(host: HostProcess): Promise<void> {
  if (host.size > 0) return;
  if (host === shared) shared = undefined;
  host.kill("nobody needs it any more");
  await host.ended;
}
