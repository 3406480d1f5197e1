/**
 * Starts a component host: the one place of the project that starts a process,
 * with arguments that nobody chooses.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { HOST_VARIABLE } from "./host/confined.ts";

/** What a process without permissions is for: `host/{role}.ts`. */
export type Role = "main" | "strip" | "check";

/** What the heap of a process that checks types may hold, in MiB. */
export const CHECK_HEAP_MIB_MAX = 512;

/** Nothing is granted, nothing is asked for, and nothing is fetched. */
const FLAGS = ["--no-prompt", "--no-remote", "--cached-only"];

/** Nothing else can be loaded. */
const FLAGS_ALONE = ["--no-config", "--no-npm", "--no-lock", "--no-code-cache"];

/** The compiler is a package, which `deno.json` and its lock file name. */
const FLAGS_CHECK = [
  "--config",
  fileURLToPath(new URL("../deno.json", import.meta.url)),
];

/** How a compiled binary starts a host: flags cannot be given to it. */
export function ofBinary(role: Role) {
  return {
    args: [] as readonly string[],
    env: { [HOST_VARIABLE]: role, DENO_V8_FLAGS: v8Flags(role) },
  };
}

function ofSource(role: Role) {
  const entry = fileURLToPath(new URL(`./host/${role}.ts`, import.meta.url));
  return {
    args: [
      "run",
      ...FLAGS,
      ...role === "check" ? FLAGS_CHECK : FLAGS_ALONE,
      `--v8-flags=${v8Flags(role)}`,
      entry,
    ],
    env: { DENO_NO_UPDATE_CHECK: "1", ...cacheFolder() },
  };
}

/** No code from strings, and for what may want a lot of memory a limit. */
function v8Flags(role: Role): string {
  const noStrings = "--disallow-code-generation-from-strings";
  return role === "check"
    ? `${noStrings},--max-old-space-size=${CHECK_HEAP_MIB_MAX}`
    : noStrings;
}

/**
 * A process without permissions, which speaks over its input and output. A
 * compiled binary starts itself, and gives its permissions up; see `confined.ts`.
 */
export function spawnHost(
  role: Role,
  signal?: AbortSignal,
): Deno.ChildProcess {
  const start = Deno.build.standalone ? ofBinary(role) : ofSource(role);
  return new Deno.Command(Deno.execPath(), {
    args: [...start.args],
    clearEnv: true,
    env: { NO_COLOR: "1", ...start.env },
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
    ...signal === undefined ? {} : { signal },
  }).spawn();
}

/** Where the runtime keeps what it has compiled; the host cannot read it. */
function cacheFolder(): Readonly<Record<string, string>> {
  const given = ["DENO_DIR", "HOME", "XDG_CACHE_HOME"]
    .flatMap((name) => {
      const value = Deno.env.get(name);
      return value === undefined ? [] : [[name, value]];
    });
  return Object.fromEntries(given);
}
