/**
 * What is known of code that a module runs: for the management surface.
 *
 * @module
 */
import type { ComponentContract } from "../component_contract.ts";
import { defineService } from "../service.ts";

/** Where a component is in its life. */
export type ComponentStatus =
  | "unloaded"
  | "loading"
  | "running"
  | "stopped"
  | "error";

/** What a component is and how it is. */
export interface ComponentInfo {
  readonly name: string;
  readonly source: string;
  readonly status: ComponentStatus;
  /** When the code that runs was loaded, in milliseconds since 1970. */
  readonly loadedAt: number | undefined;
  /** Why it does not run, or why its last change was not taken over. */
  readonly error: string | undefined;
}

/** What a component may do, and how much. */
export interface ComponentManifest {
  readonly name: string;
  readonly source: string;
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
  /** Times that it was replaced by a changed file. */
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

/** Tells of code that a module runs. */
export interface UserCode {
  info(): ComponentInfo;
  manifest(): ComponentManifest;
  counts(): ComponentCounts;
  /** The sources that have run and are kept, the newest first. */
  versions(): Promise<readonly ComponentVersion[]>;
  /** The text of one; `undefined` if it is not kept. */
  text(version: number): Promise<string | undefined>;
  /**
   * Runs one again, until its file changes or the engine starts anew.
   *
   * @throws {RefusedError} `not-found`, `invalid-input` if it cannot be loaded,
   * `wrong-state` if the component does not run.
   */
  rollback(version: number): Promise<void>;
}

/** Modules that run code of others. */
export const UserCode = defineService<UserCode>(
  "user-code",
  "tells of the code that it runs",
);
