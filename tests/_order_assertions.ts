/**
 * What must hold of the orders that clients of the example were told of,
 * whatever has happened to its processes.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Json, OrderClients } from "./_order_clients.ts";

/** How long orders may take to come to their end, in milliseconds. */
const END_MS = 20_000;

const SHIPPED = [null, "submit", "accept_payment", "pack", "hand_over"];
const DECLINED = [null, "submit", "decline_payment"];

export interface HistoryLine {
  readonly sequence: number;
  readonly transition: string | null;
  readonly fromState: string | null;
  readonly toState: string;
  readonly data: Json;
}

export async function signIn(url: string): Promise<string> {
  const response = await fetch(`${url}/api/auth/login`, {
    method: "POST",
    body: JSON.stringify({
      email: "ada@example.com",
      password: "correct horse battery",
    }),
  });
  const { token } = await response.json();
  assert.equal(typeof token, "string");
  return token;
}

/** Reads what must be there. */
export function reader(url: string, token: string) {
  return async <T>(path: string): Promise<T> => {
    const response = await fetch(`${url}${path}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const text = await response.text();
    assert.equal(response.status, 200, `${path}: ${text}`);
    return JSON.parse(text);
  };
}

export type Read = ReturnType<typeof reader>;

/** Every order by id, but for the seed, which nobody here has sent. */
export async function everyOrder(read: Read): Promise<Map<string, Json>> {
  const orders = new Map<string, Json>();
  let page = await read<Json[]>("/api/orders");
  while (page.length > 0) {
    for (const order of page) orders.set(String(order.id), order);
    page = await read<Json[]>(`/api/orders?after=${page.at(-1)?.id}`);
  }
  assert.ok(orders.delete("welcome"));
  return orders;
}

/** Requires that orders are there as they were sent, and come to their end. */
export async function assertComplete(read: Read, clients: OrderClients) {
  const { acknowledged, found } = clients;
  const sent = new Map([...acknowledged, ...found]);
  const orders = await everyOrder(read);
  for (const [id, data] of sent) {
    assert.deepEqual(orders.get(id)?.data, data, `"${id}" is lost`);
  }
  await assertFinal(read, acknowledged.keys());
  // What was never acknowledged may wait half way until somebody asks for it.
  for (const id of orders.keys()) await read(`/api/orders/${id}`);
  await assertFinal(read, orders.keys());
  for (const [id, { data }] of orders) {
    const path = `/api/orders/${id}/history`;
    assertOnce(id, data as Json, await read<HistoryLine[]>(path));
  }
}

/** Looks at the list, since reading a single order would take it further. */
async function assertFinal(read: Read, ids: Iterable<string>): Promise<void> {
  const deadline = performance.now() + END_MS;
  const left = new Set(ids);
  while (left.size > 0) {
    const orders = await everyOrder(read);
    for (const id of left) {
      const { state } = orders.get(id) as Json;
      if (state === "shipped" || state === "declined") left.delete(id);
      else assert.ok(performance.now() < deadline, `"${id}" stays "${state}"`);
    }
  }
}

/** Requires each transition once, in order, without a gap, with one key. */
export function assertOnce(
  id: string,
  data: Json,
  history: readonly HistoryLine[],
) {
  const isDeclined = String(data.cardToken).endsWith("0002");
  const transitions = history.map(({ transition }) => transition);
  assert.deepEqual(transitions, isDeclined ? DECLINED : SHIPPED, id);
  const numbers = history.map(({ sequence }) => sequence);
  assert.deepEqual(numbers, [...history.keys()], id);
  const from = history.map(({ fromState }) => fromState);
  const to = history.map(({ toState }) => toState);
  assert.deepEqual(from, [null, ...to.slice(0, -1)], id);
  if (isDeclined) return;
  const key = `orders/order-machine/${id}`;
  assert.equal(history[2]?.data.paymentId, `${key}/1/0`);
  assert.equal(history[4]?.data.trackingNumber, `PARCEL-${key}/3/0`);
}

export async function assertReady(url: string): Promise<void> {
  const response = await fetch(`${url}/readyz`);
  await response.body?.cancel();
  assert.equal(response.status, 200);
}
