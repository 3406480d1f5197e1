import assert from "node:assert/strict";
import { z } from "zod";
import { catalog } from "../../catalog.gen.ts";
import { createCatalog } from "../catalog.ts";
import { PROBLEM_CODES } from "../config/problem.ts";
import {
  defineModule,
  defineService,
  defineTrigger,
  defineWorkflowType,
  ref,
  secret,
} from "../define.ts";
import { definitionPage } from "./definition_page.ts";
import { docsPages } from "./docs.ts";

const Lamp = defineService<{ light(): void }>("toy.lamp", "gives light");

const lamp = defineModule({
  type: "toy.lamp",
  summary: "Gives light",
  stability: "beta",
  config: z.strictObject({
    watts: z.int().min(1).default(60).describe("Power | heat"),
    colour: z.enum(["red", "blue"]).describe("Its colour")
      .meta({ examples: ["red"] }),
    key: secret().optional().describe("Opens it"),
    twin: ref(Lamp).optional().describe("Another one"),
    spare: ref(Lamp, { implied: { when: "key" } }).optional()
      .describe("A third"),
    mood: z.discriminatedUnion("kind", [
      z.strictObject({
        kind: z.literal("calm").describe("Which"),
        level: z.int().describe("How much"),
      }),
      z.strictObject({ kind: z.literal("wild").describe("Which") }),
    ]).optional().describe("How it feels"),
    note: z.union([z.string(), z.array(z.string())]).optional()
      .describe("A note"),
    bulbs: z.array(
      z.strictObject({ socket: z.string().describe("Where") }),
    ).default([]).describe("What burns"),
  }),
  provides: [Lamp],
  inert: { fuse: "lamps have none" },
  section: "lighting",
  metrics: {
    toy_light_seconds: { kind: "counter", help: "Time lit", labels: ["lamp"] },
  },
  examples: [{
    title: "In the hall",
    modules: [{ name: "hall", type: "toy.lamp", config: { colour: "red" } }],
    workflows: { wall: {} },
    exchanges: [
      {
        request: { method: "PUT", path: "/lamp?x='1'", body: { on: true } },
        response: { status: 200, headers: { etag: "1" }, body: { on: true } },
      },
      {
        request: {
          method: "GET",
          path: "/lamp",
          headers: { accept: "text/plain" },
        },
        response: { status: 200, body: "lit\n" },
      },
      {
        request: { method: "HEAD", path: "/lamp" },
        response: { status: 204 },
      },
    ],
  }],
  create: () => ({ light() {} }),
});

const wall = defineWorkflowType({
  type: "wall",
  summary: "Ties lamps",
  config: z.strictObject({}),
  wire: () => ({ unwire() {} }),
});

const dusk = defineTrigger({
  type: "dusk",
  summary: "Lights up",
  config: z.strictObject({}),
  wire: () => ({ unwire() {} }),
});

const PAGE = definitionPage(lamp);

function has(...lines: readonly string[]): void {
  for (const line of lines) {
    assert.ok(PAGE.includes(`${line}\n`), `${line}\n${PAGE}`);
  }
}

Deno.test("definitionPage() tells what a type is and does", () => {
  has(
    "# toy.lamp",
    "Gives light.",
    "| Stability | beta: a release may change its keys, and says so |",
    "| Provides | `toy.lamp` (gives light) |",
    "| Default config | the top-level key `lighting` |",
  );
});

Deno.test("definitionPage() has a row for each key, with those of inner maps", () => {
  has(
    "| Key | Type | Default | Description |",
    "| `watts` | whole number from 1 | `60` | Power \\| heat |",
    '| `colour` | `"red"`, `"blue"` | **required** | Its colour; for example `"red"` |',
    "| `key` | string, secret |  | Opens it |",
    "| `twin` | name of a module that provides `toy.lamp` | a module that fits | Another one |",
    "| `spare` | name of a module that provides `toy.lamp` | a module that fits, with `key` | A third |",
    "| `mood` | map |  | How it feels |",
    '| `mood.kind` (Calm) | `"calm"` | **required** | Which |',
    "| `mood.level` (Calm) | whole number | **required** | How much |",
    '| `mood.kind` (Wild) | `"wild"` | **required** | Which |',
    "| `note` | string, or list of: string |  | A note |",
    "| `bulbs` | list of: map | `[]` | What burns |",
    "| `bulbs[].socket` | string | **required** | Where |",
  );
});

Deno.test("definitionPage() lists inert keys and metrics", () => {
  has(
    "| `fuse` | lamps have none |",
    "| `toy_light_seconds` | counter | `lamp` | Time lit |",
  );
});

Deno.test("definitionPage() shows each example with its exchanges", () => {
  has(
    "## Example: In the hall",
    "  - name: hall",
    `curl -i -X PUT -H 'content-type: application/json' --data-binary '{"on":true}' "$ADDRESS/lamp?x='1'"`,
    "answers 200, `etag: 1` and JSON that holds:",
    `curl -i -H 'accept: text/plain' "$ADDRESS/lamp"`,
    "answers 200 and the text:",
    'curl -I "$ADDRESS/lamp"',
    "answers 204.",
  );
});

Deno.test("definitionPage() says where a section stands, and shows it at work", () => {
  const page = definitionPage(wall, createCatalog([lamp, wall]));
  assert.match(
    page,
    /^# wall\n\nTies lamps\.\n\nStands .* `workflows\.wall`\.\n/,
  );
  assert.match(page, /There is nothing to set\./);
  assert.match(page, /## Example: In the hall\n/);
});

Deno.test("definitionPage() prefers a section's own examples", () => {
  const own = { title: "At home", modules: [], triggers: { dusk: {} } };
  const page = definitionPage(
    { ...dusk, examples: [own] },
    createCatalog([lamp, wall]),
  );
  assert.match(page, /## Example: At home\n/);
});

Deno.test("docsPages() has a page for each type and code, and an index of each kind", () => {
  const pages = docsPages(
    createCatalog([lamp, wall, dusk, ...catalog.modules.values()]),
  );
  for (
    const path of [
      "README.md",
      "modules/README.md",
      "modules/toy.lamp.md",
      "workflows/README.md",
      "workflows/wall.md",
      "triggers/README.md",
      "triggers/dusk.md",
      "pipelines/README.md",
      "problems/README.md",
      ...Object.keys(PROBLEM_CODES).map((code) => `problems/${code}.md`),
    ]
  ) assert.ok(pages.has(path), path);
  assert.match(
    pages.get("modules/README.md") ?? "",
    /\| \[toy\.lamp\]\(toy\.lamp\.md\) \| Gives light \| beta \| `toy\.lamp` \|/,
  );
  assert.match(
    pages.get("triggers/README.md") ?? "",
    /\| \[dusk\]\(dusk\.md\) \| Lights up \|/,
  );
});

Deno.test("docsPages() links only to pages that it has", () => {
  const pages = docsPages(catalog);
  for (const [path, text] of pages) {
    for (const [, target = ""] of text.matchAll(/\]\(([^)\s]+\.md)\)/g)) {
      const { pathname } = new URL(target, `http://docs/${path}`);
      assert.ok(pages.has(pathname.slice(1)), `${path} links to ${target}`);
    }
  }
});

Deno.test("the page of a problem prints what the engine prints", () => {
  const page = docsPages(catalog).get("problems/unknown-type.md") ?? "";
  assert.match(page, /type: http\.ruoter\n/);
  assert.match(
    page,
    /app\.yaml:3:11 {2}error {2}unknown-type {2}No module type is called "http\.ruoter"\n/,
  );
  assert.match(page, /Did you mean "http\.router"\?/);
});
