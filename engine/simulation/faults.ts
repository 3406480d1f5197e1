/**
 * What can go wrong in a simulated world, by name.
 *
 * @module
 */

/** The kinds of fault. */
export const FAULTS = [
  /** A process dies and another one boots. */
  "crash",
  /** A process stops in good order and another one boots. */
  "restart",
  /** A process stands still while another one takes over, and then goes on. */
  "pause",
  /** The wall clock jumps. */
  "clock",
  /** A commit or a read fails before anything is done. */
  "store",
  /** A commit is done, and whoever asked hears of a failure. */
  "ambiguous",
  /** Commits and reads take so long that they overtake each other. */
  "slow",
  /** Steps fail, take too long, or never answer. */
  "steps",
  /** Callers ask twice, give up, cancel, and send what nobody waits for. */
  "callers",
  /** Several processes are at work at once, each with runs of its own. */
  "nodes",
  /** Promises get no time to settle before the next thing happens. */
  "rush",
  /** Runs stop at breakpoints, which come and go. */
  "breakpoints",
] as const;

/** A kind of fault. */
export type Fault = (typeof FAULTS)[number];
