import assert from "node:assert/strict";
import { post, type RunSurface, runSurface } from "./_run_fixture_test.ts";

interface Told {
  readonly id: string;
  readonly event: string;
  readonly data: Record<string, unknown>;
}

/** Reads events one by one; `undefined` once the stream has ended. */
async function open(it: RunSurface, run: string, last?: string) {
  const headers: Record<string, string> = last === undefined
    ? {}
    : { "last-event-id": last };
  const response = await it.ask(`/api/runs/${run}/events`, { headers });
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  const reader = response.body!.pipeThrough(new TextDecoderStream())
    .getReader();
  let text = "";
  return {
    cancel: () => reader.cancel(),
    async next(): Promise<Told | undefined> {
      while (!text.includes("\n\n")) {
        const { value, done } = await reader.read();
        if (done) return undefined;
        text += value;
      }
      const end = text.indexOf("\n\n");
      const fields = new Map(
        text.slice(0, end).split("\n").map((line) => {
          const colon = line.indexOf(": ");
          return [line.slice(0, colon), line.slice(colon + 2)];
        }),
      );
      text = text.slice(end + 2);
      return {
        id: fields.get("id") ?? "",
        event: fields.get("event") ?? "",
        data: JSON.parse(fields.get("data") ?? "{}"),
      };
    },
  };
}

async function rest(stream: Awaited<ReturnType<typeof open>>) {
  const told: string[] = [];
  for (let next = await stream.next(); next; next = await stream.next()) {
    told.push(`${next.id} ${next.event}`);
  }
  return told;
}

Deno.test("the events of a run come as they are written, and end with it", async () => {
  await using it = await runSurface();
  const run = await it.start("signalled");
  const stream = await open(it, run);
  const first = await stream.next();
  assert.deepEqual([first?.id, first?.event], ["0", "accepted"]);
  assert.equal(first?.data.token, undefined);
  assert.deepEqual((await stream.next())?.event, "step.completed");
  assert.deepEqual((await stream.next())?.event, "step.waiting");
  await it.json(`/api/runs/${run}/signals/paid`, post({ n: 1 }), 202);
  await it.effects.advance(0);
  const signal = await stream.next();
  assert.deepEqual([signal?.id, signal?.data.data], ["3", { n: 1 }]);
  assert.deepEqual(await rest(stream), ["4 step.completed", "5 completed"]);
});

Deno.test("the events of a run go on behind the last that was seen", async () => {
  await using it = await runSurface();
  const run = await it.start("signalled");
  const stream = await open(it, run, "1");
  assert.equal((await stream.next())?.id, "2");
  await stream.cancel();
  await it.json(`/api/runs/${run}/signals/paid`, post(), 202);
  await it.effects.advance(1_000);
  const whole = ["3 signal", "4 step.completed", "5 completed"];
  assert.deepEqual(await rest(await open(it, run, "2")), whole);
  assert.deepEqual(await rest(await open(it, run, "5")), []);
});

Deno.test("the events of a run end when the engine does", async () => {
  const it = await runSurface();
  const run = await it.start("sleepy");
  const stream = await open(it, run, "1");
  const ended = stream.next();
  await it[Symbol.asyncDispose]();
  assert.equal(await ended, undefined);
  assert.equal((await it.ask("/api/runs/none/events")).status, 404);
});
