import assert from "node:assert/strict";
import { catalog } from "../../catalog.gen.ts";
import { load } from "../load.ts";
import { type Change, changeDocument } from "./change.ts";
import type { Document } from "./document.ts";
import { renameDefinition, renameModule, renamePipeline } from "./rename.ts";
import { renameState, renameTransition } from "./rename_machine.ts";
import { moduleEntries } from "./document_parts.ts";
import { valueAt } from "./value_path.ts";
import { FILES, parsed, read } from "./_corpus_fixture_test.ts";

function changed(document: Document, changes: readonly Change[]): Document {
  const result = changeDocument(document, changes);
  assert.ok(result.shared === undefined, JSON.stringify(result));
  return parsed(result.text);
}

function loaded(document: Document) {
  const sources = { env: () => undefined, secrets: new Map<string, string>() };
  return load(document.text, { catalog, file: "a.yaml", sources });
}

/** Problems without the names that a rename changes. */
function problemsOf(document: Document, names: Iterable<string>): string[] {
  return loaded(document).problems.map(({ code, path, message }) =>
    [...names].reduce(
      (text, name) => text.replaceAll(`"${name}"`, "NAME"),
      `${code} ${path} ${message}`,
    )
  ).sort();
}

/** The edges of a plan, by the names that modules have afterwards. */
function edgesOf(document: Document, names = new Map<string, string>()) {
  return loaded(document).plan?.edges.map(({ source, target, kind, label }) =>
    JSON.stringify([
      names.get(source) ?? source,
      names.get(target) ?? target,
      kind,
      label,
    ])
  ).sort();
}

for (const file of FILES) {
  Deno.test(`the modules of ${file} can be renamed`, () => {
    const document = read(file);
    // A few of a long document are enough, and quick.
    const entries = moduleEntries(document);
    const step = Math.ceil(entries.length / 5);
    const names = new Map(
      entries.filter((_, index) => index % step === 0)
        .map(({ entry }, index) => [String(entry.name), `renamed.${index}`]),
    );
    let after = document;
    for (const [from, to] of names) {
      after = changed(after, renameModule(after, catalog, from, to));
    }
    assert.deepEqual(
      problemsOf(after, names.values()),
      problemsOf(document, names.keys()),
    );
    assert.deepEqual(edgesOf(after), edgesOf(document, names));
  });
}

/** The lines that differ, without their indentation. */
function linesOf(document: Document, changes: readonly Change[]): string[] {
  const before = document.text.split("\n");
  const after = changed(document, changes).text.split("\n");
  return after.filter((line, index) => line !== before[index])
    .map((line) => line.trim());
}

Deno.test("renameModule() changes lists, steps, actions and branches", () => {
  const document = parsed(`modules:
  - name: bus # events
    type: messaging.broker
  - { name: a.b, type: messaging.handler, dependsOn: ["bus"], branches: { yes: bus } }
  - { name: code, type: dynamic.component, config: { source: ./a.ts } }
workflows:
  messaging:
    broker: bus
    subscriptions: [{ topic: bus, handler: a.b }]
triggers:
  mock: { workflow: messaging, action: "bus:bus" }
pipelines:
  p:
    steps:
      - { id: one, use: "module:bus.publish", with: { topic: bus } }
      - id: two
        parallel:
          x: [{ id: three, use: publish, with: { broker: bus, topic: bus } }]
        onError: [{ id: four, use: "component:code" }]
`);
  const bus = linesOf(document, renameModule(document, catalog, "bus", "b"));
  assert.deepEqual(bus, [
    "- name: b # events",
    '- { name: a.b, type: messaging.handler, dependsOn: ["b"], branches: { yes: b } }',
    "broker: b",
    '- { id: one, use: "module:b.publish", with: { topic: bus } }',
    "x: [{ id: three, use: publish, with: { broker: b, topic: bus } }]",
  ]);
  const code = linesOf(document, renameModule(document, catalog, "code", "c"));
  assert.deepEqual(code, [
    "- { name: c, type: dynamic.component, config: { source: ./a.ts } }",
    'onError: [{ id: four, use: "component:c" }]',
  ]);
});

Deno.test("renameModule() writes down what was implied by the name", () => {
  const document = parsed(`modules:
  - { name: other, type: http.router }
  - { name: httpRouter, type: http.router }
  - { name: web, type: http.server }
workflows:
  http: { routes: [] }
`);
  const after = changed(
    document,
    renameModule(document, catalog, "httpRouter", "main"),
  );
  assert.equal(valueAt(after.value, ["workflows", "http", "router"]), "main");
});

Deno.test("renameModule() leaves a text alone that only shares an anchor", () => {
  const document = parsed(`modules:
  - { name: &n orders, type: api.handler, config: { resourceName: *n } }
workflows:
  http:
    routes: [{ method: GET, path: /, handler: *n }]
`);
  const after = changed(
    document,
    renameModule(document, catalog, "orders", "api"),
  );
  const config = valueAt(after.value, ["modules", 0, "config", "resourceName"]);
  assert.equal(config, "orders");
  const route = ["workflows", "http", "routes", 0, "handler"];
  assert.equal(valueAt(after.value, route), "api");
});

Deno.test("renameModule() refuses a name that is taken, or that is nobody's", () => {
  const document = read("examples/orders/orders.yaml");
  assert.throws(
    () => renameModule(document, catalog, "web", "router"),
    /the name "router" of a module is taken/,
  );
  assert.throws(
    () => renameModule(document, catalog, "nobody", "x"),
    /no module is called "nobody"/,
  );
});

const ORDERS = "examples/orders/orders.yaml";

Deno.test("renameState() changes the key, its transitions and hooks", () => {
  const document = read(ORDERS);
  const rename = { definition: "order", from: "paid", to: "settled" };
  const changes = renameState(document, catalog, rename);
  assert.deepEqual(linesOf(document, changes), [
    "settled: { description: The payment is accepted }",
    "accept_payment: { fromState: awaiting_payment, toState: settled }",
    "pack: { fromState: settled, toState: packing, autoTransform: true }",
  ]);
  const first = { definition: "order", from: "new", to: "received" };
  assert.ok(
    linesOf(document, renameState(document, catalog, first))
      .includes("initialState: received"),
  );
  assert.deepEqual(problemsOf(changed(document, changes), []), []);
});

Deno.test("renameTransition() changes hooks, steps and handlers", () => {
  const document = read(ORDERS);
  const renamed = (from: string) =>
    linesOf(
      document,
      renameTransition(document, catalog, {
        definition: "order",
        from,
        to: "other",
      }),
    );
  assert.deepEqual(renamed("submit"), [
    "initialTransition: other",
    "other:",
    "- { workflowType: order, transitions: [other], handler: take-payment }",
  ]);
  assert.deepEqual(renamed("accept_payment"), [
    "successTransition: other",
    "other: { fromState: awaiting_payment, toState: paid }",
  ]);
});

const TWO = parsed(`modules:
  - { name: engine, type: statemachine.engine }
  - { name: work, type: dynamic.component, config: { source: ./a.ts } }
  - name: step
    type: processing.step
    config: { componentId: work, successTransition: go }
  - name: a-api
    type: api.handler
    config: { workflowType: a, workflowEngine: engine }
workflows:
  statemachine:
    engine: engine
    definitions:
      - name: a
        initialState: new
        states: { new: {}, done: {} }
        transitions:
          go: { fromState: new, toState: done }
          start_validation: { fromState: new, toState: done }
      - name: b
        initialState: new
        states: { new: {}, done: {} }
        transitions: { go: { fromState: new, toState: done } }
    hooks:
      - { workflowType: b, transitions: [go], handler: step }
      - { fromStates: [new], handler: work }
triggers:
  http: { routes: [{ path: /go, method: POST, workflow: a, action: "engine:go" }] }
`);

Deno.test("a transition of another definition with the same name stays", () => {
  const renamed = (definition: string) =>
    linesOf(
      TWO,
      renameTransition(TWO, catalog, { definition, from: "go", to: "run" }),
    );
  assert.deepEqual(renamed("a"), [
    "run: { fromState: new, toState: done }",
    `http: { routes: [{ path: /go, method: POST, workflow: a, action: "engine:run" }] }`,
  ]);
  assert.deepEqual(renamed("b"), [
    "config: { componentId: work, successTransition: run }",
    "transitions: { run: { fromState: new, toState: done } }",
    "- { workflowType: b, transitions: [run], handler: step }",
  ]);
});

Deno.test("a hook for several definitions speaks of both names", () => {
  const rename = { definition: "a", from: "new", to: "fresh" };
  const after = changed(TWO, renameState(TWO, catalog, rename));
  const hooks = ["workflows", "statemachine", "hooks", 1, "fromStates"];
  assert.deepEqual(valueAt(after.value, hooks), ["new", "fresh"]);
});

Deno.test("a transition that is meant by default is written down", () => {
  const rename = { definition: "a", from: "start_validation", to: "begin" };
  const after = changed(TWO, renameTransition(TWO, catalog, rename));
  const config = ["modules", 3, "config", "initialTransition"];
  assert.equal(valueAt(after.value, config), "begin");
});

Deno.test("renameDefinition() and renamePipeline() change who refers to them", () => {
  assert.deepEqual(linesOf(TWO, renameDefinition(TWO, catalog, "a", "c")), [
    "config: { workflowType: c, workflowEngine: engine }",
    "- name: c",
    `http: { routes: [{ path: /go, method: POST, workflow: c, action: "engine:go" }] }`,
  ]);
  const document = parsed(`modules: []
triggers:
  schedule: { jobs: [{ cron: "0 2 * * *", pipeline: report }] }
pipelines:
  report: # nightly
    steps: [{ id: a, use: log, with: { message: report } }]
  all:
    steps: [{ id: b, use: "pipeline:report" }]
`);
  const changes = renamePipeline(document, catalog, "report", "summary");
  assert.deepEqual(linesOf(document, changes), [
    'schedule: { jobs: [{ cron: "0 2 * * *", pipeline: summary }] }',
    "summary: # nightly",
    'steps: [{ id: b, use: "pipeline:summary" }]',
  ]);
  assert.deepEqual(problemsOf(changed(document, changes), []), []);
});
