/**
 * `wfctl queues` and `wfctl dead-letters`: what a running engine has queued, and
 * what of it is dead.
 *
 * @module
 */
import type { Command } from "commander";
import { type ClientFlags, clientOf, withClientFlags } from "./client_flags.ts";
import { table } from "./table.ts";

interface SourceFlags extends ClientFlags {
  readonly source?: string;
}

interface ListFlags extends SourceFlags {
  readonly limit?: string;
  readonly cursor?: string;
}

/** A queue as the API shows it. */
interface QueueRow {
  readonly application: string;
  readonly name: string;
  readonly depth: number;
  readonly inFlight: number;
  readonly delayed: number;
  readonly dead: number;
  readonly oldestAgeMs?: number;
}

/** A dead letter as the API shows it. */
interface Letter {
  readonly id: string;
  readonly application: string;
  readonly source: string;
  readonly payload: unknown;
  readonly error: string;
  readonly attempts: number;
  readonly firstAt: number;
  readonly lastAt: number;
}

/** How much of an error a table shows, in characters. */
const ERROR_CHARACTERS_MAX = 80;

/** Adds the commands. */
export function addQueueCommands(program: Command): void {
  withClientFlags(program.command("queues"))
    .description("show the durable queues of a running engine")
    .action(showQueues);
  const letters = program.command("dead-letters")
    .description("show, replay or purge what failed at every attempt");
  withSource(letters.command("list"))
    .description("list dead letters, oldest first")
    .option("--limit <count>", "how many at most (100 if absent)")
    .option("--cursor <cursor>", "go on behind this place")
    .action(listLetters);
  withClientFlags(letters.command("show"))
    .description("show a dead letter with its payload")
    .argument("<id>", "the id of a dead letter")
    .action(showLetter);
  withSource(letters.command("replay"))
    .description("give one, or all of a source, back to where it came from")
    .argument("[id]", "the id of a dead letter; or name a --source")
    .action((id: string | undefined, flags: SourceFlags) =>
      end("replay", id, flags)
    );
  withSource(letters.command("purge"))
    .description("remove one, or all of a source, for ever")
    .argument("[id]", "the id of a dead letter; or name a --source")
    .action((id: string | undefined, flags: SourceFlags) =>
      end("purge", id, flags)
    );
}

function withSource(command: Command): Command {
  return withClientFlags(command)
    .option("--source <kind:name>", 'of one source, such as "queue:orders"');
}

async function showQueues(flags: ClientFlags): Promise<void> {
  const { application } = flags;
  const rows = await clientOf(flags).get<QueueRow[]>("/api/queues", {
    application,
  });
  if (flags.json) return printJson(rows);
  if (rows.length === 0) return console.log("There are no queues");
  print(
    ["application", "queue", "depth", "in flight", "delayed", "dead", "oldest"],
    rows.map((row) => [
      row.application,
      row.name,
      row.depth,
      row.inFlight,
      row.delayed,
      row.dead,
      row.oldestAgeMs === undefined
        ? "-"
        : `${Math.round(row.oldestAgeMs / 1_000)} s`,
    ]),
  );
}

async function listLetters(flags: ListFlags): Promise<void> {
  const { application, source, limit, cursor } = flags;
  const page = await clientOf(flags).get<{ letters: Letter[]; next?: string }>(
    "/api/dead-letters",
    { application, source, limit, cursor },
  );
  if (flags.json) return printJson(page);
  if (page.letters.length === 0) {
    return console.log("There are no dead letters");
  }
  print(
    ["id", "application", "source", "attempts", "last", "error"],
    page.letters.map((letter) => [
      letter.id,
      letter.application,
      letter.source,
      letter.attempts,
      new Date(letter.lastAt).toISOString(),
      letter.error.replaceAll(/\s+/g, " ").slice(0, ERROR_CHARACTERS_MAX),
    ]),
  );
  if (page.next !== undefined) console.log(`more: --cursor ${page.next}`);
}

async function showLetter(id: string, flags: ClientFlags): Promise<void> {
  const { application } = flags;
  const letter = await clientOf(flags).get<Letter>(pathOf(id), { application });
  // A payload has no form that a table could know.
  printJson(letter);
}

/** @throws {TypeError} unless exactly one of id and source is named. */
async function end(
  verb: "replay" | "purge",
  id: string | undefined,
  flags: SourceFlags,
): Promise<void> {
  const { application, source } = flags;
  if ((id === undefined) === (source === undefined)) {
    throw new TypeError(
      `Cannot ${verb}: expected the id of a dead letter or a --source, ` +
        (id === undefined ? "found neither" : "found both"),
    );
  }
  const client = clientOf(flags);
  const path = id === undefined ? "/api/dead-letters" : pathOf(id);
  const query = { application, source };
  const result = verb === "replay"
    ? await client.post<Record<string, number>>(`${path}/replay`, query)
    : await client.delete<Record<string, number>>(path, query);
  if (flags.json) return printJson(result);
  for (const [what, count] of Object.entries(result)) {
    console.log(`${what} ${count} dead ${count === 1 ? "letter" : "letters"}`);
  }
}

function pathOf(id: string): string {
  return `/api/dead-letters/${encodeURIComponent(id)}`;
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
