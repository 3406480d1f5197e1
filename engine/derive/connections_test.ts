import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { catalog } from "../../catalog.gen.ts";
import { type Change, changeDocument } from "../config/change.ts";
import type { Document } from "../config/document.ts";
import { moduleEntries } from "../config/document_parts.ts";
import { parse } from "../config/parse.ts";
import { parsePath } from "../config/problem.ts";
import { valueAt } from "../config/value_path.ts";
import { load } from "../load.ts";
import type { PlanEdge } from "../plan.ts";
import type { Connection } from "./connection.ts";
import { connectionsBetween, disconnect } from "./connections.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

function read(file: string): Document {
  return parsed(Deno.readTextFileSync(ROOT + file));
}

function parsed(text: string): Document {
  const { document, problems } = parse(text, "a.yaml");
  assert.ok(document, problems[0]?.message);
  return document;
}

function changed(document: Document, changes: readonly Change[]): Document {
  const result = changeDocument(document, changes, { shared: "override" });
  assert.ok(result.shared === undefined);
  return parsed(result.text);
}

function loaded(document: Document) {
  const sources = { env: () => undefined, secrets: new Map<string, string>() };
  return load(document.text, { catalog, file: "a.yaml", sources });
}

function errorsOf(document: Document): readonly string[] {
  return loaded(document).problems
    .filter(({ severity }) => severity === "error")
    .map(({ code, message }) => `${code} ${message}`);
}

function find(
  connections: readonly Connection[],
  label: string,
): Connection {
  const found = connections.find((connection) => connection.label === label);
  assert.ok(found, `No "${label}" in ${connections.map(({ label }) => label)}`);
  return found;
}

/** Edges that the document says itself. */
function statedEdges(document: Document): readonly PlanEdge[] {
  const { plan } = loaded(document);
  return (plan?.edges ?? []).filter(({ path }) =>
    valueAt(document.value, parsePath(path)) !== undefined
  );
}

const ORDERS = "examples/orders/orders.yaml";

Deno.test("a router and a handler are tied by a new route", () => {
  const document = read(ORDERS);
  const route = find(
    connectionsBetween(document, catalog, "router", "orders"),
    "New route",
  );
  assert.deepEqual(route.changes, [{
    do: "insert",
    path: ["workflows", "http", "routes"],
    value: { method: "GET", path: "/orders", handler: "orders" },
  }]);
  assert.equal(route.help, "The module that answers");
  assert.deepEqual(route.toFill, [
    "workflows.http.routes[10].method",
    "workflows.http.routes[10].path",
  ]);
  const after = changed(document, route.changes);
  const again = find(
    connectionsBetween(after, catalog, "router", "orders"),
    "New route",
  );
  assert.deepEqual(errorsOf(changed(after, again.changes)), []);
});

Deno.test("a middleware is put on one route or on all of them", () => {
  const document = read("examples/gateway.yaml");
  const text = document.text.replace(
    "workflows:",
    "  - { name: extra, type: http.middleware.requestid }\n\nworkflows:",
  );
  const connections = connectionsBetween(
    parsed(text),
    catalog,
    "router",
    "extra",
  );
  const all = find(connections, "Middlewares of all routes");
  const after = changed(parsed(text), all.changes);
  const routes = valueAt(after.value, ["workflows", "http", "routes"]);
  for (const { middlewares } of routes as { middlewares: string[] }[]) {
    assert.equal(middlewares.filter((name) => name === "extra").length, 1);
  }
  const one = find(connections, "Middlewares of GET /api/{path...}");
  const result = changeDocument(parsed(text), one.changes);
  assert.ok(result.shared !== undefined, "who shares the list is asked for");
});

Deno.test("a section that is not there is made with what it needs", () => {
  const document = parsed(`modules:
  - { name: web, type: http.server, config: { address: ":8080" } }
  - { name: router, type: http.router }
  - { name: hello, type: http.handler }
  - { name: nightly, type: scheduler.cron, config: { cronExpression: "0 2 * * *" } }
  - { name: bus, type: messaging.broker }
  - { name: mailer, type: messaging.handler }
`);
  const pairs = [
    ["web", "router", "Server of router"],
    ["router", "hello", "New route"],
    ["nightly", "mailer", "New job"],
    ["bus", "mailer", "New subscription"],
    ["mailer", "bus", "Broker of mailer"],
  ] as const;
  const after = pairs.reduce((document, [source, target, label]) => {
    const ways = connectionsBetween(document, catalog, source, target);
    return changed(document, find(ways, label).changes);
  }, document);
  assert.deepEqual(loaded(after).problems, []);
  assert.deepEqual((after.value as Record<string, unknown>).workflows, {
    http: {
      server: "web",
      router: "router",
      routes: [{ method: "GET", path: "/hello", handler: "hello" }],
    },
    scheduler: { jobs: [{ scheduler: "nightly", job: "mailer" }] },
    messaging: {
      broker: "bus",
      subscriptions: [{ topic: "user-events", handler: "mailer" }],
    },
  });
});

Deno.test("a pipeline uses what a module can do", () => {
  const document = read("examples/order-pipeline/order-pipeline.yaml");
  const id = Object.keys(
    valueAt(document.value, ["pipelines"]) as Record<string, unknown>,
  )[0];
  const component = moduleEntries(document)
    .find(({ entry }) => entry.type === "dynamic.component")?.entry.name;
  const ways = connectionsBetween(
    document,
    catalog,
    `pipeline:${id}`,
    String(component),
  );
  const step = find(ways, `Call ${component}`);
  const after = changed(document, step.changes);
  assert.deepEqual(errorsOf(after), errorsOf(document));
  assert.ok(
    statedEdges(after).length > statedEdges(document).length,
  );
});

Deno.test("a tie that would be a circle, or that is there, is not offered", () => {
  const document = parsed(`modules:
  - { name: a, type: messaging.broker, dependsOn: [b] }
  - { name: b, type: messaging.handler, config: { broker: a } }
`);
  const labels = (source: string, target: string) =>
    connectionsBetween(document, catalog, source, target)
      .map(({ label }) => label);
  assert.deepEqual(labels("a", "b"), ["New subscription", "New producer"]);
  assert.deepEqual(labels("b", "a"), ["New producer", "New subscription"]);
  assert.deepEqual(labels("a", "a"), []);
  assert.deepEqual(labels("a", "nobody"), []);
});

for (
  const file of [
    ORDERS,
    "examples/event-patterns.yaml",
    "tests/compat/state-machine-workflow.yaml",
    "tests/compat/scheduled-jobs-config.yaml",
    "tests/compat/multi-workflow-config.yaml",
  ]
) {
  Deno.test(`every tie that is offered in ${file} makes its edge`, () => {
    const document = read(file);
    const names = moduleEntries(document).map(({ entry }) =>
      String(entry.name)
    );
    const before = errorsOf(document);
    for (const [index, source] of names.entries()) {
      // Neighbours in the file, and one farther away, are enough.
      for (const target of [names[index + 1], names[index + 4]]) {
        if (target === undefined) continue;
        for (
          const way of connectionsBetween(document, catalog, source, target)
        ) {
          const after = changed(document, way.changes);
          const name = `${way.label}: ${way.source} to ${way.target}`;
          assert.deepEqual(errorsOf(after), before, name);
          const has = statedEdges(after).some((edge) =>
            edge.kind === way.kind && edge.source === way.source &&
            edge.target === way.target
          );
          assert.ok(has, name);
        }
      }
    }
  });

  Deno.test(`every edge that ${file} states can be cut`, () => {
    const document = read(file);
    for (const edge of statedEdges(document)) {
      const after = changed(document, disconnect(document, edge));
      const count = (document: Document) =>
        statedEdges(document).filter(({ kind, source, target, label }) =>
          kind === edge.kind && source === edge.source &&
          target === edge.target && label === edge.label
        ).length;
      const isLess = count(after) < count(document) ||
        loaded(after).plan === undefined;
      assert.ok(isLess, `${edge.path} ${edge.source} ${edge.target}`);
    }
  });
}

Deno.test("disconnect() takes the item that is there for the edge", () => {
  const document = parsed(`modules:
  - name: web
    type: http.server
    dependsOn: [router] # first
  - name: router
    type: http.router
workflows:
  http:
    routes:
      # Says hello.
      - { method: GET, path: /, handler: hello }
      - { method: GET, path: /x, handler: hello, middlewares: [log, id] }
pipelines:
  p:
    steps:
      - { id: a, use: "component:c", compensate: { use: "component:d" } }
`);
  const cut = (path: string, implied = false) =>
    changed(document, disconnect(document, { path, implied })).value;
  const at = (path: string) => valueAt(cut(path), parsePath(path).slice(0, -1));
  assert.deepEqual(
    valueAt(cut("modules[0].dependsOn[0]"), ["modules", 0]),
    { name: "web", type: "http.server" },
  );
  assert.equal(
    (valueAt(cut("workflows.http.routes[0].handler"), [
      "workflows",
      "http",
      "routes",
    ]) as unknown[]).length,
    1,
  );
  assert.deepEqual(at("workflows.http.routes[1].middlewares[0]"), ["id"]);
  assert.deepEqual(
    valueAt(cut("pipelines.p.steps[0].compensate.use"), [
      "pipelines",
      "p",
      "steps",
      0,
    ]),
    { id: "a", use: "component:c" },
  );
  assert.deepEqual(cut("workflows.http.server", true), document.value);
});
