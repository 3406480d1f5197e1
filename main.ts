/**
 * Runs an application: flags and environment in, a serving process out.
 *
 * @module
 */
import { Command } from "commander";
import { fileURLToPath } from "node:url";
import { catalog } from "./catalog.gen.ts";
import { serveUntilSignal, withServeFlags } from "./cli/command_line.ts";

const EXAMPLE = fileURLToPath(new URL("./examples/orders/", import.meta.url));

const command = new Command("start")
  .description("Run the application that one or more YAML documents describe.")
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

await withServeFlags(command)
  .action(async (flags) => {
    const named = Deno.env.get("WORKFLOW_CONFIG")?.split(",").filter((path) =>
      path !== ""
    );
    await serveUntilSignal(catalog, flags.config ?? named ?? [EXAMPLE], flags);
  })
  .parseAsync(Deno.args, { from: "user" });
