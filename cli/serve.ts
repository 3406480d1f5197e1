/**
 * From options to a running process: store, engine, management surface, signals.
 *
 * @module
 */
import { dirname, join, resolve } from "node:path";
import {
  boot,
  type Catalog,
  type Effects,
  Engine,
  messageOf,
  type Network,
  openStore,

  systemEffects,
} from "../engine/mod.ts";
import { Documents } from "../platform/documents.ts";
import { managementToken } from "../platform/token.ts";
import { managementApp } from "../routes/management.ts";
import { type LogFormat, logSink } from "./log_sink.ts";
import { readDocuments } from "./read_documents.ts";
import { fileSecret } from "./secret_files.ts";
import { reloadOnChange } from "./watch_files.ts";

/** What a process is told to do. */
export interface ServeOptions {
  readonly catalog: Catalog;
  /** Files, and folders whose `.yaml` files are taken. */
  readonly config: readonly string[];
  /** The folder of the store and the token. */
  readonly data: string;
  /** `host:port` of the management surface; ignored with `singlePort`. */
  readonly managementAddress: string;
  /** Serve the management surface under `/_/` of the application's own ports. */
  readonly singlePort: boolean;
  readonly strict: boolean;
  /** Reload a document when its file changes. */
  readonly watch: boolean;
  readonly logFormat: LogFormat;
  readonly env: (name: string) => string | undefined;
  readonly print: (line: string) => void;
}

/** A process at work. */
export interface Serving {
  readonly engine: Engine;
  /** Every address that answers, applications first. */
  readonly addresses: readonly string[];
  /** Lets what is under way finish, then stops everything. */
  stop(): Promise<void>;
}

/** How long open answers may take when the process stops, in milliseconds. */
export const DRAIN_MS = 10_000;

/** The path under which the management surface shares a port. */
export const SHARED_PATH = "/_";

/**
 * Starts everything and prints one line that begins with `ready`.
 *
 * @throws {ConfigError | LifecycleError | TypeError} saying what to mend;
 * everything is stopped again.
 */
export async function serve(options: ServeOptions): Promise<Serving> {
  const log = logSink(options.logFormat, {
    write: options.print,
    now: Date.now,
    colours: options.logFormat === "human" && Deno.stdout.isTerminal(),
  });
  const shared = new SharedPort();
  const effects = options.singlePort
    ? { ...systemEffects(), network: shared.network(systemEffects().network) }
    : systemEffects();
  const documents = await readDocuments(options.config);
  await Deno.mkdir(options.data, { recursive: true });
  const token = await managementToken(
    options.data,
    options.env("WORKFLOW_TOKEN"),
    effects.random.bytes,
  );
  const store = await openStore(join(options.data, "store.kv"), {
    now: effects.clock.now,
  });
  const stopping = new AbortController();
  let engine: Engine | undefined;
  try {
    engine = await boot({
      catalog: options.catalog,
      documents,
      store,
      effects,
      log,
      secrets: { env: options.env, file: fileSecret(options.env("WORKFLOW_SECRETS")) },
      strict: options.strict,
    });
    const app = managementApp({
      engine,
      documents: new Documents(engine, store, firstFolder(options.config)),
      token: token.value,
      signal: stopping.signal,
      onError: (error, path) =>
        log("error", `Cannot answer ${path}: ${messageOf(error)}`, { stack: stackOf(error) }),
    });
    const management = options.singlePort
      ? shared.serve(app.fetch)
      : listen(effects, options.managementAddress, app.fetch);
    const unwatch = options.watch ? reloadOnChange(engine, log) : () => {};
    const running = engine;
    const addresses = [
      ...running.addresses(),
      ...(options.singlePort
        ? running.addresses().map((address) => `${address}${SHARED_PATH}/`)
        : [management.address]),
    ];
    if (token.isNew) options.print(`management token: ${token.value}`);
    options.print(`ready ${addresses.join(" ")}`);
    return {
      engine: running,
      addresses,
      async stop() {
        unwatch();
        stopping.abort();
        await Promise.race([management.shutdown(), effects.clock.sleep(DRAIN_MS)]);
        await running.stop();
        await store.close();
      },
    };
  } catch (error) {
    stopping.abort();
    await engine?.stop();
    await store.close();
    throw error;
  }
}

type Fetch = (request: Request) => Response | Promise<Response>;

interface Management {
  readonly address: string;
  shutdown(): Promise<void>;
}

function listen(effects: Effects, address: string, fetch: Fetch): Management {
  const { hostname, port } = parseAddress(address);
  try {
    const listener = effects.network.listen({ hostname, port }, fetch);
    const host = hostname.includes(":") ? `[${hostname}]` : hostname;
    return {
      address: `http://${host}:${listener.port}/`,
      shutdown: () => listener.shutdown(),
    };
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    throw new TypeError(
      `Cannot open the management surface: ${address} is in use ` +
        "(choose another with --management-address)",
      { cause: error },
    );
  }
}

/**
 * Reads `host:port`, `:port` or `[::1]:port`.
 *
 * @throws {TypeError} for anything else.
 */
export function parseAddress(address: string): { hostname: string; port: number } {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([^:]*)):(\d{1,5})$/.exec(address);
  const port = Number(match?.[3]);
  if (!match || port > 65_535) {
    throw new TypeError(
      `Cannot use the address "${address}": expected host:port, such as 127.0.0.1:8800`,
    );
  }
  return { hostname: match[1] ?? (match[2] || "127.0.0.1"), port };
}

/** Puts the management surface in front of every port that the application opens. */
class SharedPort {
  #fetch: Fetch | undefined;

  network(network: Network): Network {
    return {
      ...network,
      listen: (options, answer) =>
        network.listen(options, (request, remoteAddress) => {
          const fetch = this.#fetch;
          const url = fetch && request.url.includes(`${SHARED_PATH}/`)
            ? new URL(request.url)
            : undefined;
          if (!fetch || !url?.pathname.startsWith(`${SHARED_PATH}/`)) {
            return answer(request, remoteAddress);
          }
          url.pathname = url.pathname.slice(SHARED_PATH.length);
          return fetch(new Request(url, request));
        }),
    };
  }

  serve(fetch: Fetch): Management {
    this.#fetch = fetch;
    return { address: SHARED_PATH, shutdown: () => Promise.resolve() };
  }
}

/** New documents go beside those that were named. */
function firstFolder(config: readonly string[]): string | undefined {
  const [first] = config;
  if (first === undefined) return undefined;
  return /\.ya?ml$/i.test(first) ? dirname(resolve(first)) : resolve(first);
}

function stackOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack : undefined;
}

