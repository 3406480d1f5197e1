/**
 * The flags of every command that asks a running engine, and the client that
 * they say.
 *
 * @module
 */
import type { Command } from "commander";
import { dataOption } from "./command_line.ts";
import {
  type ManagementClient,
  managementClient,
  urlOption,
} from "./management_client.ts";

/** What `withClientFlags` adds. */
export interface ClientFlags {
  readonly url: string;
  readonly data: string;
  readonly application?: string;
  readonly json?: true;
}

/** Adds them. @param application What `--application` does, as help says it. */
export function withClientFlags(
  command: Command,
  application = "of one document only",
): Command {
  return command
    .addOption(urlOption())
    .addOption(dataOption())
    .option("--application <id>", application)
    .option("--json", "print JSON");
}

/** Whoever the flags say. */
export function clientOf(
  { url, data }: Pick<ClientFlags, "url" | "data">,
): ManagementClient {
  return managementClient({ url, data, env: (name) => Deno.env.get(name) });
}
