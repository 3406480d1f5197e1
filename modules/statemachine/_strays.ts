/**
 * Instances that the store has under names that no engine of the document has.
 * An engine that is renamed does not find what it has kept. That must be said,
 * and nothing must be made anew under an id of theirs: an order that is paid for
 * would be paid for again.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import { RefusedError } from "@engine/errors.ts";
import { StateMachines } from "@engine/services/state_machines.ts";
import type { Rows } from "./_rows.ts";

/** See the module comment. */
export class Strays {
  readonly #host: Host;
  readonly #rows: Rows;
  #found: readonly string[] = [];

  constructor(host: Host, rows: Rows) {
    this.#host = host;
    this.#rows = rows;
  }

  /** Finds them, and says so. */
  async find(): Promise<void> {
    this.#found = await Array.fromAsync(this.#rows.modules());
    this.#found = this.#names();
    for (const name of this.#found) {
      const message =
        `The store has instances of "${name}", and the document ` +
        "has no statemachine.engine of this name: if it was renamed, take the " +
        "name back, since they and their work belong to the name";
      this.#host.log.warn(message);
      this.#host.notify("notice", { message, severity: "warning" });
    }
  }

  /**
   * Rejects with a `RefusedError`, `conflict`, if one of them has the id.
   * `undefined` in the common case that there are none: then nobody waits.
   */
  check(id: string): Promise<void> | undefined {
    const names = this.#names();
    return names.length === 0 ? undefined : this.#check(names, id);
  }

  async #check(names: readonly string[], id: string): Promise<void> {
    for (const name of names) {
      if (!await this.#rows.isKept(name, id)) continue;
      throw new RefusedError(
        "conflict",
        `Cannot make "${id}": "${name}", which the document has no longer, ` +
          "has an instance of this id",
      );
    }
  }

  /** A reload may have brought a name back. */
  #names(): readonly string[] {
    if (this.#found.length === 0) return this.#found;
    const present = this.#host.all(StateMachines).map(({ name }) => name);
    return this.#found.filter((name) => !present.includes(name));
  }
}
