/**
 * A component at work in a sandbox: its source, its life, its calls, and what the
 * document grants it.
 *
 * @module
 */
import { Broker } from "../../components/broker.ts";
import { createHash } from "node:crypto";
import { relative } from "node:path";
import { HOST_MEMORY_BYTES_MAX } from "../../components/host_process.ts";
import {
  type Grants,
  mayTouch,
  PermissionError,
} from "../../components/grants.ts";
import type { Isolation } from "../../components/hosts.ts";
import { OUTPUT_CHARACTERS_MAX, Sandbox } from "../../components/sandbox.ts";
import { prepareSource } from "../../components/source.ts";
import {
  checkInputs,
  checkOutputs,
  type ComponentContract,
  type ComponentParams,
  readContract,
} from "@engine/component_contract.ts";
import type { Host, JsonObject } from "@engine/define.ts";
import { messageOf, RefusedError, TerminalError } from "@engine/errors.ts";
import type { Actions } from "@engine/services/actions.ts";
import type { ExecuteOptions } from "@engine/services/executor.ts";
import type {
  ComponentCounts,
  ComponentInfo,
  ComponentManifest,
  ComponentStatus,
  ComponentVersion,
} from "@engine/services/user_code.ts";
import { Counts } from "./_counts.ts";
import { fileInside, newFileInside } from "./_folder.ts";
import { sourceFile } from "./_load.ts";
import type { ComponentSettings, Result } from "./_trusted_component.ts";
import { Versions } from "./_versions.ts";
import { watchFile } from "./_watch_file.ts";

/** What a sandboxed component may use, and how much. */
export interface SandboxSettings extends ComponentSettings {
  readonly isolation: Isolation;
  readonly grants: Grants;
}

/** One version of the code, at work. */
interface Version {
  readonly sandbox: Sandbox;
  /** As it was written. */
  readonly text: string;
  readonly hash: string;
  readonly loadedAt: number;
  readonly name: string;
  readonly contract: ComponentContract | undefined;
  readonly functions: readonly string[];
}

/** See the module comment. */
export class SandboxedComponent {
  readonly #host: Host;
  readonly #settings: SandboxSettings;
  /** The version that takes calls. */
  #current: Version | undefined;
  #loading: Promise<void> = Promise.resolve();
  #unwatch = () => {};
  /** Changes of the source, one after the other. */
  #swaps: Promise<void> = Promise.resolve();
  #isStopped = true;
  #name: string;
  #error: string | undefined;
  #folder = "";
  /** Sources on their way to the store. */
  #keeping: Promise<unknown> = Promise.resolve();
  readonly #counts = new Counts();
  readonly #versions: Versions;

  constructor(host: Host, settings: SandboxSettings) {
    this.#host = host;
    this.#settings = settings;
    this.#name = settings.id;
    this.#versions = new Versions(host);
  }

  /**
   * Begins to load the code: other modules start meanwhile, and `opened` waits.
   *
   * @throws {Error} naming the source, if it cannot be read.
   */
  async start(): Promise<void> {
    const { source } = this.#settings;
    const { folder, effects } = this.#host;
    if (folder === undefined) {
      throw new Error(
        `Cannot load "${source}": the document is no file, so it has no folder`,
      );
    }
    this.#isStopped = false;
    this.#warnOfMissing();
    const file = await sourceFile(folder, source);
    const text = await Deno.readTextFile(file);
    const code = await prepareSource(text, source);
    this.#loading = this.#load({ text, code }, folder)
      .then((version) => this.#use(version));
    // Whoever opens or calls it hears of a failure.
    this.#loading.catch((error) => this.#error = messageOf(error));
    this.#folder = folder;
    this.#unwatch = watchFile(file, effects.clock, () => {
      this.#swaps = this.#swaps.then(() => this.#takeOver(file));
    });
  }

  /** See `UserCode`. */
  versions(): Promise<readonly ComponentVersion[]> {
    return this.#versions.list();
  }

  /** See `UserCode`. */
  text(version: number): Promise<string | undefined> {
    return this.#versions.read(version);
  }

  /** See `UserCode`. */
  async rollback(version: number): Promise<void> {
    const text = await this.#versions.read(version);
    if (text === undefined) {
      throw new RefusedError(
        "not-found",
        `${this.#name} has no version ${version}`,
      );
    }
    if (this.#isStopped) {
      throw new RefusedError("wrong-state", `${this.#name} does not run`);
    }
    const swap = this.#swaps.then(() => this.#swap(text));
    this.#swaps = swap.catch(() => {});
    try {
      await swap;
    } catch (error) {
      throw new RefusedError("invalid-input", messageOf(error));
    }
    this.#tell(`${this.#name} is its version ${version} again`, "info");
  }

  /** @throws {Error} naming the source and what is wrong with it. */
  opened(): Promise<void> {
    return this.#loading;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#unwatch();
    await this.#swaps;
    await this.#loading.catch(() => {});
    await this.#keeping;
    const version = this.#current;
    this.#current = undefined;
    if (version !== undefined) await this.#end(version);
  }

  /** See `UserCode`. */
  info(): ComponentInfo {
    const { source } = this.#settings;
    const { loadedAt } = this.#current ?? {};
    const error = this.#error;
    return { name: this.#name, source, status: this.#status, loadedAt, error };
  }

  get #status(): ComponentStatus {
    if (this.#current !== undefined) return "running";
    if (this.#error !== undefined) return "error";
    return this.#isStopped ? "stopped" : "loading";
  }

  /** See `UserCode`. */
  manifest(): ComponentManifest {
    const { source, isolation, grants, secrets, executionMs, outputKeys } =
      this.#settings;
    return {
      ...{ name: this.#name, source, isolation, permissions: { ...grants } },
      hash: this.#current?.hash,
      env: Object.keys(this.#env()).sort(),
      secrets: Object.keys(secrets).sort(),
      requires: this.#services(),
      limits: {
        ...executionMs === Infinity ? {} : { executionMs },
        ...outputKeys === Infinity ? {} : { outputKeys },
        outputCharacters: OUTPUT_CHARACTERS_MAX,
        memoryBytes: HOST_MEMORY_BYTES_MAX,
      },
      contract: this.#current?.contract,
    };
  }

  /** See `UserCode`. */
  counts(): ComponentCounts {
    return this.#counts.all;
  }

  /** See `Executor.execute`. */
  async execute(
    params: ComponentParams,
    options: ExecuteOptions,
  ): Promise<Result> {
    this.#counts.calls++;
    try {
      return await this.#execute(params, options);
    } catch (error) {
      this.#counts.failures++;
      throw error;
    }
  }

  async #execute(
    params: ComponentParams,
    options: ExecuteOptions,
  ): Promise<Result> {
    if (this.#isStopped) {
      throw new Error(`Cannot run ${this.#name}: it is not started`);
    }
    await this.#loading;
    const version = this.#current;
    if (version === undefined) {
      throw new Error(`Cannot run ${this.#name}: it is not started`);
    }
    const { sandbox, name, contract, functions } = version;
    if (!functions.includes("execute")) {
      throw new TerminalError(
        `Cannot run ${name}: "${this.#settings.source}" exports no "execute"`,
      );
    }
    const checked = contract === undefined
      ? params
      : checkInputs(name, contract, params);
    const text = JSON.stringify(checked);
    const result = await sandbox.call("execute", text, options);
    this.#checkKeys(result);
    if (contract !== undefined) checkOutputs(name, contract, result);
    return result;
  }

  async #load(
    { text, code }: { readonly text: string; readonly code: string },
    folder: string,
  ): Promise<Version> {
    const { source, isolation, executionMs, id } = this.#settings;
    const { effects, log } = this.#host;
    const sandbox = new Sandbox({
      ...{ name: id, code, isolation, executionMs, effects, log },
      env: this.#env(),
      services: this.#services(),
      broker: this.#broker(folder),
      onKilled: (reason) => this.#killed(reason),
    });
    try {
      const { name, contract, functions } = await sandbox.start();
      return {
        ...{ sandbox, text, functions, name: name || id },
        hash: createHash("sha256").update(code, "utf8").digest("hex"),
        loadedAt: effects.clock.now(),
        contract: contract === null ? undefined : readContract(contract),
      };
    } catch (error) {
      await sandbox.stop();
      throw new Error(`Cannot load "${source}": ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  /** Runs what the file holds now; if it cannot be loaded, what runs goes on. */
  async #takeOver(file: string): Promise<void> {
    const { source } = this.#settings;
    if (this.#isStopped) return;
    try {
      await this.#swap(await Deno.readTextFile(file));
      this.#tell(`${this.#name} is "${source}" as it was just changed`, "info");
    } catch (error) {
      this.#error = `The change of "${source}" is not taken over: ${
        messageOf(error)
      }`;
      this.#tell(this.#error, "error");
    }
  }

  /** Puts a source in the place of what runs, between two calls. */
  async #swap(text: string): Promise<void> {
    const code = await prepareSource(text, this.#settings.source);
    const next = await this.#load({ text, code }, this.#folder);
    this.#counts.swaps++;
    const before = this.#current;
    this.#use(next);
    this.#loading = Promise.resolve();
    if (before === undefined) return;
    await before.sandbox.idle();
    await this.#end(before).catch((error) =>
      this.#tell(messageOf(error), "warning")
    );
  }

  #use(version: Version): void {
    this.#error = undefined;
    this.#current = version;
    this.#name = version.name;
    this.#keeping = this.#keeping
      .then(() => this.#versions.keep(version.text, version.hash))
      .catch((error) =>
        this.#tell(`Cannot keep a version: ${messageOf(error)}`, "warning")
      );
  }

  async #end({ sandbox, functions, name }: Version): Promise<void> {
    try {
      if (!functions.includes("stop")) return;
      const { signal } = new AbortController();
      await sandbox.call("stop", "{}", { signal, idempotencyKey: name });
    } catch (error) {
      throw new Error(`Cannot stop ${name}: ${messageOf(error)}`, {
        cause: error,
      });
    } finally {
      await sandbox.stop();
    }
  }

  #tell(message: string, severity: "info" | "warning" | "error"): void {
    const fields = { component: this.#name };
    const { log } = this.#host;
    if (severity === "info") log.info(message, fields);
    else if (severity === "warning") log.warn(message, fields);
    else log.error(message, fields);
    this.#host.notify("notice", { message, severity, ...fields });
  }

  #checkKeys(result: Result): void {
    const { outputKeys } = this.#settings;
    const keys = result !== null && typeof result === "object"
      ? Object.keys(result).length
      : 0;
    if (keys <= outputKeys) return;
    throw new TerminalError(
      `Cannot use the result of ${this.#name}: it has ${keys} keys, the limit ` +
        `maxOutputSize is ${outputKeys} keys`,
    );
  }

  /** The values of the document, and those of the process that it grants. */
  #env(): Readonly<Record<string, string | null>> {
    const { env, grants } = this.#settings;
    const granted = grants.env.map((
      name,
    ) => [name, Deno.env.get(name) ?? null]);
    return { ...Object.fromEntries(granted), ...env };
  }

  /** The required modules that the document has, with the actions of each. */
  #services(): Readonly<Record<string, readonly string[]>> {
    return Object.fromEntries(
      this.#settings.requires.flatMap((name) => {
        const actions = this.#host.actions(name);
        return actions === undefined ? [] : [[name, Object.keys(actions)]];
      }),
    );
  }

  #warnOfMissing(): void {
    const services = this.#services();
    for (const name of this.#settings.requires) {
      if (Object.hasOwn(services, name)) continue;
      this.#host.log.warn(
        `A required module is left out: no module is called "${name}", or it has no actions`,
        { name },
      );
    }
  }

  #broker(folder: string): Broker {
    const { grants, secrets } = this.#settings;
    return new Broker({
      ...{ component: this.#name, grants, secrets },
      effects: this.#host.effects,
      files: {
        read: async (path) => {
          const file = await fileInside(folder, path);
          await this.#checkLinks("read", folder, file);
          return await Deno.readFile(file);
        },
        write: async (path, content) => {
          const file = await newFileInside(folder, path);
          await this.#checkLinks("write", folder, file);
          await Deno.writeFile(file, content);
        },
      },
      service: async (name, method, params, context) => {
        const action = this.#settings.requires.includes(name)
          ? this.#host.actions(name)?.[method]
          : undefined;
        if (action === undefined) {
          throw new TerminalError(
            `${this.#name} may not use "${name}.${method}": to grant it, add ` +
              `"${name}" to its requires`,
          );
        }
        const input = action.input.safeParse(params);
        if (!input.success) {
          throw new TerminalError(
            `Cannot do ${name}.${method}: ${input.error.message}`,
          );
        }
        this.#counts.used("requires", `${name}.${method}`);
        const actions = this.#host.use<Actions>(name);
        return await actions.act(method, input.data as JsonObject, context);
      },
      onRefused: (error) => this.#refused(error),
      onUsed: (capability, what) => this.#counts.used(capability, what),
    });
  }

  /** A link in what is granted may lead to what is not. */
  async #checkLinks(
    capability: "read" | "write",
    folder: string,
    file: string,
  ): Promise<void> {
    const path = relative(await Deno.realPath(folder), file);
    if (mayTouch(this.#settings.grants[capability], path)) return;
    const component = this.#name;
    const error = new PermissionError({ component, capability, wanted: path });
    this.#refused(error);
    throw error;
  }

  #refused(error: PermissionError): void {
    const { message, capability, wanted } = error;
    if (error.isGrantable) this.#counts.refused(capability, wanted);
    const fields = { component: this.#name, capability, wanted };
    this.#host.log.warn(message, fields);
    this.#host.notify("notice", { message, severity: "warning", ...fields });
    this.#host.meter.recordOwn("component_refusals_total", {
      component: this.#name,
      capability,
    }, 1);
  }

  #killed(reason: string): void {
    this.#counts.kills++;
    this.#tell(`The host of ${this.#name} ended: ${reason}`, "warning");
  }
}
