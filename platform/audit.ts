/**
 * Who changed what over the management surface, in the order in which it came.
 *
 * @module
 */
import type { Effects, JsonValue, Store } from "../engine/mod.ts";

/** How long an entry is kept, in milliseconds: 90 days. */
export const AUDIT_MS = 90 * 24 * 60 * 60 * 1_000;

/** Entries of one page. */
export const AUDIT_PAGE_MAX = 500;

/** One call that changed something, or was to. An alias, so that it is JSON. */
export type AuditEntry = {
  /** Ascends with time. */
  readonly id: string;
  /** In milliseconds since 1970. */
  readonly at: number;
  /** `token`, or `session` with the first characters of its hash. */
  readonly who: string;
  readonly method: string;
  readonly path: string;
  /** The status of the answer. */
  readonly status: number;
};

/** What the log needs of the world. */
export interface AuditWorld {
  readonly store: Store;
  readonly effects: Pick<Effects, "clock" | "ids">;
}

const KEY = ["management", "audit"] as const;

/** See the module comment. */
export class Audit {
  readonly #world: AuditWorld;

  constructor(world: AuditWorld) {
    this.#world = world;
  }

  /** Writes one down. @throws {Error} The store takes nothing. */
  async note(entry: Omit<AuditEntry, "id" | "at">): Promise<void> {
    const { store, effects } = this.#world;
    const id = effects.ids.next();
    const value: JsonValue = { ...entry, id, at: effects.clock.now() };
    await store.commit({
      sets: [{ key: [...KEY, id], value, expireInMs: AUDIT_MS }],
    });
  }

  /** The newest first. @param before Only those that came before this one. */
  async list(
    { before, limit = AUDIT_PAGE_MAX }: {
      readonly before?: string | undefined;
      readonly limit?: number;
    } = {},
  ): Promise<readonly AuditEntry[]> {
    const { store } = this.#world;
    const entries = await Array.fromAsync(store.list({ prefix: [...KEY] }, {
      reverse: true,
      limit: Math.min(limit, AUDIT_PAGE_MAX),
      ...before === undefined ? {} : { after: [...KEY, before] },
    }));
    return entries.map(({ value }) => value as AuditEntry);
  }
}
