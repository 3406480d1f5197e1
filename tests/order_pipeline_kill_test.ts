/**
 * The order pipeline in the real process, killed between its steps: whatever the
 * moment, an order is charged once and sent once, or both are taken back once.
 * What happened is read from the book of the services outside.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { keptRuns } from "./_kept_runs.ts";
import { type RunningProcess, startProcess } from "./_process.ts";
import { WatchedFolder } from "./_watched_folder.ts";

/** The shop on a folder that outlives its processes. */
class Shop implements AsyncDisposable {
  readonly #folder: WatchedFolder;
  readonly #book: string;
  readonly #checks: (() => Promise<void>)[] = [];
  #process: RunningProcess | undefined;
  /** What was asked for again although the journal had it as done. */
  readonly repeated: string[] = [];

  constructor(path: string) {
    this.#folder = new WatchedFolder(path);
    this.#book = join(path, "book");
  }

  async start(): Promise<void> {
    this.#process = await startProcess([
      ...["--config", "examples/order-pipeline/order-pipeline.yaml"],
      ...["--data", this.#folder.path, "--management-address", "127.0.0.1:0"],
    ], {
      env: {
        ORDER_PIPELINE_ADDRESS: "127.0.0.1:0",
        ORDER_PIPELINE_BOOK: this.#book,
        WORKFLOW_TOKEN: "a-token-for-this-test",
      },
    });
  }

  /** Orders a lamp; resolves to the run once the order is acknowledged. */
  async order(city: string): Promise<string> {
    const response = await fetch(`${this.#url}/orders`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        items: [{ sku: "lamp", quantity: 1, price: 30 }],
        cardToken: "tok_4242",
        city,
      }),
    });
    const { run } = await response.json();
    assert.equal(response.status, 202);
    return run;
  }

  /**
   * Kills the process once the book has a line, and starts it again. From then on
   * nothing may be asked for again that the journal has as done by now.
   */
  async killAt(deed: string, run: string): Promise<void> {
    while (!(await this.#deeds(run)).includes(deed)) {
      await this.#folder.written(1);
    }
    await this.#process?.end("SIGKILL");
    const before = (await this.#deeds(run)).length;
    const path = join(this.#folder.path, "store.kv");
    const journal = (await keptRuns(path, "order-pipeline")).get(run) ?? [];
    const done = journal.flatMap((entry) =>
      entry.kind === "step.completed" ? [DEEDS[entry.step]] : []
    );
    this.#checks.push(async () => {
      const after = (await this.#deeds(run)).slice(before);
      this.repeated.push(
        ...after.filter((line) => done.includes(line.replace("again ", ""))),
      );
    });
    await this.start();
  }

  /** How a run ends, and what has happened outside, each thing once. */
  async ended(run: string) {
    let state: { status: string; output?: { state: string } };
    do {
      const response = await fetch(`${this.#url}/orders/runs/${run}`);
      state = await response.json();
    } while (["running", "waiting"].includes(state.status));
    for (const check of this.#checks.splice(0)) await check();
    const deeds = (await this.#deeds(run))
      .filter((line) => !line.startsWith("again "));
    return { ...state, deeds };
  }

  async [Symbol.asyncDispose]() {
    await this.#process?.end("SIGKILL");
    await this.#folder[Symbol.asyncDispose]();
  }

  get #url(): string {
    return this.#process?.addresses[0] ?? "";
  }

  /** What was done for a run, and what was asked for again. */
  async #deeds(run: string): Promise<string[]> {
    const text = await Deno.readTextFile(this.#book).catch(() => "");
    return text.split("\n").flatMap((line) =>
      line.includes(run) ? [line.slice(0, line.lastIndexOf(" "))] : []
    );
  }
}

/** What each step does outside. */
const DEEDS: Readonly<Record<string, string>> = {
  pay: "charge",
  reserve: "reserve",
  ship: "ship",
  "reserve~compensate": "release",
  "pay~compensate": "refund",
};

Deno.test("an order is charged and sent once, killed between payment and shipping", async () => {
  await using shop = new Shop(await Deno.makeTempDir());
  await shop.start();
  const run = await shop.order("Berlin");
  await shop.killAt("charge", run);
  await shop.killAt("reserve", run);
  await shop.killAt("ship", run);
  const { status, output, deeds } = await shop.ended(run);
  assert.equal(status, "completed");
  assert.equal(output?.state, "shipped");
  assert.deepEqual(deeds, ["charge", "reserve", "ship"]);
  assert.deepEqual(shop.repeated, []);
});

Deno.test("an order that fails is taken back once, killed in the middle of that", async () => {
  await using shop = new Shop(await Deno.makeTempDir());
  await shop.start();
  const run = await shop.order("Atlantis");
  await shop.killAt("release", run);
  await shop.killAt("refund", run);
  const { status, deeds } = await shop.ended(run);
  assert.equal(status, "failed");
  assert.deepEqual(deeds, ["charge", "reserve", "release", "refund"]);
  assert.deepEqual(shop.repeated, []);
});
