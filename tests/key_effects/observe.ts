/**
 * Starts a document in a simulated world, does with it whatever can be done with
 * any, and tells what was to be seen from outside.
 *
 * @module
 */
import type { AnyDefinition, Host } from "../../engine/define.ts";
import { ConfigError, messageOf } from "../../engine/errors.ts";
import {
  startApplication,
  type TestApplication,
} from "../../engine/testing.ts";
import { memoryStore } from "../../engine/store/memory.ts";
import { HealthReporter } from "../../engine/services/health_reporter.ts";
import { HttpServer } from "../../engine/services/http_server.ts";
import type { DocumentData } from "./places.ts";
import { askEverything, askScene } from "./probe_http.ts";
import { moveMachines } from "./probe_machines.ts";
import { askModules } from "./probe_modules.ts";
import { sendMessages, tryBrokers } from "./probe_messages.ts";
import type { Scene } from "./scene.ts";
import { Sightings } from "./sightings.ts";
import { WATCHER, watcher } from "./watcher.ts";
import { watchedWorld, type World } from "./world.ts";

/** What a probe works on. */
export interface Watched {
  readonly app: TestApplication<World>;
  readonly world: World;
  readonly host: Host;
  readonly sightings: Sightings;
  /** The document as it was before the change. */
  readonly original: DocumentData;
}

/** What is watched, and how. */
export interface ObserveOptions {
  readonly document: DocumentData;
  readonly scene: Scene;
  readonly folder: string;
  readonly definitions: readonly AnyDefinition[];
}

/** What is to be seen, by place; `undefined` if the document does not load. */
export async function observe(
  { document, scene, folder, definitions }: ObserveOptions,
): Promise<ReadonlyMap<string, string> | undefined> {
  const sightings = new Sightings();
  const world = watchedWorld(sightings);
  let host: Host | undefined;
  const modules = document.modules;
  const watch = watcher(sightings, (given) => host = given);
  let app: TestApplication<World>;
  try {
    app = await startApplication({
      document: {
        ...document,
        modules: [
          ...Array.isArray(modules) ? modules : [],
          { name: WATCHER, type: WATCHER },
        ],
      },
      definitions: [...definitions, watch],
      effects: world,
      store: memoryStore({ now: world.clock.now }),
      folder,
      strict: true,
    });
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    sightings.saw("the start", messageOf(error));
    return sightings.texts();
  }
  if (host === undefined) throw new TypeError("Cannot watch without a host");
  try {
    await goThrough(
      { app, world, host, sightings, original: scene.document },
      scene,
    );
  } finally {
    await world.settled(app.stop());
  }
  await lookBack(app, sightings);
  return sightings.texts();
}

/** How far time passes at a time. */
const WAITS_MS = [100, 10_000, 600_000, 90_000_000] as const;

async function goThrough(watched: Watched, scene: Scene): Promise<void> {
  const { world } = watched;
  await world.rest();
  await lookAt(watched);
  await askScene(watched, scene);
  await askEverything(watched);
  await tryBrokers(watched);
  await sendMessages(watched);
  await moveMachines(watched);
  await askModules(watched);
  await lookAt(watched);
  for (const ms of WAITS_MS) {
    await world.pass(ms);
    await lookAt(watched);
  }
  if (world.calls === 0) return;
  for (const outside of ["failing", "silent"] as const) {
    world.outside = outside;
    await askScene(watched, scene);
    await sendMessages(watched);
    await askModules(watched);
    for (const ms of WAITS_MS.slice(0, 3)) await world.pass(ms);
    await lookAt(watched);
  }
}

/** How everything is now. */
async function lookAt({ app, world, sightings }: Watched): Promise<void> {
  const { application } = app;
  for (const { name, service } of application.all(HttpServer)) {
    sightings.saw(`addresses of ${name}`, service.addresses());
  }
  for (const { name, state } of application.modules()) {
    sightings.saw(`state of ${name}`, state);
  }
  for (const { name, service } of application.all(HealthReporter)) {
    const health = await world.settled(service.health());
    sightings.saw(
      `health of ${name}`,
      health instanceof Error ? health.message : [service.healthName, health],
    );
  }
  sightings.saw("messages queued", await application.queues.depth() ?? 0);
}

/** What is said of a document is not what it does. */
const OF_TEXT = /^test\.yaml:|has no effect/;

/** Parts of keys under which the store holds what the document says, used or not. */
const ECHOES: ReadonlySet<string> = new Set(["run", "runs", "schedule"]);

async function lookBack(
  { logs, events, store }: TestApplication<World>,
  sightings: Sightings,
): Promise<void> {
  for (const { level, message, fields } of logs) {
    if (OF_TEXT.test(message)) continue;
    sightings.saw(`log of ${fields.module}: ${level} ${message}`, fields);
  }
  for (const { v: _, cursor: __, kind, message, ...fields } of events) {
    if (OF_TEXT.test(message)) continue;
    sightings.saw(`event ${kind} of ${fields.module}: ${message}`, fields);
  }
  for await (const { key, value } of store.list({ prefix: [] })) {
    if (key.some((part) => ECHOES.has(String(part)))) continue;
    sightings.saw(`stored at ${key.map(String).join(" ")}`, value);
  }
}
