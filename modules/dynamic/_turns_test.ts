import assert from "node:assert/strict";
import { Turns, WAITING_MAX } from "./_turns.ts";

const NEVER = new AbortController().signal;

/** Calls that end when a test says so. */
function calls(turns: Turns) {
  const begun: number[] = [];
  const ends = new Map<number, () => void>();
  return {
    begun,
    call: (id: number, signal = NEVER) =>
      turns.run(signal, async () => {
        begun.push(id);
        await new Promise<void>((resolve) => ends.set(id, resolve));
        return id;
      }),
    async end(id: number) {
      ends.get(id)?.();
      await new Promise((resolve) => setTimeout(resolve));
    },
  };
}

Deno.test("Turns runs so many at once, and the others in the order in which they came", async () => {
  const { begun, call, end } = calls(new Turns(2));
  const all = [1, 2, 3, 4].map((id) => call(id));
  assert.deepEqual(begun, [1, 2]);
  await end(2);
  assert.deepEqual(begun, [1, 2, 3]);
  await end(1);
  assert.deepEqual(begun, [1, 2, 3, 4]);
  await end(4);
  await end(3);
  assert.deepEqual(await Promise.all(all), [1, 2, 3, 4]);
});

Deno.test("Turns lets go of one that nobody waits for any more, and of one that fails", async () => {
  const turns = new Turns(1);
  const { begun, call, end } = calls(turns);
  const giveUp = new AbortController();
  const first = call(1);
  const second = call(2, giveUp.signal);
  const third = call(3);
  giveUp.abort(new Error("no time"));
  await assert.rejects(second, /no time/);
  await end(1);
  await first;
  assert.deepEqual(begun, [1, 3]);
  await end(3);
  await third;
  await assert.rejects(
    turns.run(NEVER, () => Promise.reject(new Error("no luck"))),
    /no luck/,
  );
  const last = call(4);
  assert.deepEqual(begun, [1, 3, 4]);
  await end(4);
  await last;
});

Deno.test("Turns refuses what would wait too long", async () => {
  const turns = new Turns(1);
  const { call, end } = calls(turns);
  const first = call(0);
  const giveUp = new AbortController();
  const others = Promise.allSettled(
    Array.from({ length: WAITING_MAX }, (_, id) => call(id + 1, giveUp.signal)),
  );
  await assert.rejects(call(-1), /10000 calls wait/);
  giveUp.abort(new Error("no time"));
  assert.ok((await others).every(({ status }) => status === "rejected"));
  await end(0);
  assert.equal(await first, 0);
});
