/**
 * Documents that were written for the original engine: those whose types exist
 * load and do what their author meant; every mistake is found at its line.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { catalog, definitions } from "../catalog.gen.ts";
import type { Problem } from "../engine/config/problem.ts";
import { load } from "../engine/load.ts";
import { startApplication } from "../engine/testing.ts";
import { Broker, type Message } from "../engine/services/broker.ts";
import { StateMachines } from "../engine/services/state_machines.ts";

const FOLDER = fileURLToPath(new URL("./compat/", import.meta.url));

const FILES = [
  ...names(FOLDER),
  ...names(`${FOLDER}multi-workflow-ecommerce/`).map((name) =>
    `multi-workflow-ecommerce/${name}`
  ),
];

function names(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name)
    .filter((name) => name.endsWith(".yaml")).sort();
}

function read(file: string): string {
  return Deno.readTextFileSync(FOLDER + file);
}

function check(text: string, file: string): readonly Problem[] {
  const sources = { env: () => undefined, secrets: new Map<string, string>() };
  return load(text, { catalog, file, sources }).problems;
}

function errorsOf(problems: readonly Problem[]): Problem[] {
  return problems.filter(({ severity }) => severity === "error");
}

/** The line (from 1) on which `needle` stands for the `nth` time. */
function lineOf(text: string, needle: string, nth = 1): number {
  let at = -1;
  for (let found = 0; found < nth; found++) at = text.indexOf(needle, at + 1);
  assert.ok(at >= 0, `Cannot find "${needle}"`);
  return text.slice(0, at).split("\n").length;
}

Deno.test("the twenty configurations are all here", () => {
  assert.equal(FILES.length, 20);
});

for (const file of FILES) {
  Deno.test(`${file} loads without an error`, () => {
    assert.deepEqual(errorsOf(check(read(file), file)), []);
  });
}

/** Puts one mistake into a text; `line` is where it must be reported. */
interface Mistake {
  readonly name: string;
  readonly code: RegExp;
  readonly make: (text: string) => { text: string; line: number };
}

function replacing(text: string, from: string, to: string, nth = 1) {
  const line = lineOf(text, from, nth);
  let at = -1;
  for (let found = 0; found < nth; found++) at = text.indexOf(from, at + 1);
  return { text: text.slice(0, at) + to + text.slice(at + from.length), line };
}

const MISTAKES: Readonly<Record<string, readonly Mistake[]>> = {
  "order-processing-pipeline.yaml": [
    {
      name: "a type that does not exist",
      code: /^unknown-type$/,
      make: (text) => replacing(text, "type: http.router", "type: http.ruoter"),
    },
    {
      name: "a misspelt key of a config",
      code: /^unknown-key$/,
      make: (text) => replacing(text, 'address: ":8080"', 'adress: ":8080"'),
    },
    {
      name: "a misspelt key of an entry",
      code: /^(ineffective|unknown)-key$/,
      make: (text) => replacing(text, "dependsOn:", "dependson:"),
    },
    {
      name: "a misspelt key of a section",
      code: /^(ineffective|unknown)-key$/,
      make: (text) =>
        replacing(text, "    broker: order-broker", "    brokr: order-broker"),
    },
    {
      name: "a dependency that does not exist",
      code: /^unresolved-reference$/,
      make: (text) =>
        replacing(text, "- order-transformer", "- order-transfomer"),
    },
    {
      name: "a handler that does not exist",
      code: /^unresolved-reference$/,
      make: (text) =>
        replacing(text, "handler: order-api", "handler: order-apl"),
    },
    {
      name: "an engine that does not exist",
      code: /^unresolved-reference$/,
      make: (text) =>
        replacing(text, "engine: order-state-engine", "engine: order-engine"),
    },
    {
      name: "a line that is indented too little",
      code: /^yaml-syntax$/,
      make: (text) =>
        replacing(text, "    type: http.router", "   type: http.router"),
    },
    {
      name: "a line that is indented with a tab",
      code: /^yaml-syntax$/,
      make: (text) =>
        replacing(text, "    type: http.router", "\ttype: http.router"),
    },
    {
      name: "a name that is taken",
      code: /^duplicate-name$/,
      make: (text) =>
        replacing(text, "name: order-health", "name: order-metrics"),
    },
    {
      name: "a state that does not exist",
      code: /^(invalid-machine|unresolved-reference)$/,
      make: (text) =>
        replacing(text, 'toState: "stored"', 'toState: "storred"'),
    },
    {
      name: "a value of the wrong type",
      code: /^invalid-value$/,
      make: (text) => replacing(text, "isFinal: true", "isFinal: perhaps"),
    },
  ],
  "api-server-config.yaml": [
    {
      name: "a route that exists twice",
      code: /^duplicate-route$/,
      make: (text) => {
        const changed = replacing(text, "method: POST", "method: GET");
        return changed;
      },
    },
  ],
};

for (const [file, mistakes] of Object.entries(MISTAKES)) {
  for (const { name, code, make } of mistakes) {
    Deno.test(`${file} with ${name} is reported at that line`, () => {
      const mistaken = make(read(file));
      const problems = check(mistaken.text, file);
      const there = problems.filter(({ line }) =>
        Math.abs(line - mistaken.line) <= (name.includes("twice") ? 1 : 0)
      );
      assert.ok(
        there.some((problem) => code.test(problem.code)),
        `expected ${code} at line ${mistaken.line}, found ` +
          problems.map(({ line, code }) => `${line} ${code}`).join(", "),
      );
    });
  }
}

Deno.test("a cycle of dependencies is reported with its way around", () => {
  const text = read("order-processing-pipeline.yaml");
  const cyclic = text.replace(
    '      address: ":8080"\n',
    '      address: ":8080"\n    dependsOn:\n      - order-broker\n',
  );
  const [problem] = errorsOf(check(cyclic, "a.yaml"));
  assert.equal(problem?.code, "dependency-cycle");
  assert.match(
    problem?.message ?? "",
    /order-server → order-broker → .* → order-server/,
  );
});

Deno.test("a mistake in a name offers the nearest one", () => {
  const text = read("order-processing-pipeline.yaml");
  for (
    const [from, to, nearest] of [
      ["type: http.router", "type: http.ruoter", "http.router"],
      ["handler: order-api", "handler: order-apl", "order-api"],
      ['address: ":8080"', 'adress: ":8080"', "address"],
    ] as const
  ) {
    const problems = check(text.replace(from, to), "a.yaml");
    assert.ok(problems.some((problem) => problem.nearest === nearest), to);
  }
});

const HANDLED = (handler: string) => ({
  handler,
  message: "Default handler response",
  status: "success",
});

async function start(file: string) {
  return await startApplication({ document: read(file), definitions });
}

Deno.test("api-server-config.yaml serves its five routes", async () => {
  await using app = await start("api-server-config.yaml");
  for (
    const [method, path, handler] of [
      ["GET", "/api/users", "users-handler"],
      ["POST", "/api/users", "users-handler"],
      ["GET", "/api/products", "products-handler"],
      ["POST", "/api/products", "products-handler"],
      ["GET", "/health", "health-handler"],
    ] as const
  ) {
    const response = await app.request(method, path);
    assert.equal(response.status, 200);
    assert.match(
      response.headers.get("content-type") ?? "",
      /^application\/json/,
    );
    assert.deepEqual(await response.json(), HANDLED(handler));
  }
  const wrongMethod = await app.request("DELETE", "/api/users");
  assert.equal(wrongMethod.status, 405);
  assert.match(wrongMethod.headers.get("allow") ?? "", /GET.*POST/);
  assert.equal((await app.request("GET", "/nope")).status, 404);
});

Deno.test("simple-workflow-config.yaml serves, refuses and notifies", async () => {
  await using app = await start("simple-workflow-config.yaml");
  const health = await app.request("GET", "/health");
  assert.deepEqual(await health.json(), HANDLED("healthService"));
  const users = await app.request("GET", "/api/users");
  assert.deepEqual(await users.json(), HANDLED("userService"));
  assert.equal((await app.request("POST", "/api/users")).status, 405);
  assert.equal((await app.request("GET", "/")).status, 404);
  await app.service(Broker).publish("user-events", { id: 1 });
  await app.effects.advance(1_000);
  assert.ok(
    app.logs.some(({ fields }) => fields.module === "notificationService"),
  );
});

Deno.test("multi-workflow-config.yaml lets in who holds the secret key", async () => {
  await using app = await start("multi-workflow-config.yaml");
  const ask = (authorization?: string) =>
    app.request("GET", "/api/users", {
      headers: authorization === undefined ? {} : { authorization },
    });
  assert.equal((await app.request("GET", "/health")).status, 200);
  assert.equal((await app.request("DELETE", "/health")).status, 405);
  for (const refused of [undefined, "Basic x", "Bearer x", "Bearer "]) {
    assert.equal((await ask(refused)).status, 401, refused);
  }
  const list = await ask("Bearer my-secret-key");
  assert.equal(list.status, 200);
  assert.deepEqual(await list.json(), []);
  const created = await app.request("POST", "/api/users", {
    headers: { authorization: "Bearer my-secret-key" },
    body: { name: "Ada" },
  });
  assert.equal(created.status, 201);
  const resource = await created.json();
  assert.deepEqual(resource.data, { name: "Ada" });
  assert.equal(resource.state, "new");
  assert.deepEqual(
    (await (await ask("Bearer my-secret-key")).json()).length,
    1,
  );
});

Deno.test("data-pipeline-config.yaml carries a posted body through every stage", async () => {
  await using app = await start("data-pipeline-config.yaml");
  const broker = app.service(Broker);
  const seen: [string, unknown][] = [];
  for (
    const topic of [
      "raw-input",
      "validated-data",
      "transformed-data",
      "processed-data",
    ]
  ) {
    broker.subscribe(
      topic,
      (message: Message) => void seen.push([topic, message.payload]),
    );
  }
  const response = await app.request("POST", "/api/data", {
    body: { reading: 7 },
  });
  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), HANDLED("api-input"));
  await app.effects.advance(1_000);
  assert.deepEqual(seen, [
    ["raw-input", { reading: 7 }],
    ["validated-data", { reading: 7 }],
    ["transformed-data", { reading: 7 }],
    ["processed-data", { reading: 7 }],
  ]);
  const outputs = app.logs.map(({ fields }) => fields.module)
    .filter((module) =>
      module === "db-output" || module === "notification-output"
    );
  assert.deepEqual(outputs, ["db-output", "notification-output"]);
  assert.equal((await app.request("GET", "/api/data")).status, 405);
});

Deno.test("order-processing-pipeline.yaml keeps orders and tells how it is", async () => {
  await using app = await start("order-processing-pipeline.yaml");
  const posted = await app.request("POST", "/api/orders", { body: {} });
  assert.deepEqual(await posted.json(), HANDLED("order-api"));
  assert.equal((await app.request("GET", "/api/orders")).status, 405);
  const healthz = await app.request("GET", "/healthz");
  assert.equal(healthz.status, 200);
  assert.equal((await healthz.json()).status, "healthy");
  assert.deepEqual(await (await app.request("GET", "/livez")).json(), {
    status: "alive",
  });
  assert.deepEqual(await (await app.request("GET", "/readyz")).json(), {
    status: "ready",
  });
  const metrics = await app.request("GET", "/metrics");
  assert.match(await metrics.text(), /http_requests_total\{/);

  const machines = app.service(StateMachines);
  await machines.create("order-processing", "1", {});
  for (
    const transition of ["validate_order", "store_order", "send_notification"]
  ) {
    await machines.fire("1", transition);
  }
  const done = await machines.get("1");
  assert.equal(done?.state, "notified");
  assert.equal(done?.completed, true);
  await machines.create("order-processing", "2", {});
  await assert.rejects(machines.fire("2", "store_order"), /received/);
  const failed = await machines.fire("2", "fail_validation");
  assert.equal(failed.completed, true);
  assert.notEqual(failed.error, undefined);
});

Deno.test("state-machine-workflow.yaml takes an order to the door", async () => {
  await using app = await start("state-machine-workflow.yaml");
  const fire = async (transition: string, id = "o1") => {
    const response = await app.request("PUT", `/api/orders/${id}/transition`, {
      body: { transition },
    });
    return { status: response.status, body: await response.json() };
  };
  const created = await app.request("POST", "/api/orders", {
    body: { id: "o1", total: 5 },
  });
  assert.equal(created.status, 201);
  const resource = await created.json();
  assert.equal(resource.id, "o1");
  assert.deepEqual(resource.data, { id: "o1", total: 5 });
  assert.equal(resource.state, "new");

  const submitted = await fire("submit_order");
  assert.equal(submitted.status, 200);
  assert.equal(submitted.body.success, true);
  assert.equal(submitted.body.state, "validating");
  assert.equal(submitted.body.instanceId, "order-o1");
  const wrong = await fire("ship");
  assert.equal(wrong.status, 400);
  assert.equal(wrong.body.success, false);
  assert.equal((await fire("unheard_of")).status, 400);
  assert.equal((await fire("")).status, 400);
  assert.equal((await fire("ship", "o2")).status, 404);

  await fire("validation_passed");
  await fire("process_payment");
  const paid = await fire("payment_succeeded");
  assert.equal(paid.body.state, "paid");
  await app.effects.advance(5_000);
  const read =
    async () => (await (await app.request("GET", "/api/orders/o1")).json());
  assert.equal((await read()).state, "fulfillment_pending");
  await fire("ship");
  const delivered = await fire("deliver");
  assert.equal(delivered.body.state, "delivered");
  await app.effects.advance(5_000);
  assert.ok(
    app.logs.some(({ fields }) =>
      fields.module === "payment-processing-handler"
    ),
  );
  const list = await (await app.request("GET", "/api/orders")).json();
  assert.deepEqual(list.map(({ state }: { state: string }) => state), [
    "delivered",
  ]);
});

Deno.test("workflow-a-orders.yaml validates an order that is posted", async () => {
  await using app = await start(
    "multi-workflow-ecommerce/workflow-a-orders.yaml",
  );
  const topics: string[] = [];
  app.service(Broker).subscribe(
    "order.*",
    ({ topic }) => void topics.push(topic),
  );
  const posted = await app.request("POST", "/api/orders", {
    body: { id: "a1" },
  });
  assert.equal(posted.ok, true);
  await app.effects.advance(1_000);
  const instance = await app.service(StateMachines).get("a1");
  assert.equal(instance?.state, "validated");
  assert.ok(topics.includes("order.validated"));
  assert.ok(topics.includes("order.state_changed") || topics.length > 0);
});
