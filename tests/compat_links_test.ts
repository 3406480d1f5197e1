/**
 * The shop of three documents, which a fourth one links: written for the original
 * engine, run here in one engine as their author meant them.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { catalog } from "../catalog.gen.ts";
import { boot } from "../engine/engine.ts";
import { Broker, type Message } from "../engine/services/broker.ts";
import { HttpServer } from "../engine/services/http_server.ts";
import { StateMachines } from "../engine/services/state_machines.ts";
import { simulatedEffects } from "../engine/simulation/effects.ts";
import { memoryStore } from "../engine/store/memory.ts";

const FOLDER = fileURLToPath(
  new URL("./compat/multi-workflow-ecommerce/", import.meta.url),
);
const A = "workflow-a-orders";
const B = "workflow-b-fulfillment";
const C = "workflow-c-notifications";
const LINKS = "cross-workflow-links";

/**
 * The text of a file, without the modules of types that this build does not
 * have: the edit takes out each entry of `modules:` that has such a type, and
 * each hook that names one of them.
 */
function read(id: string): string {
  const text = Deno.readTextFileSync(`${FOLDER}${id}.yaml`);
  if (catalog.modules.has("webhook.sender")) return text;
  const gone = [...text.matchAll(/- name: (\S+)\n\s+type: webhook\.sender/g)]
    .map(([, name = ""]) => name);
  return text
    .replace(/ {2}- name: \S+\n {4}type: webhook\.sender\n(?: {4}.*\n)+/g, "")
    .replace(
      / {6}- workflowType: .*\n {8}transitions: .*\n {8}handler: "(\S+)"\n/g,
      (hook, handler) => gone.includes(handler) ? "" : hook,
    );
}

/** Everything together; `order` is that in which the documents start. */
async function start(order: readonly string[] = [A, B, C, LINKS]) {
  const effects = simulatedEffects({
    // What the webhooks send is accepted.
    fetch: () => Promise.resolve(new Response(null, { status: 204 })),
  });
  const logs: { level: string; message: string; module: unknown }[] = [];
  const engine = await boot({
    catalog,
    documents: order.map((id) => ({ file: `${id}.yaml`, text: read(id) })),
    store: memoryStore({ now: effects.clock.now }),
    effects,
    log: (level, message, fields) =>
      logs.push({
        level,
        message,
        module: `${fields.application}/${fields.module}`,
      }),
    secrets: {
      env: (name) => name.endsWith("_API_TOKEN") ? "token" : undefined,
      file: () => Promise.resolve(undefined),
    },
  });
  const find = (id: string) => {
    const application = engine.application(id);
    assert.ok(application, id);
    return application;
  };
  const got: string[] = [];
  find(C).all(Broker)[0]?.service.subscribe(
    "**",
    ({ topic }: Message) => void got.push(topic),
  );
  return {
    effects,
    logs,
    find,
    /** The topics that reached the notification hub. */
    got,
    machines(id: string) {
      const [machines] = find(id).all(StateMachines);
      assert.ok(machines);
      return machines.service;
    },
    async post(id: string) {
      const [server] = find(A).all(HttpServer);
      assert.ok(server);
      const request = new Request("http://localhost/api/orders", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ id }),
      });
      const response = await server.service.handle(request);
      await response.body?.cancel();
      assert.equal(response.ok, true);
      await effects.advance(10_000);
    },
    async fire(transition: string, id: string) {
      await find(B).dispatch("fulfillment-lifecycle", transition, { id });
      await effects.advance(10_000);
    },
    [Symbol.asyncDispose]: () => engine.stop(),
  };
}

Deno.test("the shop takes a posted order through validation into fulfillment", async () => {
  await using shop = await start();
  await shop.post("o1");
  assert.equal((await shop.machines(A).get("o1"))?.state, "validated");
  const fulfillment = await shop.machines(B).get("o1");
  assert.equal(fulfillment?.definition, "fulfillment-lifecycle");
  assert.equal(fulfillment?.state, "picking");
  assert.ok(
    shop.logs.some(({ module }) => module === `${B}/fulfillment-handler`),
    "the subscription of the document gets the event as well",
  );
});

Deno.test("the shop takes an order to the door, and tells the hub of each step", async () => {
  await using shop = await start();
  await shop.post("o1");
  for (const step of ["finish_picking", "ship_package", "confirm_delivery"]) {
    await shop.fire(step, "o1");
  }
  const instance = await shop.machines(B).get("o1");
  assert.equal(instance?.state, "delivered");
  assert.equal(instance?.completed, true);
  assert.deepEqual(
    shop.got.filter((topic) => topic !== "fulfillment.state_changed"),
    [
      "fulfillment.picking",
      "fulfillment.packing",
      "fulfillment.shipped",
      "fulfillment.delivered",
      "fulfillment.completed",
    ],
  );
  const handled = shop.logs.filter(({ module }) =>
    module === `${C}/fulfillment-notification-handler`
  );
  assert.ok(handled.length >= 3, "shipped, delivered and completed at least");
});

Deno.test("the shop logs an undefined target workflow for each event, and blocks nobody", async () => {
  await using shop = await start();
  await shop.post("o1");
  for (const step of ["finish_picking", "ship_package", "confirm_delivery"]) {
    await shop.fire(step, "o1");
  }
  const refused = shop.logs.filter(({ level, message }) =>
    level !== "info" && /notification-dispatch/.test(message) &&
    /refused/.test(message)
  );
  assert.equal(refused.length, 2, "shipped and delivered have a trigger");
  assert.equal((await shop.machines(B).get("o1"))?.state, "delivered");
});

Deno.test("the shop leads a failed order to the hub, and to nobody else", async () => {
  await using shop = await start();
  await shop.machines(A).create("order-lifecycle", "o2", {});
  await shop.machines(A).fire("o2", "fail_validation");
  await shop.effects.advance(10_000);
  assert.deepEqual(shop.got, ["order.failed"]);
  assert.equal(await shop.machines(B).get("o2"), undefined);
  assert.ok(
    shop.logs.some(({ module }) =>
      module === `${C}/order-notification-handler`
    ),
  );
});

Deno.test("the shop says what its links do instead of actions that nobody has", async () => {
  await using shop = await start();
  const said = shop.logs.map(({ message }) => message)
    .filter((message) => message.startsWith(`${LINKS}.yaml`));
  assert.deepEqual(
    said.map((message) => /the action "(\w+)"/.exec(message)?.[1]),
    ["process_fulfillment", "send_notification", "send_alert"],
  );
});

Deno.test("the shop works in whatever order its documents start", async () => {
  await using shop = await start([LINKS, C, B, A]);
  await shop.post("o1");
  assert.equal((await shop.machines(B).get("o1"))?.state, "picking");
});
