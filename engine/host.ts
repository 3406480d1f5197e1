/**
 * What a running module or section is given of the application around it.
 *
 * @module
 */
import type { Host } from "./define.ts";
import { allOf, type Generation, provides, useModule } from "./generation.ts";
import type { Application } from "./lifecycle.ts";
import { runReader } from "./run/dispatch.ts";
import { scopedStore } from "./store/scoped.ts";
import type { Traced } from "./surroundings.ts";

/** What a host is made of. */
export interface HostParts extends Traced {
  readonly application: Application;
  /** Aborts when the application stops. */
  readonly signal: AbortSignal;
}

/** Makes the host of a module, or of a section by its type. */
export function makeHost(
  name: string,
  generation: () => Generation,
  parts: HostParts,
): Host {
  const { application, effects, store, log, meter, events, signal } = parts;
  const { id, folder } = application;
  return {
    name,
    application: id,
    folder,
    effects,
    store: scopedStore(store, ["app", id]),
    isShared: parts.isShared ?? false,
    queues: application.queues,
    log: log.with({ application: id, module: name }),
    meter,
    tracing: parts.tracing,
    use: (ref) => useModule(generation(), ref),
    provides: (wanted, service) =>
      provides(generation().modules.get(wanted), service),
    actions: (module) =>
      generation().modules.get(module)?.planned.definition.actions,
    all: (service) => allOf(generation(), service),
    phase: () => application.phase,
    dispatch: (workflow, action, data, options) =>
      application.dispatch(workflow, action, data, options),
    schedules: application.schedules,
    runs: runReader(() => application.runs),
    carried: (path) => application.traffic.count(path),
    rediscover: () => parts.rediscover?.(id),
    notify: (kind, fields) =>
      events.emit(kind, {
        module: name,
        ...fields,
        application: id,
        message: fields.message as string,
      }),
    watch: (listener) =>
      events.watch((event) => {
        if (event.application === application.id) listener(event);
      }),
    signal,
  };
}
