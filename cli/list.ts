/**
 * `wfctl list`: what a document may name.
 *
 * @module
 */
import { Argument, type Command } from "commander";
import type { Catalog } from "../engine/mod.ts";
import { table } from "./table.ts";

/** What there is to be listed. */
const KINDS = ["modules", "workflows", "triggers", "steps"] as const;

type Kind = typeof KINDS[number];

/** One type, as `--json` prints it. */
export interface ListedType {
  readonly type: string;
  /** Absent for sections, which have none. */
  readonly status?: string;
  readonly summary: string;
}

/** Every type of a kind, in order of type. */
export function listed(catalog: Catalog, kind: Kind): readonly ListedType[] {
  return [...catalog[kind].values()].map((definition) => {
    const { type, summary } = definition;
    return "stability" in definition
      ? { type, status: definition.stability, summary }
      : { type, summary };
  });
}

/** Adds the command. */
export function addListCommand(program: Command, catalog: Catalog): void {
  program.command("list")
    .description("list the types that a document may name, with their status")
    .addArgument(
      new Argument("[kind]", "which types").choices(KINDS).default("modules"),
    )
    .option("--json", "print an array")
    .action((kind: Kind, flags: { json?: true }) => {
      const types = listed(catalog, kind);
      if (flags.json) return console.log(JSON.stringify(types, null, 2));
      const lines = types.some(({ status }) => status !== undefined)
        ? table(
          ["TYPE", "STATUS", "SUMMARY"],
          types.map((
            { type, status = "", summary },
          ) => [type, status, summary]),
        )
        : table(
          ["TYPE", "SUMMARY"],
          types.map(({ type, summary }) => [type, summary]),
        );
      for (const line of lines) console.log(line);
    });
}
