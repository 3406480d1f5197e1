/**
 * `wfctl queues` and `wfctl dead-letters` as an operator uses them: against a
 * process of its own, with the token that it has made.
 */
import assert from "node:assert/strict";
import {
  type RunningProcess,
  runProcess,
  startProcess,
} from "../tests/_process.ts";
import { table } from "./table.ts";

/** The trigger cannot take what is no object: that is a dead letter at once. */
const DOCUMENT = `modules:
  - { name: web, type: http.server, config: { address: "127.0.0.1:0" } }
  - { name: router, type: http.router }
  - { name: orders, type: http.handler }
  - { name: events, type: messaging.broker, config: { durable: true } }
  - { name: log, type: messaging.handler }
workflows:
  http:
    routes: [{ method: POST, path: /orders, handler: orders }]
  messaging:
    broker: events
    subscriptions: [{ topic: order.placed, handler: log }]
    producers: [{ name: orders, forwardTo: [order.placed] }]
triggers:
  event:
    broker: events
    subscriptions:
      - { topic: order.placed, workflow: messaging, action: order.seen }
`;

const SOURCE = "queue:events/trigger%20messaging.order.seen/order.placed";

interface Letter {
  readonly id: string;
  readonly source: string;
  readonly error: string;
  readonly payload: { readonly payload: unknown };
}

/** A process, and the tool with its address and its data folder. */
async function shop() {
  const folder = await Deno.makeTempDir();
  const file = `${folder}/shop.yaml`;
  await Deno.writeTextFile(file, DOCUMENT);
  const data = `${folder}/data`;
  const process: RunningProcess = await startProcess([
    "--config",
    file,
    "--data",
    data,
    "--management-address",
    "127.0.0.1:0",
  ], { env: { WORKFLOW_TOKEN: "" } });
  const [web = "", url = ""] = process.addresses;
  const wfctl = async (...args: readonly string[]) => {
    const result = await runProcess(
      ["run", "-P=start", "cli/wfctl.ts", ...args, "--url", url],
      { env: { WORKFLOW_DATA: data, WORKFLOW_TOKEN: "" } },
    );
    return { ...result, stderr: said(result.stderr) };
  };
  const letters = async (): Promise<readonly Letter[]> => {
    const { stdout } = await wfctl("dead-letters", "list", "--json");
    return JSON.parse(stdout).letters;
  };
  return {
    wfctl,
    async order(body: unknown) {
      const response = await fetch(`${web}/orders`, {
        method: "POST",
        body: JSON.stringify(body),
      });
      assert.equal(response.status, 200, await response.text());
    },
    /** Asks until so many letters are there. */
    async buried(count: number) {
      for (;;) {
        const found = await letters();
        if (found.length >= count) return found;
      }
    },
    async [Symbol.asyncDispose]() {
      await process.end("SIGKILL");
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** What a tool wrote on standard error, without what Deno itself warns of. */
function said(stderr: string): string {
  return stderr.split("\n").filter((line) => !line.startsWith("Warning"))
    .join("\n").trim();
}

Deno.test("wfctl queues and dead-letters show, replay and purge what is dead", async () => {
  await using it = await shop();
  await it.order({ sku: "lamp" });
  await it.order([1]);
  await it.order([2]);
  const [first, second] = await it.buried(2);

  const queues = await it.wfctl("queues");
  assert.match(queues.stdout, /^application +queue +depth +in flight/);
  assert.match(
    queues.stdout,
    /shop +events\/log\/order\.placed +0 +0 +0 +0 +-/,
  );

  const list = await it.wfctl("dead-letters", "list", "--limit", "1");
  assert.match(list.stdout, /^id +application +source +attempts/);
  assert.match(list.stdout, /it is not a JSON object/);
  assert.match(list.stdout, /^more: --cursor shop\//m);

  const shown = await it.wfctl("dead-letters", "show", first?.id ?? "");
  const letter: Letter = JSON.parse(shown.stdout);
  assert.equal(letter.source, SOURCE);
  assert.deepEqual(letter.payload.payload, [1]);

  // What cannot be handled dies again, under a new id.
  const replay = await it.wfctl("dead-letters", "replay", first?.id ?? "");
  assert.equal(replay.stdout, "replayed 1 dead letter\n");
  const purge = await it.wfctl("dead-letters", "purge", second?.id ?? "");
  assert.equal(purge.stdout, "purged 1 dead letter\n");
  const [again] = await it.buried(1);
  assert.notEqual(again?.id, first?.id);

  const all = await it.wfctl("dead-letters", "purge", "--source", SOURCE);
  assert.equal(all.stdout, "purged 1 dead letter\n");
  const none = await it.wfctl("dead-letters", "list");
  assert.equal(none.stdout, "There are no dead letters\n");
});

Deno.test("wfctl dead-letters prints why it is refused", async () => {
  await using it = await shop();
  const refused: [readonly string[], RegExp][] = [
    [["show", "none"], /^No dead letter has the id "none"$/],
    [["list", "--source", "orders"], /^source is "orders", expected a kind/],
    [["list", "--application", "none"], /^No document is called "none"$/],
    [["purge"], /^Cannot purge: expected the id .* found neither$/],
    [["replay", "a", "--source", "queue:b"], /^Cannot replay: .* found both$/],
  ];
  for (const [args, message] of refused) {
    const { code, stdout, stderr } = await it.wfctl("dead-letters", ...args);
    assert.match(stderr, message);
    assert.equal(stdout, "");
    assert.equal(code, 1);
  }
});

Deno.test("wfctl queues says that nobody answers, or whom it cannot ask", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const cases: [string, Record<string, string>, RegExp][] = [
    [
      `http://127.0.0.1:${port}`,
      { WORKFLOW_TOKEN: "a-token-of-this-test" },
      /^Cannot reach http:\S+: nothing listens there \(start the engine/,
    ],
    ["localhost", {}, /^Cannot ask "localhost": expected an address such as/],
    [
      `http://127.0.0.1:${port}`,
      { WORKFLOW_TOKEN: "", WORKFLOW_DATA: "/nowhere" },
      /^Cannot ask http:\S+: \/nowhere holds no token, start the engine once/,
    ],
  ];
  for (const [url, env, message] of cases) {
    const { code, stderr } = await runProcess(
      ["run", "-P=start", "cli/wfctl.ts", "queues", "--url", url],
      { env },
    );
    assert.match(said(stderr), message);
    assert.equal(code, 1);
  }
});

Deno.test("table() lines up text to the left and numbers to the right", () => {
  assert.deepEqual(table(["name", "depth"], [["a", 7], ["orders", 10_000]]), [
    "name    depth",
    "a           7",
    "orders  10000",
  ]);
  assert.deepEqual(table(["a", "b"], []), ["a  b"]);
});
