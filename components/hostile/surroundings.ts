/**
 * What a probe may want: servers, a folder with files in it and beside it,
 * secrets, a variable of the environment. Notices what of it came out.
 *
 * @module
 */
import { basename, dirname, join, resolve } from "node:path";
import type { Files } from "../broker.ts";
import type { Grants } from "../grants.ts";
import { type Network, systemEffects } from "../../engine/effects.ts";

/** What stands in files that no probe may read. */
const FILE_CONTENT = "file-content-2c81d0";

/** What the environment variable `PROBE_SECRET` holds. */
const ENV_VALUE = "env-value-90b1e7";

/** What the secret `KEY` really is. */
const SECRET_VALUE = "real-secret-5d44fa";

/** What the neighbour keeps in its globals. */
const OF_NEIGHBOUR = "neighbour-7f3a";

/** See the module comment. */
export interface Surroundings {
  /** What probes are called with. */
  readonly targets: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly files: Files;
  readonly network: Network;
  /** Grants with the addresses of this trial in place of `GRANTED`. */
  named(grants: Partial<Grants>): Partial<Grants>;
  /** Source text with the path of a file outside of the folder in it. */
  placed(source: string): string;
  /** What came out that must not: in texts, or at the server. */
  leaks(texts: readonly string[]): Promise<string[]>;
  stop(): Promise<void>;
}

/** Starts everything anew, so that trials do not see each other's traces. */
export async function startSurroundings(): Promise<Surroundings> {
  Deno.env.set("PROBE_SECRET", ENV_VALUE);
  const root = await Deno.makeTempDir({ prefix: "hostile-" });
  await layOut(root);
  const arrived: string[] = [];
  const forbidden = serve(async (request) => {
    arrived.push(`${request.method} ${request.url} ${await request.text()}`);
    return new Response(FILE_CONTENT);
  });
  const granted = serve(answerGranted);
  const address = `127.0.0.1:${granted.addr.port}`;
  return {
    targets: {
      file: "/etc/passwd",
      outside: join(root, "outside", "secret.txt"),
      folder: join(root, "document"),
      url: `http://127.0.0.1:${forbidden.addr.port}/`,
      port: String(forbidden.addr.port),
      granted: `http://${address}`,
      env: "PROBE_SECRET",
      pid: String(Deno.pid),
    },
    secrets: { KEY: SECRET_VALUE },
    files: filesOf(join(root, "document")),
    network: rebindingNetwork(),
    named: (grants) =>
      JSON.parse(
        JSON.stringify(grants).replaceAll("GRANTED", address)
          .replaceAll("FORBIDDEN_PORT", String(forbidden.addr.port)),
      ),
    placed: (source) =>
      source.replaceAll(
        "PATH_OF_THE_MAP",
        join(root, "outside", "secret.map"),
      ),
    leaks: (texts) => leaksOf({ root, texts, arrived }),
    stop: async () => {
      await forbidden.shutdown();
      await granted.shutdown();
      await Deno.remove(root, { recursive: true });
    },
  };
}

function serve(
  handler: (request: Request) => Response | Promise<Response>,
): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    handler,
  );
}

/** A server that probes may reach: it redirects where one likes, and echoes. */
async function answerGranted(request: Request): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  if (pathname === "/echo") return new Response(await request.text());
  await request.body?.cancel();
  if (pathname !== "/redirect") return new Response("hello");
  return new Response(null, {
    status: Number(searchParams.get("status") ?? 302),
    headers: { location: searchParams.get("to") ?? "/" },
  });
}

async function layOut(root: string): Promise<void> {
  const write = async (path: string, content: string) => {
    await Deno.mkdir(dirname(join(root, path)), { recursive: true });
    await Deno.writeTextFile(join(root, path), content);
  };
  await write("outside/secret.txt", FILE_CONTENT);
  await write(
    "outside/secret.map",
    JSON.stringify({
      version: 3,
      sources: [`file:///${FILE_CONTENT}.ts`],
      names: [],
      mappings: Array.from({ length: 40 }, () => "AAAA").join(";"),
    }),
  );
  await write("document/data/open.txt", "open");
  await write("document/database/secret.txt", FILE_CONTENT);
  await write("document/secret.txt", FILE_CONTENT);
  await Deno.symlink(
    join(root, "outside", "secret.txt"),
    join(root, "document", "data", "link.txt"),
  );
  await Deno.symlink(
    join(root, "outside", "planted.txt"),
    join(root, "document", "data", "nowhere.txt"),
  );
  await Deno.symlink(
    join(root, "outside"),
    join(root, "document", "data", "folder"),
  );
}

/** As modules give them: links and dots do not lead out of the folder. */
function filesOf(folder: string): Files {
  async function inside(path: string): Promise<string> {
    const wanted = resolve(folder, path);
    const root = await Deno.realPath(folder);
    const real = await Deno.realPath(wanted).catch(async () => {
      await assertMissing(wanted);
      return join(await Deno.realPath(dirname(wanted)), basename(wanted));
    });
    if (real === root || real.startsWith(`${root}/`)) return real;
    throw new Error(`Cannot use "${path}": it lies outside of the folder`);
  }
  return {
    read: async (path) => await Deno.readFile(await inside(path)),
    write: async (path, content) =>
      await Deno.writeFile(await inside(path), content),
  };
}

/** A link that leads nowhere is not missing: writing would follow it. */
async function assertMissing(path: string): Promise<void> {
  const found = await Deno.lstat(path).catch(() => undefined);
  if (found === undefined) return;
  throw new Error(`Cannot use "${path}": it leads nowhere`);
}

/** The real network, in which the name `rebound.example` leads to this machine. */
function rebindingNetwork(): Network {
  const { network } = systemEffects();
  const rebound = "rebound.example";
  return {
    ...network,
    resolve: (name) =>
      name === rebound ? Promise.resolve(["127.0.0.1"]) : network.resolve(name),
    fetch: (input, init) => {
      const request = new Request(input, init);
      const { href, hostname } = new URL(request.url);
      return network.fetch(
        hostname === rebound
          ? new Request(href.replace(rebound, "127.0.0.1"), request)
          : request,
      );
    },
  };
}

interface Traces {
  readonly root: string;
  readonly texts: readonly string[];
  readonly arrived: readonly string[];
}

async function leaksOf({ root, texts, arrived }: Traces): Promise<string[]> {
  const leaks = arrived.map((request) => `a request arrived: ${request}`);
  for (const kept of [FILE_CONTENT, ENV_VALUE, SECRET_VALUE, OF_NEIGHBOUR]) {
    for (const text of texts) {
      if (text.includes(kept)) {
        leaks.push(`${kept} came out: ${text.slice(0, 300)}`);
      }
    }
  }
  const kept = ["document/secret.txt", "document/database/secret.txt"];
  for (const path of [...kept, "outside/secret.txt"]) {
    const content = await Deno.readTextFile(join(root, path)).catch(String);
    if (content !== FILE_CONTENT) leaks.push(`${path} was changed: ${content}`);
  }
  const outside = [...Deno.readDirSync(join(root, "outside"))].length;
  if (outside !== 2) leaks.push("a file was made outside of the folder");
  const polluted = Object.keys(Object.prototype);
  if (polluted.length > 0) leaks.push(`the engine has ${polluted} everywhere`);
  return leaks;
}
