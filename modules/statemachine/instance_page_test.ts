/**
 * What those who look at instances are told: pages and counts with a bound, and
 * what has become of the work of hooks.
 *
 * @module
 */
import assert from "node:assert/strict";
import { COUNTED_MAX, SCANNED_MAX } from "./_instance_page.ts";
import { start } from "./_fixture_test.ts";

async function make(
  { machines }: Awaited<ReturnType<typeof start>>,
  count: number,
): Promise<void> {
  for (let from = 0; from < count; from += 1_000) {
    const length = Math.min(1_000, count - from);
    await Promise.all(
      Array.from(
        { length },
        (_, index) => machines.create("order", `o${from + index}`, {}),
      ),
    );
  }
}

Deno.test("a page of instances looks at so many at most, and says where to go on", async () => {
  await using app = await start();
  const { machines } = app;
  await machines.create("order", "oldest", { number: 7 });
  await make(app, SCANNED_MAX);
  const first = await machines.page({ text: "oldest" }, { limit: 10 });
  assert.deepEqual(first.instances, []);
  const after = first.next;
  const second = await machines.page({ text: "7" }, { limit: 10, after });
  assert.deepEqual(second.instances.map(({ instance: { id } }) => id), [
    "oldest",
  ]);
  assert.equal(second.next, undefined);
});

Deno.test("a page that is full says where to go on, unless it was the last", async () => {
  await using app = await start();
  await make(app, 4);
  const first = await app.machines.page({}, { limit: 2 });
  const rest = await app.machines.page({}, { limit: 2, after: first.next });
  const ids = [first, rest].map(({ instances }) =>
    instances.map(({ instance: { id } }) => id).join()
  );
  assert.deepEqual(ids, ["o3,o2", "o1,o0"]);
  assert.equal(rest.next, undefined);
});

Deno.test("a count of more instances than it looks at says that there are more", async () => {
  await using app = await start();
  await make(app, COUNTED_MAX);
  const all = await app.machines.count({});
  assert.deepEqual(all, {
    counts: [{ definition: "order", state: "new", count: COUNTED_MAX }],
    isPartial: false,
  });
  await app.machines.create("order", "one-more", {});
  assert.equal((await app.machines.count({ state: "paid" })).isPartial, true);
});

Deno.test("the work of hooks is told as it goes on: due, queued, failed, done", async () => {
  let mayPass = false;
  await using app = await start({
    hooks: ["first", "second"].map((handler) => ({
      handler,
      transitions: ["check"],
    })),
    work: (_, __, name) => {
      if (name === "second") throw new TypeError("broken for good");
      return mayPass
        ? { kind: "done" }
        : { kind: "retry", inMs: 1_000, error: "not yet" };
    },
  });
  const { machines } = app;
  const work = async () =>
    (await machines.work("o1", await machines.history("o1")))
      .map(({ handler, status, attempt, error }) =>
        [handler, status, attempt, error].filter(Boolean).join(" ")
      );
  await machines.create("order", "o1", {});
  await machines.fire("o1", "check", { source: "a test" });
  await app.effects.advance(0);
  assert.deepEqual(await work(), ["first due 2 not yet", "second queued"]);
  const [, check] = await machines.history("o1");
  assert.deepEqual([check?.source, check?.handlers], [
    "a test",
    ["first", "second"],
  ]);
  mayPass = true;
  await app.effects.advance(1_000);
  for (let round = 0; round < 12; round++) await app.effects.advance(600_000);
  const [first, second] = await work();
  assert.equal(first, "first done");
  assert.match(second ?? "", /^second failed \d+ broken for good/);
});

Deno.test("a history says what a hook and what the machine itself has asked for", async () => {
  await using app = await start({
    hooks: [{ handler: "checker", transitions: ["check"] }],
    work: () => ({ kind: "done", fire: "check_passed" }),
  });
  await app.machines.create("order", "o1", {}, { source: "a test" });
  await app.machines.fire("o1", "check");
  await app.machines.idle();
  const history = await app.machines.history("o1");
  assert.deepEqual(
    history.map(({ transition, source }) => [transition, source]),
    [
      [null, "a test"],
      ["check", undefined],
      ["check_passed", "hook checker"],
      ["pay", "automatic"],
    ],
  );
});
