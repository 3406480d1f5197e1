/**
 * Runs the jobs of the scheduler section, all of one scheduler or a single one,
 * and says how each went.
 *
 * @module
 */
import type { DispatchOptions, Host, JsonObject } from "@engine/define.ts";
import { messageOf, RefusedError, TerminalError } from "@engine/errors.ts";
import { Executor } from "@engine/services/executor.ts";
import { JobRecords, type JobRun } from "@engine/services/job_records.ts";
import type { MessageHandler } from "@engine/services/message_handler.ts";

/** One entry of the section. */
export interface Job {
  readonly scheduler: string;
  readonly job: string;
  readonly config?: Readonly<Record<string, unknown>> | undefined;
}

/** How one run of a job went. */
type JobResult = {
  readonly success: boolean;
  readonly job: string;
  readonly handlerType?: "messageHandler";
  readonly payloadSize?: number;
  readonly error?: string;
};

/** See the module comment. */
export class Jobs {
  readonly #jobs: readonly Job[];
  readonly #host: Host;

  constructor(jobs: readonly Job[], host: Host) {
    this.#jobs = jobs;
    this.#host = host;
  }

  /**
   * Runs `job`, `scheduler:job`, or all jobs of `scheduler`. That a single job
   * fails stands in the result.
   *
   * @throws {RefusedError} `unknown-action`
   * @throws {TerminalError} if any of all jobs fails, when the others are done.
   */
  async execute(
    action: string,
    data: JsonObject,
    options: DispatchOptions = {},
  ): Promise<JsonObject> {
    const key = options.idempotencyKey ?? this.#host.effects.ids.next();
    const all = this.#jobs.filter(({ scheduler }) => scheduler === action);
    if (all.length > 0) return await this.#runAll(action, all, { data, key });
    const colon = action.indexOf(":");
    const found = this.#jobs.find(({ scheduler, job }) =>
      colon < 0 ? job === action : `${scheduler}:${job}` === action
    );
    if (found === undefined) {
      throw new RefusedError(
        "unknown-action",
        `No job is called "${action}": say job, scheduler:job or scheduler`,
      );
    }
    return await this.#run(found, { data, key, isTick: false });
  }

  async #runAll(
    scheduler: string,
    jobs: readonly Job[],
    { data, key }: { readonly data: JsonObject; readonly key: string },
  ): Promise<JsonObject> {
    const results = await Promise.all(
      jobs.map((job) => this.#run(job, { data, key, isTick: true })),
    );
    const failed = results.filter(({ success }) => !success);
    if (failed.length > 0) {
      const why = failed.map(({ job, error }) => `${job}: ${error}`).join("; ");
      throw new TerminalError(
        `${failed.length} of ${results.length} jobs failed: ${why}`,
      );
    }
    return { success: true, scheduler, jobs: results };
  }

  /** Runs one job. Never throws. */
  async #run(
    job: Job,
    how: {
      readonly data: JsonObject;
      readonly key: string;
      readonly isTick: boolean;
    },
  ): Promise<JobResult> {
    const { clock } = this.#host.effects;
    const at = clock.now();
    const startedMs = clock.elapsed();
    const idempotencyKey = `${how.key}/${job.job}`;
    const isCode = this.#host.provides(job.job, Executor);
    const payload = how.isTick ? {} : how.data;
    let error: string | undefined;
    try {
      if (isCode) await this.#call(job, how.data, idempotencyKey);
      else {
        await this.#host.use<MessageHandler>(job.job).receive({
          id: idempotencyKey,
          topic: `scheduler.${job.scheduler}`,
          payload,
          publishedAt: at,
          attempt: 1,
        });
      }
    } catch (thrown) {
      error = messageOf(thrown);
    }
    const durationMs = clock.elapsed() - startedMs;
    const fault = error === undefined ? {} : { error };
    const success = error === undefined;
    await this.#tell({
      scheduler: job.scheduler,
      job: job.job,
      at,
      durationMs,
      status: success ? "success" : "failed",
      ...fault,
      idempotencyKey,
    });
    const size = new TextEncoder().encode(JSON.stringify(payload)).length;
    return isCode ? { success, job: job.job, ...fault } : {
      success,
      job: job.job,
      handlerType: "messageHandler",
      payloadSize: size,
      ...fault,
    };
  }

  async #call(
    { job, config }: Job,
    data: JsonObject,
    idempotencyKey: string,
  ): Promise<void> {
    const { params } = data;
    const given = isObject(params) ? params : data;
    const own = (config ?? {}) as JsonObject;
    await this.#host.use<Executor>(job).execute(
      { ...own, ...given },
      { signal: this.#host.signal, idempotencyKey },
    );
  }

  /** Tells everyone who wants to know how a run went. */
  async #tell(run: JobRun): Promise<void> {
    const { log, meter } = this.#host;
    const { scheduler, job, status, error, durationMs } = run;
    const message = error === undefined
      ? `Job "${job}" of "${scheduler}" is done`
      : `Job "${job}" of "${scheduler}" failed: ${error}`;
    if (error === undefined) log.info(message, { job, durationMs });
    else log.error(message, { job, durationMs });
    this.#host.notify("notice", {
      module: job,
      message,
      status,
      severity: error === undefined ? "info" : "error",
    });
    meter.record("module_operations_total", {
      module: job,
      operation: "job",
      status,
    });
    for (const { name, service } of this.#host.all(JobRecords)) {
      try {
        await service.record(run);
      } catch (thrown) {
        // The job has run, whether it is written down or not.
        log.error(
          `"${name}" cannot record job "${job}": ${messageOf(thrown)}`,
        );
      }
    }
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
