/**
 * What every application of an engine shares.
 *
 * @module
 */
import type { Catalog } from "./catalog.ts";
import type { Effects } from "./effects.ts";
import type { EventHub } from "./events.ts";
import type { Application } from "./lifecycle.ts";
import type { Logger } from "./log.ts";
import type { Meter } from "./observe.ts";
import { tracedNetwork } from "./outgoing/traced_network.ts";
import type { Store } from "./store/store.ts";
import { Tracing } from "./tracing.ts";

/** The world of an application. */
export interface Surroundings {
  readonly effects: Effects;
  readonly store: Store;
  readonly log: Logger;
  readonly meter: Meter;
  readonly events: EventHub;
  /** Ties what is wired to other documents; returns what unties it. */
  readonly attach?: (application: Application) => () => void;
  /** Loads the document of an application again. */
  readonly rediscover?: (application: string) => void;
  /** The types of steps that runs may be made of. */
  readonly catalog: Pick<Catalog, "steps">;
  /** Where people reach the management surface, without a slash at its end. */
  readonly publicUrl?: string | undefined;
  /** Takes the values of secrets out of what leaves the engine. */
  readonly redact?: <T>(value: T) => T;
  /** Other processes may be at work on the store. @default {false} */
  readonly isShared?: boolean | undefined;
}

/** The world of one application: what it asks of others is told in its traces. */
export interface Traced extends Surroundings {
  readonly tracing: Tracing;
}

/** The same world, with traces of its own. */
export function traced(around: Surroundings): Traced {
  const { clock, random, ids, network } = around.effects;
  const tracing = new Tracing(around.effects, around.redact);
  const effects = {
    ...{ clock, random, ids },
    network: tracedNetwork(network, tracing),
  };
  return { ...around, effects, tracing };
}
