/**
 * How many instances are not complete, as a gauge. What earlier processes have
 * left is counted while the engine is at work already: it may be a million.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import { messageOf } from "@engine/errors.ts";
import type { MachineInstance } from "@engine/services/state_machines.ts";

/** See the module comment. */
export class ActiveCount {
  readonly #host: Host;
  readonly #counted = new Map<string, number>();
  /** Of what has changed since the count began: whether it was active then. */
  #wasActive: Map<string, boolean> | undefined;

  constructor(host: Host) {
    this.#host = host;
  }

  /** An instance has changed, or is new. */
  changed(before: MachineInstance | undefined, after: MachineInstance): void {
    const was = before !== undefined && !before.completed;
    if (this.#wasActive?.has(after.id) === false) {
      this.#wasActive.set(after.id, was);
    }
    const change = Number(!after.completed) - Number(was);
    if (change !== 0) this.#add(after.definition, change);
  }

  /** Counts what there is. Without anybody who counts there is nothing to do. */
  async begin(instances: AsyncIterable<MachineInstance>): Promise<void> {
    if (!this.#host.meter.isExact) return;
    const wasActive = this.#wasActive = new Map<string, boolean>();
    try {
      for await (const { id, definition, completed } of instances) {
        if (this.#wasActive !== wasActive) return;
        if (wasActive.get(id) ?? !completed) this.#add(definition, 1);
      }
    } catch (error) {
      if (this.#wasActive !== wasActive) return;
      this.#host.log.warn(
        `Cannot count the instances that are not complete: ${messageOf(error)}`,
      );
    }
    this.#wasActive = undefined;
  }

  /** Takes back what was counted: whoever opens next counts anew. */
  end(): void {
    this.#wasActive = undefined;
    for (const [definition, counted] of this.#counted) {
      this.#add(definition, -counted);
    }
  }

  #add(definition: string, change: number): void {
    const counted = this.#counted.get(definition) ?? 0;
    this.#counted.set(definition, counted + change);
    const labels = { workflow_type: definition };
    this.#host.meter.record("active_workflows", labels, change);
  }
}
