/**
 * A market for the tests of the areas beside runs: components that greet, that ask
 * for what they may not have and that fail, a durable broker, schedules, metrics.
 *
 * @module
 */
import type { Scene } from "./_browser.ts";

/** Greets whoever is named. */
export const GREETER = `export const contract = {
  requiredInputs: { name: { type: "string", description: "Who is greeted" } },
  outputs: { greeting: "string" },
};

export function execute({ name }: { readonly name: string }) {
  return { greeting: "Hello, " + name };
}
`;

/** Packs what the market sells. */
export const PACKING = `export function execute() {
  return { packed: true };
}
`;

const BROKEN_PACKING = `export function execute() {
  throw Object.assign(new Error("The table is full"), { name: "TerminalError" });
}
`;

const VENDOR = `export async function execute(
  _: unknown,
  context: { readonly fetch: typeof fetch },
) {
  const answer = await context.fetch("https://metrics.vendor.example/count");
  return { status: answer.status };
}
`;

/** The document. */
export const MARKET = `modules:
  - { name: web, type: http.server, config: { address: "127.0.0.1:0" } }
  - { name: router, type: http.router }
  - { name: metrics, type: metrics.collector }
  - { name: stock, type: persistence.store }
  - name: events
    type: messaging.broker
    config: { durable: true, attemptsMax: 1, retryBackoffMs: 100 }
  - name: greeter
    type: dynamic.component
    config: { code: ${JSON.stringify(GREETER)} }
  - name: packing
    type: dynamic.component
    config: { code: ${JSON.stringify(BROKEN_PACKING)} }
  - name: vendor
    type: dynamic.component
    config:
      code: ${JSON.stringify(VENDOR)}
      permissions: { net: [api.bank.example] }
  - { name: orders, type: http.handler }
  - { name: parcels, type: statemachine.engine }
workflows:
  statemachine:
    engine: parcels
    definitions:
      - name: parcel
        initialState: packed
        states: { packed: {}, sent: { isFinal: true } }
        transitions: { send: { fromState: packed, toState: sent } }
  http:
    routes:
      - { method: POST, path: /orders, handler: orders }
      - { method: POST, path: /greet, handler: greeter }
  messaging:
    broker: events
    subscriptions:
      - { topic: order.placed, handler: packing }
    producers:
      - { name: orders, forwardTo: [order.placed] }
triggers:
  schedule:
    jobs:
      - { id: count, every: 1h, workflow: messaging, action: stock.count }
      - id: nightly
        cron: "30 2 * * *"
        timeZone: Europe/Berlin
        workflow: messaging
        action: stock.inventory
`;

/** The queue of the packing table. */
export const QUEUE = "events/packing/order.placed";

/** Sends an order to the market. */
export async function order({ engine }: Scene, id: string): Promise<void> {
  const answer = await fetch(`${engine.addresses[0]}/orders`, {
    method: "POST",
    body: JSON.stringify({ order: id }),
    headers: { "content-type": "application/json" },
  });
  await answer.body?.cancel();
}

/** How many letters of the packing table are dead. */
export async function deadOf({ api }: Scene): Promise<number> {
  const [queue] = await api("/api/queues");
  return queue.dead;
}
