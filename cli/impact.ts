/**
 * `wfctl impact`: what a changed document would mean for the runs under way.
 *
 * @module
 */
import type { Command } from "commander";
import { basename } from "node:path";
import { type ClientFlags, clientOf } from "./client_flags.ts";
import { dataOption } from "./command_line.ts";
import { urlOption } from "./management_client.ts";
import { readDocument } from "./read_documents.ts";
import { table } from "./table.ts";

interface Flags extends Omit<ClientFlags, "application"> {
  readonly document?: string;
}

/** The answer of the API. */
export interface ImpactReport {
  readonly counts: {
    readonly unaffected: number;
    readonly moves: number;
    readonly breaks: number;
  };
  readonly breaks: readonly {
    readonly run: string;
    readonly pipeline: string;
    readonly version: string;
    readonly step?: string;
    readonly reason: string;
    readonly line?: number;
  }[];
  readonly unseen: number;
}

/** Adds the command. */
export function addImpactCommand(program: Command): void {
  program.command("impact")
    .description(
      "say which runs under way could not go on with a changed document; " +
        "exit 1 if there are any",
    )
    .argument("<file>", "the changed document")
    .addOption(urlOption())
    .addOption(dataOption())
    .option("--document <id>", "which document it is (its file name if absent)")
    .option("--json", "print JSON")
    .action(impact);
}

async function impact(path: string, flags: Flags): Promise<void> {
  const { text, file } = await readDocument(path);
  const id = flags.document ?? basename(file).replace(/\.(ya?ml|json)$/i, "");
  const report = await clientOf(flags).postText<ImpactReport>(
    `/api/documents/${encodeURIComponent(id)}/impact`,
    text,
  );
  if (flags.json) console.log(JSON.stringify(report, null, 2));
  else for (const line of impactLines(file, report)) console.log(line);
  if (report.counts.breaks > 0) Deno.exit(1);
}

/** A report as lines for a terminal. */
export function impactLines(
  file: string,
  { counts, breaks, unseen }: ImpactReport,
): readonly string[] {
  const { unaffected, moves } = counts;
  return [
    `${unaffected} unaffected, ${moves} could move to the new version, ` +
    `${counts.breaks} could not`,
    ...breaks.length === 0 ? [] : table(
      ["run", "pipeline", "step", "place", "why"],
      breaks.map(({ run, pipeline, step, line, reason }) => [
        run,
        pipeline,
        step ?? "-",
        line === undefined ? "-" : `${file}:${line}`,
        reason,
      ]),
    ),
    ...counts.breaks > breaks.length
      ? [`${counts.breaks - breaks.length} more are not shown`]
      : [],
    ...unseen === 0 ? [] : [`${unseen} older runs were not looked at`],
    "Runs under way keep the version that they began with, whatever is reloaded",
  ];
}
