/**
 * Every key of every type does something: a change of it can be seen, or a test
 * shows it. What a type accepts and ignores it declares as inert.
 */
import assert from "node:assert/strict";
import { z } from "zod";
import { definitions } from "../catalog.gen.ts";
import {
  type AnyDefinition,
  defineModule,
  defineStep,
  defineTrigger,
} from "../engine/define.ts";
import { createCatalog } from "../engine/catalog.ts";
import { formatPath, type Path } from "../engine/config/problem.ts";
import { load } from "../engine/mod.ts";
import { HttpHandler } from "../engine/services/http_handler.ts";
import { configKeys, subjectOf } from "./key_effects/config_keys.ts";
import {
  effectsOfKeys,
  type KeyEffect,
} from "./key_effects/effects_of_keys.ts";
import { keptScenes } from "./key_effects/kept_scenes.ts";
import { idleKeys } from "./key_effects/idle_keys.ts";
import { faultOfNaming, testFiles } from "./key_effects/named_tests.ts";
import { changed, configPlaces, placesOf } from "./key_effects/places.ts";
import { scenesOf } from "./key_effects/scene.ts";
import { SHOWN_BY } from "./key_effects/shown_by.ts";
import { standIn } from "./key_effects/stand_in.ts";

const kept = await keptScenes();

/**
 * Types whose clients open sockets of their own, or hash for so long, that no two runs
 * are alike: tests have to show each of their keys.
 */
const NOT_TRIED: ReadonlySet<string> = new Set([
  "module auth.modular",
  "module messaging.kafka",
  "module messaging.nats",
]);

/** How many types are tried at a time: applications mostly wait. */
const AT_ONCE = 6;

Deno.test("every key has an effect", async (t) => {
  const found = new Map<AnyDefinition, readonly KeyEffect[]>();
  const waiting = definitions.values();
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (const each of waiting) found.set(each, await effectsOf(each));
  }));
  for (const [definition, effects] of found) {
    const subject = subjectOf(definition);
    await t.step(subject, () => {
      const idle = effects.filter(({ seen }) => seen.length === 0);
      const keys = idle.map(({ key }) => key);
      assert.deepEqual(keys, [], idleKeys(subject, idle));
    });
  }
});

async function effectsOf(
  definition: AnyDefinition,
): Promise<readonly KeyEffect[]> {
  const subject = subjectOf(definition);
  const shown = SHOWN_BY[subject] ?? {};
  if (NOT_TRIED.has(subject)) {
    return configKeys(definition)
      .filter(({ path }) => !Object.hasOwn(shown, path))
      .map(({ path }) => ({ key: path, seen: [], tried: 0 }));
  }
  return await effectsOfKeys(definition, {
    definitions,
    scenes: scenesOf(definition, definitions, kept),
    except: (key) => Object.hasOwn(shown, key),
  });
}

Deno.test("each document of scenes/ is for types that it holds", () => {
  const faults = kept.flatMap((scene) =>
    (scene.for ?? ["nothing"]).filter((subject) => {
      const definition = definitions.find((each) =>
        subjectOf(each) === subject
      );
      return definition === undefined ||
        configPlaces(scene.document, definition).length === 0;
    })
  );
  assert.deepEqual(faults, []);
});

Deno.test("shown_by.ts names keys that there are, and tests that speak of them", async () => {
  const files = await testFiles();
  const bySubject = new Map(definitions.map((each) => [subjectOf(each), each]));
  const faults = Object.entries(SHOWN_BY).flatMap(([subject, titles]) => {
    const definition = bySubject.get(subject);
    if (definition === undefined) return [`there is no ${subject}`];
    const keys = new Set(configKeys(definition).map(({ path }) => path));
    return Object.entries(titles).flatMap(([key, title]) => {
      const fault = keys.has(key)
        ? faultOfNaming(title, key, files)
        : "there is no such key";
      return fault === undefined ? [] : [`${subject} ${key}: ${fault}`];
    });
  });
  assert.deepEqual(faults, []);
});

Deno.test("each inert key is reported as such, wherever it may stand", () => {
  for (const definition of definitions) {
    for (const key of Object.keys(definition.inert ?? {})) {
      const tried = scenesOf(definition, definitions, kept).flatMap((
        { document },
      ) =>
        placesOf(document, definition, key, true).map((place) =>
          inertReported(changed(document, place, "x"), place)
        )
      );
      assert.ok(
        tried.includes(true),
        `${
          subjectOf(definition)
        }: "${key}" is declared inert, and is reported ` +
          `in none of ${tried.length} documents that have it`,
      );
    }
  }
});

function inertReported(
  document: Readonly<Record<string, unknown>>,
  place: Path,
): boolean {
  const { problems } = load(JSON.stringify(document), {
    ...{ catalog: createCatalog([...definitions, standIn]), file: "test.yaml" },
    sources: { env: () => undefined, secrets: new Map() },
  });
  return problems.some((problem) =>
    problem.code === "inert-key" && problem.path === formatPath(place)
  );
}

Deno.test("a key that nothing reads is found, of each kind of type", async () => {
  const handler = planted();
  assert.deepEqual(await idleOf(handler, [handler]), ["colour", "frame.size"]);
  const step = plantedStep();
  assert.deepEqual(await idleOf(step, [step]), ["colour"]);
  const trigger = plantedTrigger();
  assert.deepEqual(await idleOf(trigger, [trigger]), ["lamps[].colour"]);
});

async function idleOf(
  definition: AnyDefinition,
  more: readonly AnyDefinition[],
): Promise<readonly string[]> {
  const all = [...definitions, ...more];
  const effects = await effectsOfKeys(definition, {
    definitions: all,
    scenes: scenesOf(definition, all, []),
  });
  return effects.filter(({ seen }) => seen.length === 0).map(({ key }) => key);
}

const words = {
  brightness: z.int().min(0).default(1).describe("How bright it is"),
  colour: z.string().default("white").describe("Read by nobody"),
};

function planted(): AnyDefinition {
  return defineModule({
    type: "test.lamp",
    summary: "Answers how bright it is",
    stability: "stable",
    config: z.strictObject({
      ...words,
      frame: z.strictObject({
        size: z.int().default(1).describe("Read by nobody"),
      }).prefault({}).describe("Around it"),
    }),
    provides: [HttpHandler],
    examples: [{
      title: "Answer",
      modules: [
        { name: "server", type: "http.server", config: { address: ":0" } },
        { name: "router", type: "http.router" },
        { name: "lamp", type: "test.lamp", config: { frame: { size: 2 } } },
      ],
      workflows: {
        http: { routes: [{ method: "GET", path: "/", handler: "lamp" }] },
      },
    }],
    create: ({ brightness }) => ({ handle: () => Response.json(brightness) }),
  });
}

function plantedStep(): AnyDefinition {
  return defineStep({
    type: "lamp",
    summary: "Says how bright it is",
    stability: "stable",
    config: z.strictObject(words),
    output: z.unknown(),
    examples: [{
      title: "Say",
      modules: [],
      pipelines: {
        say: { steps: [{ id: "lamp", use: "lamp", with: { brightness: 1 } }] },
      },
      runs: [{ pipeline: "say" }],
    }],
    run: ({ brightness }) => ({ brightness }),
  });
}

function plantedTrigger(): AnyDefinition {
  return defineTrigger({
    type: "lamps",
    summary: "Says how bright they are",
    config: z.strictObject({
      lamps: z.array(z.strictObject(words)).describe("Them"),
    }),
    examples: [{
      title: "Say",
      modules: [],
      triggers: { lamps: { lamps: [{ brightness: 1 }] } },
    }],
    wire({ lamps }, host) {
      lamps.forEach(({ brightness }) => host.log.info(`It has ${brightness}`));
      return { unwire: () => {} };
    },
  });
}
