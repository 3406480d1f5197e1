/**
 * The probes that are known to get further than they should, and why. One that
 * is contained in the end is taken off the list.
 *
 * @module
 */
import type { Isolation } from "../hosts.ts";

/** A hole that is known. */
export interface Known {
  readonly levels: readonly Isolation[];
  readonly reason: string;
}

const BOTH: readonly Isolation[] = ["shared", "process"];

/** By the names of probes. */
export const NOT_CONTAINED: Readonly<Record<string, Known>> = {
  secret_echoed: {
    levels: BOTH,
    reason: "a granted host may send the secret back",
  },
};
