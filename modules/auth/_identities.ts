/**
 * The users whom providers have signed in, as of their last sign-in.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import type { Identity } from "./_identity.ts";
import type { User } from "./_users.ts";

/** See the module comment. */
export class Identities {
  readonly #host: Host;
  readonly #root: readonly string[];

  /** @param root The first parts of every key. */
  constructor(host: Host, root: readonly string[]) {
    this.#host = host;
    this.#root = root;
  }

  async byId(id: string): Promise<User | undefined> {
    const entry = await this.#host.store.get(this.#key(id));
    return entry?.value as User | undefined;
  }

  /** Keeps what the provider says now. */
  async keep(identity: Identity): Promise<User> {
    const known = await this.byId(identity.id);
    const now = new Date(this.#host.effects.clock.now()).toISOString();
    const user = { ...identity, createdAt: known?.createdAt ?? now };
    // Of two sign-ins at once, either is as of now.
    await this.#host.store.commit({
      sets: [{ key: this.#key(user.id), value: user }],
    });
    return user;
  }

  #key(id: string): readonly string[] {
    return [...this.#root, "identities", id];
  }
}
