/**
 * A component at work in the engine's own process: its life, its calls, and the
 * limits of both. Nothing keeps its code from the rest of the process, which is
 * why only files of the document's own folder get here.
 *
 * @module
 */
import {
  checkInputs,
  checkOutputs,
  type Component,
  type ComponentContext,
  type ComponentContract,
  type ComponentParams,
  type ComponentServices,
  readContract,
} from "@engine/component_contract.ts";
import type { Host } from "@engine/define.ts";
import {
  messageOf,
  RefusedError,
  RetryableError,
  TerminalError,
} from "@engine/errors.ts";
import type { ExecuteOptions } from "@engine/services/executor.ts";
import type {
  ComponentInfo,
  ComponentManifest,
  ComponentVersion,
  UserCode,
} from "@engine/services/user_code.ts";
import { keyedRandom } from "../../components/keyed_random.ts";
import { withTimeout } from "../_timeout.ts";
import type { Counts } from "./_counts.ts";
import { fileInside, newFileInside } from "./_folder.ts";
import { loadComponent } from "./_load.ts";
import { checkKeys, type ComponentSettings, type Result } from "./_settings.ts";

/** See the module comment. */
export class TrustedComponent implements UserCode {
  readonly #host: Host;
  readonly #settings: ComponentSettings;
  #services: ComponentServices = {};
  #component: Component | undefined;
  #contract: ComponentContract | undefined;
  #name: string;
  #loadedAt: number | undefined;
  readonly #source: string;
  readonly #counts: Counts;

  constructor(host: Host, settings: ComponentSettings, counts: Counts) {
    this.#host = host;
    this.#settings = settings;
    // The check of the config has seen that there is one.
    this.#source = settings.source ?? "";
    this.#counts = counts;
    this.#name = settings.id;
  }

  /** @throws {Error} naming the source and the function that failed. */
  async start(): Promise<void> {
    const source = this.#source;
    const { folder } = this.#host;
    if (folder === undefined) {
      throw new Error(
        `Cannot load "${source}": the document is no file, so it has no folder`,
      );
    }
    const component = await loadComponent(folder, source);
    this.#component = component;
    this.#loadedAt = this.#host.effects.clock.now();
    const { name, contract } = component;
    this.#name = (typeof name === "function" ? name() : name) || this.#name;
    this.#contract = contract === undefined
      ? undefined
      : readContract(typeof contract === "function" ? contract() : contract);
    this.#services = servicesOf(this.#host, this.#settings.requires);
    await this.#live("init", () => component.init?.(this.#services));
    await this.#live("start", () => component.start?.());
    this.#host.log.warn(
      `${this.#name} runs in the process of the engine: nothing keeps it from ` +
        "files, network or memory",
      { component: this.#name, source, isolation: "none" },
    );
  }

  /** See `UserCode`. */
  info(): ComponentInfo {
    const status = this.#component === undefined ? "stopped" : "running";
    return {
      ...{ name: this.#name, file: this.#source, status },
      ...{ loadedAt: this.#loadedAt, error: undefined, isOverridden: false },
    };
  }

  /** See `UserCode`. Without a sandbox nothing bounds what it reaches. */
  manifest(): ComponentManifest {
    const { env, secrets, requires, executionMs, outputKeys } = this.#settings;
    const file = this.#source;
    return {
      ...{ name: this.#name, file, hash: undefined, isolation: "none" },
      permissions: { everything: ["*"] },
      env: Object.keys(env).sort(),
      secrets: Object.keys(secrets).sort(),
      requires: Object.fromEntries(requires.map((name) => [name, ["*"]])),
      limits: {
        ...executionMs === Infinity ? {} : { executionMs },
        ...outputKeys === Infinity ? {} : { outputKeys },
      },
      contract: this.#contract,
    };
  }

  /** See `UserCode`. */
  counts(): ReturnType<UserCode["counts"]> {
    return this.#counts.all;
  }

  /** See `UserCode`. Nothing is kept of code that runs without a sandbox. */
  source(): undefined {}

  /** The same. */
  versions(): Promise<readonly ComponentVersion[]> {
    return Promise.resolve([]);
  }

  /** The same. */
  text(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  /** See `UserCode`. */
  replace(): Promise<never> {
    return this.#refused();
  }

  /** See `UserCode`. */
  rollback(): Promise<never> {
    return this.#refused();
  }

  /** See `UserCode`. */
  turnOff(): Promise<never> {
    return this.#refused();
  }

  /** See `UserCode`. */
  turnOn(): Promise<never> {
    return this.#refused();
  }

  /** See `UserCode`. */
  forget(): Promise<void> {
    return Promise.resolve();
  }

  #refused(): Promise<never> {
    return Promise.reject(
      new RefusedError(
        "wrong-state",
        `${this.#name} runs without a sandbox: change the document or its file`,
      ),
    );
  }

  /** It is ready as soon as it is started. */
  opened(): void {}

  async stop(): Promise<void> {
    const component = this.#component;
    this.#component = undefined;
    if (component !== undefined) {
      await this.#live("stop", () => component.stop?.());
    }
  }

  /** @see {Executor.execute} */
  async execute(
    params: ComponentParams,
    options: ExecuteOptions,
  ): Promise<Result> {
    const component = this.#component;
    if (component === undefined) {
      throw new Error(`Cannot run ${this.#name}: it is not started`);
    }
    if (component.execute === undefined) {
      throw new TerminalError(
        `Cannot run ${this.#name}: "${this.#source}" exports no "execute"`,
      );
    }
    const contract = this.#contract;
    const checked = contract === undefined
      ? params
      : checkInputs(this.#name, contract, params);
    // The component may change what it is given; what others hold must not.
    const own = structuredClone(checked);
    const returned = await this.#limited(
      options.signal,
      (signal) =>
        component.execute?.(own, this.#context(signal, options.idempotencyKey)),
    );
    const result = this.#asJson(returned);
    if (contract !== undefined) checkOutputs(this.#name, contract, result);
    return result;
  }

  async #live(name: string, call: () => void | Promise<void>): Promise<void> {
    try {
      // A hook of its life outlives an abort, so that `stop` can still work.
      await this.#limited(new AbortController().signal, call);
    } catch (error) {
      throw new Error(`Cannot ${name} ${this.#name}: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  async #limited<T>(
    signal: AbortSignal,
    call: (signal: AbortSignal) => T | Promise<T>,
  ): Promise<T> {
    const { executionMs } = this.#settings;
    try {
      // In a promise at once, so that what is thrown is a rejection.
      const run = async (limited: AbortSignal) => await call(limited);
      if (executionMs === Infinity) return await run(signal);
      return await withTimeout({
        clock: this.#host.effects.clock,
        ms: executionMs,
        signal,
        message: `Cannot wait for ${this.#name} any longer: the limit ` +
          `maxExecutionTime is ${executionMs} ms`,
      }, run);
    } catch (error) {
      throw asEngineError(error);
    }
  }

  #context(signal: AbortSignal, idempotencyKey: string): ComponentContext {
    const { effects, log, folder = "" } = this.#host;
    const { env, secrets, executionMs } = this.#settings;
    const { clock, network } = effects;
    return {
      signal,
      deadline: executionMs === Infinity
        ? undefined
        : clock.now() + executionMs,
      idempotencyKey,
      log: log.with({ component: this.#name }),
      secrets,
      services: this.#services,
      now: () => clock.now(),
      random: keyedRandom(idempotencyKey),
      env: (name) => Object.hasOwn(env, name) ? env[name] : Deno.env.get(name),
      fetch: (input, init) => network.fetch(input, { signal, ...init }),
      read: async (path) => await Deno.readFile(await fileInside(folder, path)),
      write: async (path, content) => {
        const file = await newFileInside(folder, path);
        if (typeof content === "string") {
          await Deno.writeTextFile(file, content);
        } else await Deno.writeFile(file, content);
      },
    };
  }

  /** What was returned as plain JSON that nobody else holds. */
  #asJson(returned: unknown): Result {
    if (returned === undefined) return null;
    let text: string | undefined;
    try {
      text = JSON.stringify(returned);
    } catch (error) {
      throw this.#notJson(messageOf(error), error);
    }
    if (text === undefined) throw this.#notJson(`it is a ${typeof returned}`);
    const result = JSON.parse(text) as Result;
    checkKeys(this.#name, this.#settings.outputKeys, result);
    return result;
  }

  #notJson(reason: string, cause?: unknown): TerminalError {
    return new TerminalError(
      `Cannot use the result of ${this.#name}: it is not JSON: ${reason}`,
      { cause },
    );
  }
}

/**
 * The modules by name, each looked up when it is asked for, since a reload may
 * replace it. One that the document does not have is left out.
 */
function servicesOf(host: Host, names: readonly string[]): ComponentServices {
  const services = {};
  for (const name of names) {
    try {
      host.use<unknown>(name);
    } catch (error) {
      host.log.warn(`A required module is left out: ${messageOf(error)}`, {
        name,
      });
      continue;
    }
    Object.defineProperty(services, name, {
      enumerable: true,
      get: () => host.use<unknown>(name),
    });
  }
  return Object.freeze(services);
}

/** Components cannot import the engine's errors, so the name is what counts. */
function asEngineError(error: unknown): unknown {
  if (!(error instanceof Error)) return new Error(String(error));
  if (error instanceof TerminalError || error instanceof RetryableError) {
    return error;
  }
  const { name, message } = error as { name: string; message: string };
  if (name === "TerminalError") {
    return new TerminalError(message, { cause: error });
  }
  if (name !== "RetryableError") return error;
  const { retryAfterMs } = error as { retryAfterMs?: unknown };
  return new RetryableError(message, {
    cause: error,
    ...typeof retryAfterMs === "number" ? { retryAfterMs } : {},
  });
}
