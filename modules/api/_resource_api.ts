/**
 * What every operation of the resource handler stands on: the resources that a
 * caller may see, their state, and how they are shown.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import type { Claims } from "@engine/services/http_handler.ts";
import type {
  Collection,
  Persistence,
  Resource,
  ResourceData,
} from "@engine/services/persistence.ts";
import type { MachineInstance } from "@engine/services/state_machines.ts";
import { recordsOver } from "@engine/records.ts";
import { Announcements } from "./_announcement.ts";
import { BODY_BYTES_MAX } from "./_body.ts";
import { Caller } from "./_caller.ts";
import type { HandlerConfig } from "./_config.ts";
import { FieldMapping } from "./_field_mapping.ts";
import { idFault } from "./_id.ts";
import { ResourceMachine } from "./_machine.ts";
import { HttpRefusal } from "./_refusal.ts";

/** How a client sees a resource. */
export type ResourceView = {
  readonly id: string;
  readonly data: ResourceData;
  readonly state: string;
  /** When the data or the state changed last, as an ISO date. */
  readonly lastUpdate: string;
};

/** The state of a resource that no state machine keeps and that has none. */
const FIRST_STATE = "new";

/** What a row needs beside its data, in bytes: id, owner, instance, times. */
const ROW_BYTES = 16_384;

/** The resources of one handler. */
export class ResourceApi {
  readonly config: HandlerConfig;
  readonly host: Host;
  readonly mapping: FieldMapping;
  readonly machine: ResourceMachine;
  readonly announcements: Announcements;
  readonly #own: Persistence;

  constructor(config: HandlerConfig, host: Host) {
    this.config = config;
    this.host = host;
    this.mapping = new FieldMapping(config.fieldMapping);
    this.machine = new ResourceMachine(config, host, this.mapping);
    this.announcements = new Announcements(config, host);
    this.#own = recordsOver(host.store, host.effects);
  }

  /** Whether the handler only reads what another one writes. */
  get isView(): boolean {
    return Boolean(this.config.sourceResourceName);
  }

  /** Where the resources are kept. */
  get collection(): Collection {
    const { persistence, resourceName, sourceResourceName } = this.config;
    const keeper = persistence === undefined
      ? this.#own
      : this.host.use(persistence);
    return keeper.collection(sourceResourceName || resourceName);
  }

  caller(claims: Claims | undefined): Caller {
    return new Caller(claims, this.config, this.mapping);
  }

  /**
   * A resource that the caller may see.
   *
   * @throws {HttpRefusal} 404, also where there is one that the caller may not
   * see: an id tells nothing about what others have.
   */
  async visible(id: string, caller: Caller): Promise<Resource> {
    const resource = idFault(id) === undefined
      ? await this.collection.get(id)
      : undefined;
    if (resource !== undefined && caller.maySee(resource)) return resource;
    throw new HttpRefusal(404, `Cannot find "${id}"`);
  }

  /**
   * Requires that a caller may write data, and that there is room for it.
   *
   * @throws {HttpRefusal} 403 outside of the caller's scope, 413 if too large.
   */
  checkWritable(caller: Caller, data: ResourceData): void {
    const field = caller.fieldOutOfScope(data);
    if (field !== undefined) {
      throw new HttpRefusal(
        403,
        `Cannot write the resource: its field "${field}" is not one that the token allows`,
      );
    }
    const room = this.host.store.limits.valueBytes - ROW_BYTES;
    const dataBytesMax = Math.min(BODY_BYTES_MAX, room);
    if (hasAtMost(JSON.stringify(data), dataBytesMax)) return;
    throw new HttpRefusal(
      413,
      `Cannot write the resource: its data is larger than the limit of ${dataBytesMax} bytes`,
    );
  }

  /** The state of a resource that has no instance, or has none yet. */
  ownState({ marks: { state } }: Resource): string {
    const { definition } = this.machine;
    if (definition === undefined) return state ?? FIRST_STATE;
    return state !== undefined && Object.hasOwn(definition.states, state)
      ? state
      : definition.initialState;
  }

  /** The state that data asks for where no state machine keeps it. */
  stateIn(data: ResourceData): string | undefined {
    return this.mapping.readText(data, "state");
  }

  /** How a client sees a resource with this instance, if there is one. */
  view(
    resource: Resource,
    instance: MachineInstance | undefined,
  ): ResourceView {
    const changedAt = Math.max(resource.updatedAt, instance?.updatedAt ?? 0);
    return {
      id: resource.id,
      data: resource.data,
      state: instance?.state ?? this.ownState(resource),
      lastUpdate: new Date(changedAt).toISOString(),
    };
  }
}

/** Marks one state of a resource: of its data and of its instance. */
export function etagOf(
  resource: Resource,
  instance: MachineInstance | undefined,
): string {
  const version = encodeURIComponent(resource.version);
  return `"${version}.${instance?.sequence ?? "-"}"`;
}

/** Whether a text takes at most so many bytes in UTF-8. */
function hasAtMost(text: string, bytes: number): boolean {
  // A code unit takes one to three bytes: most texts need no exact count.
  if (text.length * 3 <= bytes) return true;
  return text.length <= bytes &&
    new TextEncoder().encode(text).length <= bytes;
}
