import assert from "node:assert/strict";
import { simulatedEffects } from "../simulation/effects.ts";
import { memoryStore } from "../store/memory.ts";
import { DeadLetters, type DeadWork, parseSource } from "./dead_letters.ts";

const HOOKS = { kind: "webhook", name: "shop" };
const ORDERS = { kind: "queue", name: "orders" };

function work(source: typeof HOOKS, payload: number): DeadWork {
  return {
    source,
    payload,
    error: "503",
    attempts: 3,
    firstAt: 10,
    lastAt: 20,
    origin: { url: "http://localhost" },
  };
}

async function letters() {
  const store = memoryStore();
  const dead = new DeadLetters(store, simulatedEffects());
  for (let i = 0; i < 5; i++) {
    await dead.bury(work(i % 2 === 0 ? HOOKS : ORDERS, i));
  }
  return { store, dead };
}

const payloads = (list: readonly { payload: unknown }[]) =>
  list.map(({ payload }) => payload);

Deno.test("DeadLetters.list() pages through all, or through one source", async () => {
  const { dead } = await letters();
  const first = await dead.list({ limit: 2 });
  assert.deepEqual(payloads(first.letters), [0, 1]);
  const second = await dead.list({ limit: 2, after: first.next ?? "" });
  assert.deepEqual(payloads(second.letters), [2, 3]);
  const third = await dead.list({ limit: 2, after: second.next ?? "" });
  assert.deepEqual(payloads(third.letters), [4]);
  assert.equal(third.next, undefined);
  const hooks = await dead.list({ source: HOOKS, limit: 2 });
  assert.deepEqual(payloads(hooks.letters), [0, 2]);
  const rest = await dead.list({ source: HOOKS, after: hooks.next ?? "" });
  assert.deepEqual([payloads(rest.letters), rest.next], [[4], undefined]);
  assert.equal(await dead.count(ORDERS), 2);
});

Deno.test("DeadLetters.replay() gives back in one commit, once", async () => {
  const { store, dead } = await letters();
  const [letter] = (await dead.list()).letters;
  const id = letter?.id ?? "";
  await assert.rejects(dead.replay(id), {
    code: "wrong-state",
    message: `Cannot replay dead letter ${id}: nothing here takes back ` +
      'work of "webhook:shop"',
  });
  let told = 0;
  const forget = dead.onRevive("webhook", ({ payload, origin }) => ({
    sets: [{ key: ["again", payload as number], value: origin ?? null }],
    revived: () => told++,
  }));
  // Of two who replay the same one, one does.
  const results = await Promise.allSettled([dead.replay(id), dead.replay(id)]);
  assert.deepEqual(results.map(({ status }) => status), [
    "fulfilled",
    "rejected",
  ]);
  assert.deepEqual((await store.get(["again", 0]))?.value, {
    url: "http://localhost",
  });
  assert.equal(told, 1);
  assert.equal(await dead.get(id), undefined);
  assert.equal(await dead.replayAll(HOOKS), 2);
  assert.equal(await dead.count(HOOKS), 0);
  forget();
  await dead.bury(work(HOOKS, 9));
  await assert.rejects(dead.replayAll(HOOKS), { code: "wrong-state" });
});

Deno.test("DeadLetters.replayAll() does not follow what dies again at once", async () => {
  const { dead } = await letters();
  let revived = 0;
  dead.onRevive("webhook", ({ payload }) => {
    revived++;
    return { sets: dead.burial(work(HOOKS, payload as number)) };
  });
  assert.equal(await dead.replayAll(HOOKS), 3);
  assert.equal(revived, 3);
  assert.equal(await dead.count(HOOKS), 3);
});

Deno.test("DeadLetters.purge() removes one, and purgeAll() those of one source", async () => {
  const { store, dead } = await letters();
  const [letter] = (await dead.list()).letters;
  await dead.purge(letter?.id ?? "");
  await assert.rejects(dead.purge(letter?.id ?? ""), {
    code: "not-found",
    message: `Cannot purge dead letter "${letter?.id}": ` +
      "there is none of that id",
  });
  assert.equal(await dead.purgeAll(HOOKS), 2);
  assert.deepEqual(payloads((await dead.list()).letters), [1, 3]);
  await dead.purgeAll(ORDERS);
  assert.deepEqual(await Array.fromAsync(store.list({ prefix: [] })), []);
});

Deno.test("parseSource() reads what names a source, whatever the name holds", () => {
  assert.deepEqual(parseSource("queue:a:b/c"), {
    kind: "queue",
    name: "a:b/c",
  });
  assert.equal(parseSource("orders"), undefined);
  assert.equal(parseSource(":orders"), undefined);
});

Deno.test("each source of a kind may take back its own work", async () => {
  const dead = new DeadLetters(memoryStore(), simulatedEffects());
  const revived: string[] = [];
  const reviver = (who: string) => () => ({
    sets: [],
    revived: () => void revived.push(who),
  });
  dead.onRevive("webhook", reviver("any"));
  const forget = dead.onRevive("webhook", reviver("hooks"), HOOKS.name);
  const other = { ...HOOKS, name: "other" };
  for (const source of [HOOKS, other]) await dead.bury(work(source, 1));
  await dead.replayAll(HOOKS);
  await dead.replayAll(other);
  assert.deepEqual(revived, ["hooks", "any"]);
  forget();
  await dead.bury(work(HOOKS, 1));
  await dead.replayAll(HOOKS);
  assert.deepEqual(revived, ["hooks", "any", "any"]);
});
