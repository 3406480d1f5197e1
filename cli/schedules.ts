/**
 * `wfctl schedules`: what a running engine does at certain times.
 *
 * @module
 */
import type { Command } from "commander";
import { type ClientFlags, clientOf, withClientFlags } from "./client_flags.ts";
import { table } from "./table.ts";

/** One time at which a schedule ran, as the API shows it. */
interface Firing {
  readonly dueAt: string;
  readonly at: string;
  readonly status: string;
  readonly error?: string;
  readonly attempt: number;
  readonly manual: boolean;
}

/** A schedule as the API lists it. */
interface ScheduleRow {
  readonly id: string;
  readonly application: string;
  readonly source: string;
  readonly cron?: string;
  readonly every?: string;
  readonly at?: string;
  readonly timeZone?: string;
  readonly workflow: string;
  readonly action: string;
  readonly enabled: boolean;
  readonly paused: boolean;
  readonly nextDueAt: string | null;
  readonly lastRun: Firing | null;
}

/** A schedule as the API shows it by itself. */
interface ScheduleDetail extends ScheduleRow {
  readonly history: readonly Firing[];
}

/** How much of an error a table shows, in characters. */
const ERROR_CHARACTERS_MAX = 80;

/** Adds the commands. */
export function addScheduleCommands(program: Command): void {
  const schedules = program.command("schedules")
    .description("show, run, pause, resume or delete schedules");
  withFlags(schedules.command("list"))
    .description("list schedules, with their next and their last run")
    .action(listSchedules);
  withId(schedules.command("show"))
    .description("show a schedule and its latest runs")
    .action(showSchedule);
  withId(schedules.command("run"))
    .description("run a schedule now, beside its times")
    .action(runSchedule);
  withId(schedules.command("pause"))
    .description("let a schedule run no more until it is resumed")
    .action((id: string, flags: ClientFlags) => change("pause", id, flags));
  withId(schedules.command("resume"))
    .description("let a paused schedule run again")
    .action((id: string, flags: ClientFlags) => change("resume", id, flags));
  withId(schedules.command("delete"))
    .description("remove a schedule that was made over the API")
    .action(deleteSchedule);
}

function withFlags(command: Command): Command {
  return withClientFlags(
    command,
    "of this document; needed where several run, unless all are listed",
  );
}

function withId(command: Command): Command {
  return withFlags(command).argument("<id>", "the id of a schedule");
}

async function listSchedules(flags: ClientFlags): Promise<void> {
  const { application } = flags;
  const rows = await clientOf(flags)
    .get<ScheduleRow[]>("/api/schedules", { application });
  if (flags.json) return printJson(rows);
  if (rows.length === 0) return console.log("There are no schedules");
  print(
    ["id", "application", "when", "runs", "state", "next", "last"],
    rows.map((row) => [
      row.id,
      row.application,
      timesOf(row),
      `${row.workflow}.${row.action}`,
      stateOf(row),
      row.nextDueAt ?? "-",
      row.lastRun === null ? "-" : `${row.lastRun.status} ${row.lastRun.at}`,
    ]),
  );
}

async function showSchedule(id: string, flags: ClientFlags): Promise<void> {
  const { application } = flags;
  const found = await clientOf(flags)
    .get<ScheduleDetail>(pathOf(id), { application });
  if (flags.json) return printJson(found);
  const { workflow, action, source, nextDueAt, history } = found;
  for (
    const [name, value] of [
      ["id", found.id],
      ["application", found.application],
      ["source", source],
      ["when", timesOf(found)],
      ["runs", `${workflow}.${action}`],
      ["state", stateOf(found)],
      ["next", nextDueAt ?? "-"],
    ]
  ) console.log(`${name?.padEnd(12)} ${value}`);
  if (history.length === 0) return console.log("It has not run yet");
  print(
    ["due", "began", "status", "attempt", "by hand", "error"],
    history.map(({ dueAt, at, status, attempt, manual, error = "" }) => [
      ...[dueAt, at, status, attempt, manual ? "yes" : "no"],
      error.replaceAll(/\s+/g, " ").slice(0, ERROR_CHARACTERS_MAX),
    ]),
  );
}

async function runSchedule(id: string, flags: ClientFlags): Promise<void> {
  const { application } = flags;
  const claim = await clientOf(flags).post<{ idempotencyKey: string }>(
    `${pathOf(id)}/run`,
    { application },
  );
  if (flags.json) return printJson(claim);
  console.log(`running ${id}: ${claim.idempotencyKey}`);
}

async function change(
  verb: "pause" | "resume",
  id: string,
  flags: ClientFlags,
): Promise<void> {
  const { application } = flags;
  const changed = await clientOf(flags)
    .post<ScheduleDetail>(`${pathOf(id)}/${verb}`, { application });
  if (flags.json) return printJson(changed);
  console.log(`${id} is ${stateOf(changed)}`);
}

async function deleteSchedule(id: string, flags: ClientFlags): Promise<void> {
  const { application } = flags;
  await clientOf(flags).delete(pathOf(id), { application });
  if (flags.json) return printJson({ deleted: id });
  console.log(`deleted ${id}`);
}

/** When it runs, in the words of its document. */
function timesOf({ cron, every, at, timeZone }: ScheduleRow): string {
  if (every) return `every ${every}`;
  if (at) return `at ${at}`;
  return timeZone ? `${cron} ${timeZone}` : cron ?? "-";
}

function stateOf({ enabled, paused }: ScheduleRow): string {
  if (!enabled) return "disabled";
  return paused ? "paused" : "active";
}

function pathOf(id: string): string {
  return `/api/schedules/${encodeURIComponent(id)}`;
}

function printJson(value: unknown): void {
  console.log(JSON.stringify(value, null, 2));
}

function print(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): void {
  for (const line of table(head, rows)) console.log(line);
}
