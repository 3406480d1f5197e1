/**
 * A small world of types for the tests of the pipeline: lamps, switches that
 * need a lamp, panels that take one if there is one. No test depends on a real
 * module, so that none breaks when a module changes.
 *
 * @module
 */
import { z } from "zod";
import { type Catalog, createCatalog } from "../engine/catalog.ts";
import {
  type AnyDefinition,
  defineModule,
  defineTrigger,
  defineWorkflowType,
  duration,
  ref,
  secret,
} from "../engine/define.ts";
import { load, type Loaded, type LoadOptions } from "../engine/load.ts";
import { defineService } from "../engine/service.ts";

/** Gives light. */
export interface Lamp {
  light(): string;
}

/** Modules that give light. */
export const Lamp = defineService<Lamp>("toy.lamp", "gives light");

/** Turns something on. */
export interface Switch {
  press(): string;
}

/** Modules that turn something on. */
export const Switch = defineService<Switch>("toy.switch", "turns things on");

const lamp = defineModule({
  type: "toy.lamp",
  summary: "Gives light",
  stability: "stable",
  config: z.strictObject({
    colour: z.enum(["red", "green", "blue"]).default("red").describe("Colour"),
    watts: z.int().min(1).max(100).default(60).describe("Power"),
    dimmable: z.boolean().default(false).describe("Whether it can be dimmed"),
    key: secret().optional().describe("Opens it"),
    bulbs: z.array(
      z.strictObject({
        socket: z.string().describe("Where it is screwed in"),
        watts: z.int().optional().describe("Its power"),
      }),
    ).default([]).describe("What burns in it"),
    moods: z.record(
      z.string(),
      z.strictObject({ level: z.int().optional().describe("How bright") }),
    ).default({}).describe("Settings by name"),
    shade: z.union([
      z.string(),
      z.strictObject({
        cloth: z.string().describe("What it is made of"),
        holes: z.int().optional().describe("How many"),
      }),
    ]).optional().describe("What is around it"),
  }),
  provides: [Lamp],
  inert: {
    fuse: "lamps have none",
    "bulbs[].maker": "nobody reads it",
    "moods.*.music": "lamps are silent",
  },
  section: "lighting",
  examples: [],
  create: ({ colour }) => ({ light: () => colour }),
});

const lightSwitch = defineModule({
  type: "toy.switch",
  summary: "Turns a lamp on",
  stability: "stable",
  config: z.strictObject({
    lamp: ref(Lamp).describe("What it turns on"),
    label: z.string().min(1).describe("What stands on it"),
    name: z.string().optional().describe("Not required, unlike surname"),
    surname: z.string().default("").describe("Ends like name"),
    delay: duration().default("5s").describe("How long it waits"),
    kind: z.enum(["toggle", "push"]).default("push").describe("How it works"),
    force: z.number().optional().describe("How hard to press"),
  }),
  provides: [Switch],
  check: ({ label }) =>
    label === "?"
      ? [{
        code: "invalid-value",
        path: ["label"],
        message: "A label says something",
      }]
      : [],
  examples: [],
  create: ({ label }) => ({ press: () => label }),
});

const panel = defineModule({
  type: "toy.panel",
  summary: "Shows what is on",
  stability: "experimental",
  config: z.strictObject({
    lamp: ref(Lamp, { conventional: ["main-lamp"] }).optional()
      .describe("What it shows"),
    spare: ref(Lamp, { implied: "never" }).optional().describe("A second one"),
    backup: ref(Lamp, { implied: { when: "alarm" } }).optional()
      .describe("What it shows in an alarm"),
    alarm: z.string().optional().describe("The sound of an alarm"),
    mode: z.enum(["day", "night"]).describe("When it is looked at"),
  }),
  provides: [],
  examples: [],
  create: () => ({}),
});

const mirror = defineModule({
  type: "toy.mirror",
  summary: "Gives the light of another lamp",
  stability: "stable",
  config: z.strictObject({
    lamp: ref(Lamp).optional().describe("Whose light it gives"),
  }),
  provides: [Lamp],
  examples: [],
  create: () => ({ light: () => "silver" }),
});

const wall = defineWorkflowType({
  type: "wall",
  summary: "Ties switches to lamps",
  config: z.strictObject({
    lamp: ref(Lamp, { needed: true }).optional().describe("The light"),
    switches: z.array(
      z.strictObject({
        place: z.string().describe("Where"),
        switch: ref(Switch, {
          edge: { kind: "route", source: "lamp", label: ["place"] },
        }).describe("Which"),
      }),
    ).default([]).describe("What is on the wall"),
    note: z.string().optional().describe("Keeps its ${braces}"),
    headers: z.record(z.string(), z.string()).default({}).describe("Expanded"),
  }),
  wire: () => ({ unwire() {} }),
});

const sunset = defineTrigger({
  type: "sunset",
  summary: "Lights up in the evening",
  config: z.strictObject({ at: z.string().describe("The time") }),
  wire: () => ({ unwire() {} }),
});

/** Every definition of the toy world. */
export const toyDefinitions: readonly AnyDefinition[] = [
  lamp,
  lightSwitch,
  panel,
  mirror,
  wall,
  sunset,
];

/** The toy world as a catalog. */
export const toyCatalog: Catalog = createCatalog(toyDefinitions);

/** Loads a document of the toy world. */
export function loadToy(
  text: string,
  options: Partial<LoadOptions> & {
    readonly env?: Readonly<Record<string, string>>;
  } = {},
): Loaded {
  const { env = {}, ...rest } = options;
  return load(text, {
    catalog: toyCatalog,
    file: "toy.yaml",
    sources: { env: (name) => env[name], secrets: new Map() },
    ...rest,
  });
}

/** The problems of a text, in short: `code line:column path`. */
export function toyProblems(
  text: string,
  options: Parameters<typeof loadToy>[1] = {},
): string[] {
  return loadToy(text, options).problems.map(({ code, line, column, path }) =>
    `${code} ${line}:${column} ${path}`
  );
}
