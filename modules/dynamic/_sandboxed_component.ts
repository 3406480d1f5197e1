/**
 * A component at work in a sandbox: which code runs, its life and its calls.
 *
 * What runs is the text that the document gives (a file, or the text itself), or
 * one that came over the API, which holds until the document gives another.
 *
 * @module
 */
import type { Sandbox } from "../../components/sandbox.ts";
import { prepareSource } from "../../components/source.ts";
import type { ComponentParams } from "@engine/component_contract.ts";
import type { Host } from "@engine/define.ts";
import { messageOf, RefusedError, RetryableError } from "@engine/errors.ts";
import type { ExecuteOptions } from "@engine/services/executor.ts";
import type {
  ComponentInfo,
  ComponentStatus,
  UserCode,
} from "@engine/services/user_code.ts";
import { checkedSource } from "./_checked_source.ts";
import type { Counts } from "./_counts.ts";
import { Draining } from "./_draining.ts";
import { warnOfMissing } from "./_granted_broker.ts";
import { KeptCode } from "./_kept_code.ts";
import { sourceFile } from "./_load.ts";
import { manifestOf } from "./_manifest.ts";
import type { Result, SandboxSettings } from "./_settings.ts";
import { loadVersion, type Version } from "./_version.ts";
import { watchFile } from "./_watch_file.ts";

/** See the module comment. */
export class SandboxedComponent implements UserCode {
  readonly #host: Host;
  readonly #settings: SandboxSettings;
  readonly #counts: Counts;
  readonly #kept: KeptCode;
  /** The version that takes calls. */
  #current: Version | undefined;
  readonly #draining = new Draining((error) =>
    this.#tell(messageOf(error), "warning")
  );
  /** One that is on its way to take them. */
  #next: Sandbox | undefined;
  /** Resolves when the first version takes calls. */
  #loading: Promise<void> = Promise.resolve();
  /** Changes of what runs, one after the other. */
  #last: Promise<unknown> = Promise.resolve();
  readonly #watches: (() => void)[] = [];
  #isStopped = true;
  #isOff = false;
  #isOverridden = false;
  #name: string;
  #error: string | undefined;
  #file: string | undefined;
  /** Sources on their way to the store. */
  #keeping: Promise<unknown> = Promise.resolve();

  constructor(host: Host, settings: SandboxSettings, counts: Counts) {
    this.#host = host;
    this.#settings = settings;
    this.#counts = counts;
    this.#name = settings.id;
    this.#kept = new KeptCode(host);
  }

  /**
   * Begins to load the code: other modules start meanwhile, and `opened` waits.
   *
   * @throws {Error} naming the source, if it cannot be read.
   */
  async start(): Promise<void> {
    this.#isStopped = false;
    warnOfMissing(this.#host, this.#settings.requires);
    try {
      await this.#begin();
    } catch (error) {
      if (!this.#settings.isOptional) throw error;
      this.#fail(messageOf(error));
    }
    this.#watch();
  }

  async #begin(): Promise<void> {
    const { source } = this.#settings;
    const { folder } = this.#host;
    if (source !== undefined) {
      if (folder === undefined) {
        throw new Error(
          `Cannot load "${source}": the document is no file, so it has no folder`,
        );
      }
      this.#file = await sourceFile(folder, source);
    }
    const { text, isOff, isOverridden } = await this.#wanted();
    this.#isOff = isOff;
    if (isOff || text === undefined) return;
    const code = await prepareSource(text, this.#title);
    this.#loading = this.#load(text, code).then((version) => {
      this.#isOverridden = isOverridden;
      this.#use(version);
    });
    // Whoever opens or calls it hears of a failure.
    this.#loading.catch((error) => this.#error = messageOf(error));
  }

  /** @throws {Error} naming the source and what is wrong with it. */
  async opened(): Promise<void> {
    try {
      await this.#loading;
    } catch (error) {
      if (!this.#settings.isOptional) throw error;
      this.#fail(messageOf(error));
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const end of this.#watches.splice(0)) end();
    await this.#last;
    await this.#loading.catch(() => {});
    await this.#keeping;
    const version = this.#current;
    this.#current = undefined;
    await this.#draining.end();
    await version?.end();
  }

  /** What is to run, as the document and the store say it. */
  async #wanted() {
    return await this.#kept.wanted(await this.#given());
  }

  /** The text that the document gives. */
  async #given(): Promise<string | undefined> {
    const file = this.#file;
    return file === undefined
      ? this.#settings.code
      : await Deno.readTextFile(file);
  }

  #watch(): void {
    const { effects, isShared } = this.#host;
    const file = this.#file;
    if (file !== undefined) {
      const end = watchFile(file, effects.clock, () => {
        void this.#inTurn(() => this.#follow(`The change of "${this.#title}"`));
      });
      this.#watches.push(end);
    }
    if (!isShared) return;
    const ending = new AbortController();
    this.#watches.push(() => ending.abort());
    void this.#followOthers(ending.signal)
      .catch((error) => this.#tell(messageOf(error), "error"));
  }

  /** What other processes are told over the API holds here, too. */
  async #followOthers(signal: AbortSignal): Promise<void> {
    for await (const _ of this.#kept.changes(signal)) {
      await this.#inTurn(() => this.#follow("What was sent elsewhere"));
    }
  }

  /** Runs what is to run now; if that cannot be loaded, what runs goes on. */
  async #follow(what: string): Promise<void> {
    if (this.#isStopped) return;
    try {
      const { text, isOff, isOverridden } = await this.#wanted();
      if (isOff !== this.#isOff) await this.#turned(isOff);
      this.#isOverridden = isOverridden;
      if (isOff || text === undefined) return;
      if (text === this.#current?.text) {
        this.#error = undefined;
        return;
      }
      const next = await this.#prepared(text);
      this.#takeOver(next);
      this.#tell(`${this.#name} is "${this.#title}" as it is now`, "info");
    } catch (error) {
      this.#fail(`${what} is not taken over: ${messageOf(error)}`);
    }
  }

  /** See `UserCode`. */
  source(): string | undefined {
    return this.#current?.text;
  }

  /** See `UserCode`. */
  async versions(): ReturnType<UserCode["versions"]> {
    await this.#keeping;
    return await this.#kept.list();
  }

  /** See `UserCode`. */
  text(version: number): Promise<string | undefined> {
    return this.#kept.read(version);
  }

  /** See `UserCode`. */
  replace(text: string): Promise<void> {
    return this.#asked(async () => {
      const next = await this.#prepared(text);
      try {
        const given = await this.#given();
        // First for good: what is answered must be true after a restart.
        await this.#kept.keep(text, next.hash, { given });
        this.#isOverridden = given !== undefined && given !== text;
      } catch (error) {
        await next.end().catch(() => {});
        throw error;
      }
      if (this.#isOff) await next.end();
      else this.#takeOver(next);
      this.#tell(`${this.#name} has new code`, "info");
    });
  }

  /** See `UserCode`. */
  async rollback(version: number): Promise<void> {
    const text = await this.#kept.read(version);
    if (text === undefined) {
      throw new RefusedError(
        "not-found",
        `${this.#name} has no version ${version}`,
      );
    }
    await this.replace(text);
    this.#tell(`${this.#name} is its version ${version} again`, "info");
  }

  /** See `UserCode`. */
  turnOff(): Promise<void> {
    return this.#turn(true);
  }

  /** See `UserCode`. */
  turnOn(): Promise<void> {
    return this.#turn(false);
  }

  #turn(isOff: boolean): Promise<void> {
    return this.#asked(async () => {
      await this.#kept.turn(isOff);
      await this.#turned(isOff);
      if (isOff) return;
      const { text } = await this.#wanted();
      if (text === undefined || text === this.#current?.text) return;
      this.#takeOver(await this.#prepared(text));
    });
  }

  async #turned(isOff: boolean): Promise<void> {
    this.#isOff = isOff;
    this.#tell(`${this.#name} is turned ${isOff ? "off" : "on"}`, "info");
    if (!isOff) return;
    await this.#loading.catch(() => {});
    const version = this.#current;
    this.#current = undefined;
    this.#error = undefined;
    if (version !== undefined) this.#draining.add(version);
  }

  /** See `UserCode`. */
  forget(): Promise<void> {
    return this.#kept.forget();
  }

  /** See `UserCode`. */
  info(): ComponentInfo {
    return {
      ...{ name: this.#name, file: this.#settings.source },
      ...{ status: this.#status, error: this.#error },
      loadedAt: this.#current?.loadedAt,
      isOverridden: this.#isOverridden,
    };
  }

  get #status(): ComponentStatus {
    if (this.#current !== undefined) return "running";
    if (this.#isStopped || this.#isOff) return "stopped";
    if (this.#error !== undefined) return "error";
    return this.#next?.phase ?? "unloaded";
  }

  /** See `UserCode`. */
  manifest(): ReturnType<UserCode["manifest"]> {
    return manifestOf(this.#name, this.#host, this.#settings, this.#current);
  }

  /** See `UserCode`. */
  counts(): ReturnType<UserCode["counts"]> {
    return this.#counts.all;
  }

  /** See `Executor.execute`. */
  async execute(
    params: ComponentParams,
    options: ExecuteOptions,
  ): Promise<Result> {
    if (this.#current === undefined) await this.#loading.catch(() => {});
    const version = this.#current;
    if (version === undefined) throw this.#isAbsent();
    return await version.execute(params, options);
  }

  /** Why nothing can be called; it may be there later. */
  #isAbsent(): RetryableError {
    const why = this.#isStopped
      ? "it is not started"
      : this.#isOff
      ? "it is turned off"
      : this.#error ?? "it has no code yet";
    return new RetryableError(`Cannot run ${this.#name}: ${why}`);
  }

  /** What messages call the code. */
  get #title(): string {
    return this.#settings.source ?? this.#settings.id;
  }

  /** A version that is ready to take over: types checked, started, and well. */
  async #prepared(text: string): Promise<Version> {
    const title = this.#title;
    const code = await checkedSource(text, {
      ...{ title, file: this.#file ?? `${title}.ts` },
      clock: this.#host.effects.clock,
      onUnchecked: (message) => this.#tell(message, "warning"),
    });
    const version = await this.#load(text, code);
    await version.checkHealth();
    return version;
  }

  async #load(text: string, code: string): Promise<Version> {
    const parts = { host: this.#host, settings: this.#settings };
    const { sandbox, started } = loadVersion(text, code, {
      ...{ ...parts, title: this.#title, counts: this.#counts },
      onKilled: (reason) => {
        this.#counts.kills++;
        this.#tell(`The host of ${this.#name} ended: ${reason}`, "warning");
      },
    });
    this.#next = sandbox;
    try {
      return await started;
    } finally {
      if (this.#next === sandbox) this.#next = undefined;
    }
  }

  /** Puts a version in the place of what runs, between two calls. */
  #takeOver(next: Version): void {
    this.#counts.swaps++;
    const before = this.#current;
    this.#use(next);
    this.#loading = Promise.resolve();
    if (before !== undefined) this.#draining.add(before);
  }

  #use(version: Version): void {
    this.#error = undefined;
    this.#current = version;
    this.#name = version.name;
    const { text, hash } = version;
    this.#keeping = this.#keeping
      .then(() => this.#kept.keep(text, hash))
      .catch((error) =>
        this.#tell(`Cannot keep a version: ${messageOf(error)}`, "warning")
      );
  }

  #fail(message: string): void {
    this.#error = message;
    this.#tell(message, "error");
  }

  #tell(message: string, severity: "info" | "warning" | "error"): void {
    const fields = { component: this.#name };
    const { log } = this.#host;
    if (severity === "info") log.info(message, fields);
    else if (severity === "warning") log.warn(message, fields);
    else log.error(message, fields);
    this.#host.notify("notice", { message, severity, ...fields });
  }

  /** Does what somebody asks for, when nothing else changes. */
  async #asked(work: () => Promise<void>): Promise<void> {
    if (this.#isStopped) {
      throw new RefusedError("wrong-state", `${this.#name} does not run`);
    }
    try {
      await this.#inTurn(work);
    } catch (error) {
      if (error instanceof RefusedError) throw error;
      throw new RefusedError("invalid-input", messageOf(error), {
        cause: error,
      });
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => {});
    return turn;
  }
}
