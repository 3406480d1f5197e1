/**
 * The components in examples/components/ do what their comments say, in the
 * sandbox in which they run.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { InputViolationError } from "../engine/component_contract.ts";
import { Executor } from "../engine/services/executor.ts";
import { startApplication } from "../engine/testing.ts";
import component from "../modules/dynamic/component.ts";
import { followComment } from "./_follow_comment.ts";
import { ROOT } from "./_process.ts";

const COMPONENTS = [
  "inventory_checker",
  "payment_processor",
  "shipping_service",
  "notification_sender",
  "alert_formatter",
  "keyword_matcher",
] as const;

type Name = (typeof COMPONENTS)[number];
type Params = Parameters<Executor["execute"]>[0];
type Fields = Readonly<Record<string, unknown>>;

/** A key whose chances are all good ones. */
const LUCKY = "order-1";

const START_MS = 1_700_000_000_000;
const MINUTE_MS = 60_000;

/** Tells what came of a call: the result, or else the name and the message. */
interface Outcome {
  readonly result?: Fields;
  readonly error?: string;
}

/** The components at work, and the ways to call them. */
async function start() {
  const app = await startApplication({
    document: {
      modules: COMPONENTS.map((name) => ({
        name,
        type: "dynamic.component",
        config: { source: `./${name}.ts` },
      })),
    },
    definitions: [component],
    folder: `${join(ROOT, "examples/components")}/`,
    strict: true,
  });
  const { signal } = new AbortController();
  const call = (name: Name, params: Params, idempotencyKey = LUCKY) =>
    app.service(Executor, name)
      .execute(params, { signal, idempotencyKey }) as Promise<Fields>;
  return Object.assign(app, {
    call,
    outcome: (name: Name, params: Params, key?: string): Promise<Outcome> =>
      call(name, params, key).then(
        (result) => ({ result }),
        ({ name, message }: Error) => ({ error: `${name}: ${message}` }),
      ),
  });
}

type Started = Awaited<ReturnType<typeof start>>;

/** How often each outcome comes, over many keys. */
async function shares(
  { outcome }: Started,
  name: Name,
  params: Params,
): Promise<Readonly<Record<string, number>>> {
  const keys = [...Array(2_000).keys()].map((index) => `order-${index}`);
  const outcomes = await Promise.all(
    keys.map((key) => outcome(name, params, key)),
  );
  const counts: Record<string, number> = {};
  for (const { error = "a result" } of outcomes) {
    counts[error] = (counts[error] ?? 0) + 1 / keys.length;
  }
  return counts;
}

function assertShare(share: number | undefined, expected: number): void {
  const fact = `${share} is not about ${expected}`;
  assert.ok(Math.abs((share ?? 0) - expected) < 0.02, fact);
}

/** Time goes on while a component is at work. */
function assertTime(text: unknown, expectedMs: number): void {
  const lateMs = Date.parse(String(text)) - expectedMs;
  assert.ok(lateMs >= 0 && lateMs < MINUTE_MS, `${text}`);
}

const OUT_OF_STOCK = 'TerminalError: Cannot reserve "tea": out_of_stock';
const DECLINED = "TerminalError: Cannot charge 12.5 EUR: insufficient_funds";
const NO_ANSWER =
  "Error: Cannot charge 12.5 EUR: the payment service does not answer";
const NO_CARRIER = "Error: Cannot ship the parcel: the carrier does not answer";

Deno.test("inventory_checker sets what is in stock aside for 15 minutes", async () => {
  await using app = await start();
  const items = ["tea", { productId: "p1", name: "Lamp" }, { sku: "s1" }, {
    id: 7,
  }, { name: "Chair" }];
  const { reserved_until, ...rest } = await app.call("inventory_checker", {
    items,
  });
  assert.deepEqual(rest, {
    available: true,
    checked_items: ["tea", "p1", "s1", "7", "Chair"],
  });
  assertTime(reserved_until, START_MS + 15 * MINUTE_MS);
});

Deno.test("inventory_checker fails for good at one order in ten", async () => {
  await using app = await start();
  const found = await shares(app, "inventory_checker", { items: ["tea"] });
  assert.deepEqual(Object.keys(found).sort(), [OUT_OF_STOCK, "a result"]);
  assertShare(found["a result"], 0.9);
});

Deno.test("inventory_checker names one of the items as out of stock", async () => {
  await using app = await start();
  const items = ["tea", "lamp", "chair"];
  const outcomes = await Promise.all(
    [9, 16, 17, 25, 27, 34, 42, 46, 47, 52, 57, 60].map((number) =>
      app.outcome("inventory_checker", { items }, `order-${number}`)
    ),
  );
  assert.deepEqual(
    new Set(outcomes.map(({ error }) => error)),
    new Set(items.map((item) => OUT_OF_STOCK.replace("tea", item))),
  );
});

Deno.test("inventory_checker refuses an order without items", async () => {
  await using app = await start();
  assert.deepEqual(await app.outcome("inventory_checker", { items: [] }), {
    error: "TerminalError: Cannot check the stock: the order has no items",
  });
});

for (const item of [null, 7, {}, { name: ["tea"] }]) {
  Deno.test(`inventory_checker refuses ${JSON.stringify(item)} as an item`, async () => {
    await using app = await start();
    const items = ["tea", item];
    assert.deepEqual(await app.outcome("inventory_checker", { items }), {
      error:
        "TerminalError: Cannot check item 2: it has no productId, sku, id, name",
    });
  });
}

Deno.test("payment_processor charges an amount, and logs the order", async () => {
  await using app = await start();
  const payment = { amount: 12.5, currency: "EUR", order_id: "o1" };
  assert.deepEqual(await app.call("payment_processor", payment), {
    transaction_id: "txn-order-1",
    status: "approved",
    last4: "4242",
  });
  const line = app.logs.find(({ message }) => message === "Charged");
  const { order_id, amount, currency } = line?.fields ?? {};
  assert.deepEqual({ order_id, amount, currency }, payment);
});

Deno.test("payment_processor charges the total of an order in USD by default", async () => {
  await using app = await start();
  const order = { total: 8, amount: null, workflowId: "order-7" };
  const { status } = await app.call("payment_processor", order);
  assert.equal(status, "approved");
  const line = app.logs.find(({ message }) => message === "Charged");
  assert.equal(line?.fields.amount, 8);
  assert.equal(line?.fields.currency, "USD");
  assert.equal(line?.fields.order_id, "order-7");
});

Deno.test("payment_processor approves 85 of 100, declines 10 for good, and fails 5 that may be tried again", async () => {
  await using app = await start();
  const payment = { amount: 12.5, currency: "EUR" };
  const found = await shares(app, "payment_processor", payment);
  assert.deepEqual(Object.keys(found).sort(), [
    NO_ANSWER,
    DECLINED,
    "a result",
  ]);
  assertShare(found["a result"], 0.85);
  assertShare(found[DECLINED], 0.1);
  assertShare(found[NO_ANSWER], 0.05);
});

Deno.test("payment_processor refuses to charge nothing, or less than 0", async () => {
  await using app = await start();
  assert.deepEqual(await app.outcome("payment_processor", { order_id: "o1" }), {
    error: "TerminalError: Cannot charge: neither amount nor total is given",
  });
  assert.deepEqual(await app.outcome("payment_processor", { amount: -1 }), {
    error: "TerminalError: Cannot charge -1 USD: it is less than 0",
  });
});

Deno.test("shipping_service hands a parcel over that arrives in 5 days", async () => {
  await using app = await start();
  const parcel = { order_id: "o1", shipping: { city: "Basel" } };
  assert.deepEqual(await app.call("shipping_service", parcel), {
    tracking_number: "TRK-order-1",
    carrier: "USPS",
    estimated_delivery: "2023-11-19",
  });
  const line = app.logs.find(({ message }) =>
    message === "Handed to the carrier"
  );
  assert.equal(line?.fields.order_id, "o1");
});

Deno.test("shipping_service fails at 5 parcels of 100, which may be tried again", async () => {
  await using app = await start();
  const found = await shares(app, "shipping_service", {});
  assert.deepEqual(Object.keys(found).sort(), [NO_CARRIER, "a result"]);
  assertShare(found["a result"], 0.95);
});

Deno.test("notification_sender names the mail after the state that is reached", async () => {
  await using app = await start();
  const change = { toState: "shipped", workflowId: "order-7" };
  const { sent_at, ...rest } = await app.call("notification_sender", change);
  assert.deepEqual(rest, {
    notification_id: "notif-order-1",
    channel: "email",
    template: "order_shipped",
  });
  assertTime(sent_at, START_MS);
  const line = app.logs.find(({ message }) =>
    message === "Notified the customer"
  );
  assert.equal(line?.fields.workflowId, "order-7");
  assert.equal(line?.fields.template, "order_shipped");
});

Deno.test("alert_formatter writes one text, and names each recipient once", async () => {
  await using app = await start();
  const { created_at, ...rest } = await app.call("alert_formatter", {
    severity: "Critical",
    message: " The warehouse burns\n",
    recipients: ["ada", "grace", "ada"],
  });
  assert.deepEqual(rest, {
    alert_id: "alert-order-1",
    severity: "critical",
    text: "[CRITICAL] The warehouse burns",
    recipients: ["ada", "grace"],
    recipient_count: 2,
  });
  assertTime(created_at, START_MS);
});

Deno.test("alert_formatter tells those on call by default, and leaves what it is given", async () => {
  await using app = await start();
  const alert = { severity: "low", message: "Dust" };
  const { recipients } = await app.call("alert_formatter", alert);
  assert.deepEqual(recipients, ["on-call"]);
  assert.deepEqual(alert, { severity: "low", message: "Dust" });
});

Deno.test("alert_formatter refuses a severity that it does not know, and an alert for nobody", async () => {
  await using app = await start();
  const alert = { severity: "low", message: "Dust" };
  const refused = async (change: Params) =>
    (await app.outcome("alert_formatter", { ...alert, ...change })).error;
  assert.equal(
    await refused({ severity: "urgent" }),
    'TerminalError: Cannot format the alert: its severity is "urgent", ' +
      "expected low, medium, high, critical",
  );
  assert.equal(
    await refused({ recipients: [] }),
    "TerminalError: Cannot format the alert: it has no recipients",
  );
  assert.equal(
    await refused({ recipients: ["ada", 7] }),
    "TerminalError: Cannot format the alert: a recipient is not a string",
  );
});

for (
  const [keyword, programId, subProgram, action] of [
    ["HELLO", "prog-001", "", "route"],
    ["HELP", "prog-001", "", "route"],
    ["CRISIS", "prog-001", "crisis-immediate", "route_priority"],
    ["TEEN", "prog-002", "teen-support", "route"],
    ["WELLNESS", "prog-003", "", "route"],
    ["PARTNER", "prog-004", "", "route"],
  ] as const
) {
  Deno.test(`keyword_matcher sends ${keyword} to ${programId}, by ${action}`, async () => {
    await using app = await start();
    const body = `  ${keyword.toLowerCase()}\tis anybody there`;
    const result = await app.call("keyword_matcher", { body });
    const { autoResponse, timestamp, ...rest } = result;
    const found = { keyword, programId, subProgram, action };
    assert.deepEqual(rest, { matched: true, ...found });
    assert.match(String(autoResponse), /^[A-Z].+\.$/);
    assertTime(timestamp, START_MS);
  });
}

Deno.test("keyword_matcher answers a first word that is no keyword with that word", async () => {
  await using app = await start();
  const keywordOf = async (body: string) => {
    const result = await app.call("keyword_matcher", { body });
    const { timestamp: _, ...rest } = result;
    return rest;
  };
  assert.deepEqual(await keywordOf("please help"), {
    matched: false,
    keyword: "PLEASE",
  });
  assert.deepEqual(await keywordOf("constructor"), {
    matched: false,
    keyword: "CONSTRUCTOR",
  });
  assert.deepEqual(await keywordOf(" \n "), { matched: false, keyword: "" });
});

Deno.test("keyword_matcher reads body, then Body, then message", async () => {
  await using app = await start();
  const keywordOf = async (params: Params) =>
    (await app.call("keyword_matcher", params)).keyword;
  const message = { body: "teen", Body: "help", message: "hello" };
  assert.equal(await keywordOf(message), "TEEN");
  assert.equal(await keywordOf({ ...message, body: "" }), "HELP");
  assert.equal(await keywordOf({ body: null, message: "hello" }), "HELLO");
});

Deno.test("keyword_matcher refuses a message without text", async () => {
  await using app = await start();
  const error =
    "TerminalError: Cannot match a keyword: the message has no text";
  assert.deepEqual(await app.outcome("keyword_matcher", {}), { error });
  assert.deepEqual(await app.outcome("keyword_matcher", { body: "" }), {
    error,
  });
});

for (
  const [name, params, violations] of [
    ["inventory_checker", {}, ['"items" is missing, expected slice']],
    ["inventory_checker", { items: "tea" }, [
      '"items" is a string, expected slice',
    ]],
    ["payment_processor", { amount: "much", currency: 1, order_id: [] }, [
      '"amount" is a string, expected float',
      '"currency" is the number 1, expected string',
      '"order_id" is a list, expected string',
    ]],
    ["shipping_service", { order_id: 1, shipping: "Basel" }, [
      '"order_id" is the number 1, expected string',
      '"shipping" is a string, expected map',
    ]],
    ["notification_sender", { workflowId: 7 }, [
      '"toState" is missing, expected string',
      '"workflowId" is the number 7, expected string',
    ]],
    ["alert_formatter", { severity: 3, recipients: "ada" }, [
      '"severity" is the number 3, expected string',
      '"message" is missing, expected string',
      '"recipients" is a string, expected slice',
    ]],
    ["keyword_matcher", { body: {}, message: true }, [
      '"body" is a map, expected string',
      '"message" is a boolean, expected string',
    ]],
  ] as const
) {
  Deno.test(`${name} names all that its contract refuses in ${JSON.stringify(params)}`, async () => {
    await using app = await start();
    await assert.rejects(
      app.call(name, params),
      (error) =>
        error instanceof InputViolationError &&
        error.message === `Cannot run ${name}: ${violations.join("; ")}`,
    );
  });
}

for (
  const [name, params, key, error] of [
    ["inventory_checker", { items: ["tea"] }, LUCKY, undefined],
    ["inventory_checker", { items: ["tea"] }, "order-16", OUT_OF_STOCK],
    [
      "payment_processor",
      { amount: 12.5, currency: "EUR" },
      LUCKY,
      undefined,
    ],
    [
      "payment_processor",
      { amount: 12.5, currency: "EUR" },
      "order-16",
      DECLINED,
    ],
    [
      "payment_processor",
      { amount: 12.5, currency: "EUR" },
      "order-9",
      NO_ANSWER,
    ],
    ["shipping_service", {}, LUCKY, undefined],
    ["shipping_service", {}, "order-9", NO_CARRIER],
  ] as const
) {
  const end = error ?? "a result";
  Deno.test(`${name} has one end for the key ${key}, also after a restart: ${end}`, async () => {
    const outcomes: Outcome[] = [];
    for (let starts = 0; starts < 2; starts++) {
      await using app = await start();
      const calls = [1, 2].map(() => app.outcome(name, params, key));
      outcomes.push(...await Promise.all(calls));
    }
    const [first] = outcomes.map(withoutTime);
    for (const outcome of outcomes) {
      assert.deepEqual(withoutTime(outcome), first);
      assert.equal(outcome.error, error);
    }
  });
}

/** The time goes on from one call to the next. */
function withoutTime({ result, error }: Outcome): Outcome {
  if (error !== undefined) return { error };
  const { reserved_until: _, ...rest } = result ?? {};
  return { result: rest };
}

Deno.test("examples/components/components.yaml does what its comment says", () =>
  followComment("examples/components/components.yaml"));
