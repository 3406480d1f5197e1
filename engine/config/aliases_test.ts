import assert from "node:assert/strict";
import { z } from "zod";
import { createCatalog } from "../catalog.ts";
import { defineModule, ref } from "../define.ts";
import { load } from "../load.ts";
import { defineService } from "../service.ts";

const Star = defineService<unknown>("star", "shines");

const star = defineModule({
  type: "star",
  summary: "Shines",
  stability: "stable",
  config: z.strictObject({
    called: z.array(z.string()).default([]).meta({ alias: true })
      .describe("What others call it"),
    twin: ref(Star, { implied: "never" }).optional().describe("Another star"),
  }),
  provides: [Star],
  examples: [],
  create: () => ({}),
});

/** The modules of a sky with what they refer to, or what is wrong. */
function sky(...stars: readonly string[]): readonly string[] {
  const list = stars.map((entry) => `  - { type: star, ${entry} }\n`).join("");
  const { plan, problems } = load(`modules:\n${list}`, {
    catalog: createCatalog([star]),
    file: "a.yaml",
    sources: { env: () => undefined, secrets: new Map() },
  });
  return plan?.modules.map(({ name, config, dependsOn }) =>
    [name, config.twin, ...dependsOn].filter(Boolean).join(" ")
  ) ?? problems.map(({ line, message }) => `${line} ${message}`);
}

Deno.test("withoutAliases() leads references and dependsOn to the module that is meant", () => {
  assert.deepEqual(
    sky(
      "name: venus, config: { called: [evening, morning] }",
      "name: moon, config: { twin: morning }, dependsOn: [evening]",
    ),
    ["venus", "moon venus venus"],
  );
});

Deno.test("withoutAliases() prefers a module of that name, then the first in the file", () => {
  assert.deepEqual(
    sky(
      "name: a, config: { called: [b, x] }",
      "name: b, config: { called: [x] }",
      "name: c, config: { twin: b }, dependsOn: [x]",
    ),
    ["a", "b", "c b a"],
  );
});

Deno.test("withoutAliases() leaves what nobody is called as it is", () => {
  assert.deepEqual(
    sky("name: a, config: { called: [x] }", "name: b, config: { twin: y }"),
    ['3 No module is called "y"'],
  );
});

Deno.test("withoutAliases() keeps a circle a circle", () => {
  assert.deepEqual(
    sky("name: a, config: { called: [x] }, dependsOn: [x]"),
    ["2 Modules depend on each other in a circle: a → a"],
  );
});
