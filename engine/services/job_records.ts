/**
 * The contract of what keeps how jobs went.
 *
 * @module
 */
import { defineService } from "../service.ts";

/** One run of one job that is over. */
export type JobRun = {
  readonly scheduler: string;
  readonly job: string;
  /** When it began, in milliseconds since 1970. */
  readonly at: number;
  readonly durationMs: number;
  readonly status: "success" | "failed";
  /** Why it failed. */
  readonly error?: string;
  /** The same for each attempt at the same run. */
  readonly idempotencyKey: string;
};

/** Keeps how jobs went. */
export interface JobRecords {
  /** Resolves when it is kept. May be told twice of a run that was repeated. */
  record(run: JobRun): Promise<void>;
}

/** Modules that are told of every job of the document that has run. */
export const JobRecords = defineService<JobRecords>(
  "job.records",
  "keeps how jobs went",
);
