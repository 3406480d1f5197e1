import assert from "node:assert/strict";
import { type Graph, graphOf } from "./graph.ts";
import { steadyGraph } from "./steady.ts";

const graphWith = (limit: number, edges: Graph["edges"] = []): Graph => ({
  ...graphOf({
    modules: [
      { name: "web", type: "http.server" },
      { name: "limit", type: "ratelimit", config: { limit } },
    ],
  }, undefined),
  edges,
});

Deno.test("steadyGraph() keeps a graph that says the same", () => {
  const before = graphWith(1);
  assert.equal(steadyGraph(before, graphWith(1)), before);
  const next = graphWith(1);
  assert.equal(steadyGraph(undefined, next), next);
});

Deno.test("steadyGraph() has only what has changed anew", () => {
  const before = graphWith(1);
  const { modules: [web, limit], edges } = steadyGraph(before, graphWith(2));
  assert.equal(web, before.modules[0]);
  assert.notEqual(limit, before.modules[1]);
  assert.deepEqual(limit?.config, { limit: 2 });
  assert.equal(edges, before.edges);
});

Deno.test("steadyGraph() has new edges between the modules that there were", () => {
  const before = graphWith(1);
  const edge = {
    ...{ source: "web", target: "limit", kind: "ref", label: "" },
    ...{ path: "", implied: false },
  };
  const next = steadyGraph(before, graphWith(1, [edge]));
  assert.equal(next.modules, before.modules);
  assert.deepEqual(next.edges, [edge]);
});

Deno.test("steadyGraph() sees that a module stands elsewhere, or is gone", () => {
  const before = graphWith(1);
  const [web, limit] = before.modules;
  assert.ok(web && limit);
  const turned = { modules: [{ ...limit, index: 0 }, web], edges: [] };
  assert.deepEqual(steadyGraph(before, turned).modules, turned.modules);
  const less = { modules: [web], edges: [] };
  assert.deepEqual(steadyGraph(before, less).modules, [web]);
});
