/**
 * Resources of which some fields are encrypted where they are kept. Who asks gets
 * and gives plain data.
 *
 * @module
 */
import type {
  Collection,
  Persistence,
  ReplaceOptions,
  Resource,
  ResourceData,
  ResourceMarks,
} from "@engine/services/persistence.ts";
import type { FieldCipher } from "./_field_cipher.ts";

/** The fields of persons, as the original engine has them. */
export const PERSONAL_FIELDS = [
  ...["name", "Name", "email", "phone", "phoneNumber", "From", "from", "to"],
  ...["address", "body", "Body", "message", "reason"],
];

/** The list whose objects have such fields, too. */
const MESSAGES = "messages";

/** How often an object is looked into, one within the other. */
const DEPTH_MAX = 16;

/** What came of encrypting anew. */
export interface Reencrypted {
  readonly checked: number;
  readonly changed: number;
}

/** Encrypts what it hands on, and decrypts what comes back. */
export class EncryptedRecords implements Persistence {
  readonly #inner: Persistence;
  readonly #cipher: FieldCipher;
  readonly #fields: ReadonlySet<string>;

  constructor(
    inner: Persistence,
    cipher: FieldCipher,
    fields: readonly string[],
  ) {
    this.#inner = inner;
    this.#cipher = cipher;
    this.#fields = new Set(fields);
  }

  collection(type: string): Collection {
    const inner = this.#inner.collection(type);
    const open = (resource: Resource | undefined) =>
      resource && this.#opened(type, resource);
    const seal = (id: string, data: ResourceData) =>
      this.#sealed(type, id, data);
    return {
      get: async (id: string) => open(await inner.get(id)),
      async *list(options?: Parameters<Collection["list"]>[0]) {
        for await (const resource of inner.list(options)) {
          yield open(resource) ?? resource;
        }
      },
      create: async (id: string, data: ResourceData, marks?: ResourceMarks) =>
        open(await inner.create(id, seal(id, data), marks)),
      replace: async (
        id: string,
        data: ResourceData,
        options?: ReplaceOptions,
      ) => open(await inner.replace(id, seal(id, data), options)),
      delete: (id: string, version?: string) => inner.delete(id, version),
    };
  }

  /**
   * Encrypts with the present key what has another one or none. May be asked
   * again after a failure: what is done stays done. What is changed meanwhile has
   * the present key by that.
   */
  async reencrypt(type: string): Promise<Reencrypted> {
    const inner = this.#inner.collection(type);
    let checked = 0;
    let changed = 0;
    for await (const resource of inner.list()) {
      checked++;
      if (this.#isCurrent(resource.data)) continue;
      const { id, version, updatedAt } = resource;
      const { data } = this.#opened(type, resource);
      const sealed = this.#sealed(type, id, data);
      if (await inner.replace(id, sealed, { version, updatedAt })) changed++;
    }
    return { checked, changed };
  }

  #sealed(type: string, id: string, data: ResourceData): ResourceData {
    return this.#change(data, (text, field) =>
      // Nobody learns anything from an empty text.
      text === "" ? text : this.#cipher.seal(text, placeOf(type, id, field)));
  }

  #opened(type: string, resource: Resource): Resource {
    const { id } = resource;
    const data = this.#change(
      resource.data,
      (text, field) => this.#cipher.open(text, placeOf(type, id, field)),
    );
    return { ...resource, data };
  }

  #isCurrent(data: ResourceData): boolean {
    let isCurrent = true;
    this.#change(data, (text) => {
      if (text !== "" && !this.#cipher.isCurrent(text)) isCurrent = false;
      return text;
    });
    return isCurrent;
  }

  /** The data with other texts in the fields that are encrypted. */
  #change(
    data: ResourceData,
    change: (text: string, field: string) => string,
  ): ResourceData {
    const within = (value: unknown, path: string, depth: number): unknown => {
      if (!isObject(value) || depth > DEPTH_MAX) return value;
      return Object.fromEntries(
        Object.entries(value).map(([key, inner]) => {
          const field = path === "" ? key : `${path}.${key}`;
          const isMeant = this.#fields.has(field);
          if (typeof inner === "string") {
            return [key, isMeant ? change(inner, field) : inner];
          }
          if (field === MESSAGES && Array.isArray(inner)) {
            return [key, inner.map((one) => within(one, "", depth + 1))];
          }
          return [key, within(inner, field, depth + 1)];
        }),
      );
    };
    return within(data, "", 0) as ResourceData;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/** What a sealed text is bound to. */
function placeOf(type: string, id: string, field: string): string {
  return `"${field}"\0of "${id}"\0of "${type}"`;
}
