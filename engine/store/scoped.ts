/**
 * A part of a store that looks like a whole one.
 *
 * @module
 */
import type { Batch, Entry, Key, ListOptions, Range, Store } from "./store.ts";

/**
 * The entries under `prefix`, with keys that do not show it. Closing it does
 * nothing: whoever opened the store closes it.
 */
export function scopedStore(store: Store, prefix: Key): Store {
  const inside = (key: Key): Key => [...prefix, ...key];
  const outside = (entry: Entry): Entry => ({ ...entry, key: entry.key.slice(prefix.length) });
  const visible = (entry: Entry | undefined) => entry && outside(entry);
  return {
    limits: store.limits,
    get: async (key) => visible(await store.get(inside(key))),
    getMany: async (keys) => (await store.getMany(keys.map(inside))).map(visible),
    async *list(range: Range, options: ListOptions = {}) {
      const within = "prefix" in range
        ? { prefix: inside(range.prefix) }
        : { start: inside(range.start), end: inside(range.end) };
      const after = options.after === undefined ? {} : { after: inside(options.after) };
      for await (const entry of store.list(within, { ...options, ...after })) {
        yield outside(entry);
      }
    },
    commit: (batch: Batch) =>
      store.commit({
        checks: batch.checks?.map((check) => ({ ...check, key: inside(check.key) })) ?? [],
        sets: batch.sets?.map((write) => ({ ...write, key: inside(write.key) })) ?? [],
        deletes: batch.deletes?.map(inside) ?? [],
      }),
    async *watch(keys, signal) {
      for await (const entries of store.watch(keys.map(inside), signal)) {
        yield entries.map(visible);
      }
    },
    close: () => Promise.resolve(),
  };
}
