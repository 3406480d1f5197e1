/**
 * Work that cannot be done as long as the document is as it is: its hook or its
 * state machine is gone. It is not given up, for a name may have been changed by
 * mistake and a payment may hang on it. It waits for a document that has what it
 * needs, and holds up nothing else.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import type { Registry } from "./_registry.ts";
import type { Task, TaskRow } from "./_rows.ts";

/** See the module comment. */
export class Parked {
  readonly #host: Host;
  readonly #registry: Registry;
  readonly #rows: TaskRow[] = [];
  readonly #told = new Set<string>();

  constructor(host: Host, registry: Registry) {
    this.#host = host;
    this.#registry = registry;
  }

  /** Keeps a task that cannot be done; returns whether it does. */
  keeps(row: TaskRow): boolean {
    const lack = this.#lackOf(row.task);
    if (lack === undefined) return false;
    this.#rows.push(row);
    this.#tell(row.task, lack);
    return true;
  }

  /** Everything that was kept, to be looked at again. */
  release(): readonly TaskRow[] {
    this.#told.clear();
    return this.#rows.splice(0);
  }

  #lackOf({ event, handlers, position }: Task): string | undefined {
    const { definition } = event;
    if (this.#registry.definition(definition) === undefined) {
      return `the document has no state machine "${definition}"`;
    }
    const name = handlers[position];
    if (name === undefined || this.#registry.handler(name)) return undefined;
    return `no hook of the document has the handler "${name}"`;
  }

  /** Once for each reason: a thousand orders may wait for one name. */
  #tell({ event }: Task, lack: string): void {
    if (this.#told.has(lack)) return;
    this.#told.add(lack);
    const { definition, instanceId, transition } = event;
    const message = `Work waits, that of ${definition} "${instanceId}" after ` +
      `"${transition}" first: ${lack}`;
    const fields = { definition, instance: instanceId, transition };
    this.#host.notify("notice", { message, severity: "error", ...fields });
    this.#host.log.error(message, fields);
  }
}
