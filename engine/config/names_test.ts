import assert from "node:assert/strict";
import { z } from "zod";
import { createCatalog } from "../catalog.ts";
import { defineModule, defineTrigger, defineWorkflowType } from "../define.ts";
import { load } from "../load.ts";

const journeys = defineWorkflowType({
  type: "journeys",
  summary: "Says where one can go",
  config: z.strictObject({
    plans: z.array(z.strictObject({
      name: z.string().meta({ declares: "workflow" }).describe("Its name"),
      ways: z.record(z.string(), z.null()).meta({ declares: "action" })
        .describe("The ways, by name"),
    })).describe("The journeys"),
  }),
  wire: () => ({ unwire() {} }),
});

const ship = defineModule({
  type: "ship",
  summary: "Goes somewhere",
  stability: "stable",
  config: z.strictObject({
    journey: z.string().meta({ scope: "workflow" }).optional()
      .describe("The journey"),
    first: z.string().meta({ scope: "action" }).default("sail")
      .describe("The way that it takes first"),
    then: z.record(
      z.string(),
      z.union([
        z.string().meta({ scope: "action" }),
        z.array(z.string().meta({ scope: "action" })),
      ]),
    ).default({}).describe("The ways that it takes later, by weather"),
  }),
  provides: [],
  examples: [],
  create: () => ({}),
});

const bell = defineTrigger({
  type: "bell",
  summary: "Sends ships on their way",
  config: z.strictObject({
    strokes: z.array(z.strictObject({
      workflow: z.string().meta({ scope: "workflow" }).describe("Which"),
      action: z.string().meta({ scope: "action" }).describe("Which way"),
    })).describe("What each stroke means"),
  }),
  wire: () => ({ unwire() {} }),
});

const JOURNEYS = `
workflows:
  journeys:
    plans:
      - { name: home, ways: { sail: , row:  } }
      - { name: away, ways: { fly:  } }
`;

/** What is wrong with the names of a document. */
function problems(text: string) {
  const catalog = createCatalog([journeys, ship, bell]);
  const sources = { env: () => undefined, secrets: new Map() };
  return load(text, { catalog, file: "a.yaml", sources }).problems;
}

function faults(text: string): string[] {
  return problems(text).map(({ severity, line, code, message, nearest }) =>
    `${line} ${severity} ${code}: ${message} (${nearest})`
  );
}

function strokes(...entries: readonly string[]): string {
  const list = entries.map((entry) => `      - { ${entry} }\n`).join("");
  return `${JOURNEYS}triggers:\n  bell:\n    strokes:\n${list}`;
}

Deno.test("nameProblems() accepts names of workflows, of their types, and of actions", () => {
  const text = strokes(
    "workflow: home, action: row",
    "workflow: away, action: fly",
    "workflow: journeys, action: whatever",
    "workflow: away, action: 'engine:fly'",
  );
  assert.deepEqual(faults(text), []);
});

Deno.test("nameProblems() finds a workflow that nothing defines, with the nearest", () => {
  assert.deepEqual(faults(strokes("workflow: hme, action: row")), [
    '10 warning unresolved-reference: No workflow is called "hme" (home)',
  ]);
});

Deno.test("nameProblems() finds an action that its workflow does not have", () => {
  assert.deepEqual(faults(strokes("workflow: home, action: saill")), [
    '10 warning unresolved-reference: The workflow "home" has no action "saill" (sail)',
  ]);
  assert.equal(faults(strokes("workflow: home, action: fly")).length, 1);
  assert.equal(faults(strokes("workflow: home, action: 'x:fly'")).length, 1);
});

Deno.test("nameProblems() reports errors where the document is strict", () => {
  const text = `strict: true\n${strokes("workflow: hme, action: row")}`;
  assert.deepEqual(problems(text).map(({ severity }) => severity), ["error"]);
});

Deno.test("nameProblems() looks into modules, at what they say and not at defaults", () => {
  const shipWith = (config: string) =>
    `modules:\n  - { name: s, type: ship, config: { ${config} } }\n${JOURNEYS}`;
  assert.deepEqual(faults(shipWith("journey: away")), []);
  assert.deepEqual(faults(shipWith("journey: away, first: sail")), [
    '2 warning unresolved-reference: The workflow "away" has no action "sail" (undefined)',
  ]);
  assert.deepEqual(
    faults(shipWith("journey: home, then: { calm: rov, storm: [sail, rwo] }"))
      .map((fault) => fault.slice(-26)),
    ['has no action "rov" (row)', 'has no action "rwo" (row)'].map((text) =>
      text.padStart(26)
    ),
  );
});

Deno.test("nameProblems() takes an action of any workflow where none is named", () => {
  const shipWith = (config: string) =>
    `modules:\n  - { name: s, type: ship, config: { ${config} } }\n${JOURNEYS}`;
  assert.deepEqual(faults(shipWith("first: fly")), []);
  assert.deepEqual(faults(shipWith("first: swim")), [
    '2 warning unresolved-reference: No workflow has an action "swim" (undefined)',
  ]);
});

Deno.test("nameProblems() says nothing of names that an error may hide", () => {
  const text = strokes("workflow: home, action: row").replace(
    "name: home",
    "name: [home]",
  );
  assert.deepEqual(problems(text).map(({ code }) => code), ["invalid-value"]);
  const other = `${strokes("workflow: hom, action: row")}`
    .replace("workflows:", "workflows:\n  trips: {}");
  assert.deepEqual(problems(other).map(({ code }) => code), [
    "unknown-workflow-type",
  ]);
});

Deno.test("a pipeline that a section makes can be named like any other", () => {
  const drills = defineWorkflowType({
    type: "drills",
    summary: "Makes a pipeline",
    config: z.strictObject({
      name: z.string().meta({ declares: "pipeline" }).describe("Its id"),
    }),
    wire: () => ({ unwire() {} }),
  });
  const alarm = defineTrigger({
    type: "alarm",
    summary: "Begins a pipeline",
    config: z.strictObject({
      pipeline: z.string().meta({ scope: "pipeline" }).describe("Which"),
    }),
    wire: () => ({ unwire() {} }),
  });
  const found = (pipeline: string) =>
    load(
      `workflows: { drills: { name: fire } }\ntriggers: { alarm: { pipeline: ${pipeline} } }`,
      {
        catalog: createCatalog([drills, alarm]),
        file: "a.yaml",
        sources: { env: () => undefined, secrets: new Map() },
      },
    ).problems.map(({ message, nearest }) => `${message} (${nearest})`);
  assert.deepEqual(found("fire"), []);
  assert.deepEqual(found("fir"), ['No pipeline is called "fir" (fire)']);
});
