import assert from "node:assert/strict";
import { RefusedError } from "../errors.ts";
import {
  type SimulatedEffects,
  simulatedEffects,
} from "../simulation/effects.ts";
import { memoryStore } from "../store/memory.ts";
import type { Batch, Store } from "../store/store.ts";
import { work } from "./_compiled_test.ts";
import { type Doing, startPipelines } from "./_application_test.ts";
import type { RunStatus } from "./journal.ts";
import { listRuns } from "./list.ts";
import { BEAT_MS, LEASE_MS } from "./neighbours.ts";
import { adopt, adoptedBy, holderOf, join, readNodes } from "./nodes.ts";
import { INBOX, keyPlace, LOG, NODES } from "./places.ts";
import type { Runs } from "./runs.ts";

const wait = (id: string, wait: Record<string, unknown>) => ({ id, wait });

const PIPELINES = {
  p: { steps: [work("a"), wait("w", { signal: "go" }), work("b")] },
  timed: { steps: [wait("w", { for: "20s" }), work("b")] },
  approved: {
    steps: [wait("d", { approval: { title: "Shall it?" } })],
  },
};

/** A store that one process has; it can be cut off, as one that stands still. */
function lineTo(store: Store) {
  const held: (() => void)[] = [];
  const line = {
    isHeld: false,
    release() {
      line.isHeld = false;
      for (const go of held.splice(0)) go();
    },
  };
  const pass = () =>
    line.isHeld
      ? new Promise<void>((resolve) => held.push(resolve))
      : Promise.resolve();
  const own: Store = {
    limits: store.limits,
    get: async (key) => (await pass(), await store.get(key)),
    getMany: async (keys) => (await pass(), await store.getMany(keys)),
    async *list(range, options) {
      await pass();
      yield* store.list(range, options);
    },
    commit: async (batch: Batch) => (await pass(), await store.commit(batch)),
    watch: (keys, signal) => store.watch(keys, signal),
    close: () => store.close(),
  };
  return Object.assign(line, { store: own });
}

/** Two processes that share a store, each with a line of its own to it. */
async function two(does?: Doing) {
  const effects: SimulatedEffects = simulatedEffects();
  const store = memoryStore({ now: effects.clock.now });
  const start = async (line = lineTo(store)) =>
    Object.assign(
      await startPipelines(PIPELINES, {
        ...{ effects, store: line.store, isShared: true },
        ...does === undefined ? {} : { does },
      }),
      { line },
    );
  return {
    ...{ effects, store, start },
    a: await start(),
    b: await start(),
    pass: (ms: number) => effects.advance(ms),
  };
}

Deno.test("two nodes both accept runs, and each finds those of the other", async () => {
  const { a, b, pass } = await two();
  const first = await a.runs.start("p", {});
  const second = await b.runs.start("p", {});
  await pass(5 * BEAT_MS);
  assert.deepEqual([a.done, b.done], [["a #1"], ["a #1"]]);
  for (const { id } of [first, second]) {
    for (const { runs } of [a, b]) {
      const view = await runs.get(id);
      assert.equal(view?.summary.status, "waiting");
      assert.equal(view?.entries.length, 3);
    }
  }
  assert.equal(await a.runs.get("01HF7YAT00000000000000000Z"), undefined);
  await a.stop();
  await b.stop();
});

Deno.test("a node goes on with the runs of one that died, once its lease is over", async () => {
  const { a, b, pass } = await two();
  const { id } = await a.runs.start("p", {});
  const timed = await a.runs.start("timed", {});
  await pass(2 * BEAT_MS);
  a.line.isHeld = true;
  await pass(LEASE_MS - BEAT_MS);
  assert.equal(b.runs.find(id), undefined, "it may be there yet");
  await pass(4 * BEAT_MS);
  assert.ok(b.runs.find(id));
  await b.runs.signal(id, "go", 1);
  await pass(20_000);
  assert.equal(await b.end(id), null);
  assert.equal(await b.end(timed.id), null);
  assert.deepEqual(b.done.toSorted(), ["b #1", "b #1"]);
  await b.stop();
});

Deno.test("a node that stood still past its lease writes nothing more, and begins again as a new one", async () => {
  const { a, b, store, pass } = await two();
  const { id } = await a.runs.start("p", {});
  await pass(2 * BEAT_MS);
  const isOld = await readNodes(a.scoped);
  const [epoch] = isOld.keys();
  a.line.isHeld = true;
  const late = a.runs.signal(id, "go", "from the one that was replaced");
  late.catch(() => {});
  await pass(LEASE_MS + 3 * BEAT_MS);
  const before = await Array.fromAsync(
    b.scoped.list({ prefix: [...LOG, epoch ?? 0] }),
  );
  a.line.release();
  await assert.rejects(late);
  await pass(3 * BEAT_MS);
  const after = await Array.fromAsync(
    b.scoped.list({ prefix: [...LOG, epoch ?? 0] }),
  );
  assert.deepEqual(after, before);
  assert.equal(a.runs.find(id), undefined);
  // It serves again, also for the run that is elsewhere by now.
  const again = await a.runs.start("p", {});
  assert.ok(a.runs.find(again.id));
  const signalled = a.runs.signal(id, "go", 2);
  await pass(5 * BEAT_MS);
  await signalled;
  assert.equal(await a.end(id), null);
  const view = await a.runs.get(id);
  assert.equal(
    view?.entries.filter(({ kind }) => kind === "signal").length,
    1,
  );
  const epochs = [...(await readNodes(a.scoped)).values()]
    .filter(({ adoptedBy }) => adoptedBy === undefined);
  assert.equal(epochs.length, 2);
  await a.stop();
  await b.stop();
  assert.ok(store);
});

Deno.test("a node that stops in good order is followed at once", async () => {
  const { a, b, pass } = await two();
  const { id } = await a.runs.start("p", {});
  await pass(BEAT_MS);
  await a.stop();
  await pass(2 * BEAT_MS);
  assert.ok(b.runs.find(id));
  await b.stop();
});

Deno.test("signal(), cancel() and decide() reach a run on another node, once each", async () => {
  const { a, b, pass } = await two();
  const signalled = await a.runs.start("p", {});
  const cancelled = await a.runs.start("p", {});
  const decided = await a.runs.start("approved", {});
  await pass(BEAT_MS);
  const link = {
    id: decided.id,
    step: "d",
    token: a.runs.find(decided.id)?.accepted.token ?? "",
  };
  const decision = { approved: true, comment: "yes", by: "somebody" };
  const all = Promise.all([
    b.runs.signal(signalled.id, "go", 1),
    b.runs.cancel(cancelled.id, "no more"),
    b.runs.decide(link, decision),
  ]);
  await pass(3 * BEAT_MS);
  await all;
  await pass(BEAT_MS);
  assert.equal(await b.end(signalled.id), null);
  assert.equal(await b.end(cancelled.id), "cancelled: no more");
  assert.match(JSON.stringify(await b.end(decided.id)), /yes/);
  for (const [id, kind] of [[signalled.id, "signal"], [decided.id, "signal"]]) {
    const view = await b.runs.get(id ?? "");
    const found = view?.entries.filter((entry) => entry.kind === kind);
    assert.equal(found?.length, 1);
  }
  assert.deepEqual(await Array.fromAsync(a.scoped.list({ prefix: INBOX })), []);
  await a.stop();
  await b.stop();
});

Deno.test("what another node refuses is refused to whoever asked, and what nobody knows as well", async () => {
  const { a, b, pass } = await two();
  const { id } = await a.runs.start("approved", {});
  await pass(BEAT_MS);
  const decision = { approved: true, comment: "", by: "somebody" };
  const refused = assert.rejects(
    b.runs.decide({ id, step: "d", token: "wrong" }, decision),
    (error) => error instanceof RefusedError && error.code === "not-found",
  );
  await pass(3 * BEAT_MS);
  await refused;
  await assert.rejects(
    b.runs.signal("01HF7YAT00000000000000000Z", "go", 1),
    /No run is called/,
  );
  await a.stop();
  await b.stop();
});

Deno.test("what was asked of a node that dies is done by the one that goes on with its runs", async () => {
  const { a, b, start, pass } = await two();
  const { id } = await a.runs.start("p", {});
  await pass(BEAT_MS);
  a.line.isHeld = true;
  const asked = b.runs.signal(id, "go", "asked");
  const c = await start();
  await pass(LEASE_MS + 5 * BEAT_MS);
  await asked;
  const view = await c.runs.get(id);
  const signals = view?.entries.filter(({ kind }) => kind === "signal");
  assert.equal(signals?.length, 1);
  assert.equal(await c.end(id), null);
  await b.stop();
  await c.stop();
});

Deno.test("a second start with a key on another node is the first one's run", async () => {
  const { a, b, pass } = await two();
  const key = { idempotencyKey: "k" };
  const [first, second] = await Promise.all([
    a.runs.start("p", {}, key),
    pass(BEAT_MS).then(() => b.runs.start("p", {}, key)),
  ]);
  assert.equal(second.id, first.id);
  const both = Promise.all([
    a.runs.start("p", {}, { idempotencyKey: "at once" }),
    b.runs.start("p", {}, { idempotencyKey: "at once" }),
  ]);
  await pass(5 * BEAT_MS);
  const [one, other] = await both;
  assert.equal(one.id, other.id);
  assert.equal(a.runs.unfinished + b.runs.unfinished, 2);
  await a.stop();
  await b.stop();
});

Deno.test("a start of a node that died between the key and the run is finished by another", async () => {
  const { a, b, pass } = await two();
  await pass(BEAT_MS);
  const nodes = await readNodes(a.scoped);
  const [epoch = 0] = nodes.keys();
  const id = "01HF7YAT00000000000000000Z";
  await a.scoped.commit({
    sets: [{ key: keyPlace("p", "k"), value: { run: id, epoch } }],
  });
  a.line.isHeld = true;
  const started = b.runs.start("p", {}, { idempotencyKey: "k" });
  await pass(LEASE_MS + 5 * BEAT_MS);
  assert.equal((await started).id, id);
  assert.ok(b.runs.find(id));
  await b.stop();
});

Deno.test("of several nodes that adopt one, one goes on with its runs", async () => {
  const { a, b, start, pass } = await two();
  const c = await start();
  const { id } = await a.runs.start("p", {});
  await pass(BEAT_MS);
  a.line.isHeld = true;
  await pass(LEASE_MS + 3 * BEAT_MS);
  const holders = [b, c].filter(({ runs }) => runs.find(id));
  assert.equal(holders.length, 1);
  // And who dies with an adopted run leaves it to the third.
  const [dead] = holders;
  const other = dead === b ? c : b;
  if (dead) dead.line.isHeld = true;
  await pass(LEASE_MS + 3 * BEAT_MS);
  assert.ok(other.runs.find(id));
  await other.runs.signal(id, "go", 1);
  await pass(100);
  assert.equal(await other.end(id), null);
  await other.stop();
});

Deno.test("lists show the unfinished runs of all nodes, each once", async () => {
  const { a, b, pass, effects } = await two();
  const ids = [
    (await a.runs.start("p", {})).id,
    (await b.runs.start("p", {})).id,
    (await a.runs.start("timed", {})).id,
  ];
  await pass(10);
  const listed = async (runs: Runs, statuses?: readonly RunStatus[]) =>
    (await listRuns(
      runs,
      statuses === undefined ? {} : { statuses: new Set(statuses) },
      { limit: 10 },
    )).runs.map(({ id, status }) => `${ids.indexOf(id)} ${status}`).sort();
  const all = ["0 waiting", "1 waiting", "2 waiting"];
  assert.deepEqual(await listed(a.runs), all);
  assert.deepEqual(await listed(b.runs), all);
  assert.deepEqual(await listed(b.runs, ["waiting"]), all);
  assert.deepEqual(await listed(b.runs, ["completed"]), []);
  // One ends, and a node dies: the other goes on with what that one had.
  await a.runs.signal(ids[0] ?? "", "go", null);
  await pass(2_000);
  assert.deepEqual(await listed(b.runs), ["0 completed", ...all.slice(1)]);
  a.line.isHeld = true;
  await effects.advance(LEASE_MS + 3 * BEAT_MS);
  assert.deepEqual(await listed(b.runs, ["waiting"]), all.slice(1));
  a.line.release();
  await pass(10);
  await a.stop();
  await b.stop();
});

Deno.test("rows of nodes of which nothing is left go", async () => {
  const { a, b, start, pass } = await two();
  await a.runs.start("timed", {});
  await pass(BEAT_MS);
  await a.stop();
  await pass(60 * BEAT_MS);
  const c = await start();
  await c.stop();
  await b.runs.start("timed", {});
  await pass(90 * BEAT_MS);
  await b.runs.start("timed", {});
  await pass(90 * BEAT_MS);
  const rows = await Array.fromAsync(b.scoped.list({ prefix: NODES }));
  assert.equal(rows.length, 1);
  await b.stop();
});

Deno.test("a node that was adopted can adopt nobody", async () => {
  const store = memoryStore();
  const options = { at: 0, isShared: true };
  const [one, two, three] = [
    await join(store, { id: "1", ...options }),
    await join(store, { id: "2", ...options }),
    await join(store, { id: "3", ...options }),
  ];
  const before = await readNodes(store);
  const node = (epoch: number) => {
    const found = before.get(epoch);
    assert.ok(found);
    return found;
  };
  assert.equal(await adopt(store, node(two.epoch), one), true);
  assert.equal(await adopt(store, node(three.epoch), two), false);
  assert.equal(await adopt(store, node(one.epoch), three), true);
  const after = await readNodes(store);
  assert.deepEqual(adoptedBy(three.epoch, after), [two.epoch, one.epoch]);
  assert.equal(holderOf(two.epoch, after)?.epoch, three.epoch);
});
