/**
 * The promise to operators: nothing that was acknowledged is ever lost. The real
 * process takes orders over HTTP and is killed or stopped under load. After that
 * every acknowledged order must come to its end, with each transition once.
 */
import assert from "node:assert/strict";
import { chance } from "./_chance.ts";
import {
  assertComplete,
  assertReady,
  everyOrder,
  reader,
  signIn,
} from "./_order_assertions.ts";
import { OrderClients } from "./_order_clients.ts";
import { type RunningProcess, startProcess } from "./_process.ts";
import { WatchedFolder } from "./_watched_folder.ts";

/** How often the process is killed. */
const KILLS = 14;

/** Clients that order at the same time. */
const CLIENTS = 6;

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
