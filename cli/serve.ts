/**
 * From options to a running process: store, engine, management surface.
 *
 * @module
 */
import { dirname, join, resolve } from "node:path";
import {
  boot,
  type Catalog,
  type Effects,
  type Engine,
  isSharedStore,
  type LogSink,
  messageOf,
  openStore,
  type Store,
  systemEffects,
} from "../engine/mod.ts";
import { Documents } from "../platform/documents.ts";
import { Sessions } from "../platform/sessions.ts";
import { managementToken, type Token } from "../platform/token.ts";
import { listen, type Opened, parseAddress } from "./listen.ts";
import { type LogFormat, logSink } from "./log_sink.ts";
import { readDocuments } from "./read_documents.ts";
import { reasonOf } from "./reason.ts";
import { fileSecret } from "./secret_files.ts";
import { placeOf } from "./place.ts";
import { SHARED_PATH, SharedPort } from "./shared_port.ts";
import { reloadOnChange } from "./watch_files.ts";

/** What a process is told to do. */
export interface ServeOptions {
  readonly catalog: Catalog;
  /** Files, and folders whose `.yaml` files are taken. */
  readonly config: readonly string[];
  /** The folder of the token, and of the store where `storeUrl` is not given. */
  readonly data: string;
  /** Names the store for `openStore`. @default a file in the folder `data` */
  readonly storeUrl: string | undefined;
  /** `host:port` of the management surface; ignored with `singlePort`. */
  readonly managementAddress: string;
  /** Serve the management surface under `/_/` of the application's own ports. */
  readonly singlePort: boolean;
  /**
   * Where people reach the management surface, for links in runs.
   *
   * @default paths, which begin with `/_` where the port is shared
   */
  readonly publicUrl: string | undefined;
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

/** How long open management answers may take when the process stops, in milliseconds. */
export const DRAIN_MS = 10_000;

/**
 * Starts everything and prints one line that begins with `ready`.
 *
 * @throws {ConfigError | LifecycleError | TypeError} saying what to mend;
 * everything is stopped again.
 */
export async function serve(options: ServeOptions): Promise<Serving> {
  const place = placeOf(options);
  const shared = place.singlePort ? new SharedPort() : undefined;
  const effects = effectsFor(shared);
  // What the command line says is checked before anything is touched.
  if (!shared) parseAddress(options.managementAddress);
  const publicUrl = publicAddress(options.publicUrl) ??
    (shared && SHARED_PATH);
  // The builder makes the first one; on a shared port nobody would reach it.
  const mayBeNone = shared === undefined;
  const documents = await readDocuments(options.config, { mayBeNone });
  const log = logSink(options.logFormat, {
    write: options.print,
    now: Date.now,
    colours: options.logFormat === "human" && !Deno.noColor &&
      Deno.stdout.isTerminal(),
    several: documents.length > 1,
  });
  const { folder, storeUrl, storeFile } = place;
  if (folder !== undefined) await makeDataFolder(folder);
  if (storeFile !== undefined) await makeStoreFile(storeFile, options.storeUrl);
  const given = await givenToken(options, folder, effects);
  const store = await openStore(storeUrl, {
    now: effects.clock.now,
    clock: effects.clock,
  });
  let engine: Engine | undefined;
  try {
    engine = await boot({
      catalog: options.catalog,
      documents,
      store,
      effects,
      log,
      secrets: {
        env: options.env,
        file: fileSecret(options.env("WORKFLOW_SECRETS")),
      },
      strict: options.strict,
      isShared: isSharedStore(storeUrl),
      keepsHistory: true,
      ...publicUrl === undefined ? {} : { publicUrl },
    });
    return await open({
      ...options,
      engine,
      store,
      effects,
      log,
      shared,
      folder,
      given,
    });
  } catch (error) {
    await engine?.stop();
    await store.close();
    throw error;
  }
}

/** @throws {TypeError} if it is no address that a link may begin with. */
function publicAddress(given: string | undefined): string | undefined {
  if (given === undefined || given === "") return undefined;
  const url = URL.parse(given);
  const isFit = url !== null && /^https?:$/.test(url.protocol) &&
    url.search === "" && url.hash === "" && url.username === "";
  if (isFit) return given;
  throw new TypeError(
    `Cannot use the public URL "${given}": expected an address such as ` +
      "https://example.org/workflow",
  );
}

/**
 * Only its owner reads what is kept: accounts, resources, the token.
 *
 * @throws {TypeError} saying why the folder cannot be made.
 */
async function makeDataFolder(folder: string): Promise<void> {
  try {
    await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new TypeError(
      `Cannot use the data folder ${folder}: ${reasonOf(error)} ` +
        "(choose another with --data)",
      { cause: error },
    );
  }
}

/**
 * The folder may be older; a database gives its journals its own mode.
 *
 * @throws {TypeError} saying why the file cannot be made.
 */
async function makeStoreFile(
  path: string,
  storeUrl: string | undefined,
): Promise<void> {
  try {
    const options = { createNew: true, write: true, mode: 0o600 };
    (await Deno.open(path, options)).close();
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return;
    const flag = storeUrl === undefined ? "--data" : "--store";
    throw new TypeError(
      `Cannot make the store ${path}: ${reasonOf(error)} ` +
        `(choose another with ${flag})`,
      { cause: error },
    );
  }
}

/** The token of the environment; absent where one is kept or made. */
async function givenToken(
  { env }: ServeOptions,
  folder: string | undefined,
  { random }: Effects,
): Promise<Token | undefined> {
  const given = env("WORKFLOW_TOKEN");
  // Without a folder there is no other, which must be said before the start.
  if (folder !== undefined && (given === undefined || given === "")) {
    return undefined;
  }
  return await managementToken(folder, given, random.bytes);
}

function effectsFor(shared: SharedPort | undefined): Effects {
  const effects = systemEffects();
  return shared
    ? { ...effects, network: shared.network(effects.network) }
    : effects;
}

/** What `open` stands on: everything that is already running. */
interface Ground extends ServeOptions {
  readonly engine: Engine;
  readonly store: Store;
  readonly effects: Effects;
  readonly log: LogSink;
  readonly shared: SharedPort | undefined;
  /** Where the token and `engine.pid` are kept. */
  readonly folder: string | undefined;
  /** The token of the environment. */
  readonly given: Token | undefined;
}

/** Writes the id of this process; returns what removes it. */
async function writeProcessId(file: string): Promise<() => Promise<void>> {
  await Deno.writeTextFile(file, `${Deno.pid}\n`);
  return () => Deno.remove(file);
}

/** Lets a browser in once, within an hour. */
function signInAddress(address: string, code: string): string {
  const url = new URL(
    "sign-in",
    address.endsWith("/") ? address : `${address}/`,
  );
  url.searchParams.set("code", code);
  return url.href;
}

interface Management extends Pick<Opened, "shutdown"> {
  readonly addresses: readonly string[];
}

/** Opens the management surface beside a running engine and says so. */
async function open(ground: Ground): Promise<Serving> {
  const { engine, store, effects, log, folder } = ground;
  const token = ground.given ??
    await managementToken(folder, undefined, effects.random.bytes);
  const stopping = new AbortController();
  const management = await manage(ground, token, stopping.signal);
  const unwatch = ground.watch ? reloadOnChange(engine, log) : () => {};
  const forget = folder === undefined
    ? () => Promise.resolve()
    : await writeProcessId(join(folder, "engine.pid"));
  const addresses = [...engine.addresses(), ...management.addresses];
  if (engine.applications.length === 0) {
    const folders = ground.config.join(", ");
    log("warn", `Nothing runs yet: no document is in ${folders}`, {});
  }
  if (token.isNew) ground.print(`management token: ${token.value}`);
  for (const address of management.addresses.slice(0, 1)) {
    const code = await new Sessions(ground).makeCode();
    ground.print(`sign in: ${signInAddress(address, code)}`);
  }
  ground.print(`ready ${addresses.join(" ")}`);
  return {
    engine,
    addresses,
    async stop() {
      unwatch();
      stopping.abort();
      await Promise.race([
        management.shutdown(),
        effects.clock.sleep(DRAIN_MS),
      ]);
      await engine.stop();
      await store.close();
      await forget();
    },
  };
}

async function manage(
  { engine, store, effects, log, shared, config, ...rest }: Ground,
  token: Token,
  signal: AbortSignal,
): Promise<Management> {
  // Loaded here, so that the application does not wait for it.
  const { managementApp } = await import("../routes/management.ts");
  const app = managementApp({
    engine,
    documents: new Documents(engine, store, folderOf(config)),
    ...{ store, effects, publicUrl: rest.publicUrl },
    token: token.value,
    signal,
    basePath: shared ? SHARED_PATH : "",
    onError: (error, path) =>
      log("error", `Cannot answer ${path}: ${messageOf(error)}`, {
        stack: error instanceof Error ? error.stack : undefined,
      }),
  });
  if (shared) {
    shared.serve(app.fetch);
    const addresses = engine.addresses().map((address) =>
      `${address}${SHARED_PATH}/`
    );
    return { addresses, shutdown: () => Promise.resolve() };
  }
  const opened = listen(effects, rest.managementAddress, app.fetch);
  return { addresses: [opened.address], shutdown: () => opened.shutdown() };
}

/** New documents go beside those that were named. */
function folderOf([first]: readonly string[]): string | undefined {
  if (first === undefined) return undefined;
  return /\.ya?ml$/i.test(first) ? dirname(resolve(first)) : resolve(first);
}
