/**
 * Starts a component host: the one place of the project that starts a process,
 * with arguments that nobody chooses.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { HOST_VARIABLE } from "./host/confined.ts";

/** What a process without permissions is for: `host/{role}.ts`. */
export type Role = "main" | "strip";

/**
 * Nothing is granted, nothing is asked for, and nothing can be loaded: no
 * packages, no other modules, no code from strings.
 */
const FLAGS = [
  "--no-config",
  "--no-prompt",
  "--no-npm",
  "--no-remote",
  "--cached-only",
  "--no-lock",
  "--no-code-cache",
  "--v8-flags=--disallow-code-generation-from-strings",
];

/** How a compiled binary starts a host: flags cannot be given to it. */
export function ofBinary(role: Role) {
  return {
    args: [] as readonly string[],
    env: {
      [HOST_VARIABLE]: role,
      DENO_V8_FLAGS: "--disallow-code-generation-from-strings",
    },
  };
}

function ofSource(role: Role) {
  const entry = fileURLToPath(new URL(`./host/${role}.ts`, import.meta.url));
  return {
    args: ["run", ...FLAGS, entry],
    env: { DENO_NO_UPDATE_CHECK: "1", ...cacheFolder() },
  };
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
