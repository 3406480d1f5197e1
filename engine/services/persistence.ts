/**
 * The contract of what keeps the resources of an application.
 *
 * @module
 */
import { defineService } from "../service.ts";
import type { JsonValue, Version } from "../store/store.ts";

/** The fields of a resource. */
export type ResourceData = Readonly<Record<string, JsonValue | undefined>>;

/** One resource as it is kept. */
export interface Resource {
  readonly id: string;
  readonly data: ResourceData;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly version: Version;
}

/** The resources of one type, in order of creation. */
export interface Collection {
  get(id: string): Promise<Resource | undefined>;
  /** All, or a page behind `after` (an id; an unknown one starts at the front). */
  list(options?: {
    readonly limit?: number;
    readonly after?: string;
  }): AsyncIterable<Resource>;
  /** `undefined` if the id is taken; then nothing changed. */
  create(id: string, data: ResourceData): Promise<Resource | undefined>;
  /**
   * Replaces the data. `undefined` if there is none, or if `version` is given
   * and is not the present one; then nothing changed.
   */
  replace(
    id: string,
    data: ResourceData,
    version?: Version,
  ): Promise<Resource | undefined>;
  /** Whether there was one. */
  delete(id: string): Promise<boolean>;
}

/** Keeps resources. What has been acknowledged survives a kill. */
export interface Persistence {
  /** The resources of one type. Every call with one name sees the same. */
  collection(type: string): Collection;
}

/** Modules that keep resources. */
export const Persistence = defineService<Persistence>(
  "persistence",
  "keeps resources",
);
