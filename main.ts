/**
 * Runs an application: flags and environment in, a serving process out.
 *
 * @module
 */
import { Command } from "commander";
import { fileURLToPath } from "node:url";
import { catalog } from "./catalog.gen.ts";
import { serveUntilSignal, withServeFlags } from "./cli/command_line.ts";
import { becomeHost, HOST_VARIABLE } from "./components/host/confined.ts";

const EXAMPLE = fileURLToPath(new URL("./examples/orders/", import.meta.url));

const command = new Command("start")
  .description("Run the application that one or more YAML documents describe.")
  .argument("[file-or-folder...]", "the same as --config")
  .option(
    "--config <file-or-folder...>",
    "documents to run (WORKFLOW_CONFIG, several separated by commas); " +
      "by default the orders example",
  )
  .addHelpText(
    "after",
    "\nExamples:\n" +
      "  deno task start\n" +
      "  deno task start --config app.yaml --data /var/lib/workflow\n",
  );

// A compiled binary starts itself as the process that runs components.
const role = Deno.build.standalone ? Deno.env.get(HOST_VARIABLE) : undefined;
if (role !== undefined) await becomeHost(role);

await withServeFlags(command)
  .action(async (files: string[], flags) => {
    const named = [...files, ...flags.config ?? []];
    const config = named.length > 0 ? named : configuredDocuments();
    await serveUntilSignal(catalog, config, flags);
  })
  .parseAsync(Deno.args, { from: "user" });

function configuredDocuments(): string[] {
  const paths = Deno.env.get("WORKFLOW_CONFIG")?.split(",") ?? [];
  const named = paths.map((path) => path.trim()).filter((path) => path !== "");
  return named.length > 0 ? named : [EXAMPLE];
}
