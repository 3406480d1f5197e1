/**
 * Ties a resource to the state machine instance that keeps its state.
 *
 * A resource is committed first and its instance second. If the process dies in
 * between, whoever touches the resource next finds no instance and makes it then,
 * exactly as the creation would have.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import { RefusedError } from "@engine/errors.ts";
import type { Resource, ResourceData } from "@engine/services/persistence.ts";
import type { MachineDefinition } from "@engine/state/definition.ts";
import { StateConnector } from "@engine/services/state_connector.ts";
import {
  type HistoryEntry,
  type MachineInstance,
  StateMachines,
} from "@engine/services/state_machines.ts";
import type { HandlerConfig } from "./_config.ts";
import type { FieldMapping } from "./_field_mapping.ts";
import { isSameJson } from "./_json.ts";

/** The machines of one kind of resource. */
export class ResourceMachine {
  readonly #config: HandlerConfig;
  readonly #host: Host;
  readonly #mapping: FieldMapping;

  constructor(config: HandlerConfig, host: Host, mapping: FieldMapping) {
    this.#config = config;
    this.#host = host;
    this.#mapping = mapping;
  }

  /** The definition that every resource runs through, if the document names one. */
  get workflow(): string | undefined {
    return this.#config.workflowType || undefined;
  }

  /** The definition of that name, if a machine has it. */
  get definition(): MachineDefinition | undefined {
    const { workflow } = this;
    return workflow === undefined
      ? undefined
      : this.machines?.definition(workflow);
  }

  /** The module that keeps the instances, if the document has one. */
  get machines(): StateMachines | undefined {
    const { workflowEngine, resourceName } = this.#config;
    if (workflowEngine !== undefined) return this.#host.use(workflowEngine);
    for (const { service } of this.#host.all(StateConnector)) {
      const machines = service.machinesFor(resourceName);
      if (machines !== undefined) return machines;
    }
    return this.#host.all(StateMachines)[0]?.service;
  }

  /** The id for the instance of a resource that is about to be made. */
  async newInstanceId(id: string, data: ResourceData): Promise<string> {
    const wanted = this.#wantedId(id, data);
    // A field of its own names an instance that may well be there already.
    if (this.#config.instanceIDField !== "id") return wanted;
    const taken = await this.machines?.get(wanted);
    // Left by a resource that was deleted, or of another resource: not ours.
    return taken ? `${wanted}~${this.#host.effects.ids.next()}` : wanted;
  }

  /** The id of the instance of a resource, whether or not there is one yet. */
  instanceIdOf(resource: Resource): string {
    return resource.marks.instanceId ??
      this.#wantedId(resource.id, resource.data);
  }

  /** The instance that keeps the state of a resource. */
  async find(resource: Resource): Promise<MachineInstance | undefined> {
    const { workflow } = this;
    if (workflow === undefined && resource.marks.instanceId === undefined) {
      return undefined;
    }
    const id = this.instanceIdOf(resource);
    for (const machines of this.#candidates()) {
      const instance = await machines.get(id);
      if (instance === undefined) continue;
      if (workflow === undefined || instance.definition === workflow) {
        return instance;
      }
    }
    return undefined;
  }

  /**
   * The instance of a resource; made, with its first transition, if there is
   * none. `undefined` if no machine has the definition.
   */
  async begin(
    resource: Resource,
    workflow = this.workflow,
  ): Promise<MachineInstance | undefined> {
    const { machines } = this;
    const definition = workflow === undefined
      ? undefined
      : machines?.definition(workflow);
    if (machines === undefined || definition === undefined) return undefined;
    const id = this.instanceIdOf(resource);
    return await machines.get(id) ??
      await this.#make(machines, definition, resource);
  }

  /** The fields of a resource that its instance does not have as they are. */
  newsFor(instance: MachineInstance, resource: Resource): ResourceData {
    if (resource.marks.isAhead !== true) return {};
    return Object.fromEntries(
      Object.entries(resource.data).filter(([name, value]) =>
        !isSameJson(value, instance.data[name])
      ),
    );
  }

  /** What an instance went through. */
  async history(instance: MachineInstance): Promise<readonly HistoryEntry[]> {
    for (const machines of this.#candidates()) {
      if (await machines.get(instance.id) === undefined) continue;
      return await machines.history(instance.id);
    }
    return [];
  }

  async #make(
    machines: StateMachines,
    definition: MachineDefinition,
    resource: Resource,
  ): Promise<MachineInstance | undefined> {
    const { data, marks: { state } } = resource;
    const id = this.instanceIdOf(resource);
    const { name } = definition;
    if (state !== undefined && Object.hasOwn(definition.states, state)) {
      return await orExisting(
        machines,
        id,
        () => machines.create(name, id, data, { state }),
      );
    }
    const first = this.#config.initialTransition;
    if (isFrom(definition, first, definition.initialState)) {
      try {
        const create = { definition: name, data };
        return await machines.fire(id, first, { definition: name, create });
      } catch (error) {
        // A guard may hold it back: then it waits in the initial state.
        if (!(error instanceof RefusedError)) throw error;
      }
    }
    return await orExisting(
      machines,
      id,
      () => machines.create(name, id, data),
    );
  }

  #candidates(): readonly StateMachines[] {
    const { workflowEngine } = this.#config;
    return workflowEngine !== undefined
      ? [this.#host.use(workflowEngine)]
      : this.#host.all(StateMachines).map(({ service }) => service);
  }

  #wantedId(id: string, data: ResourceData): string {
    const { instanceIDField, instanceIDPrefix } = this.#config;
    const named = instanceIDField === "id"
      ? undefined
      : this.#mapping.readText(data, instanceIDField);
    return instanceIDPrefix + (named ?? id);
  }
}

/** Whether a definition has a transition, and has it from a state. */
export function isFrom(
  definition: MachineDefinition,
  transition: string,
  state: string,
): boolean {
  return Object.hasOwn(definition.transitions, transition) &&
    definition.transitions[transition]?.fromState === state;
}

/** What `create` makes, or what another request has made in the meantime. */
async function orExisting(
  machines: StateMachines,
  id: string,
  create: () => Promise<MachineInstance>,
): Promise<MachineInstance | undefined> {
  try {
    return await create();
  } catch (error) {
    const isTaken = error instanceof RefusedError &&
      error.code === "already-exists";
    if (!isTaken) throw error;
    return await machines.get(id);
  }
}
