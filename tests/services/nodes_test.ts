/**
 * Two real processes that share a PostgreSQL database, under load: one is killed,
 * or stands still until it is taken for dead. What either has acknowledged comes
 * to its end, once.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { Entry } from "../../engine/run/journal.ts";
import { LEASE_MS } from "../../engine/run/neighbours.ts";
import { LOG } from "../../engine/run/places.ts";
import { openStore } from "../../engine/store/open.ts";
import { scopedStore } from "../../engine/store/scoped.ts";
import { keptRuns } from "../_kept_runs.ts";
import { type RunningProcess, startProcess } from "../_process.ts";
import { RunClients } from "../_run_clients.ts";
import { serverOfFile } from "./postgres_server.ts";
import { serverTest } from "./server.ts";

const server = await serverOfFile();

/** How long runs may take to come to their ends, in milliseconds. */
const END_MS = 90_000;

/** How a pipeline ends. */
const ENDS: Readonly<Record<string, Entry["kind"]>> = {
  work: "completed",
  inner: "completed",
  undo: "failed",
  quick: "completed",
};

/** Two processes with one store, and nothing else that they share. */
class Pair implements AsyncDisposable {
  readonly url: string;
  readonly processes: RunningProcess[] = [];
  readonly #folder: string;

  constructor(url: string, folder: string) {
    this.url = url;
    this.#folder = folder;
  }

  async start(name: string): Promise<RunningProcess> {
    const process = await startProcess([
      ...["--config", "tests/documents/crash/crash.yaml"],
      ...["--store", this.url, "--data", join(this.#folder, name)],
      ...["--management-address", "127.0.0.1:0"],
    ], {
      env: {
        LEDGER: join(this.#folder, `${name}.ledger`),
        WORKFLOW_TOKEN: "a-token-for-this-test",
      },
    });
    this.processes.push(process);
    return process;
  }

  /** The segments of all logs, by their keys. */
  async segments(): Promise<ReadonlyMap<string, string>> {
    const store = await openStore(this.url, { now: Date.now });
    try {
      const segments = new Map<string, string>();
      const log = scopedStore(store, ["app", "crash"]).list({ prefix: LOG });
      for await (const { key, value } of log) {
        const [epoch, number] = key.slice(LOG.length);
        if (!(value instanceof Uint8Array)) continue;
        const text = new TextDecoder().decode(value);
        segments.set(`${epoch}/${number}`, text);
      }
      return segments;
    } finally {
      await store.close();
    }
  }

  async [Symbol.asyncDispose]() {
    for (const process of this.processes) {
      // One that stands still hears nothing else.
      await process.end("SIGKILL");
    }
    await Deno.remove(this.#folder, { recursive: true });
  }
}

async function pairOf(url: string): Promise<Pair> {
  return new Pair(url, await Deno.makeTempDir());
}

function pass(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Rejects if it takes too long: a run that never ends must not hold the suite. */
async function inTime(work: Promise<unknown>, pair: Pair): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const outputs = pair.processes.map((process) => process.output());
      reject(new Error(`not over after ${END_MS} ms\n${outputs.join("\n")}`));
    }, END_MS);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Requires that every run that was acknowledged is kept, over, each step once. */
async function assertKept(
  { url }: Pair,
  clients: readonly RunClients[],
): Promise<void> {
  const journals = await keptRuns(url, "crash");
  const ids = new Map<string, string>();
  for (const { acknowledged, oddities } of clients) {
    // A process that begins again as a new node says so, and may be asked again.
    const odd = oddities.filter((answer) => !/: 503 /.test(answer));
    assert.deepEqual(odd, []);
    for (const [key, { id }] of acknowledged) {
      assert.ok(journals.has(id), `run ${id} is lost`);
      // Clients of both processes use the same keys.
      assert.equal(ids.get(key) ?? id, id, `${key} has two runs`);
      ids.set(key, id);
    }
  }
  for (const [id, entries] of journals) {
    const [first] = entries;
    assert.ok(first?.kind === "accepted", id);
    assert.equal(entries.at(-1)?.kind, ENDS[first.pipeline], id);
    const steps = entries.flatMap((entry) =>
      entry.kind === "step.completed" ? [entry.step] : []
    );
    assert.equal(new Set(steps).size, steps.length, `${id}: ${steps}`);
  }
}

serverTest(
  "what a killed process has acknowledged is done by the one beside it",
  server,
  async (server) => {
    await using pair = await pairOf(server.url());
    const [first, second] = [await pair.start("a"), await pair.start("b")];
    const clients = [new RunClients(2), new RunClients(2)] as const;
    clients[0].open(first.addresses[0] ?? "");
    clients[1].open(second.addresses[0] ?? "");
    await pass(3_000);
    await first.end("SIGKILL");
    // Those who got no answer ask the other process, with the same keys.
    clients[0].open(second.addresses[0] ?? "");
    const counts = clients.map(({ acknowledged }) => acknowledged.size);
    assert.ok(counts.every((count) => count > 10), `${counts}`);
    await pass(2_000);
    await inTime(Promise.all(clients.map((one) => one.close())), pair);
    assert.equal(await second.end("SIGTERM"), 0);
    assert.ok(clients[0].unanswered > 0);
    await assertKept(pair, clients);
  },
);

serverTest(
  "a process that stood still past its lease writes nothing of what another does by then, and serves again",
  server,
  async (server) => {
    await using pair = await pairOf(server.url());
    const [first, second] = [await pair.start("a"), await pair.start("b")];
    const clients = [new RunClients(2), new RunClients(2)] as const;
    clients[0].open(first.addresses[0] ?? "");
    clients[1].open(second.addresses[0] ?? "");
    await pass(3_000);
    Deno.kill(first.pid, "SIGSTOP");
    await pass(LEASE_MS + 5_000);
    const before = await pair.segments();
    Deno.kill(first.pid, "SIGCONT");
    await inTime(first.printed(/begins again as a new node/), pair);
    const count = clients[0].acknowledged.size;
    await pass(3_000);
    const after = await pair.segments();
    for (const [key, text] of after) {
      // The first process was the first node.
      if (key.startsWith("1/")) assert.equal(text, before.get(key), key);
    }
    await inTime(Promise.all(clients.map((one) => one.close())), pair);
    assert.ok(clients[0].acknowledged.size > count, "it serves again");
    assert.equal(await first.end("SIGTERM"), 0);
    assert.equal(await second.end("SIGTERM"), 0);
    await assertKept(pair, clients);
  },
);
