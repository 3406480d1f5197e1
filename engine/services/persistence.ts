/**
 * The contract of what keeps the resources of an application.
 *
 * @module
 */
import { defineService } from "../service.ts";
import type { JsonValue, Version } from "../store/store.ts";

/** The fields of a resource. */
export type ResourceData = Readonly<Record<string, JsonValue | undefined>>;

/**
 * What is known of a resource beside its data, so that nothing has to be added
 * to the fields that a client sent.
 */
export interface ResourceMarks {
  /** Who made it: the subject of the token. Absent: nobody owns it. */
  readonly owner?: string;
  /** The state in which it was made, where no state machine keeps one. */
  readonly state?: string;
  /** The state machine instance that keeps its state. */
  readonly instanceId?: string;
  /** The data has changed since that instance last took it over. */
  readonly isAhead?: boolean;
}

/** One resource as it is kept. */
export interface Resource {
  readonly id: string;
  readonly data: ResourceData;
  readonly marks: ResourceMarks;
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
  create(
    id: string,
    data: ResourceData,
    marks?: ResourceMarks,
  ): Promise<Resource | undefined>;
  /**
   * Replaces the data. `undefined` if there is none, or if a version is given
   * and is not the present one; then nothing changed.
   */
  replace(
    id: string,
    data: ResourceData,
    options?: ReplaceOptions,
  ): Promise<Resource | undefined>;
  /**
   * Whether there was one, and, if a version is given, at that version; else
   * nothing changed.
   */
  delete(id: string, version?: Version): Promise<boolean>;
}

/** What `replace` may be told beside the data. */
export interface ReplaceOptions {
  /** Replace only what is still at this version. Absent: whatever there is. */
  readonly version?: Version;
  /** Replaces the marks as well. Absent: they stay. */
  readonly marks?: ResourceMarks;
  /** Milliseconds since 1970: when the data was last changed. Absent: now. */
  readonly updatedAt?: number;
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
