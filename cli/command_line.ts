/**
 * What `start` and `wfctl run` have in common on the command line.
 *
 * @module
 */
import type { Command } from "commander";
import { Option } from "commander";
import {
  type Catalog,
  ConfigError,
  formatProblem,
  messageOf,
} from "../engine/mod.ts";
import { serve } from "./serve.ts";

/** The options as commander parses them. */
export interface ServeFlags {
  readonly data: string;
  readonly store?: string;
  readonly managementAddress: string;
  readonly singlePort?: true;
  readonly publicUrl?: string;
  readonly strict?: true;
  readonly watch?: true;
  readonly logFormat: "human" | "json";
}

/** What follows a message about a flag that is not right. */
export const HELP_HINT = "(--help lists the flags)";

/** The option that says where everything is kept. */
export function dataOption(): Option {
  return new Option("--data <folder>", "folder of the store and the token")
    .env("WORKFLOW_DATA").default(".data");
}

/** Adds the options that a running application has. */
export function withServeFlags(command: Command): Command {
  return command
    .showHelpAfterError(HELP_HINT)
    .addOption(dataOption())
    .addOption(
      new Option(
        "--store <url>",
        "where the store is, if not in the data folder, such as " +
          "postgres://USER:PASSWORD@HOST/DATABASE",
      ).env("WORKFLOW_STORE"),
    )
    .addOption(
      new Option(
        "--management-address <host:port>",
        "where the management surface listens",
      )
        .env("WORKFLOW_MANAGEMENT_ADDRESS").default("127.0.0.1:8800"),
    )
    .option(
      "--single-port",
      "serve the management surface under /_/ of the same port",
    )
    .addOption(
      new Option(
        "--public-url <url>",
        "where people reach the management surface, for links in runs, such " +
          "as https://example.org/workflow",
      ).env("WORKFLOW_PUBLIC_URL"),
    )
    .option("--strict", "take unknown keys and unresolved names for errors")
    .option("--watch", "reload a document when its file changes")
    .addOption(
      new Option("--log-format <format>", "how log lines look")
        .choices(["human", "json"]).default("human"),
    );
}

/**
 * Serves until SIGTERM or SIGINT, then drains and exits 0. A second signal
 * exits at once. What keeps it from starting is printed, and exits 1.
 */
export async function serveUntilSignal(
  catalog: Catalog,
  config: readonly string[],
  flags: ServeFlags,
): Promise<void> {
  try {
    const serving = await serve({
      catalog,
      config,
      data: flags.data,
      storeUrl: flags.store,
      managementAddress: flags.managementAddress,
      singlePort: flags.singlePort ?? false,
      publicUrl: flags.publicUrl,
      strict: flags.strict ?? false,
      watch: flags.watch ?? false,
      logFormat: flags.logFormat,
      env: (name) => Deno.env.get(name),
      print: printLine,
    });
    await firstSignal();
    await serving.stop();
    Deno.exit(0);
  } catch (error) {
    printFailure(error);
    Deno.exit(1);
  }
}

/** Writes at once, so that no line is lost when the process ends. */
export function printLine(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

/**
 * Prints what a person must know to mend it.
 *
 * @param outcome What did not come about because of the errors.
 */
export function printFailure(
  error: unknown,
  outcome = "nothing was started",
): void {
  if (error instanceof ConfigError) {
    for (const problem of error.problems) console.error(formatProblem(problem));
    const count = error.problems.filter(({ severity }) =>
      severity === "error"
    ).length;
    console.error(
      `\n${count} ${count === 1 ? "error" : "errors"}: ${outcome}`,
    );
  } else {
    console.error(messageOf(error));
  }
}

function firstSignal(): Promise<void> {
  let isStopping = false;
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      Deno.addSignalListener(signal, () => {
        if (isStopping) Deno.exit(1);
        isStopping = true;
        resolve();
      });
    }
  });
}
