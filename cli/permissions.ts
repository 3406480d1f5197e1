/**
 * `wfctl permissions`: what components of a running engine may do, what they use
 * of it, and what a changed document would grant them.
 *
 * @module
 */
import type { Command } from "commander";
import { type Catalog, ConfigError } from "../engine/mod.ts";
import { type ClientFlags, clientOf, withClientFlags } from "./client_flags.ts";
import { printFailure } from "./command_line.ts";
import { readDocument } from "./read_documents.ts";
import { table } from "./table.ts";
import { loadHere } from "./validate.ts";

type Grants = Readonly<Record<string, readonly string[]>>;
type Counted = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** A component as the API shows it. */
interface ComponentRow {
  readonly id: string;
  readonly application: string;
  readonly status: string;
  readonly isolation: string;
  readonly permissions: Grants;
}

interface Manifest {
  readonly secrets: readonly string[];
  readonly requires: Grants;
}

/** What to change about the grants of a component. */
export interface Suggestion {
  readonly id: string;
  readonly application: string;
  /** What it asked for and was refused, with how often. */
  readonly add: Counted;
  /** What it is granted and has not used since it was started. */
  readonly unused: Grants;
}

/** Adds the commands. */
export function addPermissionCommands(
  program: Command,
  catalog: Catalog,
): void {
  const permissions = program.command("permissions")
    .description("show what components may do, and what they use of it");
  withClientFlags(permissions.command("list"))
    .description("list components with what they are granted")
    .action(list);
  withClientFlags(permissions.command("suggest"))
    .description("say what to grant, and what is granted and not used")
    .action(suggest);
  withClientFlags(permissions.command("diff"))
    .description("compare what a document grants with what the engine runs")
    .argument("<file>", "a document")
    .action(async (file: string, flags: ClientFlags) => {
      Deno.exitCode = await diff(file, flags, catalog);
    });
}

async function rowsOf(flags: ClientFlags): Promise<readonly ComponentRow[]> {
  const { application } = flags;
  return await clientOf(flags).get("/api/dynamic/components", { application });
}

function pathOf({ id }: ComponentRow, what: string): string {
  return `/api/dynamic/components/${encodeURIComponent(id)}/${what}`;
}

async function list(flags: ClientFlags): Promise<void> {
  const client = clientOf(flags);
  const rows = await Promise.all((await rowsOf(flags)).map(async (row) => {
    const { application } = row;
    const manifest = await client.get<Manifest>(pathOf(row, "manifest"), {
      application,
    });
    const { secrets, requires } = manifest;
    return { ...row, secrets, requires };
  }));
  if (flags.json) return console.log(JSON.stringify(rows, null, 2));
  if (rows.length === 0) return console.log("There are no components");
  const words = (items: readonly string[] | undefined) =>
    items === undefined || items.length === 0 ? "-" : items.join(" ");
  const lines = table(
    [
      ...["application", "component", "isolation", "net", "read", "write"],
      ...["env", "secrets", "requires"],
    ],
    rows.map(({ application, id, isolation, permissions, ...rest }) => [
      ...[application, id, isolation],
      ...["net", "read", "write", "env"].map((name) =>
        isolation === "none" ? "everything" : words(permissions[name])
      ),
      words(rest.secrets),
      words(Object.keys(rest.requires)),
    ]),
  );
  for (const line of lines) console.log(line);
}

async function suggest(flags: ClientFlags): Promise<void> {
  const client = clientOf(flags);
  const suggestions = await Promise.all(
    (await rowsOf(flags)).map(async (row): Promise<Suggestion> => {
      const { id, application, permissions } = row;
      const { used, refused } = await client.get<
        { readonly used: Counted; readonly refused: Counted }
      >(pathOf(row, "metrics"), { application });
      return {
        ...{ id, application, add: refused },
        unused: row.isolation === "none" ? {} : unusedOf(permissions, used),
      };
    }),
  );
  if (flags.json) return console.log(JSON.stringify(suggestions, null, 2));
  const lines = suggestions.flatMap(linesOf);
  if (lines.length === 0) {
    return console.log("Every component has what it asks for, and uses it");
  }
  for (const line of lines) console.log(line);
}

/** What is granted by name and was never used. Values of `env` are read unseen. */
export function unusedOf(permissions: Grants, used: Counted): Grants {
  const unused: Record<string, readonly string[]> = {};
  for (const [capability, granted] of Object.entries(permissions)) {
    if (capability === "env") continue;
    const names = Object.keys(used[capability] ?? {});
    const idle = granted.filter((grant) =>
      !names.some((name) => covers(grant, name))
    );
    if (idle.length > 0) unused[capability] = idle;
  }
  return unused;
}

/** Whether a grant is what something was used by. */
function covers(grant: string, name: string): boolean {
  const plain = grant.toLowerCase();
  if (plain.startsWith("*.")) return name.endsWith(plain.slice(1));
  return name === plain || plain === "." || plain === `${name}:443` ||
    plain === `${name}:80` || name.startsWith(`${plain}/`);
}

function linesOf(
  { id, application, add, unused }: Suggestion,
): readonly string[] {
  const grants = Object.entries(add).map(([capability, names]) => {
    const found = Object.entries(names).map(([name, count]) =>
      `${JSON.stringify(name)} (${count} times refused)`
    );
    return `  to grant:   ${capability}: ${found.join(", ")}`;
  });
  const idle = Object.entries(unused).map(([capability, names]) =>
    `  not used:   ${capability}: [${
      names.map((n) => JSON.stringify(n)).join(", ")
    }]`
  );
  return grants.length + idle.length === 0
    ? []
    : [`${application}/${id}`, ...grants, ...idle];
}

/** Returns the exit code: 1 if the document grants more than is granted now. */
async function diff(
  path: string,
  flags: ClientFlags,
  catalog: Catalog,
): Promise<number> {
  const source = await readDocument(path);
  const { plan, problems } = await loadHere(catalog, source);
  if (!plan) {
    printFailure(new ConfigError(problems), "there is nothing to compare");
    return 2;
  }
  const running = new Map(
    (await rowsOf({ ...flags, application: plan.id }))
      .map((row) => [row.id, grantsOf(row.isolation, row.permissions)]),
  );
  const changes = plan.modules
    .filter(({ type }) => type === "dynamic.component")
    .flatMap(({ name, config }) => {
      const { isolation, permissions } = config as {
        readonly isolation: string;
        readonly permissions: Grants;
      };
      const next = grantsOf(isolation, permissions);
      const before = running.get(name) ?? new Set<string>();
      return [
        ...[...next].filter((grant) => !before.has(grant))
          .map((grant) => ({ component: name, change: "+", grant })),
        ...[...before].filter((grant) => !next.has(grant))
          .map((grant) => ({ component: name, change: "-", grant })),
      ];
    });
  if (flags.json) console.log(JSON.stringify(changes, null, 2));
  else if (changes.length === 0) console.log("It grants what is granted now");
  else {
    for (const { component, change, grant } of changes) {
      console.log(`${change} ${component}  ${grant}`);
    }
  }
  return changes.some(({ change }) => change === "+") ? 1 : 0;
}

/** Grants as lines that can be compared. */
function grantsOf(isolation: string, permissions: Grants): Set<string> {
  if (isolation === "none") return new Set(["everything (isolation: none)"]);
  return new Set(
    Object.entries(permissions).flatMap(([capability, names]) =>
      names.map((name) => `${capability}: ${name}`)
    ),
  );
}
