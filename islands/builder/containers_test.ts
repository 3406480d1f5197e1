import assert from "node:assert/strict";
import {
  type Container,
  containersOf,
  containerTitle,
  holdsOf,
  shownShape,
  shownTies,
} from "./containers.ts";
import type { GraphEdge, GraphModule } from "./graph.ts";
import { CATEGORIES } from "../../engine/derive/category.ts";

const module = (name: string, type: string): GraphModule => ({
  ...{ name, type, index: 0, config: {} },
});

const MODULES = [
  module("broker", "messaging.broker"),
  module("web", "http.server"),
  module("sender", "messaging.handler"),
  module("router", "http.router"),
  module("odd", "nobody.knows"),
];

const tie = (source: string, target: string, kind = "topic"): GraphEdge => ({
  ...{ source, target, kind, label: "", implied: false },
  path: `${source}.${kind}.${target}`,
});

const TIES = [
  tie("web", "router"),
  tie("router", "broker"),
  tie("router", "sender"),
  tie("web", "sender", "ref"),
  tie("broker", "sender"),
  tie("odd", "broker", "dependsOn"),
];

const titlesOf = (containers: readonly Container[]) =>
  containers.map(({ title }) => title);

/** What is drawn of the ties: from, to, label. */
function drawn(containers: readonly Container[], ties = TIES) {
  return shownTies(ties, containers).map(({ source, target, edges }) =>
    `${source} → ${target} ×${edges.length}`
  ).toSorted();
}

Deno.test("containersOf() has one for each category, in the order of the palette", () => {
  const containers = containersOf(MODULES, new Set());
  assert.deepEqual(
    titlesOf(containers),
    CATEGORIES.filter((title) =>
      ["HTTP", "Messaging", "Other"].includes(title)
    ),
  );
  const [http] = containers;
  assert.deepEqual(http?.modules.map(({ name }) => name), ["web", "router"]);
});

Deno.test("ties between shut containers are merged, those inside are left out", () => {
  assert.deepEqual(drawn(containersOf(MODULES, new Set())), [
    "container:HTTP → container:Messaging ×3",
    // Who depends on another comes later.
    "container:Messaging → container:Other ×1",
  ]);
});

Deno.test("a tie that is told twice is counted once", () => {
  const [, twice] = TIES;
  assert.ok(twice);
  const containers = containersOf(MODULES, new Set());
  assert.deepEqual(drawn(containers, [twice, twice]), [
    "container:HTTP → container:Messaging ×1",
  ]);
});

Deno.test("an open container shows its cards, tied to what is shut", () => {
  assert.deepEqual(drawn(containersOf(MODULES, new Set(["HTTP"]))), [
    "container:Messaging → container:Other ×1",
    "router → container:Messaging ×2",
    "web → container:Messaging ×1",
    "web → router ×1",
  ]);
});

Deno.test("with all containers open the ties are those of the modules", () => {
  const open = containersOf(MODULES, new Set(CATEGORIES));
  const ties = shownTies(TIES, open);
  assert.ok(ties.every(({ isMerged }) => isMerged === undefined));
  assert.deepEqual(shownShape(open, ties).names.toSorted(), [
    ...["broker", "odd", "router", "sender", "web"],
  ]);
});

Deno.test("merged ties carry something if one of them does", () => {
  const containers = containersOf(MODULES, new Set());
  const [merged] = shownTies(TIES, containers);
  assert.equal(merged?.carries, true);
  assert.equal(merged?.label, "3 ties");
  const [refers] = shownTies([tie("web", "sender", "ref")], containers);
  assert.equal(refers?.carries, false);
});

Deno.test("only what is open holds cards", () => {
  const containers = containersOf(MODULES, new Set(["Messaging"]));
  assert.deepEqual(holdsOf(containers), {
    "container:Messaging": ["broker", "sender"],
  });
});

Deno.test("a container is called by its title, a module by its name", () => {
  assert.equal(containerTitle("container:HTTP"), "HTTP");
  assert.equal(containerTitle("web"), "web");
});
