/**
 * What schedules need of the application around them.
 *
 * @module
 */
import type { DispatchOptions, JsonObject } from "../define.ts";
import type { Effects } from "../effects.ts";
import type { Application } from "../lifecycle.ts";
import type { Surroundings } from "../surroundings.ts";
import type { Logger } from "../log.ts";
import { scopedStore } from "../store/scoped.ts";
import type { Store } from "../store/store.ts";

/** See the module comment. */
export interface ScheduleWorld {
  readonly effects: Pick<Effects, "clock" | "ids">;
  /** The application's own part of the store. */
  readonly store: Store;
  readonly log: Logger;
  /** Tells those who watch. */
  readonly notify: (
    message: string,
    fields: Readonly<Record<string, unknown>>,
  ) => void;
  readonly dispatch: (
    workflow: string,
    action: string,
    data: JsonObject,
    options: DispatchOptions,
  ) => Promise<unknown>;
  /** The names under which `dispatch` finds something. */
  readonly workflows: () => readonly string[];
}

/** How long to wait before the store is asked again after it has failed. */
export const STORE_RETRY_MS = 5_000;

/** The world of an application's schedules. */
export function scheduleWorld(
  application: Pick<Application, "id" | "dispatch" | "workflows">,
  { effects, store, log, events }: Surroundings,
): ScheduleWorld {
  const { id } = application;
  return {
    effects,
    store: scopedStore(store, ["app", id]),
    log: log.with({ application: id, module: "schedules" }),
    notify: (message, fields) =>
      events.emit("notice", {
        severity: "warning",
        ...fields,
        application: id,
        message,
      }),
    dispatch: (...call) => application.dispatch(...call),
    workflows: () => application.workflows(),
  };
}
