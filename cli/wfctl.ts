/**
 * The tool beside the engine: checks, shows and runs documents.
 *
 * @module
 */
import { Command, Option } from "commander";
import { catalog } from "../catalog.gen.ts";
import project from "../deno.json" with { type: "json" };
import { documentSchema } from "../engine/mod.ts";
import {
  dataOption,
  HELP_HINT,
  printFailure,
  serveUntilSignal,
  withServeFlags,
} from "./command_line.ts";
import { addBreakpointCommands } from "./breakpoints.ts";
import { addComponentCommands } from "./components.ts";
import { addImpactCommand } from "./impact.ts";
import { inspect } from "./inspect.ts";
import { addListCommand } from "./list.ts";
import { findToken } from "./management_client.ts";
import { addPermissionCommands } from "./permissions.ts";
import { addQueueCommands } from "./queues.ts";
import { addRunCommands } from "./runs.ts";
import { addScheduleCommands } from "./schedules.ts";
import { validate } from "./validate.ts";

const program = new Command("wfctl")
  .description("Check, show and run workflow documents.")
  .version(project.version)
  .showHelpAfterError(HELP_HINT)
  .addHelpText(
    "after",
    "\nExit codes: 0 if all is well, 1 if something must be mended.\n" +
      "\nExamples:\n" +
      "  deno task wfctl validate --strict app.yaml\n" +
      "  deno task wfctl inspect --graph app.yaml\n",
  );

program.command("validate")
  .description("report every problem of documents; exit 1 if one is an error")
  .argument("<file...>", "documents, or folders of them")
  .option("--strict", "take unknown keys and unresolved names for errors")
  .option("--json", "print an array of problems instead of lines")
  .action(async (files: string[], flags: { strict?: true; json?: true }) => {
    Deno.exit(await validate(catalog, files, flags));
  });

program.command("inspect")
  .description("show the plan of a document: start order and graph")
  .argument("<file>", "a document")
  .option("--json", "print the plan as JSON")
  .addOption(
    new Option("--graph", "print the graph as a Mermaid flowchart")
      .conflicts("json"),
  )
  .action(async (file: string, flags: { json?: true; graph?: true }) => {
    Deno.exit(await inspect(catalog, file, flags));
  });

program.command("schema")
  .description("print the JSON Schema of documents")
  .action(() => console.log(JSON.stringify(documentSchema(catalog), null, 2)));

addListCommand(program, catalog);

withServeFlags(
  program.command("run").description("run documents until a signal comes")
    .argument("<file...>", "documents, or folders of them"),
).action((files: string[], flags) => serveUntilSignal(catalog, files, flags));

program.command("token")
  .description(
    "show the token of the management surface: WORKFLOW_TOKEN, " +
      "else the one that the data folder keeps",
  )
  .addOption(dataOption())
  .action(async ({ data }: { data: string }) => {
    const env = (name: string) => Deno.env.get(name);
    console.log(await findToken(data, env, "show a token"));
  });

addQueueCommands(program);
addComponentCommands(program);
addPermissionCommands(program, catalog);
addRunCommands(program);
addBreakpointCommands(program);
addScheduleCommands(program);
addImpactCommand(program);

try {
  await program.parseAsync(Deno.args, { from: "user" });
} catch (error) {
  printFailure(error);
  Deno.exit(1);
}
