/**
 * `wfctl breakpoints`: where runs of a running engine stop, so that somebody can
 * look at them.
 *
 * @module
 */
import type { Command } from "commander";
import { type ClientFlags, clientOf, withClientFlags } from "./client_flags.ts";
import { table } from "./table.ts";

/** A breakpoint, as the API shows it. */
export interface BreakpointRow {
  readonly id: string;
  readonly application: string;
  readonly pipeline: string;
  readonly step: string;
  readonly condition?: string;
  readonly once: boolean;
  readonly autoResumeMs: number;
  readonly enabled: boolean;
  readonly hits: number;
}

interface SetFlags extends ClientFlags {
  readonly condition?: string;
  readonly once?: true;
  readonly autoResume?: string;
}

/** Adds the commands. */
export function addBreakpointCommands(program: Command): void {
  const breakpoints = program.command("breakpoints")
    .description("set, show and remove the steps at which runs stop");
  withClientFlags(breakpoints.command("list"))
    .description("list breakpoints")
    .action(list);
  withClientFlags(breakpoints.command("set"))
    .description(
      "let runs stop before a step; wfctl runs continue lets them go",
    )
    .argument("<pipeline>", "the id of a pipeline")
    .argument("<step>", 'the id of a step, or its path, such as "each[3]/pack"')
    .option(
      "--condition <cel>",
      'only if it holds, such as "input.total > 9.0"',
    )
    .option("--once", "stop one run, then remove the breakpoint")
    .option(
      "--auto-resume <ms>",
      "how long a run stops at most (600000 if absent)",
    )
    .action(set);
  for (const verb of ["enable", "disable"] as const) {
    withClientFlags(breakpoints.command(verb))
      .description(`turn a breakpoint ${verb === "enable" ? "on" : "off"}`)
      .argument("<breakpoint>", "its id")
      .action((id: string, flags: ClientFlags) => turn(verb, id, flags));
  }
  withClientFlags(breakpoints.command("remove"))
    .description("remove a breakpoint; runs that stand there go on standing")
    .argument("<breakpoint>", "its id")
    .action(remove);
}

/** Breakpoints as lines for a terminal. */
export function breakpointLines(
  rows: readonly BreakpointRow[],
): readonly string[] {
  if (rows.length === 0) return ["There are no breakpoints"];
  return table(
    ["id", "application", "pipeline", "step", "state", "hits", "condition"],
    rows.map((row) => [
      ...[row.id, row.application, row.pipeline, row.step],
      row.enabled ? row.once ? "once" : "on" : "off",
      row.hits,
      row.condition ?? "-",
    ]),
  );
}

async function list(flags: ClientFlags): Promise<void> {
  const { application } = flags;
  const rows = await clientOf(flags)
    .get<BreakpointRow[]>("/api/debug/breakpoints", { application });
  print(rows, flags, breakpointLines(rows));
}

async function set(
  pipeline: string,
  step: string,
  flags: SetFlags,
): Promise<void> {
  const { application, condition, once, autoResume } = flags;
  const row = await clientOf(flags).post<BreakpointRow>(
    "/api/debug/breakpoints",
    {},
    {
      ...{ pipeline, step },
      ...condition === undefined ? {} : { condition },
      ...once === undefined ? {} : { once },
      ...autoResume === undefined
        ? {}
        : { autoResumeMs: wholeMs("--auto-resume", autoResume) },
      ...application === undefined ? {} : { application },
    },
  );
  print(row, flags, [
    `${row.id} stops runs of ${row.pipeline} before ${row.step}, ` +
    `each for ${row.autoResumeMs} ms at most`,
  ]);
}

async function turn(
  verb: "enable" | "disable",
  id: string,
  flags: ClientFlags,
): Promise<void> {
  const { application } = flags;
  const row = await clientOf(flags)
    .post<BreakpointRow>(`${pathOf(id)}/${verb}`, { application });
  print(row, flags, [`${row.id} is ${row.enabled ? "on" : "off"}`]);
}

async function remove(id: string, flags: ClientFlags): Promise<void> {
  const { application } = flags;
  const answer = await clientOf(flags).delete(pathOf(id), { application });
  print(answer, flags, [`removed ${id}`]);
}

function pathOf(id: string): string {
  return `/api/debug/breakpoints/${encodeURIComponent(id)}`;
}

/** @throws {TypeError} if it is no whole number. */
function wholeMs(flag: string, text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new TypeError(
    `Cannot use ${flag} "${text}": expected a whole number of milliseconds`,
  );
}

function print(
  value: unknown,
  { json }: ClientFlags,
  lines: readonly string[],
): void {
  if (json) console.log(JSON.stringify(value, null, 2));
  else for (const line of lines) console.log(line);
}
