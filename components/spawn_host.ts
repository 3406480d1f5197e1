/**
 * Starts a component host: the one place of the project that starts a process,
 * with arguments that nobody chooses.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { HOST_VARIABLE } from "./host/confined.ts";

const ENTRY = fileURLToPath(new URL("./host/main.ts", import.meta.url));

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
export const OF_BINARY = {
  args: [] as readonly string[],
  env: {
    [HOST_VARIABLE]: "1",
    DENO_V8_FLAGS: "--disallow-code-generation-from-strings",
  },
};

/**
 * A process without permissions, which speaks over its input and output. A
 * compiled binary starts itself, and gives its permissions up; see `confined.ts`.
 */
export function spawnHost(): Deno.ChildProcess {
  const start = Deno.build.standalone ? OF_BINARY : {
    args: ["run", ...FLAGS, ENTRY],
    env: { DENO_NO_UPDATE_CHECK: "1", ...cacheFolder() },
  };
  return new Deno.Command(Deno.execPath(), {
    args: [...start.args],
    clearEnv: true,
    env: { NO_COLOR: "1", ...start.env },
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
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
