/**
 * The promise to operators: nothing that was acknowledged is ever lost. The real
 * process takes orders over HTTP and is killed or stopped under load. After that
 * every acknowledged order must come to its end, with each transition once.
 */
import assert from "node:assert/strict";
import { chance } from "./_chance.ts";
import { type Json, OrderClients } from "./_order_clients.ts";
import { type RunningProcess, startProcess } from "./_process.ts";
import { WatchedFolder } from "./_watched_folder.ts";

/** How often the process is killed. */
const KILLS = 14;

/** Clients that order at the same time. */
const CLIENTS = 6;

/** How long orders may take to come to their end, in milliseconds. */
const END_MS = 20_000;

const SHIPPED = [null, "submit", "accept_payment", "pack", "hand_over"];
const DECLINED = [null, "submit", "decline_payment"];

interface HistoryLine {
  readonly sequence: number;
  readonly transition: string | null;
  readonly fromState: string | null;
  readonly toState: string;
  readonly data: Json;
}

/** The orders example, on a data folder that outlives its processes. */
class Example implements AsyncDisposable {
  readonly #folder: WatchedFolder;
  readonly #processes: RunningProcess[] = [];

  constructor(folder: string) {
    this.#folder = new WatchedFolder(folder);
  }

  async start(killed?: AbortSignal): Promise<RunningProcess> {
    const process = await startProcess([
      "--config",
      "examples/orders/orders.yaml",
      "--data",
      this.#folder.path,
      "--management-address",
      "127.0.0.1:0",
      "--log-format",
      "json",
    ], {
      env: {
        ORDERS_ADDRESS: "127.0.0.1:0",
        WORKFLOW_TOKEN: "a-token-for-this-test",
      },
      ...killed === undefined ? {} : { killed },
    });
    this.#processes.push(process);
    return process;
  }

  /** Resolves when the data folder was written to so many times from now on. */
  written(times: number): Promise<void> {
    return this.#folder.written(times);
  }

  /** What was logged as an error. The last line of a process may be cut off. */
  errors(): string[] {
    return this.#processes.flatMap((process) =>
      process.output().split("\n").slice(0, -1).filter((line) =>
        line.startsWith("{") && JSON.parse(line).level === "error"
      )
    );
  }

  async [Symbol.asyncDispose]() {
    for (const process of this.#processes) await process.end("SIGKILL");
    await this.#folder[Symbol.asyncDispose]();
  }
}

async function signIn(url: string): Promise<string> {
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
function reader(url: string, token: string) {
  return async <T>(path: string): Promise<T> => {
    const response = await fetch(`${url}${path}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const text = await response.text();
    assert.equal(response.status, 200, `${path}: ${text}`);
    return JSON.parse(text);
  };
}

type Read = ReturnType<typeof reader>;

/** Every order by id, but for the seed, which nobody here has sent. */
async function everyOrder(read: Read): Promise<Map<string, Json>> {
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
async function assertComplete(read: Read, clients: OrderClients) {
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
function assertOnce(id: string, data: Json, history: readonly HistoryLine[]) {
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

async function assertReady(url: string): Promise<void> {
  const response = await fetch(`${url}/readyz`);
  await response.body?.cancel();
  assert.equal(response.status, 200);
}

Deno.test("start loses nothing that it has acknowledged, however often it is killed", async () => {
  // Each kill comes after a random number of writes to the data folder: while the
  // process starts, or while clients order.
  const seed = Number(Deno.env.get("KILL_SEED") ?? Date.now() % 1_000_000);
  console.log(`KILL_SEED=${seed}`);
  const below = chance(seed);
  await using example = new Example(await Deno.makeTempDir());
  const first = await example.start();
  const token = await signIn(first.addresses[0] ?? "");
  const clients = new OrderClients(CLIENTS, token);
  await first.end("SIGKILL");
  for (let kill = 1; kill < KILLS; kill++) {
    const early = new AbortController();
    const isEarly = below(4) === 0;
    const moment = isEarly
      ? example.written(1 + below(4)).then(() => early.abort())
      : undefined;
    try {
      const process = await example.start(early.signal);
      const [url = ""] = process.addresses;
      await assertReady(url);
      clients.open(url);
      await (moment ?? example.written(1 + below(300)));
      await process.end("SIGKILL");
    } catch (error) {
      if (!early.signal.aborted) throw error;
    }
  }
  const last = await example.start();
  const [url = ""] = last.addresses;
  await assertReady(url);
  clients.open(url);
  await clients.ordered(CLIENTS);
  await clients.close();
  await assertComplete(reader(url, token), clients);
  assert.equal(await last.end("SIGTERM"), 0);
  assert.deepEqual(clients.oddities, []);
  assert.deepEqual(example.errors(), []);
  assert.ok(clients.unanswered > 0);
});

Deno.test("start answers every order that it has taken before SIGTERM ends it with 0", async () => {
  await using example = new Example(await Deno.makeTempDir());
  const first = await example.start();
  const [address = ""] = first.addresses;
  const token = await signIn(address);
  const clients = new OrderClients(CLIENTS, token);
  clients.open(address);
  await clients.ordered(50);
  assert.equal(await first.end("SIGTERM"), 0);
  await clients.close();
  const next = await example.start();
  const [url = ""] = next.addresses;
  await assertReady(url);
  const read = reader(url, token);
  // Who got no answer was not served: nothing is there that nobody knows of.
  const present = [...(await everyOrder(read)).keys()].sort();
  assert.deepEqual(present, [...clients.acknowledged.keys()].sort());
  await assertComplete(read, clients);
  assert.equal(await next.end("SIGTERM"), 0);
  assert.deepEqual(clients.oddities, []);
  assert.deepEqual(example.errors(), []);
});
