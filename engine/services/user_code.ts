/**
 * What is known of code that a module runs, and what can be done with it: for
 * the management surface.
 *
 * @module
 */
import type { ComponentContract } from "../component_contract.ts";
import { defineService } from "../service.ts";

/** Where a component is in its life. */
export type ComponentStatus =
  /** There is no code, or it is being read. */
  | "unloaded"
  /** Its code is there; `init` comes next. */
  | "loaded"
  /** `init` is done; `start` comes next. */
  | "initialized"
  | "running"
  /** Turned off, or its document is. */
  | "stopped"
  /** It cannot be loaded or started: `error` says why. */
  | "error";

/** What a component is and how it is. */
export interface ComponentInfo {
  readonly name: string;
  /** The file that the document names; absent where it names none. */
  readonly file: string | undefined;
  readonly status: ComponentStatus;
  /** When the code that runs was loaded, in milliseconds since 1970. */
  readonly loadedAt: number | undefined;
  /** Why it does not run, or why its last change was not taken over. */
  readonly error: string | undefined;
  /**
   * Whether what runs came over the API, in place of what the document names. It
   * ends when that changes.
   */
  readonly isOverridden: boolean;
}

/** What a component may do, and how much. */
export interface ComponentManifest {
  readonly name: string;
  readonly file: string | undefined;
  /** Of the code that runs: SHA-256, in hex. */
  readonly hash: string | undefined;
  readonly isolation: "none" | "shared" | "process";
  readonly permissions: Readonly<Record<string, readonly string[]>>;
  /** Names only. */
  readonly env: readonly string[];
  readonly secrets: readonly string[];
  /** The actions of modules that it may call. */
  readonly requires: Readonly<Record<string, readonly string[]>>;
  readonly limits: {
    /** Absent: none. */
    readonly executionMs?: number;
    readonly outputKeys?: number;
    readonly concurrency?: number;
    readonly outputCharacters?: number;
    readonly memoryBytes?: number;
  };
  readonly contract: ComponentContract | undefined;
}

/** What a component has done since it was started. */
export interface ComponentCounts {
  readonly calls: number;
  readonly failures: number;
  /** Times that its host was killed, or died. */
  readonly kills: number;
  /** Times that its code was replaced. */
  readonly swaps: number;
  /** What it used of what it is granted, and what it asked for beyond: how often. */
  readonly used: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly refused: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** A source that has run. An alias: an interface does not count as JSON. */
export type ComponentVersion = {
  /** From 1, in the order in which they ran first. */
  readonly version: number;
  /** SHA-256 of the code, in hex. */
  readonly hash: string;
  /** When it was loaded, in milliseconds since 1970. */
  readonly at: number;
  readonly characters: number;
};

/** Code that a module runs. */
export interface UserCode {
  info(): ComponentInfo;
  manifest(): ComponentManifest;
  counts(): ComponentCounts;
  /** The text that runs; `undefined` if none does, or if it is not kept. */
  source(): string | undefined;
  /** The sources that have run and are kept, the newest first. */
  versions(): Promise<readonly ComponentVersion[]>;
  /** The text of one; `undefined` if it is not kept. */
  text(version: number): Promise<string | undefined>;
  /**
   * Puts a text in the place of what runs, between two calls, once it is loaded,
   * its types are right and its `init` and `start` are done. It is kept: it runs
   * again after a restart, and in other processes with the same store, until what
   * the document names changes.
   *
   * @throws {RefusedError} `invalid-input` if it cannot be loaded, and the old one
   * goes on; `wrong-state` if it runs without a sandbox or not at all.
   */
  replace(text: string): Promise<void>;
  /**
   * Runs a kept version again, as `replace` does.
   *
   * @throws {RefusedError} as `replace`; `not-found`.
   */
  rollback(version: number): Promise<void>;
  /**
   * Ends the component until `turnOn`, also across restarts: calls are to be made
   * again later. Those under way end first.
   *
   * @throws {RefusedError} `wrong-state` as `replace`.
   */
  turnOff(): Promise<void>;
  /** Takes `turnOff` back. @throws {RefusedError} as `replace`. */
  turnOn(): Promise<void>;
  /** Removes what is kept of it in the store: the module itself is gone. */
  forget(): Promise<void>;
}

/** Modules that run code of others. */
export const UserCode = defineService<UserCode>(
  "user-code",
  "tells of the code that it runs",
);
