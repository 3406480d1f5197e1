/**
 * A component at work in a sandbox: its source, its life, its calls, and what the
 * document grants it.
 *
 * @module
 */
import { Broker } from "../../components/broker.ts";
import { relative } from "node:path";
import {
  type Grants,
  mayTouch,
  PermissionError,
} from "../../components/grants.ts";
import type { Isolation } from "../../components/hosts.ts";
import { Sandbox } from "../../components/sandbox.ts";
import { prepareSource } from "../../components/source.ts";
import {
  checkInputs,
  checkOutputs,
  type ComponentContract,
  type ComponentParams,
  readContract,
} from "@engine/component_contract.ts";
import type { Host, JsonObject } from "@engine/define.ts";
import { messageOf, TerminalError } from "@engine/errors.ts";
import type { Actions } from "@engine/services/actions.ts";
import type { ExecuteOptions } from "@engine/services/executor.ts";
import { fileInside, newFileInside } from "./_folder.ts";
import { sourceFile } from "./_load.ts";
import type { ComponentSettings, Result } from "./_trusted_component.ts";

/** What a sandboxed component may use, and how much. */
export interface SandboxSettings extends ComponentSettings {
  readonly isolation: Isolation;
  readonly grants: Grants;
}

/** See the module comment. */
export class SandboxedComponent {
  readonly #host: Host;
  readonly #settings: SandboxSettings;
  #sandbox: Sandbox | undefined;
  #contract: ComponentContract | undefined;
  #functions: readonly string[] = [];
  #loading: Promise<void> = Promise.resolve();
  #name: string;

  constructor(host: Host, settings: SandboxSettings) {
    this.#host = host;
    this.#settings = settings;
    this.#name = settings.id;
  }

  /**
   * Begins to load the code: other modules start meanwhile, and `opened` waits.
   *
   * @throws {Error} naming the source, if it cannot be read.
   */
  async start(): Promise<void> {
    const { source, isolation, executionMs } = this.#settings;
    const { folder, effects, log } = this.#host;
    if (folder === undefined) {
      throw new Error(
        `Cannot load "${source}": the document is no file, so it has no folder`,
      );
    }
    const file = await sourceFile(folder, source);
    const code = await prepareSource(await Deno.readTextFile(file), source);
    this.#sandbox = new Sandbox({
      ...{ name: this.#name, code, isolation, executionMs, effects, log },
      env: this.#env(),
      services: this.#services(),
      broker: this.#broker(folder),
      onKilled: (reason) => this.#killed(reason),
    });
    this.#loading = this.#load(this.#sandbox);
    // Whoever opens or calls it hears of a failure.
    this.#loading.catch(() => {});
  }

  async #load(sandbox: Sandbox): Promise<void> {
    try {
      const exported = await sandbox.start();
      this.#name = exported.name || this.#name;
      this.#functions = exported.functions;
      this.#contract = exported.contract === null
        ? undefined
        : readContract(exported.contract);
    } catch (error) {
      const { source } = this.#settings;
      throw new Error(`Cannot load "${source}": ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  /** @throws {Error} naming the source and what is wrong with it. */
  opened(): Promise<void> {
    return this.#loading;
  }

  async stop(): Promise<void> {
    const sandbox = this.#sandbox;
    this.#sandbox = undefined;
    if (sandbox === undefined) return;
    try {
      await this.#loading.catch(() => {});
      if (!this.#functions.includes("stop")) return;
      const { signal } = new AbortController();
      await sandbox.call("stop", "{}", { signal, idempotencyKey: this.#name });
    } catch (error) {
      throw new Error(`Cannot stop ${this.#name}: ${messageOf(error)}`, {
        cause: error,
      });
    } finally {
      await sandbox.stop();
    }
  }

  /** See `Executor.execute`. */
  async execute(
    params: ComponentParams,
    options: ExecuteOptions,
  ): Promise<Result> {
    const sandbox = this.#sandbox;
    if (sandbox === undefined) {
      throw new Error(`Cannot run ${this.#name}: it is not started`);
    }
    await this.#loading;
    if (!this.#functions.includes("execute")) {
      throw new TerminalError(
        `Cannot run ${this.#name}: "${this.#settings.source}" exports no "execute"`,
      );
    }
    const contract = this.#contract;
    const checked = contract === undefined
      ? params
      : checkInputs(this.#name, contract, params);
    const result = await sandbox.call(
      "execute",
      JSON.stringify(checked),
      options,
    );
    this.#checkKeys(result);
    if (contract !== undefined) checkOutputs(this.#name, contract, result);
    return result;
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
  #env(): Readonly<Record<string, string>> {
    const { env, grants } = this.#settings;
    const granted = grants.env.flatMap((name) => {
      const value = Deno.env.get(name);
      return value === undefined ? [] : [[name, value]];
    });
    return { ...Object.fromEntries(granted), ...env };
  }

  /** The required modules that the document has, with the actions of each. */
  #services(): Readonly<Record<string, readonly string[]>> {
    const services: Record<string, readonly string[]> = {};
    for (const name of this.#settings.requires) {
      const actions = this.#host.actions(name);
      if (actions !== undefined) services[name] = Object.keys(actions);
      else {
        this.#host.log.warn(
          `A required module is left out: no module is called "${name}"`,
          { name },
        );
      }
    }
    return services;
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
        const actions = this.#host.use<Actions>(name);
        return await actions.act(method, input.data as JsonObject, context);
      },
      onRefused: (error) => this.#refused(error),
      onUsed: () => {},
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

  #refused({ message, capability, wanted }: PermissionError): void {
    const fields = { component: this.#name, capability, wanted };
    this.#host.log.warn(message, fields);
    this.#host.notify("notice", { message, severity: "warning", ...fields });
    this.#host.meter.recordOwn("component_refusals_total", {
      component: this.#name,
      capability,
    }, 1);
  }

  #killed(reason: string): void {
    const message = `The host of ${this.#name} ended: ${reason}`;
    const fields = { component: this.#name };
    this.#host.log.warn(message, fields);
    this.#host.notify("notice", { message, severity: "warning", ...fields });
  }
}
