/**
 * What the document says of a component, as both kinds of it read it.
 *
 * @module
 */
import type { Grants } from "../../components/grants.ts";
import type { Isolation } from "../../components/hosts.ts";
import type { JsonValue } from "@engine/define.ts";
import { TerminalError } from "@engine/errors.ts";

/** What a component may use, and how much. */
export interface ComponentSettings {
  /** What logs and errors call it, unless it names itself. */
  readonly id: string;
  /** The file with its code. */
  readonly source: string | undefined;
  /** The code itself, where there is no file. */
  readonly code: string | undefined;
  /** Milliseconds for one call; infinite without a limit. */
  readonly executionMs: number;
  /** Keys at the top of a result; infinite without a limit. */
  readonly outputKeys: number;
  /** Calls at once; infinite without a limit. */
  readonly atOnce: number;
  readonly env: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly requires: readonly string[];
}

/** The same for one in a sandbox. */
export interface SandboxSettings extends ComponentSettings {
  readonly isolation: Isolation;
  readonly grants: Grants;
  /** The document runs also if the code cannot be loaded. */
  readonly isOptional: boolean;
}

/** What a call yields. */
export type Result = JsonValue;

/** @throws {TerminalError} A result has too many keys. */
export function checkKeys(name: string, keysMax: number, result: Result): void {
  const keys = result !== null && typeof result === "object"
    ? Object.keys(result).length
    : 0;
  if (keys <= keysMax) return;
  throw new TerminalError(
    `Cannot use the result of ${name}: it has ${keys} keys, the limit ` +
      `maxOutputSize is ${keysMax} keys`,
  );
}
