/**
 * A PostgreSQL server of a test's own: found, made, started, killed and removed.
 *
 * @module
 */
import { join } from "node:path";
import process from "node:process";
import {
  freePort,
  serverOfFile as keptServer,
  type TestServer,
} from "./server.ts";

/** Where Debian has the programs, a folder a version. */
const VERSIONS = "/usr/lib/postgresql";

/** PostgreSQL refuses to run as root; Debian's package makes this user. */
const USER = "postgres";

const PASSWORD = "never-in-a-message";

/** How long a server may take to start, in milliseconds. */
const START_MS = 30_000;

/** A server that runs. */
export interface PostgresServer extends TestServer {
  /** The password in its URLs. */
  readonly password: string;
  /** The URL of a schema that no one else uses; it need not exist. */
  url(schema?: string): string;
  /** Sends a signal to one of its processes. */
  signal(pid: number, signal: "KILL" | "STOP" | "CONT"): Promise<void>;
  /** Runs SQL beside all stores, and gives back the first column of each row. */
  sql(text: string): Promise<string[]>;
}

/** A server that is removed after the tests of a file; else why there is none. */
export async function serverOfFile(): Promise<PostgresServer | string> {
  const isThere = findPrograms() !== undefined;
  const missing = isThere ? undefined : `no PostgreSQL in ${VERSIONS}/*/bin`;
  return await keptServer(missing, startPostgres);
}

/** Makes a server and starts it. */
async function startPostgres(): Promise<PostgresServer> {
  const programs = findPrograms();
  if (programs === undefined) {
    throw new Error(`Cannot start PostgreSQL: none in ${VERSIONS}/*/bin`);
  }
  const folder = await Deno.makeTempDir({ prefix: "workflow-postgres-" });
  const server = new Server(programs, folder, freePort());
  try {
    await server.make();
    await server.start();
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
  return server;
}

class Server implements PostgresServer {
  readonly password = PASSWORD;
  readonly #programs: string;
  readonly #folder: string;
  readonly #port: number;
  #schemas = 0;

  constructor(programs: string, folder: string, port: number) {
    this.#programs = programs;
    this.#folder = folder;
    this.#port = port;
  }

  get #data(): string {
    return join(this.#folder, "data");
  }

  url(schema = `test_${++this.#schemas}`): string {
    return `postgres://${USER}:${PASSWORD}@127.0.0.1:${this.#port}/postgres` +
      `?schema=${schema}`;
  }

  async make(): Promise<void> {
    const passwordFile = join(this.#folder, "password");
    await Deno.writeTextFile(passwordFile, PASSWORD);
    await Deno.chmod(this.#folder, 0o755);
    await Deno.mkdir(this.#data, { mode: 0o700 });
    if (isRoot()) await run("chown", [USER, this.#data, passwordFile]);
    await this.#run(
      `initdb -D ${this.#data} -U ${USER} --auth=scram-sha-256 ` +
        `--pwfile=${passwordFile} -E UTF8 --locale=C --no-sync`,
    );
    // A certificate that nobody trusts; Debian's package brings the tool for it.
    const certificate = [
      "openssl req -new -x509 -days 2 -nodes -subj /CN=localhost",
      `-keyout ${this.#data}/server.key -out ${this.#data}/server.crt`,
    ].join(" ");
    await this.#shell(certificate);
  }

  async start(): Promise<void> {
    const settings = [
      "listen_addresses=127.0.0.1",
      `port=${this.#port}`,
      "unix_socket_directories=",
      "max_connections=200",
      "ssl=on",
    ];
    await this.#run(
      `pg_ctl start -w -t ${START_MS / 1_000} -D ${this.#data} ` +
        `-l ${this.#data}/server.log ` +
        `-o "${settings.map((setting) => `-c ${setting}`).join(" ")}" ` +
        `|| { tail -n 5 ${this.#data}/server.log; exit 1; }`,
    );
  }

  async kill(): Promise<void> {
    const pidFile = join(this.#data, "postmaster.pid");
    const [pid = ""] = (await Deno.readTextFile(pidFile)).split("\n");
    // A parent that is stopped has no more children.
    await this.signal(Number(pid), "STOP");
    const children = await childrenOf(Number(pid));
    for (const one of [Number(pid), ...children]) {
      await this.signal(one, "KILL");
    }
    for (const one of [Number(pid), ...children]) await this.#gone(one);
    // Where nobody buries the dead, the next server would take it for alive.
    await Deno.remove(pidFile);
  }

  async sql(text: string): Promise<string[]> {
    const { default: postgres } = await import("postgres");
    const sql = postgres(this.url().split("?")[0] ?? "", {
      max: 1,
      fetch_types: false,
      onnotice: () => {},
    });
    try {
      const rows = await sql.unsafe<Record<string, unknown>[]>(text);
      return rows.map((row) => String(Object.values(row)[0]));
    } finally {
      await sql.end();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const stop = `pg_ctl stop -w -m immediate -D ${this.#data}`;
    // One that was killed, or never started, cannot be stopped.
    await this.#run(stop).catch(() => {});
    await Deno.remove(this.#folder, { recursive: true });
  }

  async signal(pid: number, signal: string): Promise<void> {
    // One that is gone has had its signal.
    await run("kill", [`-${signal}`, String(pid)]).catch(() => {});
  }

  async #gone(pid: number): Promise<void> {
    while (await isRunning(pid)) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async #run(command: string): Promise<void> {
    await this.#shell(join(this.#programs, command));
  }

  async #shell(line: string): Promise<void> {
    if (isRoot()) return await run("su", [USER, "-c", line]);
    await run("sh", ["-c", line]);
  }
}

function findPrograms(): string | undefined {
  try {
    const versions = [...Deno.readDirSync(VERSIONS)]
      .map(({ name }) => name)
      .toSorted((a, b) => Number(b) - Number(a));
    return versions.map((version) => join(VERSIONS, version, "bin"))
      .find((folder) => existsSync(join(folder, "initdb")));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function existsSync(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

async function childrenOf(pid: number): Promise<number[]> {
  const path = `/proc/${pid}/task/${pid}/children`;
  const text = await Deno.readTextFile(path);
  return text.split(" ").filter((part) => part !== "").map(Number);
}

/** A zombie has ended; only its parent has not looked yet. */
async function isRunning(pid: number): Promise<boolean> {
  try {
    const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
    return stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3) !==
      "Z";
  } catch {
    return false;
  }
}

/** A daemon keeps its standard streams open, so none of them is a pipe. */
async function run(program: string, args: readonly string[]): Promise<void> {
  const log = await Deno.makeTempFile();
  const file = await Deno.open(log, { write: true });
  file.close();
  const { success } = await new Deno.Command("sh", {
    args: ["-c", `"$@" >${log} 2>&1 </dev/null`, "sh", program, ...args],
    cwd: "/",
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).output();
  const text = await Deno.readTextFile(log);
  await Deno.remove(log);
  if (!success) {
    throw new Error(`Cannot run ${program} ${args.join(" ")}: ${text}`);
  }
}
