/**
 * What lists of components show beside what each is: what it has done, which of
 * its versions runs, and whether it was sent.
 *
 * @module
 */
import type { Engine, UserCode } from "../engine/mod.ts";
import type { FoundComponent } from "../platform/components.ts";

/** See the module comment. */
export type Details = ReturnType<UserCode["counts"]> & {
  /** Null if nothing runs, or if what runs is not kept. */
  readonly version: number | null;
  readonly added: boolean;
};

/**
 * Finds them. Versions are remembered by their hash: lists are asked for every
 * few seconds, and the versions of a component come with their texts.
 */
export class ComponentDetails {
  readonly #engine: Engine;
  readonly #versions = new WeakMap<
    UserCode,
    { readonly key: string; readonly version: number }
  >();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** In the order of `all`. */
  async of(all: readonly FoundComponent[]): Promise<readonly Details[]> {
    const added = new Set<string>();
    for (const id of new Set(all.map(({ application }) => application.id))) {
      const modules = await this.#engine.added(id);
      modules.forEach(({ name }) => added.add(`${id}/${name}`));
    }
    return await Promise.all(all.map(async ({ id, application, code }) => ({
      ...code.counts(),
      version: await this.#versionOf(code),
      added: added.has(`${application.id}/${id}`),
    })));
  }

  async #versionOf(code: UserCode): Promise<number | null> {
    const { hash } = code.manifest();
    if (hash === undefined) return null;
    // The same code may run again as a later version: that is a swap.
    const key = `${hash}/${code.counts().swaps}`;
    const known = this.#versions.get(code);
    if (known?.key === key) return known.version;
    const found = (await code.versions()).find((one) => one.hash === hash);
    if (found === undefined) return null;
    this.#versions.set(code, { key, version: found.version });
    return found.version;
  }
}
