import assert from "node:assert/strict";
import { loadToy, toyProblems } from "../tests/toy_catalog.ts";
import type { Plan } from "./plan.ts";

function planned(text: string): Plan {
  const { plan, problems } = loadToy(text);
  assert.ok(plan, JSON.stringify(problems, null, 1));
  return plan;
}

/** The names in the order in which they start. */
function order(text: string): string {
  return planned(text).modules.map(({ name }) => name).join(" ");
}

/** The edges as `source -kind-> target label`, with `?` where implied. */
function edges(text: string): string[] {
  return planned(text).edges.map((edge) =>
    `${edge.source} -${edge.kind}${
      edge.implied ? "?" : ""
    }-> ${edge.target} ${edge.label}`
      .trim()
  );
}

/** Module entries on a line each: `name type config? dependsOn?`. */
function modules(...entries: readonly string[]): string {
  return `modules:\n${entries.map((entry) => `  - { ${entry} }\n`).join("")}`;
}

const LAMP = "name: lamp, type: toy.lamp";
const SPARE = "name: spare, type: toy.lamp";
const SWITCH =
  "name: switch, type: toy.switch, config: { lamp: lamp, label: x }";
const PANEL = "name: panel, type: toy.panel, config: { mode: day }";

Deno.test("plan() keeps the order of the file where nothing asks for another", () => {
  assert.equal(order(modules(SPARE, LAMP, PANEL)), "spare lamp panel");
});

Deno.test("plan() starts what is required and what dependsOn names first", () => {
  assert.equal(order(modules(SWITCH, SPARE, LAMP)), "lamp switch spare");
  assert.equal(
    order(modules(`${SPARE}, dependsOn: [lamp]`, SWITCH, LAMP)),
    "lamp spare switch",
  );
});

Deno.test("plan() does not order by references that may be left out", () => {
  const text = modules(
    "name: panel, type: toy.panel, config: { mode: day, lamp: lamp }",
    LAMP,
  );
  assert.equal(order(text), "panel lamp");
  assert.deepEqual(planned(text).edges[0]?.orders, false);
});

Deno.test("plan() does not order by workflows", () => {
  const text = modules(SWITCH, LAMP) +
    "workflows: { wall: { lamp: lamp, switches: [{ place: hall, switch: switch }] } }\n";
  assert.equal(order(text), "lamp switch");
});

Deno.test("plan() tells who uses whom, and where the document says so", () => {
  const text = modules(`${SWITCH}, dependsOn: [spare]`, LAMP, SPARE);
  assert.deepEqual(planned(text).edges, [
    {
      source: "switch",
      target: "spare",
      kind: "dependsOn",
      label: "",
      path: "modules[0].dependsOn[0]",
      implied: false,
      orders: true,
    },
    {
      source: "switch",
      target: "lamp",
      kind: "ref",
      label: "lamp",
      path: "modules[0].config.lamp",
      implied: false,
      orders: true,
    },
  ]);
});

Deno.test("plan() draws the edges of workflows with their labels", () => {
  const text = modules(LAMP, SWITCH) +
    "workflows: { wall: { switches: [{ place: hall, switch: switch }] } }\n";
  assert.deepEqual(edges(text), [
    "switch -ref-> lamp lamp",
    "lamp -route?-> switch hall",
  ]);
});

Deno.test("plan() fills in what dependsOn gives, in either direction", () => {
  const taken = (text: string) =>
    planned(text).modules.find(({ name }) => name === "panel")?.config.lamp;
  assert.equal(
    taken(modules(LAMP, SPARE, `${PANEL}, dependsOn: [spare]`)),
    "spare",
  );
  assert.equal(
    taken(modules(LAMP, `${SPARE}, dependsOn: [panel]`, PANEL)),
    "spare",
  );
});

Deno.test("plan() fills in a conventional name, else the only one", () => {
  const taken = (text: string) =>
    planned(text).modules.find(({ name }) => name === "panel")?.config.lamp;
  const main = "name: main-lamp, type: toy.lamp";
  assert.equal(taken(modules(LAMP, main, PANEL)), "main-lamp");
  assert.equal(taken(modules(PANEL, LAMP)), "lamp");
  assert.equal(taken(modules(PANEL)), undefined);
});

Deno.test("plan() takes the first of several that fit, and warns", () => {
  const text = modules(LAMP, SPARE, PANEL);
  const { plan, problems } = loadToy(text);
  const warning = problems.find(({ code }) => code === "ambiguous-reference");
  assert.equal(warning?.severity, "warning");
  assert.equal(warning?.expected, "one of lamp, spare");
  assert.equal(warning?.help, "Write lamp: lamp");
  assert.equal(plan?.modules[2]?.config.lamp, "lamp");
  assert.deepEqual(plan?.edges.map(({ implied }) => implied), [true]);
});

Deno.test("plan() leaves alone what is never implied, or only where it is asked for", () => {
  const config = (written: string) =>
    planned(modules(LAMP, `name: panel, type: toy.panel, config: ${written}`))
      .modules[1]?.config;
  assert.deepEqual(config("{ mode: day }"), { mode: "day", lamp: "lamp" });
  assert.deepEqual(config("{ mode: day, alarm: horn }"), {
    mode: "day",
    alarm: "horn",
    lamp: "lamp",
    backup: "lamp",
  });
  assert.equal(config('{ mode: day, alarm: "" }')?.backup, undefined);
});

Deno.test("plan() never takes a module for what it needs itself", () => {
  const mirror = "name: mirror, type: toy.mirror";
  assert.equal(planned(modules(mirror)).modules[0]?.config.lamp, undefined);
  const { modules: [first] } = planned(modules(mirror, LAMP));
  assert.equal(first?.config.lamp, "lamp");
});

Deno.test("plan() reports a section that needs a module that is not there", () => {
  assert.deepEqual(toyProblems("workflows:\n  wall: {}\n"), [
    "missing-module 2:3 workflows.wall",
  ]);
});

Deno.test("plan() does not miss a module whose entry is not understood", () => {
  assert.deepEqual(
    toyProblems(
      "modules: [{ name: l, type: toy.lmp }]\nworkflows: { wall: {} }\n",
    ),
    ["unknown-type 1:28 modules[0].type"],
  );
  assert.deepEqual(
    toyProblems(modules("name: lamp, type: toy.lmp", SWITCH)),
    ["unknown-type 2:25 modules[0].type"],
  );
});

Deno.test("plan() reports names that lead nowhere, with the nearest that fits", () => {
  const { problems } = loadToy(
    modules(
      LAMP,
      "name: s, type: toy.switch, config: { lamp: lmap, label: x }",
    ) +
      "workflows: { wall: { lamp: lamb, switches: [{ place: a, switch: z }] } }\n",
  );
  assert.deepEqual(
    problems.map(({ code, severity, path, nearest }) => [
      code,
      severity,
      path,
      nearest,
    ]),
    [
      ["unresolved-reference", "error", "modules[1].config.lamp", "lamp"],
      ["unresolved-reference", "error", "workflows.wall.lamp", "lamp"],
      [
        "unresolved-reference",
        "warning",
        "workflows.wall.switches[0].switch",
        "s",
      ],
    ],
  );
});

Deno.test("plan() makes errors of dead names in the lists of a strict document", () => {
  const text = "strict: true\n" + modules(LAMP) +
    "workflows: { wall: { switches: [{ place: a, switch: nobody }] } }\n";
  assert.deepEqual(
    loadToy(text).problems.map(({ code, severity }) => `${code} ${severity}`),
    ["unresolved-reference error"],
  );
});

Deno.test("plan() reports a module that cannot do what is needed, and who can", () => {
  const { problems } = loadToy(
    modules(
      LAMP,
      SWITCH,
      "name: other, type: toy.switch, config: { lamp: switch, label: x }",
    ),
  );
  assert.equal(problems.length, 1);
  assert.equal(problems[0]?.code, "wrong-service");
  assert.equal(problems[0]?.expected, "one of lamp");
  assert.equal(
    problems[0]?.message,
    '"switch" is a toy.switch, which provides toy.switch: "lamp" needs toy.lamp',
  );
});

Deno.test("plan() names every module in a cycle", () => {
  const { problems } = loadToy(
    modules(
      "name: a, type: toy.lamp, dependsOn: [b]",
      "name: b, type: toy.lamp, dependsOn: [c]",
      "name: c, type: toy.lamp, dependsOn: [a]",
      "name: d, type: toy.lamp, dependsOn: [d]",
    ),
  );
  assert.deepEqual(
    problems.map(({ line, path, message }) => [line, path, message]),
    [
      [
        4,
        "modules[2].dependsOn[0]",
        "Modules depend on each other in a circle: a → b → c → a",
      ],
      [
        5,
        "modules[3].dependsOn[0]",
        "Modules depend on each other in a circle: d → d",
      ],
    ],
  );
});

Deno.test("plan() finds a cycle through a reference", () => {
  const { problems } = loadToy(modules(`${LAMP}, dependsOn: [switch]`, SWITCH));
  assert.deepEqual(problems.map(({ code, path }) => [code, path]), [
    ["dependency-cycle", "modules[1].config.lamp"],
  ]);
});

Deno.test("plan() keeps the first of two modules with one name", () => {
  const { problems } = loadToy(
    modules(LAMP, "name: lamp, type: toy.panel", SWITCH),
  );
  assert.deepEqual(problems.map(({ code }) => code).sort(), [
    "duplicate-name",
    "missing-key",
    "unstable-type",
  ]);
});

Deno.test("plan() gives the same fingerprint to what means the same", () => {
  const plans = [
    modules("name: a, type: toy.lamp, config: { watts: 5, colour: blue }"),
    modules('name: a, type: toy.lamp, config: { colour: blue, watts: "5" }'),
    "# A comment\n" +
    modules(
      "name: a, type: toy.lamp, config: { colour: blue, watts: 5, dimmable: false }",
    ),
  ].map(planned);
  const [first, ...rest] = plans.map(({ fingerprint }) => fingerprint);
  for (const other of rest) assert.equal(other, first);
});

Deno.test("plan() gives another fingerprint to a module that must be made anew", () => {
  const fingerprints = [
    modules(LAMP, SPARE),
    modules(`${LAMP}, config: { watts: 5 }`, SPARE),
    modules(`${LAMP}, dependsOn: [spare]`, SPARE),
  ].map((text) =>
    planned(text).modules.find(({ name }) => name === "lamp")?.fingerprint
  );
  assert.equal(new Set(fingerprints).size, 3);
});

Deno.test("plan() survives a chain as long as a document can hold", () => {
  const names = Array.from({ length: 8_000 }, (_, index) => `m${index}`);
  const text = JSON.stringify({
    modules: names.map((name, index) => ({
      name,
      type: "toy.lamp",
      dependsOn: index === 0 ? [] : [`m${index - 1}`],
    })).reverse(),
  });
  assert.equal(planned(text).modules[0]?.name, "m0");
});
