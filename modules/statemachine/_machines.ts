/**
 * State machines on a store: puts ledger, hooks and the runner of their work
 * together.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import type {
  CreateOptions,
  FireOptions,
  HistoryEntry,
  Hook,
  InstanceCounts,
  InstanceFilter,
  InstancePage,
  MachineData,
  MachineInstance,
  StateMachines,
} from "@engine/services/state_machines.ts";
import type { MachineDefinition } from "@engine/state/definition.ts";
import type { HookWork } from "@engine/state/hook_work.ts";
import { Announcer, type Listener } from "./_announcer.ts";
import { Committer } from "./_committer.ts";
import { atMost, GRACE_MS } from "../_grace.ts";
import { workOf } from "./_hook_work.ts";
import { countInstances, pageOfInstances } from "./_instance_page.ts";
import { Ledger } from "./_ledger.ts";
import type { Present } from "./_present.ts";
import { Registry } from "./_registry.ts";
import { Rows } from "./_rows.ts";
import { Settlement } from "./_settlement.ts";
import { firing } from "./_spans.ts";
import { Strays } from "./_strays.ts";
import { TaskRunner } from "./_task_runner.ts";
import { Turns } from "../_turns.ts";

/** See the module comment. */
export class Machines implements StateMachines, Present {
  readonly announcer: Announcer;
  readonly registry = new Registry();
  runner: TaskRunner | undefined;
  readonly #host: Host;
  readonly #rows: Rows;
  readonly #ledger: Ledger;
  readonly #settlement: Settlement;
  readonly #strays: Strays;

  constructor(host: Host) {
    this.#host = host;
    this.#rows = new Rows(host.store, host.name);
    this.announcer = new Announcer(host, this.#rows);
    const present = () => this.#present();
    const committer = new Committer(this.#rows, host, present);
    const parts = { host, present, committer, turns: new Turns() };
    this.#strays = new Strays(host, this.#rows);
    this.#ledger = new Ledger({ ...parts, strays: this.#strays });
    this.#settlement = new Settlement(parts);
  }

  define(
    definitions: readonly MachineDefinition[],
    hooks: readonly Hook[],
  ): () => void {
    const undo = this.registry.add({ definitions, hooks });
    this.runner?.wake();
    return undo;
  }

  definition(name: string): MachineDefinition | undefined {
    return this.#present().registry.definition(name);
  }

  definitions(): readonly MachineDefinition[] {
    return this.#present().registry.definitions();
  }

  create(
    definition: string,
    id: string,
    data: MachineData,
    options?: CreateOptions,
  ): Promise<MachineInstance> {
    return this.#ledger.create(definition, id, data, options);
  }

  fire(
    id: string,
    transition: string,
    options: FireOptions = {},
  ): Promise<MachineInstance> {
    const { tracing } = this.#host;
    if (!tracing.active) return this.#ledger.fire(id, transition, options);
    return firing(
      tracing,
      id,
      transition,
      () => this.#ledger.fire(id, transition, options),
    );
  }

  async get(id: string): Promise<MachineInstance | undefined> {
    return (await this.#rows.readInstance(id))?.instance;
  }

  async history(id: string): Promise<readonly HistoryEntry[]> {
    return await Array.fromAsync(this.#rows.history(id));
  }

  async *list(
    options: {
      readonly definition?: string;
      readonly state?: string;
      readonly limit?: number;
    } = {},
  ): AsyncGenerator<MachineInstance> {
    const { definition, state, limit = Infinity } = options;
    let left = limit;
    for await (const instance of this.#rows.instances()) {
      if (left <= 0) return;
      if (definition !== undefined && instance.definition !== definition) {
        continue;
      }
      if (state !== undefined && instance.state !== state) continue;
      left--;
      yield instance;
    }
  }

  page(
    filter: InstanceFilter,
    options: { readonly limit: number; readonly after?: string | undefined },
  ): Promise<InstancePage> {
    return pageOfInstances(this.#rows, filter, options);
  }

  count(filter: InstanceFilter): Promise<InstanceCounts> {
    return countInstances(this.#rows, filter);
  }

  work(
    id: string,
    history: readonly HistoryEntry[],
  ): Promise<readonly HookWork[]> {
    return workOf(this.#rows, this.#host, { id, history });
  }

  onCommitted(listener: Listener): () => void {
    return this.announcer.listen(listener);
  }

  async idle(): Promise<void> {
    await this.runner?.idle();
    await this.announcer.published();
  }

  /** Takes up the work that the store holds. */
  async open(): Promise<void> {
    const runner = new TaskRunner({
      host: this.#host,
      rows: this.#rows,
      settlement: this.#settlement,
      registry: this.registry,
      outbox: this.announcer.outbox,
      stateOf: async (id) => (await this.get(id))?.state,
    });
    this.runner = runner;
    await this.#strays.find();
    void this.announcer.active.begin(this.#rows.everyInstance());
    await runner.begin();
  }

  async close(): Promise<void> {
    await this.runner?.end(this.#host.phase() === "stopping");
    this.runner = undefined;
    await atMost(
      GRACE_MS,
      this.#host.effects.clock,
      this.announcer.published(),
    );
    this.announcer.outbox.end();
    this.announcer.active.end();
  }

  /** This one, or the one that a reload has put in its place. */
  #present(): Present {
    const { name, phase, use } = this.#host;
    if (this.runner !== undefined || phase() !== "running") return this;
    const present = use<StateMachines>(name);
    return present instanceof Machines ? present : this;
  }
}
