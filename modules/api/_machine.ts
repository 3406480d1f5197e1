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
import { DEFAULT_INITIAL_TRANSITION, type HandlerConfig } from "./_config.ts";
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

  /**
   * Gives the id for the instance of a resource to `make`, which is to make it:
   * meanwhile no other resource gets this id.
   */
  async withInstanceId<T>(
    id: string,
    data: ResourceData,
    make: (instanceId: string) => Promise<T>,
  ): Promise<T> {
    const { machines } = this;
    const wanted = this.#wantedId(id, data);
    // Left by a resource that was deleted, or of another resource: who names an
    // instance does not come to own it.
    const other = () => make(`${wanted}~${this.#host.effects.ids.next()}`);
    if (machines === undefined) return await make(wanted);
    const given = givenBy(machines);
    if (given.has(wanted)) return await other();
    given.add(wanted);
    try {
      const isTaken = await machines.get(wanted) !== undefined;
      return isTaken ? await other() : await make(wanted);
    } finally {
      given.delete(wanted);
    }
  }

  #wantedId(id: string, data: ResourceData): string {
    const { instanceIDField, instanceIDPrefix } = this.#config;
    const named = ["id", ""].includes(instanceIDField)
      ? undefined
      : this.#mapping.readText(data, instanceIDField);
    return instanceIDPrefix + (named ?? id);
  }

  /** Whether a definition of that name can keep a state. */
  knows(workflow: string | undefined): boolean {
    return workflow !== undefined &&
      this.machines?.definition(workflow) !== undefined;
  }

  /**
   * The instance that keeps the state of a resource. One of another definition
   * than the document names keeps it no more.
   */
  async find({ marks }: Resource): Promise<MachineInstance | undefined> {
    if (marks.instanceId === undefined) return undefined;
    for (const machines of this.#candidates()) {
      const instance = await machines.get(marks.instanceId);
      if (instance === undefined) continue;
      return this.workflow === undefined ||
          this.workflow === instance.definition
        ? instance
        : undefined;
    }
    return undefined;
  }

  /**
   * Makes the instance that a resource is tied to, with its first transition.
   * `undefined` if no machine has the definition, or if the instance is one of
   * another definition.
   */
  async begin(
    resource: Resource,
    workflow: string | undefined,
  ): Promise<MachineInstance | undefined> {
    const { machines } = this;
    const id = resource.marks.instanceId;
    const definition = workflow === undefined
      ? undefined
      : machines?.definition(workflow);
    if (!machines || !definition || id === undefined) return undefined;
    const instance = await machines.get(id) ??
      await this.#make(machines, definition, { id, resource });
    return instance?.definition === workflow ? instance : undefined;
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
    { id, resource }: { readonly id: string; readonly resource: Resource },
  ): Promise<MachineInstance | undefined> {
    const { data, marks: { state } } = resource;
    const { name } = definition;
    const source = `module ${this.#host.name}`;
    if (state !== undefined && Object.hasOwn(definition.states, state)) {
      return await orExisting(
        machines,
        id,
        () => machines.create(name, id, data, { state, source }),
      );
    }
    const first = this.#config.initialTransition || DEFAULT_INITIAL_TRANSITION;
    if (isFrom(definition, first, definition.initialState)) {
      try {
        return await orExisting(
          machines,
          id,
          () => machines.create(name, id, data, { fire: first, source }),
        );
      } catch (error) {
        // A guard may hold it back: then it waits in the initial state.
        if (!(error instanceof RefusedError)) throw error;
      }
    }
    return await orExisting(
      machines,
      id,
      () => machines.create(name, id, data, { source }),
    );
  }

  /** Where an instance may be. A view reads what other handlers have tied. */
  #candidates(): readonly StateMachines[] {
    const { workflowEngine, sourceResourceName } = this.#config;
    if (workflowEngine === undefined && sourceResourceName) {
      return this.#host.all(StateMachines).map(({ service }) => service);
    }
    const { machines } = this;
    return machines === undefined ? [] : [machines];
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

/** The ids that a module's new instances are about to get. */
const given = new WeakMap<StateMachines, Set<string>>();

/** Of all handlers, since several may have their instances in one module. */
function givenBy(machines: StateMachines): Set<string> {
  const ids = given.get(machines) ?? new Set();
  given.set(machines, ids);
  return ids;
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
