/**
 * Several documents, each running as an application of its own, over one store.
 *
 * @module
 */
import { type AddedModule, AddedModules } from "./added_modules.ts";
import type { Catalog } from "./catalog.ts";
import type { Document } from "./config/document.ts";
import { secretReferences } from "./config/expand.ts";
import { parse } from "./config/parse.ts";
import { hasErrors, type Problem } from "./config/problem.ts";
import { Redaction } from "./config/redaction.ts";
import type { Effects } from "./effects.ts";
import { ConfigError, messageOf, RefusedError } from "./errors.ts";
import { EventHub } from "./events.ts";
import { History } from "./history/history.ts";
import { Application } from "./lifecycle.ts";
import type { Loaded } from "./load.ts";
import { loadWhole } from "./load_whole.ts";
import { LinkRouter } from "./links.ts";
import { Logger, type LogSink } from "./log.ts";
import { Meter } from "./observe.ts";
import { redacting, withoutSecrets } from "./redacting.ts";
import { resolveSecrets, type SecretSources } from "./secrets.ts";
import { HttpServer } from "./services/http_server.ts";
import type { Store } from "./store/store.ts";
import type { Surroundings } from "./surroundings.ts";

/** One document as it was read. */
export interface Source {
  /** What problems call it; its stem is the document's id. */
  readonly file: string;
  readonly text: string;
  /** The folder for relative paths, with a slash at its end; absent for a draft. */
  readonly folder?: string;
}

/** What an engine is made of. */
export interface BootOptions {
  readonly catalog: Catalog;
  readonly documents: readonly Source[];
  readonly store: Store;
  readonly effects: Effects;
  readonly log: LogSink;
  readonly secrets: SecretSources;
  /** Unknown keys and names that resolve to nothing are errors. @default {false} */
  readonly strict?: boolean;
  /**
   * Where people reach the management surface, such as
   * `https://example.org/workflow`: links in runs begin with it. Absent: they are
   * paths.
   */
  readonly publicUrl?: string;
  /**
   * Other processes may be at work on the same documents over the same store: each
   * has the runs that it accepts, and goes on with those of processes that die.
   * Else whatever is in the store belongs to this process.
   *
   * @default {false}
   */
  readonly isShared?: boolean;
  /** Remembers for an hour what is measured. @default {false} */
  readonly keepsHistory?: boolean;
}

/** A document, and what runs of it. */
interface Slot {
  source: Source;
  readonly application: Application;
}

/**
 * Loads and starts every document. When it resolves, every address answers.
 *
 * @throws {ConfigError} if a document has errors; nothing was started.
 * @throws {LifecycleError} if a module fails; everything is stopped again.
 */
export async function boot(options: BootOptions): Promise<Engine> {
  return await Engine.boot(options);
}

/** Everything that runs in this process. */
export class Engine {
  readonly events: EventHub;
  readonly catalog: Catalog;
  /** Leads events from one document to another. */
  readonly links: LinkRouter;
  /** What was measured; empty unless it is kept. */
  readonly history: History;
  readonly #options: BootOptions;
  readonly #around: Surroundings;
  readonly #slots = new Map<string, Slot>();
  readonly #secretValues = new Set<string>();
  readonly #redaction: Redaction;
  /** Changes of what runs, one after the other. */
  #last: Promise<unknown> = Promise.resolve();
  readonly #stopping = new AbortController();

  private constructor(options: BootOptions) {
    this.#options = options;
    this.catalog = options.catalog;
    this.#redaction = new Redaction(this.#secretValues);
    this.events = new EventHub(options.effects.clock, this.#redaction);
    this.history = new History(options.effects.clock);
    const around = {
      effects: options.effects,
      store: options.store,
      log: new Logger(redacting(options.log, this.#redaction)),
      meter: new Meter(),
      events: this.events,
      catalog: options.catalog,
      publicUrl: options.publicUrl?.replace(/\/+$/, ""),
      isShared: options.isShared,
      redact: <T>(value: T) => this.#redaction.value(value),
    };
    this.links = new LinkRouter({
      around,
      application: (id) => this.application(id),
    });
    this.#around = {
      ...around,
      attach: (application) => this.links.attach(application),
      rediscover: (id) => void this.#loadAgain(id),
    };
  }

  /** @see {boot} */
  static async boot(options: BootOptions): Promise<Engine> {
    const engine = new Engine(options);
    const loaded: { source: Source; loaded: Loaded }[] = [];
    for (const source of options.documents) {
      loaded.push({
        source,
        loaded: await engine.load(source, { mustBeSet: true }),
      });
    }
    const problems = loaded.flatMap(({ loaded }) => loaded.problems);
    if (hasErrors(problems)) throw new ConfigError(problems);
    problems.forEach((problem) => engine.#warn(problem));
    // All of them before the first one starts: it may have events for the last.
    for (const { loaded: { plan } } of loaded) {
      if (plan) engine.links.define(plan);
    }
    try {
      for (const { source, loaded: one } of loaded) {
        await engine.#begin(source, one);
      }
      await engine.links.open();
      if (options.keepsHistory) engine.history.open();
      if (options.isShared) {
        for (const id of engine.#slots.keys()) engine.#follow(id);
      }
    } catch (error) {
      await engine.stop();
      throw error;
    }
    return engine;
  }

  /** Every running application, in the order in which they were given. */
  get applications(): readonly Application[] {
    return [...this.#slots.values()].map(({ application }) => application);
  }

  /** The application of a document. */
  application(id: string): Application | undefined {
    return this.#slots.get(id)?.application;
  }

  /** The text that runs under a document's id. */
  source(id: string): Source | undefined {
    return this.#slots.get(id)?.source;
  }

  /** Checks a text as `boot` would, without starting anything. */
  async load(
    source: Source,
    options: { readonly mustBeSet?: boolean } = {},
  ): Promise<Loaded> {
    const parsed = parse(source.text, source.file);
    const { document } = parsed;
    const { secrets, catalog, strict, store } = this.#options;
    const added = document && await new AddedModules(store, document.id).list();
    const loaded = await loadWhole(parsed, {
      ...{ catalog, added },
      strict: strict ?? false,
      mustBeSet: options.mustBeSet ?? false,
      sources: {
        env: secrets.env,
        secrets: await this.#secretsOf(document?.withModules(added ?? [])),
      },
      folder: source.folder ?? (document && this.source(document.id)?.folder),
    });
    const { secretValues } = loaded;
    // What is only looked at leaves nothing behind.
    if (options.mustBeSet) {
      secretValues.forEach((value) => this.#secretValues.add(value));
    }
    return { ...loaded, problems: withoutSecrets(loaded) };
  }

  /**
   * Starts a document beside those that run, until the engine stops.
   *
   * @returns the warnings.
   * @throws {RefusedError} `already-exists` if a document with its id runs.
   * @throws {ConfigError | LifecycleError} and it does not run.
   */
  start(source: Source): Promise<readonly Problem[]> {
    return this.#inTurn(async () => {
      this.#stopping.signal.throwIfAborted();
      const loaded = await this.load(source, { mustBeSet: true });
      const { plan, problems } = loaded;
      if (!plan) throw new ConfigError(problems);
      await this.#begin(source, loaded);
      this.links.define(plan);
      await this.links.open();
      if (this.#options.isShared) this.#follow(plan.id);
      return problems;
    });
  }

  async #begin(source: Source, { plan, recompile }: Loaded): Promise<void> {
    if (!plan) return;
    this.#refuseTwins(plan.id, source);
    const meter = new Meter();
    const application = await Application.start(
      { plan, ...recompile ? { recompile } : {} },
      { ...this.#around, meter },
      source.folder,
    );
    this.#slots.set(plan.id, { source, application });
    if (!this.#options.keepsHistory) return;
    const queueDepth = () => application.queues.depth();
    this.history.record(plan.id, { meter, queueDepth });
  }

  /**
   * Runs another text under a document's id. Only what changed restarts.
   *
   * @returns the warnings.
   * @throws {ConfigError | LifecycleError} and the old text runs on.
   */
  reload(id: string, text: string): Promise<readonly Problem[]> {
    return this.#inTurn(() => this.#reload(id, text));
  }

  /**
   * Adds a module beside those of a document's text, for good: it is there after
   * a restart, and in every process that shares the store.
   *
   * @returns the warnings.
   * @throws {RefusedError} `not-found`, `already-exists`.
   * @throws {ConfigError | LifecycleError} and nothing is added.
   */
  add(id: string, module: AddedModule): Promise<readonly Problem[]> {
    return this.#inTurn(async () => {
      const { source, application } = this.#slot(id);
      const { name } = module;
      const added = new AddedModules(this.#options.store, id);
      const isTaken = application.modules().some((one) => one.name === name);
      if (isTaken || !await added.add(module)) {
        throw new RefusedError("already-exists", `"${name}" is there already`);
      }
      try {
        return await this.#reload(id, source.text);
      } catch (error) {
        await added.remove(name);
        throw error;
      }
    });
  }

  /**
   * Takes back what `add` did.
   *
   * @throws {RefusedError} `not-found`, also if the module stands in the text.
   * @throws {ConfigError | LifecycleError} if the document cannot run without it:
   * nothing is removed.
   */
  remove(id: string, name: string): Promise<readonly Problem[]> {
    return this.#inTurn(async () => {
      const { source } = this.#slot(id);
      const added = new AddedModules(this.#options.store, id);
      const module = (await added.list()).find((one) => one.name === name);
      if (module === undefined) {
        throw new RefusedError("not-found", `No module "${name}" was added`);
      }
      await added.remove(name);
      try {
        return await this.#reload(id, source.text);
      } catch (error) {
        await added.add(module);
        throw error;
      }
    });
  }

  /** The modules that were added to a document while it ran. */
  added(id: string): Promise<readonly AddedModule[]> {
    return new AddedModules(this.#options.store, id).list();
  }

  async #reload(id: string, text: string): Promise<readonly Problem[]> {
    const slot = this.#slot(id);
    const source = { ...slot.source, text };
    const { plan, problems, recompile } = await this.load(source, {
      mustBeSet: true,
    });
    if (!plan) throw new ConfigError(problems);
    const loadable = { plan, ...recompile ? { recompile } : {} };
    await slot.application.reload(loadable);
    slot.source = source;
    this.links.define(plan);
    await this.links.open();
    return problems;
  }

  /** Plain data without the values of secrets, for those who look at it. */
  redacted<T>(value: T): T {
    return this.#redaction.value(value);
  }

  /** Every address that the applications serve. */
  addresses(): readonly string[] {
    return this.applications.flatMap((application) =>
      application.all(HttpServer).flatMap(({ service }) => service.addresses())
    );
  }

  /** Stops every application, the last first. Never throws. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error("The engine stops"));
    await this.#last;
    this.history.close();
    for (const application of this.applications.toReversed()) {
      await application.stop();
    }
    await this.links.stop();
  }

  #slot(id: string): Slot {
    const slot = this.#slots.get(id);
    if (slot) return slot;
    throw new RefusedError("not-found", `No document "${id}" is running`);
  }

  /** What other processes add and remove is here, too. */
  #follow(id: string): void {
    const { signal } = this.#stopping;
    const added = new AddedModules(this.#options.store, id);
    void (async () => {
      let isFirst = true;
      for await (const _ of added.changes(signal)) {
        if (!isFirst) await this.#loadAgain(id);
        isFirst = false;
      }
    })().catch((error) => this.#around.log.error(messageOf(error)));
  }

  /** The same text, and what has come or gone beside it. */
  async #loadAgain(id: string): Promise<void> {
    try {
      await this.#inTurn(() => this.#reload(id, this.#slot(id).source.text));
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      const message = `Cannot load ${id} again: ${messageOf(error)}`;
      this.#around.log.error(message, { application: id });
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work, work);
    this.#last = turn.catch(() => {});
    return turn;
  }

  async #secretsOf(
    document: Document | undefined,
  ): Promise<ReadonlyMap<string, string>> {
    const references = document ? secretReferences(document) : [];
    return await resolveSecrets(references, this.#options.secrets);
  }

  #refuseTwins(id: string, source: Source): void {
    const twin = this.#slots.get(id);
    if (!twin) return;
    throw new RefusedError(
      "already-exists",
      `Cannot start ${source.file}: its id "${id}" is that of ${twin.source.file}`,
    );
  }

  #warn({ file, line, column, code, message, nearest }: Problem): void {
    const hint = nearest === undefined ? "" : `: did you mean "${nearest}"?`;
    this.#around.log.warn(`${file}:${line}:${column} ${message}${hint}`, {
      code,
    });
  }
}
