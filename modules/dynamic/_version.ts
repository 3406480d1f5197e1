/**
 * One version of a component's code, at work in a sandbox.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { HEALTH_MS_MAX, Sandbox } from "../../components/sandbox.ts";
import {
  checkInputs,
  checkOutputs,
  type ComponentContract,
  type ComponentParams,
  readContract,
} from "@engine/component_contract.ts";
import type { Host } from "@engine/define.ts";
import { messageOf, TerminalError } from "@engine/errors.ts";
import type { ExecuteOptions } from "@engine/services/executor.ts";
import type { Counts } from "./_counts.ts";
import { grantedBroker, requiredActions } from "./_granted_broker.ts";
import { checkKeys, type Result, type SandboxSettings } from "./_settings.ts";

/** What a version is made of. */
export interface VersionParts {
  readonly host: Host;
  readonly settings: SandboxSettings;
  /** What messages call the code. */
  readonly title: string;
  readonly counts: Counts;
  /** Its host was killed, or died, for a reason. */
  readonly onKilled: (reason: string) => void;
}

/**
 * Begins to load a text, which is `code` without its types.
 *
 * @returns where it is loaded, and what resolves when it takes calls, or rejects
 * naming the source.
 */
export function loadVersion(
  text: string,
  code: string,
  { host, settings, title, counts, onKilled }: VersionParts,
): { readonly sandbox: Sandbox; readonly started: Promise<Version> } {
  const { isolation, executionMs, id, requires } = settings;
  const { effects, log } = host;
  const sandbox = new Sandbox({
    ...{ name: id, code, isolation, executionMs, effects, log, onKilled },
    env: envOf(settings),
    services: requiredActions(host, requires),
    broker: grantedBroker({ host, settings, counts }),
    // Spans, and whose turn it is where a message is handled.
    keepsContext: () => host.tracing.active || requires.length > 0,
  });
  async function start(): Promise<Version> {
    try {
      const exported = await sandbox.start();
      const { contract } = exported;
      return new Version({
        ...{ sandbox, text, title, settings },
        functions: exported.functions,
        name: exported.name || id,
        hash: createHash("sha256").update(code, "utf8").digest("hex"),
        loadedAt: effects.clock.now(),
        contract: contract === null ? undefined : readContract(contract),
      });
    } catch (error) {
      await sandbox.stop();
      throw new Error(`Cannot load "${title}": ${messageOf(error)}`, {
        cause: error,
      });
    }
  }
  return { sandbox, started: start() };
}

/** The values of the document, and those of the process that it grants. */
export function envOf(
  { env, grants }: SandboxSettings,
): Readonly<Record<string, string | null>> {
  const granted = grants.env.map((
    name,
  ) => [name, Deno.env.get(name) ?? null]);
  return { ...Object.fromEntries(granted), ...env };
}

interface Loaded {
  readonly sandbox: Sandbox;
  readonly text: string;
  readonly title: string;
  readonly settings: SandboxSettings;
  readonly functions: readonly string[];
  readonly name: string;
  readonly hash: string;
  readonly loadedAt: number;
  readonly contract: ComponentContract | undefined;
}

/** See the module comment. */
export class Version {
  readonly #loaded: Loaded;
  /** As it was written. */
  readonly text: string;
  /** Of its code: SHA-256, in hex. */
  readonly hash: string;
  /** In milliseconds since 1970. */
  readonly loadedAt: number;
  readonly name: string;
  readonly contract: ComponentContract | undefined;

  constructor(loaded: Loaded) {
    this.#loaded = loaded;
    this.text = loaded.text;
    this.hash = loaded.hash;
    this.loadedAt = loaded.loadedAt;
    this.name = loaded.name;
    this.contract = loaded.contract;
  }

  /** See `Executor.execute`. */
  async execute(
    params: ComponentParams,
    options: ExecuteOptions,
  ): Promise<Result> {
    const { sandbox, functions, title, settings } = this.#loaded;
    const { name, contract } = this;
    if (!functions.includes("execute")) {
      throw new TerminalError(
        `Cannot run ${name}: "${title}" exports no "execute"`,
      );
    }
    const checked = contract === undefined
      ? params
      : checkInputs(name, contract, params);
    const text = JSON.stringify(checked);
    const result = await sandbox.call("execute", text, options);
    checkKeys(name, settings.outputKeys, result);
    if (contract !== undefined) checkOutputs(name, contract, result);
    return result;
  }

  /** Ends it if it gives no sign of life. @throws {Error} naming the source, then. */
  async checkHealth(): Promise<void> {
    const { sandbox, title } = this.#loaded;
    if (await sandbox.isHealthy()) return;
    await sandbox.stop();
    throw new Error(
      `Cannot load "${title}": it ends, or does not answer, within ` +
        `${HEALTH_MS_MAX} ms of its start`,
    );
  }

  /** Resolves when no call is under way. */
  idle(): Promise<void> {
    return this.#loaded.sandbox.idle();
  }

  /** Ends it, after its own `stop`. @throws {Error} That failed. */
  async end(): Promise<void> {
    const { sandbox, functions, name } = this.#loaded;
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
}
