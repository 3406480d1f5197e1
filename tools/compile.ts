/**
 * Makes one binary of the engine, its types and the orders example.
 *
 *     deno task compile [--output FILE]
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { keepIslands } from "../islands/kept.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/**
 * Files of packages that Deno 2.9 cannot embed: its compiler overflows its stack
 * on a text file of 100,000 lines, which is test data of a package that
 * `prom-client` uses. Nothing imports them.
 */
const EXCLUDED = [{ package: "bintrees", folder: "test" }];

/** The pages that `routes/docs.ts` reads. */
const WRITTEN_PAGES = [
  "components",
  "endpoints",
  "format",
  "operating",
  "pipelines",
  "sandbox",
];

/** Makes what the binary holds beside code, and the arguments for `deno`. */
export async function compileArguments(output: string): Promise<string[]> {
  // A binary cannot build the islands: it has neither bundler nor packages.
  await keepIslands();
  const excluded = await excludedFolders();
  return [
    "compile",
    "-P=start",
    "--include",
    "examples/orders",
    "--include",
    "examples/notes.yaml",
    "--include",
    "islands/dist",
    // A thread is started by its address, which the compiler does not follow.
    "--include",
    "engine/outgoing/sql/sqlite_worker.ts",
    ...WRITTEN_PAGES.flatMap((page) => ["--include", `docs/${page}.md`]),
    ...excluded.flatMap((folder) => ["--exclude", folder]),
    "--output",
    output,
    "main.ts",
  ];
}

async function excludedFolders(): Promise<string[]> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json"],
    cwd: ROOT,
  }).output();
  const { npmCache } = JSON.parse(new TextDecoder().decode(stdout));
  const folders: string[] = [];
  for (const registry of foldersIn(npmCache)) {
    for (const { package: name, folder } of EXCLUDED) {
      for (const version of foldersIn(`${registry}/${name}`)) {
        folders.push(`${version}/${folder}`);
      }
    }
  }
  return folders;
}

function foldersIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)]
      .filter(({ isDirectory }) => isDirectory)
      .map(({ name }) => `${folder}/${name}`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    args: Deno.args,
    options: { output: { type: "string", default: "dist/workflow" } },
  });
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: await compileArguments(values.output),
    cwd: ROOT,
    stdout: "inherit",
    stderr: "inherit",
  }).spawn().status;
  Deno.exit(code);
}
