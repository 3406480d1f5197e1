import assert from "node:assert/strict";
import { bundlesOf } from "./bundles.ts";
import { freshName, type GraphEdge, graphOf, type Sketch } from "./graph.ts";
import { machineOf } from "./machine.ts";
import { viewOf, viewsOf, viewText } from "./views.ts";

const edge = (source: string, target: string, kind = "route", label = "") =>
  ({
    ...{ source, target, kind, label, implied: false },
    path: `${source}.${target}.${label}`,
  }) satisfies GraphEdge;

const VALUE = {
  modules: [
    { name: "web", type: "http.server", config: { address: ":80" } },
    { name: "router", type: "http.router" },
    { name: 3, type: "broken" },
    null,
  ],
};

const module = (name: string, type = "t") => ({
  name,
  type,
  config: {},
  fingerprint: "",
});

Deno.test("graphOf() shows the modules of the text, and ties whose ends are there", () => {
  const sketch: Sketch = {
    modules: [module("web"), module("router"), module("sent", "dynamic")],
    edges: [edge("web", "router"), edge("web", "gone"), edge("web", "web")],
  };
  const { modules, edges } = graphOf(VALUE, sketch);
  assert.deepEqual(modules.map(({ name, index }) => [name, index]), [
    ["web", 0],
    ["router", 1],
    ["sent", undefined],
  ]);
  assert.deepEqual(edges.map(({ target }) => target), ["router"]);
});

Deno.test("graphOf() does without what stands beside the text while the sketch is an old one", () => {
  const sketch = { modules: [module("web"), module("removed")], edges: [] };
  const names = graphOf(VALUE, sketch).modules.map(({ name }) => name);
  assert.deepEqual(names, ["web", "router"]);
  assert.deepEqual(graphOf("no document", undefined).modules, []);
});

Deno.test("freshName() is the end of the type, with a number if need be", () => {
  const graph = graphOf(VALUE, undefined);
  assert.equal(freshName("http.middleware.cors", graph), "cors");
  assert.equal(freshName("http.router", graph), "router-2");
});

Deno.test("bundlesOf() draws several ties between two modules as one", () => {
  const bundles = bundlesOf([
    edge("router", "api", "route", "GET /a"),
    edge("router", "api", "route", "GET /b"),
    edge("api", "store", "ref", "store"),
    edge("api", "web", "dependsOn"),
  ]);
  assert.deepEqual(
    bundles.map(({ source, target, label, carries }) => [
      ...[source, target, label, carries],
    ]),
    [
      ["router", "api", "2 routes", true],
      ["api", "store", "store", false],
      // Who depends on another comes later.
      ["web", "api", "dependsOn", false],
    ],
  );
});

Deno.test("machineOf() reads what can be read", () => {
  const { states, transitions } = machineOf({
    initialState: "new",
    states: {
      new: null,
      paid: { description: "Done" },
      sent: { isFinal: true },
      lost: { isFinal: true, isError: true },
    },
    transitions: {
      pay: { fromState: "new", toState: "paid", condition: "x" },
      send: { fromState: "paid", toState: "sent", autoTransform: true },
      odd: 3,
    },
  });
  assert.deepEqual(states.map(({ name, kind }) => [name, kind]), [
    ["new", "initial"],
    ["paid", "plain"],
    ["sent", "final"],
    ["lost", "error"],
  ]);
  assert.deepEqual(
    transitions.map(({ from, to, isAuto }) => [from, to, isAuto]),
    [
      ["new", "paid", false],
      ["paid", "sent", true],
      ["", "", false],
    ],
  );
  assert.deepEqual(machineOf(undefined), { states: [], transitions: [] });
});

Deno.test("viewsOf() finds modules, machines and pipelines, and addresses name them", () => {
  const views = viewsOf({
    workflows: { statemachine: { definitions: [{ name: "order" }, null] } },
    pipelines: { refund: {} },
  });
  assert.deepEqual(views.map(viewText), [
    "modules",
    "machine:order",
    "machine:1",
    "pipeline:refund",
  ]);
  assert.equal(viewOf("pipeline:refund", views), views[3]);
  assert.deepEqual(viewOf("pipeline:gone", views), { kind: "modules" });
  assert.deepEqual(viewOf(null, views), { kind: "modules" });
});
