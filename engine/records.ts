/**
 * Keeps resources in a store. Rows stand under an id that sorts by time of
 * creation, so that a list is in order of creation; an index leads from a
 * resource's own id to its row, and both are written by one commit.
 *
 * @module
 */
import type { Effects } from "./effects.ts";
import type {
  Collection,
  Persistence,
  ReplaceOptions,
  Resource,
  ResourceData,
  ResourceMarks,
} from "./services/persistence.ts";
import type { Entry, Key, Store, Version } from "./store/store.ts";

/**
 * How often a read starts anew because what it reads was deleted and made anew
 * under it. Only a damaged index reaches the end.
 */
const READ_ATTEMPTS_MAX = 100;

/** What a row has of its world. */
export type RecordsWorld = Pick<Effects, "clock" | "ids">;

/**
 * Keeps the resources of an application in its store. Data that the store has no
 * room for in one value is a `RangeError`, and nothing has changed.
 */
export function recordsOver(store: Store, world: RecordsWorld): Persistence {
  return { collection: (type) => new Records(store, world, type) };
}

/**
 * A resource as it stands in the store, without what its entry says. An alias,
 * as all that it holds: an interface does not count as JSON.
 */
type Row = {
  readonly id: string;
  readonly data: ResourceData;
  readonly marks: Pick<ResourceMarks, keyof ResourceMarks>;
  readonly createdAt: number;
  readonly updatedAt: number;
};

/** A row that was found. */
interface Found {
  readonly key: Key;
  readonly resource: Resource;
}

class Records implements Collection {
  readonly #store: Store;
  readonly #world: RecordsWorld;
  readonly #type: string;

  constructor(store: Store, world: RecordsWorld, type: string) {
    this.#store = store;
    this.#world = world;
    this.#type = type;
  }

  async get(id: string): Promise<Resource | undefined> {
    return (await this.#find(id))?.resource;
  }

  async *list(
    options: { readonly limit?: number; readonly after?: string } = {},
  ): AsyncGenerator<Resource> {
    const { limit } = options;
    const after = options.after === undefined
      ? undefined
      : await this.#position(options.after);
    const entries = this.#store.list({ prefix: ["resource", this.#type] }, {
      ...(limit === undefined ? {} : { limit }),
      ...(after === undefined ? {} : { after }),
    });
    for await (const entry of entries) yield resourceOf(entry);
  }

  async create(
    id: string,
    data: ResourceData,
    marks: ResourceMarks = {},
  ): Promise<Resource | undefined> {
    const place = this.#world.ids.next();
    const now = this.#world.clock.now();
    const row: Row = { id, data, marks, createdAt: now, updatedAt: now };
    const result = await this.#store.commit({
      checks: [{ key: this.#indexKey(id), version: undefined }],
      sets: [
        { key: this.#rowKey(place), value: row },
        { key: this.#indexKey(id), value: place },
      ],
    });
    return result.ok ? { ...row, version: result.version } : undefined;
  }

  async replace(
    id: string,
    data: ResourceData,
    { version, marks, updatedAt }: ReplaceOptions = {},
  ): Promise<Resource | undefined> {
    while (true) {
      const found = await this.#find(id);
      if (found === undefined || isOther(found, version)) return undefined;
      const { resource: before, key } = found;
      const row: Row = {
        id,
        data,
        marks: marks ?? before.marks,
        createdAt: before.createdAt,
        updatedAt: updatedAt ?? this.#world.clock.now(),
      };
      const result = await this.#store.commit({
        checks: [{ key, version: before.version }],
        sets: [{ key, value: row }],
      });
      if (result.ok) return { ...row, version: result.version };
    }
  }

  async delete(id: string, version?: Version): Promise<boolean> {
    while (true) {
      const found = await this.#find(id);
      if (found === undefined || isOther(found, version)) return false;
      const { resource: before, key } = found;
      const result = await this.#store.commit({
        checks: [{ key, version: before.version }],
        deletes: [key, this.#indexKey(id)],
      });
      if (result.ok) return true;
    }
  }

  async #find(id: string): Promise<Found | undefined> {
    for (let attempt = 0; attempt < READ_ATTEMPTS_MAX; attempt++) {
      const key = await this.#position(id);
      if (key === undefined) return undefined;
      const entry = await this.#store.get(key);
      if (entry !== undefined) return { key, resource: resourceOf(entry) };
      // Deleted between the two reads, and perhaps made anew elsewhere.
    }
    throw new Error(
      `Cannot read "${id}" of "${this.#type}": its index leads to no row`,
    );
  }

  /** The key of a resource's row. */
  async #position(id: string): Promise<Key | undefined> {
    const entry = await this.#store.get(this.#indexKey(id));
    // Only this class writes under these keys.
    return entry === undefined
      ? undefined
      : this.#rowKey(entry.value as string);
  }

  #rowKey(place: string): Key {
    return ["resource", this.#type, place];
  }

  #indexKey(id: string): Key {
    return ["resource-id", this.#type, id];
  }
}

function resourceOf({ value, version }: Entry): Resource {
  // Only this file writes rows.
  return { ...value as unknown as Row, version };
}

function isOther(found: Found, version: Version | undefined): boolean {
  return version !== undefined && version !== found.resource.version;
}
