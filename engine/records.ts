/**
 * Keeps resources in a store. Rows stand under an id that sorts by time of
 * creation, so that a list is in order of creation; an index leads from a
 * resource's own id to its row, and both are written by one commit.
 *
 * @module
 */
import type { Effects } from "./effects.ts";
import { type PartSet, RecordParts } from "./record_parts.ts";
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
 * How often a read starts anew because what it reads was replaced under it. Each
 * time someone else got on; only a damaged index reaches the end.
 */
const READ_ATTEMPTS_MAX = 100;

/** What a row has of its world. */
export type RecordsWorld = Pick<Effects, "clock" | "ids">;

/** Keeps the resources of an application in its store. */
export function recordsOver(store: Store, world: RecordsWorld): Persistence {
  return { collection: (type) => new Records(store, world, type) };
}

/**
 * A resource as it stands in the store, without what its entry says. An alias,
 * as all that it holds: an interface does not count as JSON.
 */
type Row = {
  readonly id: string;
  readonly marks: Pick<ResourceMarks, keyof ResourceMarks>;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Absent where the data is too large and stands in `parts`. */
  readonly data?: ResourceData;
  readonly parts?: PartSet;
};

/** A row that was found, with its data. */
interface Found {
  readonly key: Key;
  readonly row: Row;
  readonly resource: Resource;
}

class Records implements Collection {
  readonly #store: Store;
  readonly #world: RecordsWorld;
  readonly #type: string;
  readonly #parts: RecordParts;

  constructor(store: Store, world: RecordsWorld, type: string) {
    this.#store = store;
    this.#world = world;
    this.#type = type;
    this.#parts = new RecordParts(store, world.ids, ["resource-part", type]);
  }

  async get(id: string): Promise<Resource | undefined> {
    return (await this.#find(id))?.resource;
  }

  async *list(
    options: { readonly limit?: number; readonly after?: string } = {},
  ): AsyncGenerator<Resource> {
    let after = options.after === undefined
      ? undefined
      : await this.#position(options.after);
    let missing = options.limit ?? Infinity;
    while (missing > 0) {
      let seen = 0;
      const wanted = missing;
      const entries = this.#store.list({ prefix: ["resource", this.#type] }, {
        ...(Number.isFinite(wanted) ? { limit: wanted } : {}),
        ...(after === undefined ? {} : { after }),
      });
      for await (const entry of entries) {
        seen++;
        after = entry.key;
        const found = await this.#foundAt(entry.key, entry);
        if (found === undefined) continue;
        missing--;
        yield found.resource;
      }
      // Fewer than were asked for: there are no more.
      if (seen < wanted) return;
    }
  }

  async create(
    id: string,
    data: ResourceData,
    marks: ResourceMarks = {},
  ): Promise<Resource | undefined> {
    const place = this.#world.ids.next();
    const key = this.#rowKey(place);
    const now = this.#world.clock.now();
    const facts = { id, marks, createdAt: now, updatedAt: now };
    const row = await this.#rowOf(facts, data);
    const result = await this.#store.commit({
      checks: [{ key: this.#indexKey(id), version: undefined }],
      sets: [{ key, value: row }, { key: this.#indexKey(id), value: place }],
    });
    if (result.ok) return { ...facts, data, version: result.version };
    await this.#forget(row);
    return undefined;
  }

  async replace(
    id: string,
    data: ResourceData,
    options: ReplaceOptions = {},
  ): Promise<Resource | undefined> {
    while (true) {
      const found = await this.#find(id);
      if (found === undefined || isOther(found, options.version)) return;
      const facts = {
        id,
        marks: options.marks ?? found.row.marks,
        createdAt: found.row.createdAt,
        updatedAt: this.#world.clock.now(),
      };
      const row = await this.#rowOf(facts, data);
      const result = await this.#store.commit({
        checks: [{ key: found.key, version: found.resource.version }],
        sets: [{ key: found.key, value: row }],
      });
      await this.#forget(result.ok ? found.row : row);
      if (result.ok) return { ...facts, data, version: result.version };
    }
  }

  async delete(id: string, version?: Version): Promise<boolean> {
    while (true) {
      const found = await this.#find(id);
      if (found === undefined || isOther(found, version)) return false;
      const result = await this.#store.commit({
        checks: [{ key: found.key, version: found.resource.version }],
        deletes: [found.key, this.#indexKey(id)],
      });
      if (!result.ok) continue;
      await this.#forget(found.row);
      return true;
    }
  }

  async #find(id: string): Promise<Found | undefined> {
    for (let attempt = 0; attempt < READ_ATTEMPTS_MAX; attempt++) {
      const key = await this.#position(id);
      if (key === undefined) return undefined;
      const found = await this.#foundAt(key);
      if (found !== undefined) return found;
      // Deleted between the two reads, and perhaps made anew elsewhere.
    }
    throw new Error(
      `Cannot read "${id}" of "${this.#type}": its index leads to no row`,
    );
  }

  /** The row under a key, with its data; `undefined` if there is none. */
  async #foundAt(key: Key, listed?: Entry): Promise<Found | undefined> {
    let entry = listed;
    for (let attempt = 0; attempt < READ_ATTEMPTS_MAX; attempt++) {
      entry ??= await this.#store.get(key);
      if (entry === undefined) return undefined;
      // Only this class writes under these keys.
      const row = entry.value as unknown as Row;
      const data = await this.#dataOf(row);
      if (data !== undefined) {
        const { id, marks, createdAt, updatedAt } = row;
        const { version } = entry;
        const facts = { id, marks, createdAt, updatedAt, version };
        return { key, row, resource: { ...facts, data } };
      }
      // Replaced while its parts were read: the row leads to others now.
      entry = undefined;
    }
    throw new Error(
      `Cannot read a row of "${this.#type}": it refers to parts that are gone`,
    );
  }

  async #dataOf(row: Row): Promise<ResourceData | undefined> {
    if (row.parts === undefined) return row.data ?? {};
    const text = await this.#parts.read(row.parts);
    return text === undefined ? undefined : JSON.parse(text) as ResourceData;
  }

  async #rowOf(
    facts: Omit<Row, "data" | "parts">,
    data: ResourceData,
  ): Promise<Row> {
    const row = { ...facts, data };
    const text = JSON.stringify(row);
    const { valueBytes } = this.#store.limits;
    // A code unit takes at most three bytes: most rows need no exact count.
    const fits = text.length * 3 <= valueBytes ||
      new TextEncoder().encode(text).length <= valueBytes;
    if (fits) return row;
    return { ...facts, parts: await this.#parts.write(JSON.stringify(data)) };
  }

  /** Removes what stands beside a row that is not, or no longer, in force. */
  async #forget(row: Row): Promise<void> {
    if (row.parts === undefined) return;
    try {
      await this.#parts.remove(row.parts);
    } catch {
      // What was asked for is decided by now; parts that stay only waste room.
    }
  }

  async #position(id: string): Promise<Key | undefined> {
    const entry = await this.#store.get(this.#indexKey(id));
    return entry === undefined ? undefined : this.#rowKey(entry.value as string);
  }

  #rowKey(place: string): Key {
    return ["resource", this.#type, place];
  }

  #indexKey(id: string): Key {
    return ["resource-id", this.#type, id];
  }
}

function isOther(found: Found, version: Version | undefined): boolean {
  return version !== undefined && version !== found.resource.version;
}
