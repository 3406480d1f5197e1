/**
 * What the engine says of its state.
 *
 * @module
 */
import type { Tone } from "../parts/pill.tsx";

/** What a part says of itself. */
export interface Check {
  readonly module: string;
  readonly name: string;
  readonly status: "healthy" | "degraded" | "unhealthy";
  readonly message?: string;
}

/** A process that runs components. */
export interface HostProcess {
  readonly pid: number;
  readonly residentBytes: number | null;
}

/** What `/api/health` answers. */
export interface Health {
  readonly at: number;
  readonly process: { readonly pid: number; readonly residentBytes: number };
  readonly hosts: readonly HostProcess[];
  readonly applications: readonly {
    readonly id: string;
    readonly phase: string;
    readonly checks: readonly Check[];
  }[];
}

/** A module of a document. */
export interface Module {
  readonly name: string;
  readonly type: string;
  readonly state: "created" | "started" | "open" | "stopped";
}

/** A document that runs. */
export interface Application {
  readonly id: string;
  readonly phase: string;
  readonly modules: readonly Module[];
  readonly runs: { readonly unfinished: number };
}

/** What `/api/workflow/status` answers. */
export interface Status {
  readonly applications: readonly Application[];
}

/** The worst of everything, as a word with its tone. */
export function overall(
  health: Health | undefined,
  status: Status | undefined,
): readonly [string, Tone] {
  const checks = health?.applications.flatMap(({ checks }) => checks) ?? [];
  const statuses = checks.map(({ status }) => status);
  const isRunning = status === undefined ||
    status.applications.every(({ phase }) => phase === "running");
  if (statuses.includes("unhealthy") || !isRunning) {
    return ["unhealthy", "fail"];
  }
  return statuses.includes("degraded")
    ? ["degraded", "wait"]
    : ["healthy", "ok"];
}

/** `38 MiB`. */
export function bytesText(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024).toLocaleString()} MiB`;
}
