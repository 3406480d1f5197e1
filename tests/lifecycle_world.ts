/**
 * A world of modules that write down each step of their lives, for the tests of
 * the life cycle.
 *
 * @module
 */
import { z } from "zod";
import {
  type AnyDefinition,
  defineModule,
  defineService,
  defineWorkflowType,
  type Host,
  ref,
} from "../engine/define.ts";
import type { SimulatedEffects } from "../engine/simulation/effects.ts";
import { startApplication, type TestApplication } from "../engine/testing.ts";

/** Takes part, and may use another that does. */
export interface Part {
  readonly version: number;
  use(): number;
}

/** Modules that take part. */
export const Part = defineService<Part>("part", "takes part");

/** A step in the life of a module or a section. */
export type Hook =
  | "create"
  | "start"
  | "wire"
  | "unwire"
  | "open"
  | "close"
  | "stop";

/** What happened, and what is to go wrong, e.g. `start b`. */
export interface World {
  readonly journal: string[];
  readonly broken: Set<string>;
  readonly hosts: Map<string, Host>;
  readonly definitions: readonly AnyDefinition[];
  app(document: string): Promise<TestApplication<SimulatedEffects>>;
  /** The journal since the last call. */
  since(): string;
}

type Step = (hook: Hook, name: string) => void;

/** A world of modules that write down each step of their lives. */
export function world(): World {
  const journal: string[] = [];
  const broken = new Set<string>();
  const hosts = new Map<string, Host>();
  function step(hook: Hook, name: string): void {
    journal.push(`${hook} ${name}`);
    if (broken.has(`${hook} ${name}`)) throw new Error(`${name} is broken`);
  }
  const definitions = [partType(step, hosts), plainType(), flowType(step)];
  return {
    journal,
    broken,
    hosts,
    definitions,
    app: (document) => startApplication({ document, definitions }),
    since: () => journal.splice(0).join(", "),
  };
}

function partType(step: Step, hosts: Map<string, Host>): AnyDefinition {
  return defineModule({
    type: "part",
    summary: "Takes part",
    stability: "stable",
    config: z.strictObject({
      needs: ref(Part, { implied: "never" }).optional().describe(
        "What it uses",
      ),
      version: z.int().default(1).describe("Changes it"),
    }),
    provides: [Part],
    examples: [],
    create(config, host) {
      const { name } = host;
      step("create", name);
      hosts.set(name, host);
      return {
        version: config.version,
        use: () => config.needs ? host.use(config.needs).version : 0,
        start: () => Promise.resolve().then(() => step("start", name)),
        wire() {
          step("wire", name);
          return () => step("unwire", name);
        },
        open: () => step("open", name),
        close: () => Promise.resolve().then(() => step("close", name)),
        stop: () => step("stop", name),
      };
    },
  });
}

function plainType(): AnyDefinition {
  return defineModule({
    type: "plain",
    summary: "Has no life",
    stability: "stable",
    config: z.strictObject({}),
    provides: [],
    examples: [],
    create: () => ({}),
  });
}

function flowType(step: Step): AnyDefinition {
  return defineWorkflowType({
    type: "flow",
    summary: "Ties parts",
    config: z.strictObject({
      names: z.array(z.string()).default([]).describe("What it answers to"),
      answer: z.int().default(0).describe("What it answers"),
    }),
    wire(config) {
      step("wire", "flow");
      return {
        unwire: () => step("unwire", "flow"),
        definitions: config.names,
        execute: (action, data, workflow) =>
          Promise.resolve({ action, data, workflow, answer: config.answer }),
      };
    },
  });
}

/** Modules of type part, as `name`, `name>dependsOn`, `name@version`. */
export function parts(...entries: readonly string[]): string {
  const modules = entries.map((entry) => {
    const [, name, needs, version] =
      /^(\w+)(?:>(\w+))?(?:@(\d+))?$/.exec(entry) ??
        [];
    return {
      name,
      type: "part",
      config: { ...(needs && { needs }), ...(version && { version }) },
      ...(needs && { dependsOn: [needs] }),
    };
  });
  return JSON.stringify({ modules, workflows: { flow: {} } });
}
