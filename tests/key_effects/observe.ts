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
import { moveMachines, watchTrackers } from "./probe_machines.ts";
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

/**
 * Yields what was to be seen so far, by place, after each act of what is done
 * with every document. Nothing, if it does not load; what was learnt at the end
 * of one act costs no more of them.
 */
export async function* observe(
  { document, scene, folder, definitions }: ObserveOptions,
): AsyncGenerator<ReadonlyMap<string, string>> {
  const sightings = new Sightings();
  const world = watchedWorld(sightings);
  const hosts: Host[] = [];
  const modules = Array.isArray(document.modules) ? document.modules : [];
  const watch = watcher(sightings, (host) => hosts.push(host));
  let app: TestApplication<World>;
  try {
    app = await startApplication({
      document: {
        ...document,
        modules: [...modules, { name: WATCHER, type: WATCHER }],
      },
      definitions: [...definitions, watch],
      effects: world,
      store: memoryStore({ now: world.clock.now }),
      folder,
      strict: true,
    });
  } catch (error) {
    if (error instanceof ConfigError) return;
    sightings.saw(NO_START, messageOf(error));
    return yield sightings.texts();
  }
  const [host] = hosts;
  if (host === undefined) throw new TypeError("Cannot watch without a host");
  const watched = { app, world, host, sightings, original: scene.document };
  const lookBack = backwards(watched);
  try {
    for (const act of acts(watched, scene)) {
      await act();
      await world.calm();
      await lookAt(watched);
      lookBack();
      yield sightings.texts();
    }
  } finally {
    await world.settled(app.stop());
  }
  lookBack();
  await lookInside(watched);
  yield sightings.texts();
}

/** Where it is seen that a document does not start. */
export const NO_START = "the start";

/** How far time passes at a time. */
const WAITS_MS = [100, 10_000, 600_000, 90_000_000] as const;

type Act = () => Promise<void>;

/** The acts, those first that show most. */
function* acts(watched: Watched, scene: Scene): Generator<Act> {
  const { world } = watched;
  yield () => Promise.resolve();
  yield () => askScene(watched, scene);
  yield () => askEverything(watched);
  yield async () => {
    watchTrackers(watched);
    await tryBrokers(watched);
    await sendMessages(watched);
  };
  yield async () => {
    await moveMachines(watched);
    await askModules(watched);
  };
  yield async () => {
    await world.pass(WAITS_MS[0]);
    await world.pass(WAITS_MS[1]);
  };
  // What has a window, or is kept for a while, is seen when all comes again.
  yield async () => {
    await askScene(watched, scene);
    await sendMessages(watched);
  };
  yield () => world.pass(WAITS_MS[2]);
  yield () => world.pass(WAITS_MS[3]);
  if (world.calls === 0) return;
  for (const outside of ["failing", "silent"] as const) {
    yield async () => {
      world.outside = outside;
      await askScene(watched, scene);
      await sendMessages(watched);
      await askModules(watched);
      for (const ms of WAITS_MS.slice(0, 3)) await world.pass(ms);
    };
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

/** What was told since the last time. */
function backwards({ app, sightings }: Watched): () => void {
  let lines = 0;
  let cursor = 0;
  return () => {
    for (const { level, message, fields } of app.logs.slice(lines)) {
      if (OF_TEXT.test(message)) continue;
      sightings.saw(`log of ${fields.module}: ${level} ${message}`, fields);
    }
    lines = app.logs.length;
    const { events } = app.engine;
    for (const event of events.since(cursor) ?? []) {
      const { v: _, cursor: __, kind, message, ...fields } = event;
      if (OF_TEXT.test(message)) continue;
      sightings.saw(`event ${kind} of ${fields.module}: ${message}`, fields);
    }
    cursor = events.cursor;
  };
}

async function lookInside({ app, sightings }: Watched): Promise<void> {
  for await (const { key, value } of app.store.list({ prefix: [] })) {
    if (key.some((part) => ECHOES.has(String(part)))) continue;
    sightings.saw(`stored at ${key.map(String).join(" ")}`, value);
  }
}
