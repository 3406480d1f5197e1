/**
 * The users of one `auth.jwt` module in the engine's store: a row by id, and an
 * index by email that makes addresses unique.
 *
 * @module
 */
import type { Host, JsonObject } from "@engine/define.ts";

/** Somebody who can sign in. */
export type User = {
  readonly id: string;
  /** In its normal form. */
  readonly email: string;
  readonly name: string;
  readonly passwordHash: string;
  /** What the operator knows of the user, such as a role. */
  readonly metadata: JsonObject;
  /** RFC 3339. */
  readonly createdAt: string;
};

/** A user as of one version of the row. */
export interface StoredUser {
  readonly user: User;
  readonly version: string;
}

/** What became of a new user. */
export type Creation = "created" | "email-taken" | "id-taken";

/** See the module comment. */
export class Users {
  readonly #store: Host["store"];
  readonly #root: readonly string[];

  /** @param root The first parts of every key. */
  constructor(store: Host["store"], root: readonly string[]) {
    this.#store = store;
    this.#root = root;
  }

  async byId(id: string): Promise<StoredUser | undefined> {
    const entry = await this.#store.get(this.#userKey(id));
    if (!entry) return undefined;
    return { user: entry.value as User, version: entry.version };
  }

  async byEmail(email: string): Promise<StoredUser | undefined> {
    const entry = await this.#store.get(this.#emailKey(email));
    return entry && await this.byId(entry.value as string);
  }

  /** Adds a user, or nothing if the address or the id belongs to another. */
  async create(user: User): Promise<Creation> {
    const [userKey, emailKey] = [
      this.#userKey(user.id),
      this.#emailKey(user.email),
    ];
    const { ok } = await this.#store.commit({
      checks: [
        { key: userKey, version: undefined },
        { key: emailKey, version: undefined },
      ],
      sets: [
        { key: userKey, value: user },
        { key: emailKey, value: user.id },
      ],
    });
    if (ok) return "created";
    return await this.#store.get(emailKey) ? "email-taken" : "id-taken";
  }

  /**
   * Replaces a row; its id and email must be the same. Returns whether it was
   * still at the version that was read.
   */
  async replace({ version }: StoredUser, user: User): Promise<boolean> {
    const key = this.#userKey(user.id);
    const { ok } = await this.#store.commit({
      checks: [{ key, version }],
      sets: [{ key, value: user }],
    });
    return ok;
  }

  #userKey(id: string): readonly string[] {
    return [...this.#root, "users", id];
  }

  #emailKey(email: string): readonly string[] {
    return [...this.#root, "emails", email];
  }
}
