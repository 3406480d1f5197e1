/**
 * Every component of a folder, each with the name of its file.
 *
 * @module
 */
import { basename, extname, join } from "node:path";
import { z } from "zod";
import { defineModule, type Host, path } from "@engine/define.ts";
import { messageOf } from "@engine/errors.ts";
import { UserCode } from "@engine/services/user_code.ts";
import { SANDBOX_FIELDS } from "./_fields.ts";
import { fileInside } from "./_folder.ts";
import { watchFolder } from "./_watch_file.ts";

const EXTENSIONS: ReadonlySet<string> = new Set([".ts", ".mts", ".js", ".mjs"]);

const config = z.strictObject({
  folder: path().default("./components").describe(
    "The folder, relative to the document; folders inside of it are left out, and so are tests, types and names that begin with _ or .",
  ),
  ...SANDBOX_FIELDS,
  isolation: z.enum(["shared", "process"]).default("shared").describe(
    "A sandbox in a process that components share, or in one of its own",
  ),
});

type Config = z.output<typeof config>;

const GREETING = `export const execute = ({ name = "world" }) =>
  ({ text: "Hello, " + name });
`;

export default defineModule({
  type: "dynamic.folder",
  summary: "Runs every component in a folder, by the names of the files",
  stability: "beta",
  config,
  provides: [],
  examples: [{
    title: "Run whatever lies in a folder",
    files: { "greetings/greeting.ts": GREETING },
    modules: [{
      name: "components",
      type: "dynamic.folder",
      config: { folder: "./greetings" },
    }],
    pipelines: {
      greet: {
        steps: [{
          id: "greeting",
          use: "component:greeting",
          with: { name: "${{ input.name }}" },
        }],
        output: { greeting: "${{ steps.greeting.output.text }}" },
      },
    },
    runs: [{
      pipeline: "greet",
      input: { name: "Ada" },
      output: { greeting: "Hello, Ada" },
    }],
  }],
  async discover({ folder, ...shared }, base) {
    // A text that is no file has nothing beside it; it cannot start either.
    if (base === undefined) return [];
    return (await namesIn(folder, base)).map((file) => ({
      name: nameOf(file),
      type: "dynamic.component",
      // One that is broken must not keep the others from running.
      config: { ...shared, source: join(folder, file), optional: true },
    }));
  },
  create({ folder }: Config, host) {
    let unwatch = () => {};
    /** Whether each file has its component. */
    async function look(): Promise<void> {
      try {
        const names = (await namesIn(folder, host.folder)).map(nameOf).sort();
        if (names.join("/") === known.join("/")) return;
        known = names;
        host.rediscover();
      } catch (error) {
        host.log.warn(messageOf(error));
      }
    }
    let known: readonly string[] = [];
    return {
      async open() {
        known = runningOf(host, await namesIn(folder, host.folder));
        const root = await folderInside(folder, host.folder);
        unwatch = watchFolder(root, host.effects.clock, () => void look());
        // A file that came since the document was loaded.
        await look();
      },
      close: () => unwatch(),
    };
  },
});

/** The components that run under the names of files. */
function runningOf(host: Host, files: readonly string[]): readonly string[] {
  const running = new Set(host.all(UserCode).map(({ name }) => name));
  return files.map(nameOf).filter((name) => running.has(name)).sort();
}

/** The files of a folder that are components, in order of name. */
async function namesIn(
  folder: string,
  base: string | undefined,
): Promise<readonly string[]> {
  const names: string[] = [];
  const root = await folderInside(folder, base);
  for await (const { name, isFile } of Deno.readDir(root)) {
    if (isFile && isComponent(name)) names.push(name);
  }
  return names.sort();
}

function isComponent(name: string): boolean {
  return EXTENSIONS.has(extname(name)) && !/^[._]/.test(name) &&
    !/[._]test\.\w+$|\.d\.m?ts$|^sdk\.ts$/.test(name);
}

function nameOf(file: string): string {
  return basename(file, extname(file));
}

async function folderInside(
  folder: string,
  base: string | undefined,
): Promise<string> {
  if (base === undefined) {
    throw new Error(
      `Cannot look into "${folder}": the document is no file, so it has no folder`,
    );
  }
  return await fileInside(base, folder);
}
