/**
 * `wfctl components`: the components of a running engine, new ones and new code,
 * and calls by hand.
 *
 * @module
 */
import type { Command } from "commander";
import { basename, extname } from "node:path";
import { type ClientFlags, clientOf, withClientFlags } from "./client_flags.ts";
import { reasonOf } from "./reason.ts";
import { table } from "./table.ts";

/** A component as the API shows it. */
interface Component {
  readonly id: string;
  readonly application: string;
  readonly status: string;
  readonly isolation: string;
  readonly file?: string;
  readonly hash?: string;
  readonly error?: string;
  readonly isOverridden: boolean;
  readonly loaded_at?: string;
  readonly source?: string;
}

interface Version {
  readonly version: number;
  readonly hash: string;
  readonly at: string;
  readonly characters: number;
}

interface SendFlags extends ClientFlags {
  readonly id?: string;
  readonly isolation?: string;
  readonly net?: readonly string[];
  readonly read?: readonly string[];
  readonly write?: readonly string[];
  readonly env?: readonly string[];
}

interface DiffFlags extends ClientFlags {
  readonly from?: string;
}

/** Characters of a hash that tell versions apart. */
const HASH_CHARACTERS = 12;

/** Adds the commands. */
export function addComponentCommands(program: Command): void {
  const components = program.command("components")
    .description("show, send, call and turn off components");
  withClientFlags(components.command("list"))
    .description("list components and how they are")
    .action(list);
  withClientFlags(components.command("show"))
    .description("print the code that runs")
    .argument("<id>", "a component")
    .action(show);
  withSendFlags(components.command("send"))
    .description("send code: of a new component, or in place of what runs")
    .argument("<file>", "a TypeScript or JavaScript file")
    .action(send);
  withClientFlags(components.command("execute"))
    .description("call a component and print what it returns")
    .argument("<id>", "a component")
    .argument("[params]", "JSON, such as '{\"amount\": 3}'", "{}")
    .action(execute);
  withClientFlags(components.command("versions"))
    .description("list the versions that have run, the newest first")
    .argument("<id>", "a component")
    .action(versions);
  withClientFlags(components.command("diff"))
    .description("compare a version with the one before")
    .argument("<id>", "a component")
    .argument("<version>", "its number")
    .option("--from <version>", "compare with this one; 0 is an empty text")
    .action(diff);
  withClientFlags(components.command("rollback"))
    .description("run a version again")
    .argument("<id>", "a component")
    .argument("<version>", "its number")
    .action(rollback);
  for (const [verb, what] of Object.entries(TURNS)) {
    withClientFlags(components.command(verb))
      .description(what)
      .argument("<id>", "a component")
      .action((id: string, flags: ClientFlags) => turn(verb, id, flags));
  }
  withClientFlags(components.command("remove"))
    .description("remove a component that was sent, with its versions")
    .argument("<id>", "a component")
    .action(remove);
}

const TURNS = {
  stop: "turn a component off, also across restarts",
  start: "turn a component on again",
} as const;

function withSendFlags(command: Command): Command {
  return withClientFlags(command, "of which document a new one is")
    .option("--id <id>", "what it is called (by default like its file)")
    .option("--isolation <kind>", "process or shared, for a new one")
    .option("--net <host...>", "hosts that a new one may reach")
    .option("--read <path...>", "files and folders that a new one may read")
    .option("--write <path...>", "files and folders that a new one may write")
    .option("--env <name...>", "variables that a new one may read");
}

async function list(flags: ClientFlags): Promise<void> {
  const { application } = flags;
  const rows = await clientOf(flags).get<Component[]>(PATH, { application });
  if (flags.json) return printJson(rows);
  if (rows.length === 0) return console.log("There are no components");
  const lines = table(
    ["application", "component", "status", "isolation", "code", "hash"],
    rows.map((row) => [
      ...[row.application, row.id, row.status, row.isolation],
      originOf(row),
      row.hash?.slice(0, HASH_CHARACTERS) ?? "-",
    ]),
  );
  for (const line of lines) console.log(line);
  for (const { id, error } of rows) {
    if (error !== undefined) console.log(`${id}: ${error}`);
  }
}

function originOf({ file, isOverridden }: Component): string {
  if (file === undefined) return "sent, or in the document";
  return isOverridden ? `sent, in place of ${file}` : file;
}

async function show(id: string, flags: ClientFlags): Promise<void> {
  const { application } = flags;
  const one = await clientOf(flags).get<Component>(pathOf(id), { application });
  if (flags.json) return printJson(one);
  if (one.source === undefined) {
    throw new Error(`Cannot show ${id}: no code of it runs in a sandbox`);
  }
  console.log(one.source.trimEnd());
}

async function send(file: string, flags: SendFlags): Promise<void> {
  const { application, id = basename(file, extname(file)) } = flags;
  const { isolation, net, read, write, env } = flags;
  const permissions = { net, read, write, env };
  const hasGrants = Object.values(permissions).some((names) => names);
  const one = await clientOf(flags).put<Component>(
    pathOf(id),
    { application },
    {
      source: await textOf(file),
      ...isolation === undefined ? {} : { isolation },
      ...hasGrants ? { permissions } : {},
    },
  );
  if (flags.json) return printJson(one);
  console.log(
    `${id} is ${one.status} with the code of ${file} ` +
      `(${one.hash?.slice(0, HASH_CHARACTERS)})`,
  );
}

async function textOf(file: string): Promise<string> {
  try {
    return await Deno.readTextFile(file);
  } catch (error) {
    throw new Error(`Cannot read ${file}: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

async function execute(
  id: string,
  params: string,
  flags: ClientFlags,
): Promise<void> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(params);
  } catch (error) {
    throw new Error(`Cannot read the params: ${reasonOf(error)}`);
  }
  const { application } = flags;
  const { result } = await clientOf(flags).post<{ result: unknown }>(
    pathOf(id, "execute"),
    { application },
    { params: parsed },
  );
  printJson(result);
}

async function versions(id: string, flags: ClientFlags): Promise<void> {
  const { application } = flags;
  const all = await clientOf(flags).get<Version[]>(pathOf(id, "versions"), {
    application,
  });
  if (flags.json) return printJson(all);
  if (all.length === 0) return console.log(`No version of ${id} is kept`);
  const lines = table(
    ["version", "ran first", "characters", "hash"],
    all.map(({ version, at, characters, hash }) => [
      ...[version, at, characters],
      hash.slice(0, HASH_CHARACTERS),
    ]),
  );
  for (const line of lines) console.log(line);
}

async function diff(
  id: string,
  version: string,
  flags: DiffFlags,
): Promise<void> {
  const { application, from } = flags;
  const path = pathOf(id, `versions/${encodeURIComponent(version)}/diff`);
  const query = { application, from };
  const text = await clientOf(flags).getText(path, query);
  if (flags.json) printJson({ id, version, from, diff: text });
  else console.log(text.trimEnd());
}

async function rollback(
  id: string,
  version: string,
  flags: ClientFlags,
): Promise<void> {
  const { application } = flags;
  const one = await clientOf(flags).post<Component>(
    pathOf(id, "rollback"),
    { application },
    { version: Number(version) },
  );
  if (flags.json) return printJson(one);
  console.log(`${id} is its version ${version} again`);
}

async function turn(
  verb: string,
  id: string,
  flags: ClientFlags,
): Promise<void> {
  const { application } = flags;
  const one = await clientOf(flags).post<Component>(pathOf(id, verb), {
    application,
  });
  if (flags.json) return printJson(one);
  console.log(`${id} is ${one.status}`);
}

async function remove(id: string, flags: ClientFlags): Promise<void> {
  const { application } = flags;
  await clientOf(flags).delete(pathOf(id), { application });
  if (flags.json) return printJson({ id });
  console.log(`${id} is removed`);
}

const PATH = "/api/dynamic/components";

function pathOf(id: string, what?: string): string {
  const path = `${PATH}/${encodeURIComponent(id)}`;
  return what === undefined ? path : `${path}/${what}`;
}

function printJson(value: unknown): void {
  console.log(JSON.stringify(value, null, 2));
}
