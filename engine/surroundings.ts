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
import type { Store } from "./store/store.ts";

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
  /** Other processes may be at work on the store. @default {false} */
  readonly isShared?: boolean | undefined;
}
