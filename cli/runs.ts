/**
 * `wfctl runs`: begin, find, look into and steer the runs of a running engine.
 *
 * @module
 */
import type { Command } from "commander";
import { type ClientFlags, clientOf, withClientFlags } from "./client_flags.ts";
import {
  debugLines,
  type DebugView,
  type Explanation,
  explanationLines,
  journalLines,
  listLines,
  type RunDetail,
  runLines,
  type RunRow,
  type ShownEntry,
} from "./run_lines.ts";

interface ListFlags extends ClientFlags {
  readonly workflow?: string;
  readonly status?: string;
  readonly since?: string;
  readonly until?: string;
  readonly search?: string;
  readonly cursor?: string;
  readonly limit?: string;
}

interface StartFlags extends ClientFlags {
  readonly action?: string;
  readonly input?: string;
  readonly key?: string;
}

interface ForkFlags extends ClientFlags {
  readonly from: string;
  readonly input?: string;
  readonly toVersion?: string;
}

interface ResumeFlags extends ClientFlags {
  readonly with?: string;
  readonly at?: string;
}

/** Adds the commands. */
export function addRunCommands(program: Command): void {
  const runs = program.command("runs")
    .description("begin, find, look into and steer runs");
  addLooks(runs);
  addDebug(runs);
  withClientFlags(runs.command("start"))
    .description("begin a run of a pipeline, or an action of a workflow")
    .argument("<workflow>", "the id of a pipeline, or the name of a workflow")
    .option("--action <name>", "what a workflow is to do")
    .option("--input <json>", "what it is given, a JSON object")
    .option("--key <key>", "an idempotency key: twice the same is one run")
    .action(start);
  withClientFlags(runs.command("cancel"))
    .description("end a run; what it has done is compensated")
    .argument("<run>", "the id of a run")
    .option("--reason <text>", "why, for those who look at it later")
    .action(cancel);
  withClientFlags(runs.command("fork"))
    .description("begin a run that does a step, and what follows it, anew")
    .argument("<run>", "the id of a run")
    .requiredOption("--from <step>", "the step, by its path or its id")
    .option("--input <json>", "another input")
    .option("--to-version <hash>", 'another version, such as "current"')
    .action(fork);
  withClientFlags(runs.command("signal"))
    .description("send a run a signal")
    .argument("<run>", "the id of a run")
    .argument("<name>", "the name of the signal")
    .argument("[json]", "its data")
    .action(signal);
}

function addDebug(runs: Command): void {
  withClientFlags(runs.command("debug"))
    .description("show a run that is paused at a breakpoint, and what it has")
    .argument("<run>", "the id of a run")
    .action(debug);
  for (const [how, what] of Object.entries(RESUMES)) {
    withClientFlags(runs.command(how))
      .description(what)
      .argument("<run>", "the id of a run")
      .option("--with <json>", "what the step is given instead, a JSON object")
      .option("--at <step>", "only if it is paused at this step")
      .action((id: string, flags: ResumeFlags) => resume(how, id, flags));
  }
}

const RESUMES = {
  continue: "let a run that is paused go on",
  step: "let a run that is paused do one step, and pause before the next",
};

function addLooks(runs: Command): void {
  withClientFlags(runs.command("list"))
    .description("list runs, the newest first")
    .option("--workflow <id>", "of one pipeline only")
    .option("--status <names>", 'such as "failed" or "waiting,running"')
    .option("--since <time>", "accepted then or later, as RFC 3339")
    .option("--until <time>", "accepted then or before")
    .option("--search <text>", "in id, pipeline and key")
    .option("--limit <count>", "how many at most (50 if absent)")
    .option("--cursor <cursor>", "go on behind this place")
    .action(list);
  withClientFlags(runs.command("show"))
    .description("show a run and its steps")
    .argument("<run>", "the id of a run")
    .option("--at <index>", "as it was at an entry of its journal")
    .action(show);
  withClientFlags(runs.command("explain"))
    .description("say what a run waits for, or how it has ended")
    .argument("<run>", "the id of a run")
    .action(explain);
  withClientFlags(runs.command("journal"))
    .description("show what has happened to a run")
    .argument("<run>", "the id of a run")
    .option("--after <index>", "only what follows an entry")
    .action(journal);
}

async function list(flags: ListFlags): Promise<void> {
  const { application, workflow, status, since, until } = flags;
  const { search: q, cursor, limit } = flags;
  const query = { application, workflow, status, since, until, q };
  const page = await clientOf(flags).get<{ runs: RunRow[]; next?: string }>(
    "/api/runs",
    { ...query, cursor, limit },
  );
  print(page, flags, () => listLines(page));
}

async function show(id: string, flags: ClientFlags & { at?: string }) {
  const { application, at } = flags;
  const query = { application, at };
  const run = await clientOf(flags).get<RunDetail>(pathOf(id), query);
  print(run, flags, () => runLines(run));
}

async function explain(id: string, flags: ClientFlags): Promise<void> {
  const { application } = flags;
  const path = `${pathOf(id)}/explain`;
  const told = await clientOf(flags).get<Explanation>(path, { application });
  print(told, flags, () => explanationLines(told));
}

/** Shows every entry, page by page. */
async function journal(id: string, flags: ClientFlags & { after?: string }) {
  const client = clientOf(flags);
  const { application } = flags;
  const entries: ShownEntry[] = [];
  for (let after = flags.after;;) {
    const page = await client.get<{ entries: ShownEntry[]; next?: number }>(
      `${pathOf(id)}/journal`,
      { application, after },
    );
    entries.push(...page.entries);
    if (page.next === undefined) break;
    after = String(page.next);
  }
  print({ entries }, flags, () => journalLines(entries));
}

async function start(workflow: string, flags: StartFlags): Promise<void> {
  const { application, action, key } = flags;
  const body = {
    workflow,
    ...action === undefined ? {} : { action },
    ...flags.input === undefined
      ? {}
      : { input: parsed("--input", flags.input) },
    ...key === undefined ? {} : { idempotencyKey: key },
    ...application === undefined ? {} : { application },
  };
  const result = await clientOf(flags)
    .post<Record<string, unknown>>("/api/runs", {}, body);
  const { run, status } = result;
  print(result, flags, () => [
    typeof run === "string"
      ? `run ${run} is ${status}`
      : JSON.stringify(result),
  ]);
}

async function cancel(id: string, flags: ClientFlags & { reason?: string }) {
  const { application, reason } = flags;
  const result = await clientOf(flags).post<{ run: string; status: string }>(
    `${pathOf(id)}/cancel`,
    { application },
    reason === undefined ? undefined : { reason },
  );
  print(result, flags, () => [`run ${result.run} is ${result.status}`]);
}

async function debug(id: string, flags: ClientFlags): Promise<void> {
  const { application } = flags;
  const seen = await clientOf(flags)
    .get<DebugView>(`${pathOf(id)}/debug`, { application });
  print(seen, flags, () => debugLines(seen));
}

async function resume(how: string, id: string, flags: ResumeFlags) {
  const { application, with: given, at: step } = flags;
  const result = await clientOf(flags).post<{ run: string; status: string }>(
    `${pathOf(id)}/debug/${how}`,
    { application },
    {
      ...step === undefined ? {} : { step },
      ...given === undefined ? {} : { with: parsed("--with", given) },
    },
  );
  print(result, flags, () => [`run ${result.run} is ${result.status}`]);
}

async function fork(id: string, flags: ForkFlags): Promise<void> {
  const { application, from: fromStep, input } = flags;
  const { toVersion: version } = flags;
  const run = await clientOf(flags).post<RunRow>(
    `${pathOf(id)}/fork`,
    { application },
    {
      fromStep,
      ...input === undefined ? {} : { input: parsed("--input", input) },
      ...version === undefined ? {} : { version },
    },
  );
  print(run, flags, () => [`run ${run.id} takes the place of ${id}`]);
}

async function signal(
  id: string,
  name: string,
  json: string | undefined,
  flags: ClientFlags,
): Promise<void> {
  const { application } = flags;
  const result = await clientOf(flags).post(
    `${pathOf(id)}/signals/${encodeURIComponent(name)}`,
    { application },
    json === undefined ? undefined : parsed("data", json),
  );
  print(result, flags, () => [`run ${id} is sent "${name}"`]);
}

function pathOf(id: string): string {
  return `/api/runs/${encodeURIComponent(id)}`;
}

/** @throws {TypeError} if the text is no JSON. */
function parsed(what: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new TypeError(
      `Cannot use ${what}: it is no JSON (${(error as Error).message})`,
      { cause: error },
    );
  }
}

function print(
  value: unknown,
  { json }: ClientFlags,
  lines: () => readonly string[],
): void {
  if (json) console.log(JSON.stringify(value, null, 2));
  else for (const line of lines()) console.log(line);
}
