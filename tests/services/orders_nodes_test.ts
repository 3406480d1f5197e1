/**
 * Two real processes of the orders example that share a PostgreSQL database,
 * under load, of which one is killed: every order that either has acknowledged
 * comes to its end, with each transition once.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  assertComplete,
  assertReady,
  reader,
  signIn,
} from "../_order_assertions.ts";
import { OrderClients } from "../_order_clients.ts";
import { type RunningProcess, startProcess } from "../_process.ts";
import { serverOfFile } from "./postgres_server.ts";
import { serverTest } from "./server.ts";

const server = await serverOfFile();

/** Clients of each process. */
const CLIENTS = 4;

function start(url: string, data: string): Promise<RunningProcess> {
  return startProcess([
    ...["--config", "examples/orders/orders.yaml"],
    ...["--store", url, "--data", data],
    ...["--management-address", "127.0.0.1:0"],
  ], {
    env: {
      ORDERS_ADDRESS: "127.0.0.1:0",
      WORKFLOW_TOKEN: "a-token-for-this-test",
    },
  });
}

serverTest(
  "orders of a process that is killed are completed by the one beside it",
  server,
  async (server) => {
    const folder = await Deno.makeTempDir();
    const url = server.url();
    const first = await start(url, join(folder, "first"));
    const second = await start(url, join(folder, "second"));
    try {
      const urls = [first, second].map(({ addresses }) => addresses[0] ?? "");
      const [one = "", two = ""] = urls;
      await assertReady(one);
      await assertReady(two);
      const token = await signIn(one);
      const clients = new OrderClients(CLIENTS, token);
      clients.open(one);
      const others = new OrderClients(CLIENTS, token, "other");
      others.open(two);
      await Promise.all([clients.ordered(60), others.ordered(60)]);
      await first.end("SIGKILL");
      clients.open(two);
      await Promise.all([clients.ordered(20), others.ordered(20)]);
      await clients.close();
      await others.close();
      for (const [id, order] of others.acknowledged) {
        clients.acknowledged.set(id, order);
      }
      for (const [id, order] of others.found) clients.found.set(id, order);
      await assertComplete(reader(two, token), clients);
      assert.deepEqual([...clients.oddities, ...others.oddities], []);
    } finally {
      await first.end("SIGKILL");
      await second.end("SIGKILL");
      await Deno.remove(folder, { recursive: true });
    }
  },
);
