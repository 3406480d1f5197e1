import assert from "node:assert/strict";
import type { Host } from "../engine/define.ts";
import { defineModule } from "../engine/define.ts";
import { Engine } from "../engine/engine.ts";
import { createCatalog } from "../engine/catalog.ts";
import { simulatedEffects } from "../engine/simulation/effects.ts";
import { memoryStore } from "../engine/store/memory.ts";
import { Documents } from "../platform/documents.ts";
import { z } from "zod";
import { managementApp } from "./management.ts";

const TOKEN = "the-token-of-this-test";

/** Two applications, each with a module that hands its host to the test. */
async function surface() {
  const hosts: Host[] = [];
  const probe = defineModule({
    type: "test.probe",
    summary: "Hands its host to the test",
    stability: "experimental",
    config: z.strictObject({}),
    provides: [],
    examples: [],
    create(_config, host) {
      hosts.push(host);
      return {};
    },
  });
  const effects = simulatedEffects();
  const store = memoryStore({ now: effects.clock.now });
  const engine = await Engine.boot({
    catalog: createCatalog([probe]),
    documents: ["shop", "stock"].map((id) => ({
      file: `${id}.yaml`,
      text: "modules: [{ name: probe, type: test.probe }]",
    })),
    store,
    effects,
    log: () => {},
    secrets: { env: () => undefined, file: () => Promise.resolve(undefined) },
  });
  const management = managementApp({
    engine,
    documents: new Documents(engine, store, undefined),
    ...{ store, effects },
    token: TOKEN,
    signal: new AbortController().signal,
    onError: (error) => assert.fail(String(error)),
  });
  const ask = (method: string, path: string, token = TOKEN) =>
    management.request(path, {
      method,
      headers: { authorization: `Bearer ${token}` },
    });
  return {
    effects,
    shop: hosts[0] as Host,
    stock: hosts[1] as Host,
    ask,
    async json(method: string, path: string) {
      const response = await ask(method, path);
      const body = await response.json();
      assert.equal(response.status, 200, JSON.stringify(body));
      return body;
    },
    [Symbol.asyncDispose]: () => engine.stop(),
  };
}

/** Sends messages and buries each. */
async function bury(host: Host, name: string, count: number) {
  const queue = host.queues.queue(name);
  for (let n = 0; n < count; n++) {
    await queue.send({ n });
    const [lease] = await queue.lease(1);
    await lease?.nack({ error: "no ink", isFinal: true });
  }
}

interface Page {
  readonly letters: readonly {
    readonly id: string;
    readonly application: string;
    readonly payload: { readonly n: number };
  }[];
  readonly next?: string;
}

Deno.test("GET /api/queues shows each queue of each application", async () => {
  await using it = await surface();
  const orders = it.shop.queues.queue("orders");
  for (const delayMs of [0, 0, 60_000]) await orders.send(1, { delayMs });
  await orders.lease(1);
  await bury(it.shop, "orders", 1);
  await it.stock.queues.queue("parts").send(1);
  await it.effects.advance(2_500);
  assert.deepEqual(await it.json("GET", "/api/queues"), [
    {
      application: "shop",
      name: "orders",
      depth: 3,
      inFlight: 1,
      delayed: 1,
      dead: 1,
      oldestAgeMs: 2_500,
    },
    {
      application: "stock",
      name: "parts",
      depth: 1,
      inFlight: 0,
      delayed: 0,
      dead: 0,
      oldestAgeMs: 2_500,
    },
  ]);
  const stock = await it.json("GET", "/api/queues?application=stock");
  assert.equal(stock.length, 1);
});

Deno.test("GET /api/dead-letters pages through all applications", async () => {
  await using it = await surface();
  await bury(it.shop, "orders", 3);
  await bury(it.stock, "parts", 2);
  for (const limit of [1, 2, 3, 5, 100]) {
    const seen: string[] = [];
    for (let cursor = "";;) {
      const { letters, next }: Page = await it.json(
        "GET",
        `/api/dead-letters?limit=${limit}${cursor}`,
      );
      assert.ok(letters.length <= limit);
      for (const { application, payload } of letters) {
        seen.push(`${application} ${payload.n}`);
      }
      if (next === undefined) break;
      cursor = `&cursor=${encodeURIComponent(next)}`;
    }
    assert.deepEqual(seen, [
      "shop 0",
      "shop 1",
      "shop 2",
      "stock 0",
      "stock 1",
    ]);
  }
});

Deno.test("GET /api/dead-letters narrows to an application and a source", async () => {
  await using it = await surface();
  await bury(it.shop, "orders", 1);
  await bury(it.shop, "mail", 1);
  await bury(it.stock, "mail", 1);
  const count = async (query: string) => {
    const { letters }: Page = await it.json("GET", `/api/dead-letters${query}`);
    return letters.length;
  };
  assert.equal(await count(""), 3);
  assert.equal(await count("?application=shop"), 2);
  assert.equal(await count("?source=queue:mail"), 2);
  assert.equal(await count("?source=queue:mail&application=stock"), 1);
  assert.equal(await count("?source=webhook:mail"), 0);
});

Deno.test("GET /api/dead-letters/sources counts the letters of each", async () => {
  await using it = await surface();
  const before = await it.json("GET", "/api/dead-letters/sources");
  assert.deepEqual(before, { sources: [], complete: true });
  await bury(it.shop, "orders", 2);
  await bury(it.shop, "mail", 1);
  await bury(it.stock, "mail", 1);
  const { sources, complete } = await it.json(
    "GET",
    "/api/dead-letters/sources",
  );
  assert.deepEqual(sources, [
    { application: "shop", source: "queue:orders", count: 2 },
    { application: "shop", source: "queue:mail", count: 1 },
    { application: "stock", source: "queue:mail", count: 1 },
  ]);
  assert.equal(complete, true);
  const one = await it.json(
    "GET",
    "/api/dead-letters/sources?application=stock",
  );
  assert.equal(one.sources.length, 1);
});

Deno.test("GET /api/dead-letters/{id} tells the whole story", async () => {
  await using it = await surface();
  await bury(it.shop, "orders", 1);
  const { letters }: Page = await it.json("GET", "/api/dead-letters");
  const id = letters[0]?.id;
  const letter = await it.json("GET", `/api/dead-letters/${id}`);
  const now = it.effects.clock.now();
  assert.deepEqual(letter, {
    id,
    application: "shop",
    source: "queue:orders",
    payload: { n: 0 },
    error: "no ink",
    attempts: 1,
    firstAt: now,
    lastAt: now,
  });
});

Deno.test("GET /api/dead-letters shows what others than queues have buried, without what may be secret", async () => {
  await using it = await surface();
  await it.shop.queues.deadLetters.bury({
    source: { kind: "webhook", name: "hooks" },
    payload: { url: "http://localhost/" },
    ...{ error: "503", attempts: 4, firstAt: 1, lastAt: 2 },
    origin: { headers: { authorization: "secret" } },
  });
  const page: Page = await it.json(
    "GET",
    "/api/dead-letters?source=webhook:hooks",
  );
  assert.equal(page.letters.length, 1);
  const id = page.letters[0]?.id;
  const letter = await it.json("GET", `/api/dead-letters/${id}`);
  assert.equal(letter.error, "503");
  assert.ok(!JSON.stringify([page, letter]).includes("secret"));
  assert.equal(
    (await it.ask("POST", `/api/dead-letters/${id}/replay`)).status,
    409,
    "its sender is not in the document",
  );
});

Deno.test("POST /api/dead-letters/{id}/replay and DELETE end one letter", async () => {
  await using it = await surface();
  await bury(it.shop, "orders", 2);
  const { letters }: Page = await it.json("GET", "/api/dead-letters");
  const [first, second] = letters.map(({ id }) => `/api/dead-letters/${id}`);
  assert.deepEqual(await it.json("POST", `${first}/replay`), { replayed: 1 });
  assert.deepEqual(await it.json("DELETE", second ?? ""), { purged: 1 });
  const [lease] = await it.shop.queues.queue("orders").lease(9);
  assert.deepEqual(lease?.message.payload, { n: 0 });
  for (
    const [method, path] of [["POST", `${first}/replay`], ["DELETE", second]]
  ) {
    const response = await it.ask(method ?? "", path ?? "");
    assert.equal(response.status, 404);
    assert.equal((await response.json()).code, "not-found");
  }
});

Deno.test("POST /api/dead-letters/replay and DELETE take all of a source", async () => {
  await using it = await surface();
  await bury(it.shop, "orders", 3);
  await bury(it.stock, "orders", 2);
  await bury(it.shop, "mail", 1);
  const replayed = await it.json(
    "POST",
    "/api/dead-letters/replay?source=queue:orders&application=shop",
  );
  assert.deepEqual(replayed, { replayed: 3 });
  assert.equal((await it.shop.queues.queue("orders").lease(9)).length, 3);
  const purged = await it.json(
    "DELETE",
    "/api/dead-letters?source=queue:orders",
  );
  assert.deepEqual(purged, { purged: 2 });
  const { letters }: Page = await it.json("GET", "/api/dead-letters");
  assert.equal(letters.length, 1);
});

Deno.test("The routes of queues refuse what they cannot mean", async () => {
  await using it = await surface();
  await bury(it.shop, "orders", 1);
  const refused: [string, string, number, RegExp][] = [
    ["GET", "/api/queues?application=none", 404, /"none"/],
    ["GET", "/api/dead-letters?application=none", 404, /"none"/],
    [
      "GET",
      "/api/dead-letters?limit=0",
      400,
      /expected 1 to 1000 dead letters/,
    ],
    ["GET", "/api/dead-letters?limit=x", 400, /limit is "x"/],
    ["GET", "/api/dead-letters?source=orders", 400, /such as "queue:orders"/],
    ["GET", "/api/dead-letters/none", 404, /No dead letter has the id "none"/],
    ["POST", "/api/dead-letters/replay", 400, /Name the source/],
    ["DELETE", "/api/dead-letters", 400, /Name the source/],
  ];
  for (const [method, path, status, detail] of refused) {
    const response = await it.ask(method, path);
    assert.equal(response.status, status, path);
    assert.match((await response.json()).detail, detail);
  }
  assert.equal((await it.ask("GET", "/api/queues", "wrong")).status, 401);
  assert.equal(
    (await it.ask("DELETE", "/api/dead-letters?source=queue:orders", "wrong"))
      .status,
    401,
  );
  const { letters }: Page = await it.json("GET", "/api/dead-letters");
  assert.equal(letters.length, 1);
});
