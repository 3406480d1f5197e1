/**
 * Documents that combine types in ways that no example does: each does what whoever
 * wrote it would expect.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { definitions } from "../catalog.gen.ts";
import { Broker } from "../engine/services/broker.ts";
import { StateMachines } from "../engine/services/state_machines.ts";
import {
  simulatedEffects,
  type SimulationOptions,
} from "../engine/simulation/effects.ts";
import { startApplication, type TestApplication } from "../engine/testing.ts";

const FOLDER = fileURLToPath(new URL("./combinations/", import.meta.url));

type App = TestApplication<ReturnType<typeof simulatedEffects>>;

function start(
  name: string,
  world: SimulationOptions = {},
): Promise<App> {
  return startApplication({
    document: Deno.readTextFileSync(`${FOLDER}${name}.yaml`),
    definitions,
    folder: FOLDER,
    strict: true,
    effects: simulatedEffects(world),
  });
}

async function ask(
  app: App,
  line: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
  // deno-lint-ignore no-explicit-any -- tests look at whatever comes back
): Promise<{ status: number; body: any }> {
  const [method = "", path = ""] = line.split(" ");
  const response = await app.request(method, path, {
    headers,
    ...body === undefined ? {} : { body },
  });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json");
  return { status: response.status, body: isJson ? JSON.parse(text) : text };
}

/** Lines that a module has logged. */
function said(app: App, module: string): string[] {
  return app.logs.filter(({ fields }) => fields.module === module)
    .map(({ message }) => message);
}

/** Records what leaves the application. */
function outside(answer: (request: Request) => Response | Promise<Response>) {
  const requests: string[] = [];
  const fetch: NonNullable<SimulationOptions["fetch"]> = async (
    input,
    init,
  ) => {
    const request = new Request(input, init);
    requests.push(`${request.method} ${request.url}`);
    return await answer(request);
  };
  return { requests, fetch };
}

Deno.test("a claim goes the way of its kind, is paid once a person says so, and the bank is told", async () => {
  const bank = outside(() => new Response("{}"));
  await using app = await start("claims", { fetch: bank.fetch });
  const health = await ask(app, "POST /claims", { kind: "health", amount: 5 });
  assert.equal(health.body.handler, "health");
  const other = await ask(app, "POST /claims", { kind: "car" });
  assert.equal(other.status, 404);
  const { status, body } = await ask(app, "POST /claims", {
    ...{ kind: "travel", amount: 700 },
  });
  assert.equal(status, 201);
  await app.effects.advance(1_000);
  const stateOf = async () =>
    (await ask(app, `GET /claims/${body.id}`)).body.state;
  assert.equal(await stateOf(), "looked-at");
  assert.deepEqual(bank.requests, []);
  const runs = app.application.runs;
  const [run] = runs.live();
  const link = { id: run?.id ?? "", step: "ask", token: run?.accepted.token };
  await runs.decide({ ...link, token: link.token ?? "" }, {
    ...{ approved: true, comment: "", by: "Ada" },
  });
  await app.effects.advance(60_000);
  assert.equal(await stateOf(), "paid");
  assert.deepEqual(bank.requests, ["POST https://bank.example/pay"]);
});

Deno.test("one front has pages, an API behind a limit and a sign-in, and what was there before", async () => {
  const before = outside(({ url }) => new Response(`before ${url}`));
  await using app = await start("front", { fetch: before.fetch });
  const page = await ask(app, "GET /app/");
  assert.match(page.body, /<title>Pages/);
  const old = await ask(app, "GET /old/a/b?c=d");
  assert.equal(old.status, 200);
  assert.match(before.requests[0] ?? "", /a\/b\?c=d$/);
  assert.equal((await ask(app, "GET /notes")).status, 401);
  const user = { email: "ada@example.com", password: "debugging moths" };
  assert.equal((await ask(app, "POST /auth/register", user)).status, 201);
  const { body: { token } } = await ask(app, "POST /auth/login", user);
  const signedIn = { authorization: `Bearer ${token}` };
  const note = await ask(app, "POST /notes", { text: "hello" }, signedIn);
  assert.equal(note.status, 201);
  const statuses = [];
  for (let i = 0; i < 3; i++) {
    statuses.push((await ask(app, "GET /notes", undefined, signedIn)).status);
  }
  // One and three in a moment, of which three may be.
  assert.deepEqual(statuses, [200, 429, 429]);
  assert.equal((await ask(app, "GET /readyz")).status, 200);
});

Deno.test("a night is counted, reshaped, told and looked up", async () => {
  await using app = await start("nightly", {
    startMs: Date.UTC(2026, 0, 5, 23, 59, 0),
  });
  await app.effects.advance(120_000);
  const told = app.logs.filter(({ message }) =>
    message === 'Message on "report.day"'
  );
  assert.deepEqual(told.map(({ fields }) => fields.payload), ["2"]);
  const { body } = await ask(app, "GET /jobs");
  assert.equal(JSON.stringify(body).includes("office"), true);
});

Deno.test("three hot readings of one room raise an alarm, cool ones and other rooms none", async () => {
  await using app = await start("alarms");
  const measure = async (room: string, celsius: number) => {
    await ask(app, "POST /readings", { room, celsius });
    await app.effects.advance(1_000);
  };
  await measure("kitchen", 90);
  await measure("kitchen", 20);
  await measure("hall", 95);
  await measure("kitchen", 91);
  assert.deepEqual(said(app, "siren"), []);
  await measure("kitchen", 99);
  assert.deepEqual(said(app, "siren"), ['Message on "fire"']);
});

Deno.test("the older framework's types serve, schedule and measure beside newer ones", async () => {
  await using app = await start("modular");
  const { status, body } = await ask(app, "POST /v1/orders", { total: 5 });
  assert.equal(status, 201);
  const machine = app.service(StateMachines);
  const [order] = await Array.fromAsync(machine.list());
  await app.service(Broker).publish("payment.done", { id: order?.id ?? "" });
  await app.effects.advance(1_000);
  const paid = await ask(app, `GET /v1/orders/${body.id}`);
  assert.equal(paid.body.state, "paid");
  await app.effects.advance(5 * 60_000);
  assert.deepEqual(said(app, "sweeper"), ['Message on "job.sweep"']);
  const { body: numbers } = await ask(app, "GET /v1/metrics");
  assert.match(numbers, /http_requests_total\{.*\/orders.*\} 1/);
});

Deno.test("a trip that one of three refuses is taken back, and one that all take is answered", async () => {
  let isFull = false;
  const world = outside(({ url }) =>
    isFull && url.includes("rail")
      ? new Response("{}", { status: 409 })
      : Response.json({ id: url.includes("air") ? "f1" : "t1" })
  );
  await using app = await start("saga", { fetch: world.fetch });
  const asked = ask(app, "POST /trips", { seats: 2 });
  await app.effects.advance(5_000);
  const booked = await asked;
  assert.deepEqual([booked.status, booked.body], [200, {
    flight: "f1",
    train: "t1",
  }]);
  assert.deepEqual(said(app, "ledger").toSorted(), [
    'Message on "trip.car"',
    'Message on "trip.hotel"',
  ]);
  isFull = true;
  const late = ask(app, "POST /trips", { seats: 9 });
  await app.effects.advance(60_000);
  assert.equal((await late).status >= 400, true);
  assert.equal(world.requests.at(-1), "DELETE https://air.example/seats/f1");
});

Deno.test("an order waits for its parcel across a restart, and is done", async () => {
  const first = await start("chained");
  const { body } = await ask(first, "POST /orders", { sku: "lamp" });
  await first.effects.advance(60_000);
  const text = Deno.readTextFileSync(`${FOLDER}chained.yaml`);
  const effects = simulatedEffects({ startMs: first.effects.clock.now() });
  await first.stop();
  await using again = await startApplication({
    ...{ document: text, definitions, folder: FOLDER, effects },
    store: first.store,
  });
  const stateOf = async () =>
    (await ask(again, `GET /orders/${body.id}`)).body.state;
  assert.equal(await stateOf(), "placed");
  await effects.advance(10 * 60_000);
  assert.equal(await stateOf(), "done");
});

Deno.test("a library keeps books that are books, and answers twice from one row", async () => {
  await using app = await start("library");
  const add = async (book: unknown) => {
    const asked = ask(app, "POST /books", book);
    await app.effects.advance(1_000);
    return await asked;
  };
  const look = async (isbn: string) => {
    const asked = ask(app, `GET /books/${isbn}`);
    await app.effects.advance(1_000);
    return (await asked).body;
  };
  const isbn = "9780131103627";
  const refused = await add({ isbn: "12", title: "No" });
  assert.match(JSON.stringify(refused.body), /That is no book/);
  assert.equal((await add({ isbn, title: "C" })).status, 200);
  assert.deepEqual(await look(isbn), { title: "C", from: "database" });
  assert.deepEqual(await look(isbn), { title: "C", from: "cache" });
  await app.effects.advance(120_000);
  assert.deepEqual(await look(isbn), { title: "C", from: "database" });
});

Deno.test("an order that is paid is told to all, though one of them is away for a while", async () => {
  let attempts = 0;
  const world = outside(({ url }) =>
    url.includes("partner") && ++attempts === 1
      ? new Response("later", { status: 503 })
      : new Response("ok")
  );
  await using app = await start("paid", { fetch: world.fetch });
  assert.equal((await ask(app, "POST /orders", { total: 5 })).status, 201);
  await app.effects.advance(60_000);
  const asked = (what: string) =>
    world.requests.filter((line) => line.includes(what)).length;
  assert.deepEqual([asked("hooks.slack"), asked("partner")], [1, 2]);
  assert.deepEqual(said(app, "log"), ['Message on "order.paid"']);
});

Deno.test("who is signed in may wish for something, in the form that is asked for", async () => {
  const world = outside(() => Response.json({ cents: 450 }));
  await using app = await start("guarded", { fetch: world.fetch });
  assert.equal((await ask(app, "POST /wishes", { sku: "tea" })).status, 401);
  const user = { email: "ada@example.com", password: "debugging moths" };
  assert.equal((await ask(app, "POST /auth/register", user)).status, 201);
  const { body } = await ask(app, "POST /auth/login", user);
  const token = body.token ?? body.accessToken ?? body.access_token;
  const signedIn = { authorization: `Bearer ${token}` };
  const short = await ask(app, "POST /wishes", { sku: "t" }, signedIn);
  assert.equal(short.status, 400);
  const wish = await ask(app, "POST /wishes", { sku: "tea" }, signedIn);
  assert.equal(wish.status, 201);
  const asked = ask(app, "GET /prices/tea");
  await app.effects.advance(1_000);
  assert.deepEqual((await asked).body, { cents: 450 });
  assert.deepEqual(world.requests, [
    "GET https://prices.example/v1/prices/tea",
  ]);
});
