/**
 * Runs a document in a test: real engine, real modules, simulated world.
 *
 * @module
 */
import { createCatalog } from "./catalog.ts";
import type { AnyDefinition, DispatchOptions, JsonObject } from "./define.ts";
import type { Effects } from "./effects.ts";
import { type Engine, Engine as EngineClass } from "./engine.ts";
import type { EngineEvent } from "./events.ts";
import type { Application } from "./lifecycle.ts";
import type { LogFields, LogLevel } from "./log.ts";
import type { Service } from "./service.ts";
import { HttpServer } from "./services/http_server.ts";
import {
  type SimulatedEffects,
  simulatedEffects,
} from "./simulation/effects.ts";
import { memoryStore } from "./store/memory.ts";
import type { Store } from "./store/store.ts";

/** What a test application is made of. */
export interface TestOptions<E extends Effects> {
  /** YAML, or the same as data. */
  readonly document: string | Readonly<Record<string, unknown>>;
  /** The types that the document may use. */
  readonly definitions: Iterable<AnyDefinition>;
  /** @default {simulatedEffects()} */
  readonly effects?: E;
  /** Pass one store to two applications to test a restart. @default a memory store */
  readonly store?: Store;
  /** @default {{}} */
  readonly env?: Readonly<Record<string, string>>;
  /** Others may be at work on the store, as with PostgreSQL. @default {false} */
  readonly isShared?: boolean;
  /** The folder for relative paths, with a slash at its end. */
  readonly folder?: string;
  /** @default {false} */
  readonly strict?: boolean;
  /** @default {"test"} */
  readonly id?: string;
}

/** One line that was logged. */
export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

/** A request in a test. */
export interface TestRequest {
  readonly headers?: Readonly<Record<string, string>>;
  /** A string goes as it is; anything else as JSON. */
  readonly body?: unknown;
}

/** A running application in the hands of a test. */
export interface TestApplication<E extends Effects> extends AsyncDisposable {
  readonly engine: Engine;
  readonly application: Application;
  readonly effects: E;
  readonly store: Store;
  readonly logs: readonly LogLine[];
  /** What the engine has told since the start. */
  readonly events: readonly EngineEvent[];
  /** Asks the first http.server, without a socket. */
  request(
    method: string,
    path: string,
    request?: TestRequest,
  ): Promise<Response>;
  /** The module that provides a service: by name, or the first. */
  service<T>(service: Service<T>, name?: string): T;
  dispatch(
    workflow: string,
    action: string,
    data?: JsonObject,
    options?: DispatchOptions,
  ): Promise<JsonObject>;
  /** Replaces the running document. */
  reload(document: string | Readonly<Record<string, unknown>>): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts a document. Stop it, or declare it with `await using`.
 *
 * @throws {ConfigError | LifecycleError} as `boot` does.
 */
export async function startApplication<E extends Effects = SimulatedEffects>(
  options: TestOptions<E>,
): Promise<TestApplication<E>> {
  // Without a generic default there is no way to say that E is what is made here.
  const effects = options.effects ?? (simulatedEffects() as unknown as E);
  const store = options.store ??
    memoryStore({ now: effects.clock.now });
  const logs: LogLine[] = [];
  const id = options.id ?? "test";
  const engine = await EngineClass.boot({
    catalog: createCatalog(options.definitions),
    documents: [{
      file: `${id}.yaml`,
      text: textOf(options.document),
      ...(options.folder === undefined ? {} : { folder: options.folder }),
    }],
    store,
    effects,
    log: (level, message, fields) => logs.push({ level, message, fields }),
    secrets: {
      env: (name) => options.env?.[name],
      file: () => Promise.resolve(undefined),
    },
    strict: options.strict ?? false,
    isShared: options.isShared ?? false,
  });
  const application = engine.application(id);
  if (!application) throw new TypeError(`Cannot find the application "${id}"`);
  return {
    engine,
    application,
    effects,
    store,
    logs,
    get events() {
      return engine.events.since(0) ?? [];
    },
    request: (method, path, request) =>
      ask(application, method, path, request ?? {}),
    service: (service, name) => find(application, service, name),
    dispatch: (workflow, action, data, options) =>
      application.dispatch(workflow, action, data ?? {}, options),
    reload: async (document) => void await engine.reload(id, textOf(document)),
    stop: () => engine.stop(),
    [Symbol.asyncDispose]: () => engine.stop(),
  };
}

/** JSON is YAML, so data needs no printer of its own. */
function textOf(document: string | Readonly<Record<string, unknown>>): string {
  return typeof document === "string"
    ? document
    : JSON.stringify(document, null, 2);
}

function ask(
  application: Application,
  method: string,
  path: string,
  { headers, body }: TestRequest,
): Promise<Response> {
  const server = find(application, HttpServer);
  const payload = body === undefined || typeof body === "string"
    ? body
    : JSON.stringify(body);
  const type = body === undefined ? {} : { "content-type": "application/json" };
  const request = new Request(`http://localhost${path}`, {
    method,
    headers: { ...type, ...headers },
    ...(payload === undefined ? {} : { body: payload }),
  });
  return server.handle(request, "127.0.0.1");
}

function find<T>(
  application: Application,
  service: Service<T>,
  name?: string,
): T {
  const found = application.all(service)
    .find((candidate) => name === undefined || candidate.name === name);
  if (!found) {
    throw new TypeError(`Cannot find a module that provides ${service.id}`);
  }
  return found.service;
}
